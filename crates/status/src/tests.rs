use super::*;
use model::desk::RefusalKind;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

fn state(token: Option<&str>) -> State {
    State {
        alive: Box::new(|| true),
        unready: Box::new(|| vec!["delivery waits: no broker".into()]),
        warnings: Box::new(|| vec!["the config file has a mistake".into()]),
        ask: Box::new(|question| Box::pin(async move { answer(question) })),
        metrics: Box::new(|| "# EOF\n".into()),
        token: token.map(str::to_owned),
        hosts: vec!["wireroom.internal".into()],
    }
}

/// A desk that knows one feed, whose every word is hostile.
fn answer(question: Question) -> Result<Value, Refusal> {
    let hostile = "</td><script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let feed = serde_json::json!({
        "id": "evil", "title": hostile, "url": "https://evil.example/?token=***", "labels": [hostile],
        "origin": "added", "health": "failing", "outcome": "not_a_feed", "detail": hostile, "failures": 3,
        "last_success_at": null, "last_visit_at": "2026-01-01T00:00:00Z", "next_visit_at": null, "articles": 0,
    });
    let with = |more: Value| {
        let mut feed = feed.clone();
        feed.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        feed
    };
    match question {
        Question::Feeds(query) if query.offset == 7 => {
            Err(Refusal::new(RefusalKind::Failed, "a fault of ours"))
        }
        Question::Feeds(_) => Ok(serde_json::json!({ "total": 1, "offset": 0, "feeds": [feed] })),
        Question::Feed { id } if id.as_str() == "evil" => Ok(with(serde_json::json!({
            "country": null, "interval": null, "first_poll": "publish", "fulltext": "never", "waiting": 0, "conditional": false, "why": [hostile],
            "fetches": [{ "at": "2026-01-01T00:00:00Z", "outcome": "not_a_feed", "status": 200, "articles": 0,
                "new": 0, "took_ms": 12, "detail": hostile }],
        }))),
        Question::Feed { id } => Err(Refusal::new(RefusalKind::NotFound, format!("there is no feed {id}"))),
        Question::AddFeeds { .. } | Question::RemoveFeeds { .. } | Question::VisitNow { .. } => {
            Ok(serde_json::json!({ "done": ["evil"], "left_out": [] }))
        }
        other => Ok(serde_json::json!({ "asked": other })),
    }
}

async fn start(
    state: State,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(serve(Listener::Tcp(listener), Arc::new(state), limits, shutdown)))
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpSocket::new_v4().unwrap().connect(address).await.unwrap()
}

async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset is an end, too.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn check(token: Option<&str>, request: &str, status: u16, part: &str) {
    let (address, _) = start(state(token), Limits::default(), std::future::pending()).await;
    let mut stream = connect(address).await;
    let request = request.replace("OWN", &address.to_string());
    stream.write_all(request.as_bytes()).await.unwrap();
    let answer = rest(stream).await;
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    assert!(answer.contains(part), "{request}: {answer}");
    assert!(answer.contains("x-content-type-options: nosniff"), "{request}: {answer}");
    assert!(answer.contains("content-security-policy: default-src 'none'"), "{request}: {answer}");
}

fn asking(path: &str, host: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n")
}

#[tokio::test]
async fn it_says_how_it_is() {
    check(None, &asking("/healthz", "OWN", ""), 200, "alive").await;
    let reasons = r#"{"ready":false,"reasons":["delivery waits: no broker"],"warnings":["the config file has a mistake"]}"#;
    check(None, &asking("/readyz", "OWN", ""), 503, reasons).await;
    check(None, &asking("/metrics", "OWN", ""), 200, "application/openmetrics-text; version=1.0.0").await;
    check(None, &asking("/else", "OWN", ""), 404, "").await;
}

#[tokio::test]
async fn a_hanging_daemon_is_not_alive_and_a_ready_one_is_ready() {
    let state = State { alive: Box::new(|| false), unready: Box::new(Vec::new), ..state(None) };
    let (address, _) = start(state, Limits::default(), std::future::pending()).await;
    for (path, answer) in [("/healthz", "HTTP/1.1 503 "), ("/readyz", "HTTP/1.1 200 ")] {
        let mut stream = connect(address).await;
        stream.write_all(asking(path, "localhost", "").as_bytes()).await.unwrap();
        assert!(rest(stream).await.starts_with(answer), "{path}");
    }
}

