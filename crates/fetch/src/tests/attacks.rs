use super::server::{Server, Written, answer, for_ever};
use super::{config, document, failed, fetch};
use crate::Fetch;
use flate2::Compression;
use flate2::write::GzEncoder;
use model::FailureClass::{self, BadHttp, Connect, Timeout, TooLarge};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const AT_ONCE: Duration = Duration::ZERO;
const NOW_AND_THEN: Duration = Duration::from_millis(50);

/// Nothing an attacker does may take longer than the total timeout, or leave memory held.
async fn check(
    expect: FailureClass,
    attack: impl Fn(&mut TcpStream, &str) -> Written + Send + Sync + 'static,
) -> String {
    let (fetch, server, began) = (fetch(), Server::start(attack), Instant::now());
    let failure = failed(&fetch, &server.url("/feed")).await;
    assert_eq!(failure.class, expect, "{failure:?}");
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}: {failure:?}", began.elapsed());
    assert_eq!(fetch.held(), 0);
    failure.detail
}

fn silence(stream: &mut TcpStream) -> Written {
    std::io::copy(&mut stream.take(u64::MAX), &mut std::io::sink()).map(drop)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_server_that_does_not_answer() {
    check(Timeout, |stream, _| silence(stream)).await;
}

#[tokio::test]
async fn a_trickled_status_line() {
    check(Timeout, |stream, _| {
        for byte in b"HTTP/1.1 200 OK\r\nServer: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".chunks(1) {
            for_ever_once(stream, byte)?;
        }
        silence(stream)
    })
    .await;
}

fn for_ever_once(stream: &mut TcpStream, byte: &[u8]) -> Written {
    stream.write_all(byte)?;
    std::thread::sleep(NOW_AND_THEN);
    Ok(())
}

#[tokio::test]
async fn informational_answers_without_end() {
    let attack =
        |stream: &mut TcpStream, _: &str| for_ever(stream, b"HTTP/1.1 102 Processing\r\n\r\n", NOW_AND_THEN);
    check(Timeout, attack).await;
}

#[tokio::test]
async fn a_trickled_body_is_cut_by_its_rate_before_the_total_timeout() {
    let began = Instant::now();
    let detail = check(Timeout, |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        for_ever(stream, b"x", NOW_AND_THEN)
    });
    assert_eq!(detail.await, "the body comes slower than 1 KiB/s");
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_body_above_the_rate_is_cut_by_the_total_timeout() {
    let detail = check(Timeout, |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        for_ever(stream, &[b'x'; 2000], NOW_AND_THEN)
    });
    assert!(detail.await.contains("fetch.total_timeout"));
}

#[tokio::test]
async fn heads_without_end() {
    let start = b"HTTP/1.1 200 OK\r\n";
    check(BadHttp, move |stream, _| {
        stream.write_all(start)?;
        for_ever(stream, b"X-Header: and another one\r\n", AT_ONCE)
    })
    .await;
    check(BadHttp, move |stream, _| {
        stream.write_all(start)?;
        stream.write_all(b"X-Header: ")?;
        for_ever(stream, &[b'x'; 4096], AT_ONCE)
    })
    .await;
}

#[tokio::test]
async fn chunks_with_extensions_or_trailers_without_end() {
    let start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    check(BadHttp, move |stream, _| {
        stream.write_all(start)?;
        stream.write_all(b"5;")?;
        for_ever(stream, &[b'x'; 4096], AT_ONCE)
    })
    .await;
    check(BadHttp, move |stream, _| {
        stream.write_all(start)?;
        stream.write_all(b"5\r\nhello\r\n0\r\n")?;
        for_ever(stream, b"X-Trailer: and another one\r\n", AT_ONCE)
    })
    .await;
}

