//! Reading speed: megabytes of body a second, one thread, best of several rounds.
//!
//! `cargo run --release -p parse --example throughput [FILE]…`; without a file, generated feeds of 300 KB,
//! well-formed and broken. The last line is the peak memory of the process.
#![expect(clippy::print_stdout, reason = "a report for people")]

use bytes::Bytes;
use model::{Document, Feed, FirstPoll, Validators};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const SIZE: usize = 300_000;

fn main() -> Result<(), Failure> {
    let mut bodies = Vec::new();
    for path in std::env::args().skip(1) {
        bodies.push((path.clone(), std::fs::read(path)?));
    }
    if bodies.is_empty() {
        let rss = rss()?;
        bodies.push(("RSS 2.0, full texts in CDATA".to_owned(), rss.clone().into_bytes()));
        let mut broken = rss.replace("&amp;", "&").into_bytes();
        broken.truncate(broken.len() - 99);
        bodies.push(("the same, short summaries only".to_owned(), summaries()?.into_bytes()));
        bodies.push(("the same, cut and with bare ampersands".to_owned(), broken));
        bodies.push(("Atom, escaped HTML".to_owned(), atom()?.into_bytes()));
        bodies.push(("JSON Feed".to_owned(), json()?.into_bytes()));
    }
    for (name, body) in bodies {
        measure(&name, body)?;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("peak memory unknown"));
    Ok(())
}

fn measure(name: &str, body: Vec<u8>) -> Result<(), Failure> {
    let document = document(body)?;
    let begun = Instant::now();
    let told = match parse::parse(&document) {
        Ok(parsed) => {
            format!("{:?}, {} entries, {} flaws", parsed.mode, parsed.entries.len(), parsed.flaws.len())
        }
        Err(error) => error.to_string(),
    };
    let mut best = begun.elapsed();
    let rounds = if best > Duration::from_millis(200) { 0 } else { 30 };
    for _ in 0..rounds {
        let begun = Instant::now();
        std::hint::black_box(parse::parse(&document).ok());
        best = best.min(begun.elapsed());
    }
    let megabytes = document.body.len() as f64 / 1e6;
    println!(
        "{:8.1} MB/s {:9.3} ms  {name}: {told}",
        megabytes / best.as_secs_f64(),
        best.as_secs_f64() * 1e3
    );
    Ok(())
}

fn document(body: Vec<u8>) -> Result<Document, Failure> {
    let url: url::Url = "https://feeds.example/feed.xml".parse()?;
    let feed = Feed {
        id: "example".parse()?,
        url: url.clone(),
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::Publish,
        polling: Default::default(),
    };
    Ok(Document {
        feed: Arc::new(feed),
        url,
        body: Bytes::from(body),
        content_type: None,
        validators: Validators::default(),
        fetched_at: jiff::Timestamp::UNIX_EPOCH,
    })
}

const SENTENCE: &str =
    "The harbour master said on Tuesday that <b>nobody</b> had seen the tug &amp; its tow before dawn. ";

fn rss() -> Result<String, Failure> {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Gazette</title>".to_owned();
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        write!(
            out,
            "<item><title>Ferry &amp; tug, part {n}</title><link>https://gazette.example/{n}?a=1&amp;b=2</link><guid isPermaLink=\"false\">{n}</guid><pubDate>Wed, 19 Nov 2025 14:05:00 +0000</pubDate><dc:creator><![CDATA[Ada Holm]]></dc:creator><category>Shipping</category><description><![CDATA[{SENTENCE}]]></description><content:encoded><![CDATA[<p>{}</p>]]></content:encoded></item>",
            SENTENCE.repeat(40)
        )?;
    }
    Ok(out + "</channel></rss>")
}

fn summaries() -> Result<String, Failure> {
    let mut out =
        "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><title>Gazette</title>"
            .to_owned();
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        write!(
            out,
            "<item><title>Ferry &amp; tug, part {n}</title><link>https://gazette.example/{n}</link><guid isPermaLink=\"false\">{n}</guid><pubDate>Wed, 19 Nov 2025 14:05:00 +0000</pubDate><description>Nobody was hurt when the Morning Star met a tug, the harbour master said.</description><media:content url=\"https://gazette.example/{n}.jpg\" type=\"image/jpeg\" width=\"800\" height=\"600\"/><category>Shipping</category></item>"
        )?;
    }
    Ok(out + "</channel></rss>")
}

fn atom() -> Result<String, Failure> {
    let mut out = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Quai</title><id>f</id>".to_owned();
    let escaped = SENTENCE.replace('&', "&amp;").replace('<', "&lt;").repeat(40);
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        write!(
            out,
            "<entry><title>Pont {n}</title><id>tag:quai.example,2025:{n}</id><link href=\"https://quai.example/{n}\"/><updated>2025-11-19T09:30:00+01:00</updated><author><name>Lenoir</name></author><content type=\"html\">{escaped}</content></entry>"
        )?;
    }
    Ok(out + "</feed>")
}

fn json() -> Result<String, Failure> {
    let mut out =
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Signal Box\",\"items\":[".to_owned();
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        let comma = if n > 0 { "," } else { "" };
        write!(
            out,
            "{comma}{{\"id\":\"{n}\",\"url\":\"https://signalbox.example/{n}\",\"title\":\"Points frozen\",\"content_html\":\"{}\",\"date_published\":\"2025-11-19T06:00:00Z\"}}",
            SENTENCE.repeat(40)
        )?;
    }
    Ok(out + "]}")
}