#[tokio::test]
async fn own_names_pass() {
    for host in
        ["OWN", "localhost", "LocalHost:1", "127.0.0.1:8480", "[::1]:8480", "10.1.2.3", "wireroom.internal:9"]
    {
        check(None, &asking("/healthz", host, ""), 200, "alive").await;
    }
}

#[tokio::test]
async fn other_names_are_refused() {
    let long = "a.".repeat(200);
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8480",
        "wireroom.internal.evil.example",
        "localhost:8480:8480",
        "localhost:x",
        "localhost:",
        "[::1",
        "127.1",
        "0x7f000001",
        "",
        &long,
    ] {
        for path in ["/healthz", "/readyz", "/metrics", "/else"] {
            check(None, &asking(path, host, ""), 403, "not ours").await;
        }
    }
    check(None, "GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", 403, "").await;
    check(None, &asking("/metrics", "localhost", "Host: evil.example\r\n"), 403, "").await;
}

#[tokio::test]
async fn only_reading_without_a_body_is_answered() {
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let request = format!("{method} /healthz HTTP/1.1\r\nHost: OWN\r\nConnection: close\r\n\r\n");
        check(None, &request, 405, "only GET").await;
    }
    check(None, &asking("/healthz", "OWN", "Content-Length: 10000000000\r\n"), 413, "no body").await;
    check(None, &asking("/healthz", "OWN", "Transfer-Encoding: chunked\r\n"), 413, "no body").await;
}

#[tokio::test]
async fn the_token_is_asked_for() {
    let token = Some("s3cret");
    for more in
        ["", "Authorization: Bearer s3crex\r\n", "Authorization: Bearer \r\n", "Authorization: s3cret\r\n"]
    {
        check(token, &asking("/metrics", "OWN", more), 401, "token").await;
        check(token, &asking("/readyz", "OWN", more), 401, "token").await;
    }
    check(token, &asking("/metrics", "OWN", "Authorization: Bearer s3cret\r\n"), 200, "EOF").await;
    check(token, &asking("/healthz", "OWN", ""), 200, "alive").await;
}

/// Sends `head` byte by byte until the peer has had enough; says how long that took and what it said.
async fn trickle(limits: Limits, head: &[u8], gap: Duration) -> (Duration, String) {
    let (address, _) = start(state(None), limits, std::future::pending()).await;
    let started = Instant::now();
    let mut stream = connect(address).await;
    stream.set_nodelay(true).unwrap();
    for byte in head {
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        let mut one = [0; 1];
        match timeout(gap, stream.peek(&mut one)).await {
            Err(_) => {}
            Ok(_) => break,
        }
    }
    let answer = timeout(Duration::from_secs(10), rest(stream)).await.unwrap();
    (started.elapsed(), answer)
}

#[tokio::test]
async fn slow_heads_and_silence_are_cut_off() {
    let limits = Limits { head_timeout: Duration::from_millis(300), ..Limits::default() };
    let slow =
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for head in [&slow[..], b""] {
        let (took, answer) = trickle(limits, head, Duration::from_millis(50)).await;
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert!(!answer.contains("alive"), "{answer}");
    }
}

