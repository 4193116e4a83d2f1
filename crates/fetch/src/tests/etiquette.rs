//! What a well-behaved client does, each against a server that says so.

use super::server::{Server, answer};
use super::{config, document, failed, fetch, visit};
use crate::{Answer, Fetch, Fetched, host_key};
use model::FailureClass::{self, Challenge, Denied, Robots, ServerError, Throttled};
use model::{Request, Secret, Visit};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

async fn heard(visit: &Visit) -> Answer {
    match fetch().get(visit).await.unwrap() {
        Fetched::Document(_, answer) | Fetched::NotModified(answer) => answer,
    }
}

#[tokio::test]
async fn the_publishers_floor_is_heard_on_200_and_on_304() {
    let headers = ["ETag: \"1\"", "Cache-Control: max-age=900", "Age: 300"];
    let server = Server::start(move |stream, head| {
        let status =
            if head.to_ascii_lowercase().contains("if-none-match") { "304 Not Modified" } else { "200 OK" };
        stream.write_all(&answer(status, &headers, ""))
    });
    let mut visit = visit(&server.url("/feed"));
    assert_eq!(heard(&visit).await.floor, Duration::from_secs(600));
    let Ok(Fetched::Document(document, _)) = fetch().get(&visit).await else { panic!() };
    visit.validators = document.validators;
    let Ok(Fetched::NotModified(again)) = fetch().get(&visit).await else { panic!() };
    assert_eq!(again.floor, Duration::from_secs(600));
}

/// Where a chain of redirects with these statuses is said to have moved the feed.
async fn moved(statuses: &'static [&'static str]) -> (Option<Url>, Url) {
    let server = Server::start(move |stream, head| {
        let step = head[5..].split_once(' ').unwrap().0.parse::<usize>().unwrap_or(0);
        match statuses.get(step) {
            Some(status) => stream.write_all(&answer(status, &[&format!("Location: /{}", step + 1)], "")),
            None => stream.write_all(&answer("200 OK", &[], "ok")),
        }
    });
    let end = server.url(&format!("/{}", statuses.len())).parse().unwrap();
    (heard(&visit(&server.url("/0"))).await.moved, end)
}

#[tokio::test]
async fn only_a_way_of_lasting_redirects_moves_a_feed() {
    for lasting in [&["301 A"][..], &["308 B", "301 A"]] {
        let (moved, end) = moved(lasting).await;
        assert_eq!(moved, Some(end));
    }
    for passing in [&[][..], &["302 A"], &["301 A", "302 B"], &["307 A", "301 B"], &["303 A"]] {
        assert_eq!(moved(passing).await.0, None, "{passing:?}");
    }
}

#[tokio::test]
async fn a_feed_is_asked_for_where_it_moved_to() {
    let server = Server::says(answer("200 OK", &[], "ok"));
    let moved = Visit { url: server.url("/new").parse().unwrap(), ..visit("http://127.0.0.1:8081/old") };
    let Ok(Fetched::Document(document, answer)) = fetch().get(&moved).await else { panic!() };
    assert_eq!((document.url, answer.moved), (moved.url, None));
}

async fn refused(status: &str, headers: &[&str], body: &str) -> (FailureClass, Option<u64>) {
    let server = Server::says(answer(status, headers, body));
    let failure = failed(&fetch(), &server.url("/feed")).await;
    assert_eq!(failure.host.as_deref(), Some(server.address.to_string().as_str()));
    (failure.class, failure.retry_after.map(|wait| wait.as_secs()))
}

#[tokio::test]
async fn refusals_are_told_apart_by_what_they_mean() {
    let check = async |status, headers: &[&str], body, expect| {
        assert_eq!(refused(status, headers, body).await, expect, "{status} {headers:?} {body}");
    };
    check("429 Too Many Requests", &["Retry-After: 600"], "", (Throttled, Some(600))).await;
    check("429 Too Many Requests", &["Retry-After: 1"], "", (Throttled, Some(60))).await;
    check("429 Too Many Requests", &["Retry-After: 99999999"], "", (Throttled, Some(86_400))).await;
    check("429 Too Many Requests", &[], "", (Throttled, None)).await;
    check("503 Service Unavailable", &["Retry-After: 120"], "", (Throttled, Some(120))).await;
    check("503 Service Unavailable", &[], "", (ServerError, None)).await;
    check("403 Forbidden", &["Retry-After: 120"], "", (Throttled, Some(120))).await;
    check("403 Forbidden", &["X-RateLimit-Remaining: 0"], "", (Throttled, None)).await;
    check("403 Forbidden", &[], "<h1>Rate limit exceeded</h1>", (Throttled, None)).await;
    check("403 Forbidden", &[], "<h1>No</h1>", (Denied, None)).await;
    check("403 Forbidden", &["cf-mitigated: challenge"], "", (Challenge, None)).await;
    check("503 Service Unavailable", &[], "<title>Just a moment...</title>", (Challenge, None)).await;
    check("410 Gone", &[], "", (FailureClass::Gone, None)).await;
}

