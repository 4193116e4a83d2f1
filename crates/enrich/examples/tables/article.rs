//! An article around a text.

use crate::Outcome;
use jiff::Timestamp;
use model::{Article, Feed, FirstPoll};
use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::sync::Arc;
use url::Url;

/// An English article with this text and nothing else.
pub(crate) fn of(text: &str) -> Outcome<Article> {
    let feed = Feed {
        id: "measured".parse()?,
        url: Url::parse("https://measured.example/feed")?,
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: model::Polling::default(),
    };
    Ok(Article {
        feed: Arc::new(feed),
        feed_title: None,
        outlet: Outlet { name: None, domain: None },
        guid: None,
        url: None,
        source_url: None,
        title: None,
        summary: None,
        text: Some(text.to_owned()),
        text_source: None,
        teaser: false,
        language_claim: Some("en".to_owned()),
        authors: Vec::new(),
        media: Vec::new(),
        categories: Vec::new(),
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: Vec::new() },
        rights: Rights::default(),
    })
}