#[tokio::test]
async fn big_heads_are_refused() {
    let (address, _) = start(state(None), Limits::default(), std::future::pending()).await;
    let mut long = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ".to_vec();
    long.resize(1 << 20, b'a');
    let fields = "X: a\r\n".repeat(1000);
    let many = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes();
    for head in [long, many] {
        let mut stream = connect(address).await;
        // The peer may hang up before it has heard all of it.
        let _ = stream.write_all(&head).await;
        let answer = timeout(Duration::from_secs(5), rest(stream)).await.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn idle_connections_give_their_places_back() {
    let limits = Limits { connections: 2, head_timeout: Duration::from_millis(300), ..Limits::default() };
    let (address, _) = start(state(None), limits, std::future::pending()).await;
    let mut idle = Vec::new();
    for _ in 0..6 {
        idle.push(connect(address).await);
    }
    let mut stream = connect(address).await;
    stream.write_all(asking("/healthz", "localhost", "").as_bytes()).await.unwrap();
    let answer = timeout(Duration::from_secs(5), rest(stream)).await.unwrap();
    assert!(answer.contains("alive"), "{answer}");
}

#[tokio::test]
async fn no_connection_is_for_ever() {
    let limits = Limits { connection_timeout: Duration::from_millis(300), ..Limits::default() };
    let (address, _) = start(state(None), limits, std::future::pending()).await;
    let mut stream = connect(address).await;
    let keep = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let started = Instant::now();
    while stream.write_all(keep.as_bytes()).await.is_ok() && started.elapsed() < Duration::from_secs(5) {
        let mut some = [0; 1024];
        if stream.read(&mut some).await.is_ok_and(|read| read == 0) {
            break;
        }
    }
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn it_closes_in_time_while_a_peer_holds_on() {
    let (address, served) =
        start(state(None), Limits::default(), tokio::time::sleep(Duration::from_millis(50))).await;
    let mut stream = connect(address).await;
    stream.write_all(b"GET /healthz HT").await.unwrap();
    timeout(Duration::from_secs(3), served).await.unwrap().unwrap();
}

#[tokio::test]
async fn questions_come_from_paths_and_queries() {
    for (path, status, part) in [
        ("/api/v1/feeds?limit=5&sort=id&health=failing", 200, r#""total":1"#),
        ("/api/v1/feeds?limit=x", 400, "invalid"),
        ("/api/v1/feeds?colour=red", 400, "colour"),
        ("/api/v1/feeds?offset=7", 500, "a fault of ours"),
        ("/api/v1/feeds/evil", 200, r#""id":"evil""#),
        ("/api/v1/feeds/other", 404, "there is no feed other"),
        ("/api/v1/feeds/NOT%20AN%20ID", 400, "cannot name a feed"),
        ("/api/v1/outbox", 200, r#""ask":"outbox","limit":100"#),
        ("/api/v1/articles?feed=a,b&language=en", 200, r#""feed":["a","b"],"language":["en"]"#),
        ("/api/v1/overview", 200, r#""ask":"overview""#),
        ("/api/v1/ask", 404, ""),
    ] {
        check(None, &asking(path, "OWN", ""), status, part).await;
    }
}

fn posting(path: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: OWN\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn changes_need_a_token_and_come_from_our_own_page() {
    let path = "/api/v1/feeds/evil/visit";
    let json = "Content-Type: application/json\r\n";
    check(None, &posting(path, json, ""), 403, "http.token_file").await;
    let token = Some("s3cret");
    check(token, &posting(path, json, ""), 401, "token").await;
    let bearer = "Authorization: Bearer s3cret\r\n";
    check(token, &posting(path, bearer, ""), 415, "application/json").await;
    check(token, &posting(path, &format!("{bearer}{json}"), ""), 200, r#""done":["evil"]"#).await;
    // `me:s3cret`, as a browser sends it.
    let basic = "Authorization: Basic bWU6czNjcmV0\r\n";
    check(token, &posting(path, &format!("{basic}{json}Origin: http://OWN\r\n"), ""), 200, "evil").await;
    for foreign in [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://OWN.evil.example",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ] {
        let more = format!("{basic}{json}{foreign}\r\n");
        check(token, &posting(path, &more, ""), 403, "another site").await;
    }
    let more = format!("{bearer}{json}");
    check(token, &posting("/api/v1/feeds", &more, "[]"), 200, "evil").await;
    check(token, &posting("/api/v1/feeds", &more, "{"), 400, "invalid").await;
    let long = format!("[\"{}\"]", "a".repeat(2 << 20));
    check(token, &posting("/api/v1/feeds", &more, &long), 400, "").await;
    check(token, &posting("/healthz", &more, ""), 405, "").await;
}

#[tokio::test]
async fn what_a_feed_says_stays_text() {
    for path in ["/feeds", "/feeds?search=%3Cscript%3E", "/feeds/evil"] {
        let (address, _) = start(state(None), Limits::default(), std::future::pending()).await;
        let mut stream = connect(address).await;
        stream.write_all(asking(path, "localhost", "").as_bytes()).await.unwrap();
        let page = rest(stream).await;
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        assert!(
            page.contains("&#60;script&#62;alert(1)") || page.contains("&lt;script&gt;alert(1)"),
            "{page}"
        );
        assert_eq!(page.matches("<script").count(), 1, "only our own script: {page}");
        assert!(!page.contains("<img"), "{page}");
    }
    check(None, &asking("/feeds/other", "OWN", ""), 404, "there is no feed other").await;
    check(None, &asking("/assets/page.js", "OWN", ""), 200, "text/javascript").await;
    check(None, &asking("/assets/page.css", "OWN", ""), 200, "text/css").await;
}
