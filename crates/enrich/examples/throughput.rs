//! How many articles are enriched in a second on one core: `cargo run --release -p enrich --example throughput`.

#![expect(clippy::print_stdout, reason = "an example that reports")]

use jiff::Timestamp;
use model::{Article, Feed, FirstPoll};
use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let feed = Arc::new(Feed {
        id: "invented".parse()?,
        url: Url::parse("https://daily.example/feed")?,
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: Default::default(),
    });
    for claim in [Some("en-GB"), None, Some("fr")] {
        let article = article(&feed, claim);
        let start = Instant::now();
        let mut count = 0_u32;
        while start.elapsed() < Duration::from_secs(1) {
            black_box(enrich::enrich(black_box(article.clone())));
            count += 1;
        }
        println!("claim {claim:?}: {:.0} articles/s", f64::from(count) / start.elapsed().as_secs_f64());
    }
    Ok(())
}

fn article(feed: &Arc<Feed>, claim: Option<&str>) -> Article {
    let paragraph = "The council’s plan, first described in a report on Monday, would close the old harbour by 2027 and move \
        its boats to the northern pier, officials said. Fishermen asked for a real alternative and more time.\n\n";
    Article {
        feed: Arc::clone(feed),
        feed_title: None,
        outlet: Outlet { name: None, domain: None },
        guid: None,
        url: None,
        source_url: None,
        title: Some("Council Votes to Close the Harbour".into()),
        summary: None,
        text: Some(paragraph.repeat(15)),
        text_source: None,
        teaser: false,
        language_claim: claim.map(str::to_owned),
        authors: Vec::new(),
        media: Vec::new(),
        categories: vec!["Politics".into(), "Local".into(), "Arts & Culture".into()],
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: Vec::new() },
        rights: Rights::default(),
    }
}
