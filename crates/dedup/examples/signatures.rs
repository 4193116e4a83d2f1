//! Signatures a second of one core: `signatures < ARTICLES.jsonl` makes the sketch of each line's `text`, over and
//! over for two seconds of CPU, and prints how many a second.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example measures or fails")]

use jiff::Timestamp;
use model::{Article, Feed, FirstPoll};
use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::sync::Arc;

const SECONDS: f64 = 2.0;

fn main() {
    let texts = std::io::stdin().lines().map(|line| {
        let fields: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        article(fields["text"].as_str().unwrap_or_default())
    });
    let articles: Vec<Article> = texts.collect();
    let bytes: usize = articles.iter().filter_map(|article| article.text.as_ref()).map(String::len).sum();
    let (began, mut made, mut slots) = (cpu(), 0_u64, 0_u64);
    while !articles.is_empty() && cpu() - began < SECONDS {
        for article in &articles {
            slots += dedup::sketch(article, made, &|_| false).map_or(0, |sketch| u64::from(sketch.slots[0]));
        }
        made += articles.len() as u64;
    }
    let rate = made as f64 / (cpu() - began);
    let mb = rate * bytes as f64 / articles.len().max(1) as f64 / 1e6;
    // The sum of slots is printed so that no sketch can be left out.
    println!("{rate:.0} signatures/s of CPU, {mb:.0} MB/s ({slots})");
}

fn article(text: &str) -> Article {
    Article {
        feed: Arc::new(Feed {
            id: "f".parse().unwrap(),
            url: "https://o.example/feed".parse().unwrap(),
            title: None,
            labels: vec![],
            country: None,
            interval: None,
            first_poll: FirstPoll::Publish,
            polling: Default::default(),
        }),
        feed_title: None,
        outlet: Outlet { name: None, domain: Some("o.example".into()) },
        guid: None,
        url: None,
        source_url: None,
        title: None,
        summary: None,
        text: Some(text.to_owned()),
        text_source: None,
        teaser: false,
        language_claim: None,
        authors: vec![],
        media: vec![],
        categories: vec![],
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: vec![] },
        rights: Rights::default(),
    }
}

/// CPU seconds of this process: user and system time, in ticks of a hundredth of a second.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}