#[tokio::test]
async fn a_host_that_said_429_is_left_alone_on_every_way_to_it() {
    let host = Server::says(answer("429 Too Many Requests", &["Retry-After: 600"], ""));
    let server = Server::says(answer("302 Found", &[&format!("Location: {}", host.url("/feed"))], ""));
    let fetch = fetch();
    assert_eq!(failed(&fetch, &host.url("/feed")).await.status, Some(429));
    for url in [host.url("/other"), server.url("/feed")] {
        let failure = failed(&fetch, &url).await;
        assert_eq!((failure.class, failure.status), (Throttled, None));
        assert!(failure.retry_after.unwrap() <= Duration::from_secs(600));
        assert_eq!(failure.host, Some(host_key(&host.url("/").parse().unwrap())));
    }
    assert_eq!(host.accepts(), 1);
}

#[tokio::test]
async fn a_pause_of_the_last_run_is_kept() {
    let (fetch, server) = (fetch(), Server::says(answer("200 OK", &[], "ok")));
    fetch.pause(&server.address.to_string(), Duration::from_secs(60));
    assert_eq!(failed(&fetch, &server.url("/feed")).await.class, Throttled);
    assert_eq!(server.accepts(), 0);
}

fn with_robots(file: &'static str) -> Server {
    Server::start(move |stream, head| match head.starts_with("GET /robots.txt") {
        true if file.is_empty() => stream.write_all(&answer("404 Not Found", &[], "")),
        true => stream.write_all(&answer("200 OK", &[], file)),
        false => stream.write_all(&answer("200 OK", &[], "ok")),
    })
}

#[tokio::test]
async fn robots_txt_is_obeyed_where_that_is_asked_for() {
    let fetch = Fetch::new(&crate::Config { robots: true, ..config() }).unwrap();
    let open = with_robots("User-agent: *\nDisallow: /private\nCrawl-delay: 9\n");
    assert_eq!(failed(&fetch, &open.url("/private/feed")).await.class, Robots);
    let Ok(Fetched::Document(_, answer)) = fetch.get(&visit(&open.url("/feed"))).await else { panic!() };
    assert_eq!(answer.crawl_delay, Some(Duration::from_secs(9)));
    assert_eq!(open.asked().iter().filter(|head| head.starts_with("GET /robots.txt")).count(), 1);
    document(&fetch, &with_robots("").url("/feed")).await;
    // Not asked for: not asked.
    let closed = with_robots("User-agent: *\nDisallow: /\n");
    document(&super::fetch(), &closed.url("/feed")).await;
    assert_eq!(closed.accepts(), 1);
    assert_eq!(failed(&fetch, &closed.url("/feed")).await.class, Robots);
    let mut excused = visit(&closed.url("/feed"));
    Arc::make_mut(&mut excused.feed).polling.robots = Some(false);
    assert!(fetch.get(&excused).await.is_ok());
}

/// A visit whose requests carry something of their own.
fn own(url: &str, request: Request) -> Visit {
    let mut visit = visit(url);
    Arc::make_mut(&mut visit.feed).polling.request = Some(Arc::new(request));
    visit
}

fn secrets() -> Request {
    Request {
        headers: vec![("x-api-key".into(), Secret::new("k3y"))],
        basic: Some(("user".into(), Secret::new("pass"))),
        cookie: Some(Secret::new("session=s3cret")),
        user_agent: Some("Reader/9".into()),
        ..Request::default()
    }
}

const MARKS: [&str; 4] =
    ["x-api-key: k3y", "authorization: basic dxnlcjpwyxnz", "cookie: session=s3cret", "user-agent: reader/9"];

#[tokio::test]
async fn what_is_a_feeds_own_is_sent_to_its_origin_alone() {
    let other = Server::says(answer("200 OK", &[], "ok"));
    let server = Server::start({
        let there = other.url("/there");
        move |stream, head| match head.split(' ').nth(1) {
            Some("/feed") => stream.write_all(&answer("301 Moved", &["Location: /near"], "")),
            Some("/near") => stream.write_all(&answer("301 Moved", &[&format!("Location: {there}")], "")),
            _ => stream.write_all(&answer("200 OK", &[], "ok")),
        }
    });
    fetch().get(&own(&server.url("/feed"), secrets())).await.unwrap();
    for head in server.asked() {
        let head = head.to_lowercase();
        assert!(MARKS.iter().all(|mark| head.contains(mark)), "{head}");
    }
    let head = other.asked().remove(0).to_lowercase();
    assert!(
        MARKS.iter().all(|mark| !head.contains(mark)) && head.contains("user-agent: wireroom/"),
        "{head}"
    );
    // Nor are they sent where the feed has moved to for good.
    let moved = Visit { url: other.url("/there").parse().unwrap(), ..own(&server.url("/feed"), secrets()) };
    fetch().get(&moved).await.unwrap();
    assert!(!other.asked()[1].to_lowercase().contains("x-api-key"));
}

