//! What is fuzzed here; shared by `examples/fuzz.rs` and the tests.

use fuzz::Target;
use model::{Article, Feed, FirstPoll, Polling};
use record::{Field, Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::sync::Arc;

pub(crate) const TARGETS: [Target; 1] =
    [Target { name: "articles", corpus: &["crates/enrich/fixtures/fuzz"], words: &WORDS, run: articles }];

const WORDS: [&str; 40] = [
    "Ann Lee", "Lee", "Mr. ", "U.S. ", "of ", "and ", "the ", "New ", "York", "NATO", "Reuters", "(Reuters) - ", "told ",
    "according to ", "A. B. ", "O’Neill", "’s ", "\"", "“", "”", ". ", "... ", "?", "\n", "\n\n", " ", "-", "—", ",", "1,000",
    "St. ", "Dr.", "\u{301}", "é", "中", "日本", "Москва ", "القاهرة ", "x", "Xx",
];

/// An article of a title, its first line, and a text. Every place that a story names is one of the article.
fn articles(body: &[u8]) {
    let body = String::from_utf8_lossy(body);
    let (title, text) = body.split_once('\n').unwrap_or((&body, ""));
    let story = enrich::enrich(article(title, text));
    let length = |field: Field| match field {
        Field::Title => title.chars().count(),
        Field::Text => text.chars().count(),
        Field::Summary => 0,
    };
    for mention in story.entities.iter().flat_map(|entity| &entity.mentions) {
        assert!(mention.start < mention.end && mention.end as usize <= length(mention.field), "{mention:?}");
    }
}

/// An article of nothing but a title and a text.
pub(crate) fn article(title: &str, text: &str) -> Article {
    Article {
        feed: Arc::new(Feed {
            id: "harbour".parse().expect("a feed id"),
            url: "https://harbour.example/feed".parse().expect("a URL"),
            title: None,
            labels: Vec::new(),
            country: None,
            interval: None,
            first_poll: FirstPoll::default(),
            polling: Polling::default(),
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
        language_claim: None,
        authors: Vec::new(),
        media: Vec::new(),
        categories: Vec::new(),
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: jiff::Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: Vec::new() },
        rights: Rights::default(),
    }
}
