//! Feeds that cost a visit and must cost nothing else.

use super::http::{self, Connection};
use std::time::Duration;

/// How many kinds there are; a higher number is one of them again.
const KINDS: u32 = 6;
/// Bytes that the bomb unpacks to.
const BOMB: usize = 64 << 20;

/// Answers as a hostile feed of this kind does; false: the connection is closed.
pub(super) async fn serve(kind: u32, connection: &mut Connection) -> bool {
    match kind % KINDS {
        0 => {
            // Says nothing at all.
            connection.until_closed().await;
            false
        }
        1 => {
            // A byte now and then, for ever.
            let mut alive =
                connection.write(&http::head(200, &[("Content-Type", "text/xml")], 1 << 20)).await;
            while alive.is_ok() {
                tokio::time::sleep(Duration::from_millis(500)).await;
                alive = connection.write(b" ").await;
            }
            false
        }
        2 => {
            let page = b"<!doctype html><title>Not a feed</title><p>Please accept our cookies.";
            let mut answer =
                http::head(200, &[("Content-Type", "text/html"), ("ETag", "\"page\"")], page.len());
            answer.extend_from_slice(page);
            connection.write(&answer).await.is_ok()
        }
        3 => {
            let body = super::compress(&vec![b' '; BOMB]);
            let headers = [("Content-Type", "text/xml"), ("Content-Encoding", "gzip"), ("ETag", "\"bomb\"")];
            let mut answer = http::head(200, &headers, body.len());
            answer.extend_from_slice(&body);
            connection.write(&answer).await.is_ok()
        }
        4 => {
            // Claims more than it sends.
            let mut answer = http::head(200, &[("Content-Type", "text/xml"), ("ETag", "\"cut\"")], 100_000);
            answer.extend_from_slice(b"<rss><channel><item><title>cut</title></item>");
            let _ = connection.write(&answer).await;
            false
        }
        _ => connection.write(&http::head(302, &[("Location", "/f/h5")], 0)).await.is_ok(),
    }
}
