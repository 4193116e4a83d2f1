//! Articles in, what they are about out: one JSON object a line with `title`, `text`, `url`, `categories`
//! (each may be missing), the same with `topics`, `keywords`, `attribution`, `entities` on standard output, and
//! what it cost on standard error. For the comparisons; users have `wireroom enrich`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example that reports")]

use model::{Article, Feed, FirstPoll};
use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights};
use serde_json::{Value, json};
use std::io::{self, BufRead};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let feed = Arc::new(Feed {
        id: "lines".parse()?,
        url: Url::parse("https://feed.invalid/")?,
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        polling: model::Polling::default(),
        first_poll: FirstPoll::default(),
    });
    let (mut count, mut spent) = (0_u32, Duration::ZERO);
    for line in io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let article = article(&feed, &line);
        let start = Instant::now();
        let story = enrich::enrich(article);
        // The first fills the tables.
        if count != 0 {
            spent += start.elapsed();
        }
        count += 1;
        println!(
            "{}",
            json!({ "topics": story.topics, "keywords": story.keywords, "attribution": story.attribution,
                "entities": story.entities, "enrichment": story.enrichment })
        );
    }
    if 1 < count {
        eprintln!("{count} articles, {:.3} ms each", spent.as_secs_f64() * 1e3 / f64::from(count - 1));
    }
    Ok(())
}

fn article(feed: &Arc<Feed>, line: &Value) -> Article {
    let text = |name: &str| line[name].as_str().map(str::to_owned);
    let categories = line["categories"].as_array().into_iter().flatten();
    Article {
        feed: Arc::clone(feed),
        feed_title: None,
        outlet: Outlet { name: text("outlet"), domain: None },
        guid: None,
        url: text("url"),
        source_url: None,
        title: text("title"),
        summary: text("summary"),
        text: text("text"),
        text_source: None,
        teaser: false,
        language_claim: text("language"),
        authors: Vec::new(),
        media: Vec::new(),
        categories: categories.filter_map(|category| category.as_str().map(str::to_owned)).collect(),
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: jiff::Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: Vec::new() },
        rights: Rights::default(),
    }
}
