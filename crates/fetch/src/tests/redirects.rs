use super::server::{Server, answer};
use super::{config, document, failed, fetch, visit};
use crate::Fetched;
use model::FailureClass::{self, Forbidden, Redirect};
use std::io::Write;

/// A server whose path `/feed` leads to `location`.
fn leads_to(location: impl Into<String>) -> Server {
    let location = location.into();
    Server::start(move |stream, head| {
        let moved = answer("301 Moved Permanently", &[&format!("Location: {location}")], "moved");
        let here = answer("200 OK", &["ETag: \"1\""], "ok");
        stream.write_all(if head.starts_with("GET /feed") { &moved } else { &here })
    })
}

async fn check(location: &str, expect: FailureClass, part: &str) {
    let failure = failed(&fetch(), &leads_to(location).url("/feed")).await;
    assert_eq!((failure.class, failure.status), (expect, Some(301)), "{location}: {failure:?}");
    assert!(failure.detail.contains(part), "{location}: {failure:?}");
}

#[tokio::test]
async fn redirects_are_followed_and_the_end_is_named() {
    let other = Server::says(answer("200 OK", &[], "there"));
    for (location, end) in [
        ("/new".to_owned(), None),
        ("new?x=1".to_owned(), None),
        (other.url("/there"), Some(other.url("/there"))),
        (format!("//{}/there#part", other.address), Some(other.url("/there"))),
    ] {
        let server = leads_to(location.as_str());
        let document = document(&fetch(), &server.url("/feed")).await;
        let own = || server.url(&format!("/{}", location.trim_start_matches('/')));
        assert_eq!(document.url.as_str(), end.unwrap_or_else(own));
    }
}

#[tokio::test]
async fn all_kinds_of_redirect_and_none_that_is_not_one() {
    for status in ["301 A", "302 B", "303 C", "307 D", "308 E"] {
        let server = Server::start(move |stream, head| match head.starts_with("GET /feed") {
            true => stream.write_all(&answer(status, &["Location: /new"], "")),
            false => stream.write_all(&answer("200 OK", &[], status)),
        });
        assert_eq!(&document(&fetch(), &server.url("/feed")).await.body[..], status.as_bytes());
    }
    let server = Server::says(answer("300 Multiple Choices", &["Location: /new"], ""));
    assert_eq!(failed(&fetch(), &server.url("/feed")).await.status, Some(300));
}

#[tokio::test]
async fn targets_that_cannot_be_used() {
    check("http://[::1", Redirect, "not a URL").await;
    check("http://", Redirect, "not a URL").await;
    check("file:///etc/passwd", Forbidden, "scheme \"file\"").await;
    check("data:text/xml,<rss/>", Forbidden, "scheme \"data\"").await;
    check("javascript:alert(1)", Forbidden, "scheme").await;
    check("gopher://127.0.0.1:6379/_INFO", Forbidden, "scheme").await;
    check("http://127.0.0.1:22/", Forbidden, "port 22").await;
    let server = Server::says(answer("302 Found", &[], ""));
    assert_eq!(failed(&fetch(), &server.url("/feed")).await.detail, "a redirect without a target");
    let server = Server::says(b"HTTP/1.1 302 Found\r\nLocation: /\xe9\r\n\r\n".to_vec());
    assert_eq!(failed(&fetch(), &server.url("/feed")).await.class, Redirect);
}

#[tokio::test]
async fn forbidden_addresses_in_every_spelling() {
    // 127.0.0.0/8 is allowed here, so these are other forbidden ones.
    for host in [
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[fd00:ec2::254]",
        "10.9",
        "0",
        "[::]",
        "[::1]",
        "１０.0.0.9",
        "10。0。0。9",
        "x@10.0.0.9",
        // A backslash ends the authority, as in browsers: what follows is a path.
        "10.0.0.9\\@example.org",
        "localhost",
        "kafka",
        "metadata.google.internal",
    ] {
        let percent: String = host.bytes().map(|byte| format!("%{byte:02X}")).collect();
        check(&format!("http://{host}/latest/meta-data/"), Forbidden, "not on the public internet").await;
        check(&format!("//{host}/"), Forbidden, "not on the public internet").await;
        if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            check(&format!("http://{percent}/"), Forbidden, "not on the public internet").await;
        }
    }
}

#[tokio::test]
async fn circles_and_long_ways_end() {
    check("/feed", Redirect, "leads back").await;
    let steps = |steps: usize| {
        Server::start(move |stream, head| {
            let step: usize = head[5..].split_once(' ').unwrap().0.parse().unwrap();
            match step < steps {
                true => stream.write_all(&answer("302 Found", &[&format!("Location: /{}", step + 1)], "")),
                false => stream.write_all(&answer("200 OK", &[], "ok")),
            }
        })
    };
    let server = steps(5);
    document(&fetch(), &server.url("/0")).await;
    assert_eq!(server.accepts(), 6);
    let server = steps(6);
    let failure = failed(&fetch(), &server.url("/0")).await;
    assert_eq!((failure.class, server.accepts()), (Redirect, 6));
    assert_eq!(failure.detail, "a redirect too many: more than 5");
    let none = crate::Fetch::new(&crate::Config { max_redirects: 0, ..config() }).unwrap();
    assert_eq!(failed(&none, &steps(1).url("/0")).await.class, Redirect);
}

#[tokio::test]
async fn credentials_and_validators_stay_with_their_origin() {
    let other = Server::says(answer("200 OK", &["ETag: \"1\""], "ok"));
    let server = leads_to(other.url("/there"));
    let address = server.address;
    let mut visit = visit(&format!("http://user:pass@{address}/feed"));
    visit.validators.etag = Some(b"\"1\"".into());
    visit.validators.url = Some(server.url("/feed"));
    let Ok(Fetched::Document(document, _)) = fetch().get(&visit).await else { panic!() };
    let asked = server.asked().remove(0).to_lowercase();
    assert!(asked.contains("authorization: basic dxnlcjpwyxnz") && asked.contains("if-none-match: \"1\""));
    let asked = other.asked().remove(0).to_lowercase();
    assert!(!asked.contains("authorization") && !asked.contains("if-none-match"), "{asked}");
    // What the end gave is sent to the end, and only there.
    assert_eq!(document.validators.url, Some(other.url("/there")));
    visit.validators = document.validators;
    fetch().get(&visit).await.unwrap();
    assert!(!server.asked()[1].to_lowercase().contains("if-none-match"));
    assert!(other.asked()[1].to_lowercase().contains("if-none-match: \"1\""));
}

#[tokio::test]
async fn credentials_follow_within_their_origin_and_none_come_from_a_redirect() {
    let server = leads_to("/new");
    document(&fetch(), &format!("http://user:pass@{}/feed", server.address)).await;
    assert!(server.asked()[1].to_lowercase().contains("authorization: basic dxnlcjpwyxnz"));
    let other = Server::says(answer("200 OK", &[], "ok"));
    let server = leads_to(format!("http://eve:evil@{}/", other.address));
    let document = document(&fetch(), &server.url("/feed")).await;
    assert!(!other.asked()[0].to_lowercase().contains("authorization"));
    assert!(!document.url.as_str().contains("eve"));
}
