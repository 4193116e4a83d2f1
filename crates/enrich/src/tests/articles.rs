//! Invented articles; shared by the tests and `examples/fuzz.rs`.

use jiff::Timestamp;
use model::{Article, Feed, FirstPoll};
use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::sync::Arc;
use url::Url;

pub(crate) fn article(title: &str, text: &str, claim: Option<&str>, categories: Vec<String>) -> Article {
    Article {
        feed: Arc::new(Feed {
            id: "harbour".parse().expect("a name"),
            url: Url::parse("https://harbour.example/feed").expect("an address"),
            title: None,
            labels: Vec::new(),
            country: None,
            interval: None,
            first_poll: FirstPoll::default(),
            polling: Default::default(),
        }),
        feed_title: None,
        outlet: Outlet { name: None, domain: None },
        guid: None,
        url: None,
        source_url: None,
        title: Some(title.to_owned()),
        summary: None,
        text: Some(text.to_owned()),
        text_source: None,
        teaser: false,
        language_claim: claim.map(str::to_owned),
        authors: Vec::new(),
        media: Vec::new(),
        categories,
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: Vec::new() },
        rights: Rights::default(),
    }
}
