//! A feed server that costs as little as it can: bodies are put together from paragraphs that were
//! written before the clock started.

use crate::text;
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Items in a document.
pub const ITEMS: u64 = 20;
/// Revisions whose paragraphs the articles are put together from: no two articles share more than one.
const REVISIONS: u32 = 4096;
const SEED: u64 = 7;

/// What the server answers.
#[derive(Debug)]
pub struct Load {
    paragraphs: Vec<String>,
    /// Articles given out.
    pub articles: AtomicU64,
    /// New articles with each answer; else 304 to whoever has a validator.
    pub fresh: AtomicBool,
    asked: Mutex<Asked>,
}

/// When each feed was asked for.
#[derive(Debug, Default)]
struct Asked {
    last: HashMap<Vec<u8>, Instant>,
    /// Milliseconds between two requests for one feed.
    gaps: Vec<u64>,
}

impl Load {
    /// A server's script; nothing listens yet.
    pub fn new(fresh: bool) -> Arc<Self> {
        let revisions = if fresh { REVISIONS } else { 1 };
        let paragraphs =
            (0..revisions).flat_map(|number| text::revision(SEED, number, 1).paragraphs).collect();
        Arc::new(Self {
            paragraphs,
            articles: AtomicU64::new(0),
            fresh: AtomicBool::new(fresh),
            asked: Mutex::default(),
        })
    }

    /// Milliseconds between two requests for one feed, over all that were asked for since the last call.
    pub fn take_gaps(&self) -> Vec<u64> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner).gaps)
    }

    fn note(&self, head: &[u8]) {
        let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default().to_vec();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = asked.last.insert(path, Instant::now()) {
            asked.gaps.push(before.elapsed().as_millis() as u64);
        }
    }

    /// Serves on a free port of loopback from a thread of its own, until the process ends.
    ///
    /// # Errors
    /// When nothing can be bound.
    pub fn serve(self: &Arc<Self>) -> Result<u16> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).context("no port")?;
        let port = listener.local_addr()?.port();
        let load = self.clone();
        std::thread::Builder::new().name("load".into()).spawn(move || {
            runtime.block_on(async {
                while let Ok((stream, _)) = listener.accept().await {
                    let load = load.clone();
                    tokio::spawn(async move { drop(load.talk(stream).await) });
                }
            });
        })?;
        Ok(port)
    }

    async fn talk(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut head = Vec::with_capacity(1024);
        loop {
            while !head.ends_with(b"\r\n\r\n") {
                if stream.read_buf(&mut head).await? == 0 {
                    return Ok(());
                }
            }
            self.note(&head);
            let answer = self.answer(&head);
            stream.write_all(answer.as_bytes()).await?;
            head.clear();
        }
    }

    fn answer(&self, head: &[u8]) -> String {
        let fresh = self.fresh.load(Ordering::Relaxed);
        let is_conditional = head.windows(14).any(|window| window.eq_ignore_ascii_case(b"if-none-match:"));
        if !fresh && is_conditional {
            return "HTTP/1.1 304 Not Modified\r\n\r\n".into();
        }
        // Without news, the feed is empty: what is measured then are feeds, not articles.
        let count = if fresh { ITEMS } else { 0 };
        let first = self.articles.fetch_add(count, Ordering::Relaxed);
        let body = self.document(first, count);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n";
        format!("{head}ETag: \"v{first}\"\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    /// Scatters the paragraphs of articles that follow one another over all there are (Fibonacci hashing).
    fn paragraph(&self, number: u64, place: u64) -> &str {
        let scattered = (number * text::PARAGRAPHS as u64 + place).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        &self.paragraphs[scattered as usize % self.paragraphs.len()]
    }

    fn document(&self, first: u64, count: u64) -> String {
        let mut out = String::with_capacity(count as usize * 6000 + 400);
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Load</title><link>http://load.example/</link><language>en</language>\n");
        for number in first..first + count {
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "<item><title>Report {number} of the day</title><link>http://load.example/news/{number}</link>\
                 <guid isPermaLink=\"false\">load-{number}</guid><category>Politics</category>\
                 <content:encoded><![CDATA[<p>Report number {number} follows.</p>"
            );
            for place in 0..text::PARAGRAPHS as u64 {
                let _ = write!(out, "\n<p>{}</p>", self.paragraph(number, place));
            }
            out.push_str("]]></content:encoded></item>\n");
        }
        out.push_str("</channel></rss>\n");
        out
    }
}
