//! How fast HTML becomes text and entries become articles, on one core:
//! `cargo run --release -p normalise --example throughput [FILE...]` (HTML files; else an invented article).

#![expect(clippy::print_stdout, reason = "an example that reports")]

use jiff::Timestamp;
use model::{Category, Date, Entry, Feed, FeedMeta, FirstPoll, Link, Text, TextKind};
use normalise::{Context, normalise, to_text};
use record::{ParseMode, Quality};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let mut bodies = Vec::new();
    for path in &paths {
        bodies.push(String::from_utf8_lossy(&std::fs::read(path)?).into_owned());
    }
    if bodies.is_empty() {
        bodies.push(invented());
    }
    let bytes: usize = bodies.iter().map(String::len).sum();
    let per_second = rate(|| bodies.iter().for_each(|body| drop(black_box(to_text(body)))));
    println!(
        "html to text: {:.0} MB/s over {} bodies of {} bytes on average",
        per_second * bytes as f64 / 1e6,
        bodies.len(),
        bytes / bodies.len()
    );

    let feed = Arc::new(Feed {
        id: "invented".parse()?,
        url: Url::parse("https://feeds.daily.example/world.xml")?,
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: Default::default(),
    });
    let meta = FeedMeta {
        title: Some("Daily Example".into()),
        language: Some("en-GB".into()),
        ..FeedMeta::default()
    };
    let quality = Quality { parse_mode: ParseMode::Strict, flags: Vec::new() };
    let context = Context {
        feed: &feed,
        meta: &meta,
        document_url: &feed.url,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: &quality,
    };
    let entries: Vec<Entry> = bodies.iter().map(|body| entry(body)).collect();
    let per_second =
        rate(|| entries.iter().for_each(|entry| drop(black_box(normalise(&context, entry.clone())))));
    println!("normalise: {:.0} articles/s", per_second * entries.len() as f64);
    Ok(())
}

/// Rounds per second, over about two seconds.
fn rate(mut round: impl FnMut()) -> f64 {
    round();
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < Duration::from_secs(2) {
        round();
        rounds += 1;
    }
    f64::from(rounds) / start.elapsed().as_secs_f64()
}

fn entry(body: &str) -> Entry {
    Entry {
        guid: Some("https://daily.example/?p=48211".into()),
        guid_is_permalink: Some(false),
        links: vec![Link {
            href: "https://daily.example/world/a-story/?utm_source=rss&utm_medium=rss".into(),
            ..Link::default()
        }],
        title: Some(Text {
            value: "A Headline of Common Length &#8211; and a Dash".into(),
            kind: TextKind::Html,
        }),
        summary: Some(Text {
            value: "The summary of the article, cut by the software [&hellip;]".into(),
            kind: TextKind::Html,
        }),
        content: Some(Text { value: body.to_owned(), kind: TextKind::Html }),
        published: Some(Date { raw: Some("Wed, 19 Nov 2025 14:05:00 +0000".into()), ..Date::default() }),
        categories: vec![Category { term: "Politics".into(), ..Category::default() }],
        ..Entry::default()
    }
}

/// About 4 KB, as a common content management system writes it.
fn invented() -> String {
    let paragraph = "<p>The council&#8217;s plan, first described in a <a href=\"https://daily.example/x?a=1&amp;b=2\" rel=\"noopener\">report</a> \
        on Monday, would close the <em>old</em> harbour by 2027 and move its 140 boats to the northern pier, officials said. \
        Fishermen asked for “a real alternative” and more time.</p>\n";
    format!(
        "<p>Getting your Trinity Audio player ready...</p>\n<p>By: Ann Lee – Daily Example</p>\n{}",
        paragraph.repeat(12)
    )
}
