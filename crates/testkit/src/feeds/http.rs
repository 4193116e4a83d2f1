//! Just enough HTTP/1.1 to serve feeds: GET, keep-alive, a length on every body.

use crate::history;
use anyhow::{Result, bail};
use std::fmt::Write as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of a request's head that are read before giving up.
const HEAD_MAX: usize = 16 << 10;

/// A request without a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) etag: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) accepts_gzip: bool,
    pub(crate) life: Option<u32>,
}

/// One connection and what was read ahead.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Answers are written whole; waiting for more would only add to what is measured.
        let _ = stream.set_nodelay(true);
        Self { stream, read: Vec::with_capacity(1024) }
    }

    /// The next request; none when the client has closed.
    pub(crate) async fn request(&mut self) -> Result<Option<Request>> {
        loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.read[..end]).into_owned();
                self.read.drain(..end + 4);
                return Ok(Some(parse(&head)));
            }
            if self.read.len() > HEAD_MAX {
                bail!("the head is longer than {HEAD_MAX} bytes");
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Ok(None);
            }
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await?;
        Ok(())
    }

    /// Waits until the client gives up.
    pub(crate) async fn until_closed(&mut self) {
        let mut ignored = [0; 1024];
        while !matches!(self.stream.read(&mut ignored).await, Ok(0) | Err(_)) {}
    }
}

fn parse(head: &str) -> Request {
    let mut lines = head.split("\r\n");
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or("/").to_owned();
    let mut request = Request { path, ..Request::default() };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "if-none-match" => request.etag = Some(value.to_owned()),
            "if-modified-since" => request.since = Some(value.to_owned()),
            "user-agent" => request.life = history::life(value),
            "accept-encoding" => request.accepts_gzip = value.contains("gzip"),
            _ => {}
        }
    }
    request
}

/// The head of an answer; `length` is what is claimed of the body.
pub(crate) fn head(status: u16, headers: &[(&str, &str)], length: usize) -> Vec<u8> {
    let reason = match status {
        200 => "OK",
        302 => "Found",
        304 => "Not Modified",
        404 => "Not Found",
        _ => "Service Unavailable",
    };
    let mut out = format!("HTTP/1.1 {status} {reason}\r\n");
    for (name, value) in headers {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    if status != 304 {
        let _ = write!(out, "content-length: {length}\r\n");
    }
    out.push_str("\r\n");
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_and_written() {
        let request = parse(
            "GET /f/f01 HTTP/1.1\r\nHost: x\r\nUser-Agent: wireroom/1 (+mailto:life-7@example.org)\r\nIF-NONE-MATCH: W/\"a:b\"\r\nAccept-Encoding: gzip\r\n\
             If-Modified-Since: Thu, 01 Jan 2026 00:00:05 GMT",
        );
        assert_eq!(request.path, "/f/f01");
        assert_eq!(request.etag.as_deref(), Some("W/\"a:b\""));
        assert_eq!(request.since.as_deref(), Some("Thu, 01 Jan 2026 00:00:05 GMT"));
        assert!(request.accepts_gzip);
        assert_eq!(request.life, Some(7));
        let out = String::from_utf8(head(304, &[("etag", "\"x\"")], 0)).unwrap();
        assert_eq!(out, "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\n\r\n");
    }
}
