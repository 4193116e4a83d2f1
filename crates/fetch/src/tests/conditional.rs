use super::server::{Server, answer};
use super::{document, fetch, get, visit};
use crate::{Fetched, host_key};
use model::{FailureClass, Validators};
use std::io::Write;

fn header<'a>(head: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines
        .find(|line| line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name.as_bytes()))?;
    Some(line[name.len() + 1..].trim_ascii())
}

/// A server with one version of one body.
fn versioned(etag: &'static [u8]) -> Server {
    Server::start(move |stream, head| {
        if head.to_ascii_lowercase().contains("if-none-match") {
            return stream.write_all(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
        }
        let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=caf\xe9\r\nETag: ";
        stream.write_all(head)?;
        stream.write_all(etag)?;
        stream.write_all(b"\r\nLast-Modified: some time ago\r\nContent-Length: 2\r\n\r\nok")
    })
}

#[tokio::test]
async fn validators_go_back_byte_for_byte() {
    for etag in [&b"\"caf\xe9-\xff\""[..], b"W/\"x\"", b"no quotes, \"two\"", b"\"\xc3\xa9\""] {
        let (fetch, server) = (fetch(), versioned(etag));
        let first = document(&fetch, &server.url("/feed")).await;
        assert_eq!(first.content_type.as_deref(), Some("text/xml; charset=caf\u{fffd}"));
        let mut again = visit(&server.url("/feed"));
        again.validators = first.validators;
        assert!(matches!(fetch.get(&again).await, Ok(Fetched::NotModified(_))));
        let heads = server.heads();
        assert_eq!(header(&heads[0], "if-none-match"), None);
        assert_eq!(header(&heads[1], "if-none-match"), Some(etag));
        assert_eq!(header(&heads[1], "if-modified-since"), Some(&b"some time ago"[..]));
    }
}

#[tokio::test]
async fn validators_of_another_url_stay_at_home() {
    let (fetch, server) = (fetch(), versioned(b"\"1\""));
    let first = document(&fetch, &server.url("/feed")).await;
    assert_eq!(first.validators.url, Some(server.url("/feed")));
    let mut moved = visit(&server.url("/other"));
    moved.validators = first.validators;
    assert!(matches!(fetch.get(&moved).await, Ok(Fetched::Document(_, _))));
    assert_eq!(header(&server.heads()[1], "if-none-match"), None);
}

#[tokio::test]
async fn oversized_and_empty_validators_are_dropped() {
    let long = "x".repeat(1025);
    for (etag, date) in [(long.as_str(), "d"), ("e", long.as_str()), ("", "")] {
        let headers = [format!("ETag: {etag}"), format!("Last-Modified: {date}")];
        let server = Server::says(answer("200 OK", &headers.each_ref().map(String::as_str), "ok"));
        let kept = document(&fetch(), &server.url("/feed")).await.validators;
        let bytes = |text: &str| (1..=1024).contains(&text.len()).then(|| text.as_bytes().to_vec());
        assert_eq!((&kept.etag, &kept.last_modified), (&bytes(etag), &bytes(date)));
        assert_eq!(kept.url.is_none(), kept == Validators::default());
    }
}

#[tokio::test]
async fn a_304_that_was_not_asked_for_is_no_answer() {
    let server = Server::says(answer("304 Not Modified", &[], ""));
    let failure = get(&fetch(), &server.url("/feed")).await.unwrap_err();
    assert_eq!((failure.class, failure.status), (FailureClass::BadHttp, Some(304)));
}

#[tokio::test]
async fn a_request_says_who_asks_and_takes_gzip_only() {
    let server = Server::says(answer("200 OK", &[], "ok"));
    let url = server.url("/feed?a=1#part");
    let document = document(&fetch(), &url).await;
    assert_eq!(document.url.as_str(), server.url("/feed?a=1"));
    assert_eq!(&document.body[..], b"ok");
    let head = &server.heads()[0];
    assert!(head.starts_with(b"GET /feed?a=1 HTTP/1.1\r\n"));
    assert_eq!(header(head, "accept-encoding"), Some(&b"gzip"[..]));
    assert_eq!(header(head, "user-agent"), Some(concat!("wireroom/", env!("CARGO_PKG_VERSION")).as_bytes()));
    assert_eq!(header(head, "referer"), None);
    assert!(header(head, "accept").unwrap().starts_with(b"application/atom+xml"));
    assert_eq!(host_key(&document.url), server.address.to_string());
}