#[tokio::test]
async fn a_proxy_carries_all_of_a_feeds_requests() {
    let proxy = Server::says(answer("200 OK", &[], "by proxy"));
    let through = |url: &str| {
        let proxy = Secret::new(format!("http://us:er@{}", proxy.address));
        own(url, Request { proxy: Some(proxy), ..Request::default() })
    };
    let fetch = fetch();
    let Ok(Fetched::Document(document, _)) = fetch.get(&through("http://feeds.example/feed")).await else {
        panic!()
    };
    assert_eq!(&document.body[..], b"by proxy");
    let head = proxy.asked().remove(0).to_lowercase();
    assert!(head.starts_with("get http://feeds.example/feed http/1.1"), "{head}");
    assert!(head.contains("proxy-authorization: basic dxm6zxi="), "{head}");
    // An address that is forbidden is forbidden through a proxy, too.
    let failure = fetch.get(&through("http://10.0.0.9/feed")).await.unwrap_err();
    assert_eq!((failure.class, proxy.accepts()), (FailureClass::Forbidden, 1));
    // A proxy that is down is no reason to go without.
    let server = Server::says(answer("200 OK", &[], "direct"));
    let gone = own(
        &server.url("/feed"),
        Request { proxy: Some(Secret::new("http://127.0.0.1:1")), ..Request::default() },
    );
    assert_eq!(fetch.get(&gone).await.unwrap_err().class, FailureClass::Connect);
    assert_eq!(server.accepts(), 0);
}

#[test]
fn what_a_feed_may_not_carry_is_named() {
    let check = |request: Request, part: &str| {
        let said = crate::check_request(&request).unwrap_err();
        assert!(said.contains(part) && !said.contains("k3y"), "{said}");
    };
    let header = |name: &str, value: &str| Request {
        headers: vec![(name.to_owned(), Secret::new(value))],
        ..Request::default()
    };
    for name in
        ["Host", "connection", "If-None-Match", "Proxy-Authorization", "Transfer-Encoding", "accept-encoding"]
    {
        check(header(name, "k3y"), &format!("the header {} is wireroom's own", name.to_lowercase()));
    }
    check(header("a b", "k3y"), "\"a b\" cannot be the name");
    check(header("x-key", "k3y\r\nHost: x"), "the value of the header x-key");
    check(Request { cookie: Some(Secret::new("k3y\n")), ..Request::default() }, "`cookie`");
    check(Request { proxy: Some(Secret::new("socks:k3y")), ..Request::default() }, "the proxy");
    assert_eq!(crate::check_request(&secrets()), Ok(()));
}

#[tokio::test]
async fn a_page_obeys_robots_at_each_hop_and_a_feed_where_it_is_told_to() {
    let other = Server::start(move |stream, head| {
        let is_robots = head.starts_with("GET /robots.txt ");
        let text = if is_robots { "User-agent: *\nDisallow: /private\n" } else { "<p>page</p>" };
        stream.write_all(&answer("200 OK", &[], text))
    });
    let to = format!("Location: {}", other.url("/private/1"));
    let server = Server::start(move |stream, head| {
        let path = head.split(' ').nth(1).unwrap();
        match path {
            "/away" => stream.write_all(&answer("302 Found", &[&to], "")),
            "/robots.txt" => stream.write_all(&answer(
                "200 OK",
                &[],
                "User-agent: wireroom\nDisallow: /shut\nCrawl-delay: 3\n",
            )),
            _ if head.to_ascii_lowercase().contains("accept: text/html") => {
                stream.write_all(&answer("200 OK", &["Content-Type: text/html"], "<p>page</p>"))
            }
            _ => stream.write_all(&answer("406 Not Acceptable", &[], "")),
        }
    });
    let fetch = fetch();
    let mut feed = visit(&server.url("/feed")).feed;
    let ask = async |feed: &Arc<model::Feed>, path: &str| {
        fetch.article(feed, server.url(path).parse().unwrap()).await
    };
    let Ok(Fetched::Document(document, answer)) = ask(&feed, "/open").await else { panic!() };
    assert_eq!((&document.body[..], answer.crawl_delay), (&b"<p>page</p>"[..], Some(Duration::from_secs(3))));
    assert_eq!(ask(&feed, "/shut").await.unwrap_err().class, Robots);
    let failure = ask(&feed, "/away").await.unwrap_err();
    assert_eq!((failure.class, failure.host), (Robots, Some(other.address.to_string())));
    Arc::make_mut(&mut feed).polling.robots = Some(false);
    assert!(ask(&feed, "/shut").await.is_ok() && ask(&feed, "/away").await.is_ok());
}