#[tokio::test]
async fn bodies_beyond_the_cap() {
    let declared = check(TooLarge, |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")?;
        for_ever(stream, &[b'x'; 65_536], AT_ONCE)
    });
    assert_eq!(declared.await, "the body is longer than 1048576 bytes (fetch.max_body)");
    check(TooLarge, |stream, _| {
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\n")?;
        for_ever(stream, &[b'x'; 65_536], AT_ONCE)
    })
    .await;
}

#[tokio::test]
async fn a_body_of_just_the_cap_is_taken() {
    let body = vec![b'x'; 1 << 20];
    for encoding in ["identity", "gzip"] {
        let sent = if encoding == "gzip" { gzip(&body) } else { body.clone() };
        let server = Server::says(answer("200 OK", &[&format!("Content-Encoding: {encoding}")], sent));
        assert_eq!(document(&fetch(), &server.url("/feed")).await.body.len(), 1 << 20, "{encoding}");
    }
}

#[tokio::test]
async fn a_gzip_bomb() {
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 400_000);
    check(TooLarge, move |stream, _| stream.write_all(&answer("200 OK", &["Content-Encoding: gzip"], &bomb)))
        .await;
}

#[tokio::test]
async fn encodings_that_were_not_asked_for() {
    for encoding in ["br", "zstd", "deflate", "compress", "gzip, br", "aws-chunked\r\nContent-Encoding: br"] {
        let detail = check(BadHttp, move |stream, _| {
            stream.write_all(&answer("200 OK", &[&format!("Content-Encoding: {encoding}")], "x"))
        });
        assert!(detail.await.contains("which was not asked for"), "{encoding}");
    }
}

#[tokio::test]
async fn gzip_that_is_none_or_is_cut() {
    check(BadHttp, |stream, _| {
        stream.write_all(&answer("200 OK", &["Content-Encoding: gzip"], "<rss>this is not gzip</rss>"))
    })
    .await;
    let half = gzip(&(0..60_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    let half = half[..half.len() / 2].to_vec();
    check(Connect, move |stream, _| stream.write_all(&answer("200 OK", &["Content-Encoding: gzip"], &half)))
        .await;
}

#[tokio::test]
async fn heads_that_are_refused() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nX: a\u{1}b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n",
        "SSH-2.0-OpenSSH_9.9\r\n\r\n",
    ] {
        check(BadHttp, move |stream, _| stream.write_all(head.as_bytes())).await;
    }
}

#[tokio::test]
async fn connections_that_break() {
    check(Connect, |_, _| Ok(())).await;
    check(Connect, |stream, _| stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nonly")).await;
    check(Connect, |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
    })
    .await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(failed(&fetch(), &format!("http://{free}/")).await.class, Connect);
}

#[tokio::test]
async fn memory_is_held_as_long_as_the_body_and_no_longer() {
    let fetch = Fetch::new(&config()).unwrap();
    let server = Server::says(answer("200 OK", &[], vec![b'x'; 300_000]));
    let document = document(&fetch, &server.url("/feed")).await;
    assert_eq!(fetch.held(), 300_000);
    let part = document.body.slice(..10);
    drop(document);
    assert_eq!(fetch.held(), 300_000);
    drop(part);
    assert_eq!(fetch.held(), 0);
}

#[tokio::test]
async fn a_full_budget_makes_the_next_wait_and_not_fail() {
    let mut config = config();
    config.body_budget = config.max_body;
    let fetch = Fetch::new(&config).unwrap();
    let server = Server::says(answer("200 OK", &[], vec![b'x'; 900_000]));
    let url = server.url("/feed");
    let first = document(&fetch, &url).await;
    let freed = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(first);
    };
    let began = Instant::now();
    let (second, ()) = tokio::join!(document(&fetch, &url), freed);
    assert_eq!(second.body.len(), 900_000);
    assert!(Duration::from_millis(300) <= began.elapsed());
    let third = failed(&fetch, &url).await;
    assert_eq!((third.class, third.detail.as_str()), (Timeout, "other bodies filled fetch.body_budget"));
}
