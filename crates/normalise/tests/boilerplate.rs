//! What publishers' software puts around an article is gone from feeds and from pages, and the article is not.

use jiff::Timestamp;
use model::{Entry, Feed, FeedMeta, FirstPoll, Text, TextKind};
use normalise::page::{Page, read};
use normalise::{Context, normalise};
use record::{ParseMode, Quality};
use std::sync::Arc;
use url::Url;

const ARTICLE: [&str; 6] = [
    "The council voted on Monday to close the old harbour, after a debate that went on until midnight and drew a large crowd.",
    "Fishermen, who have used the pier for a century, said they had asked for a real alternative and for more time to move.",
    "“We were promised boats could stay,” said one of them, who asked not to be named because he feared for his licence.",
    "The mayor said the northern pier would be ready by spring, and that nobody would pay more than before for a berth.",
    "Officials expect the work to cost eleven million, most of it from a fund that was set up when the bridge was built.",
    "A second vote, on the price of tickets for the ferry, was put off for a week because two members were missing.",
];

fn feed() -> Arc<Feed> {
    Arc::new(Feed {
        id: "daily".parse().expect("a feed id"),
        url: Url::parse("https://daily.example/feed").expect("a URL"),
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: model::Polling::default(),
    })
}

fn with(place: &str, addition: &str) -> String {
    let at = match place {
        "head" => 0,
        "middle" => 3,
        _ => ARTICLE.len(),
    };
    let mut parts: Vec<String> = ARTICLE.iter().map(|text| format!("<p>{text}</p>")).collect();
    parts.insert(at, addition.to_owned());
    parts.join("\n")
}

fn from_feed(html: &str) -> String {
    let (feed, meta) = (feed(), FeedMeta::default());
    let quality = Quality { parse_mode: ParseMode::Strict, flags: Vec::new() };
    let context = Context {
        feed: &feed,
        meta: &meta,
        document_url: &feed.url,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: &quality,
    };
    let content = Some(Text { value: html.to_owned(), kind: TextKind::Html });
    let article = normalise(&context, Entry { content, ..Entry::default() });
    article.ok().and_then(|article| article.text).unwrap_or_default()
}

fn from_page(html: &str) -> String {
    let feed = feed();
    let body = format!(
        "<!doctype html><html lang=en><head><title>Council votes</title></head><body><nav><a href=/>Home</a></nav>\
         <main><article><h1>Council votes</h1><div class=\"entry-content\">{html}</div></article></main>\
         <footer>Imprint</footer></body></html>"
    );
    let url = Url::parse("https://daily.example/council-votes").expect("a URL");
    let page = Page {
        feed: &feed,
        url: &url,
        content_type: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        body: body.as_bytes(),
    };
    read(&page).ok().and_then(|article| article.text).unwrap_or_default()
}

fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 3]> {
    table.lines().filter(|row| !row.starts_with('#')).map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        <[&str; 3]>::try_from(cells).expect("three cells")
    })
}

#[test]
fn every_kind_goes_from_feeds_and_from_pages() {
    let article = ARTICLE.join("\n\n");
    let mut left = Vec::new();
    for [kind, place, markup] in rows(include_str!("../fixtures/boilerplate/kinds.tsv")) {
        let html = with(place, markup);
        for (origin, text) in [("feed", from_feed(&html)), ("page", from_page(&html))] {
            if text != article {
                left.push(format!("{kind} ({origin}): {text}"));
            }
        }
    }
    assert!(left.is_empty(), "{} left:\n{}", left.len(), left.join("\n---\n"));
}

#[test]
fn ten_languages() {
    let article = ARTICLE.join("\n\n");
    let mut left = Vec::new();
    for [language, place, line] in rows(include_str!("../fixtures/boilerplate/languages.tsv")) {
        let text = from_feed(&with(place, &format!("<p>{line}</p>")));
        if text != article {
            left.push(format!("{language}: {line}"));
        }
    }
    assert!(left.is_empty(), "{} left:\n{}", left.len(), left.join("\n"));
}

/// What looks like it and is prose, wherever it stands.
#[test]
fn prose_stays() {
    for line in [
        "Recommended configuration",
        "Recommended for: families with children",
        "Credit: 2 tablespoons of flour",
        "Share prices fell on Tuesday after the vote.",
        "Follow the path to the northern pier.",
        "Read more slowly, the teacher said.",
        "Subscribers to the fund will be paid first.",
        "Print works were the town’s main employer.",
        "Advertisement spending rose by a third.",
        "The app store removed the app.",
        "Copyright law has not kept up, she said.",
        "Save the harbour, they sang.",
        "By the river stood a house.",
        "Source code of the model was published.",
    ] {
        for place in ["head", "middle", "tail"] {
            let text = from_feed(&with(place, &format!("<p>{line}</p>")));
            assert!(text.contains(line), "{line:?} went from the {place}");
        }
    }
}
