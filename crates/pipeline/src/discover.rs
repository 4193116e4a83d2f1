//! `feeds discover URL`: where a site keeps its feeds. What its pages say comes first, then the places
//! where feeds are found by habit, then the sitemaps that its robots.txt names. Each is fetched and read
//! before it is told of.

use crate::Error;
use fetch::{Fetch, Fetched};
use model::{Document, Format};
use std::collections::HashSet;
use url::Url;

/// Where feeds are found by habit, beginning with the most common.
const HABITS: [&str; 11] = [
    "/feed",
    "/rss",
    "/feed.xml",
    "/rss.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/feeds/posts/default",
    "/?feed=rss2",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
];
/// Candidates that are tried.
const CANDIDATES_MAX: usize = 40;

/// A feed that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it is, after redirects.
    pub url: Url,
    /// Its title.
    pub title: Option<String>,
    /// What it is written in.
    pub format: Format,
    /// Articles in it now.
    pub articles: usize,
    /// How it was found: `itself`, `page`, `habit` or `robots`.
    pub by: &'static str,
}

/// Looks for the feeds of the site at `url`; of what cannot be fetched or read nothing is said.
///
/// # Errors
///
/// [`Error::Fetch`] where the config cannot be used, or the site itself cannot be fetched.
pub async fn discover(config: &fetch::Config, url: Url, everywhere: bool) -> Result<Vec<Found>, Error> {
    let fetch = Fetch::new(config).map_err(|error| Error::Fetch(error.to_string()))?;
    let mut found = Finds::default();
    let page = match fetch.page(url.clone()).await {
        Ok(Fetched::Document(document, _)) => document,
        Ok(Fetched::NotModified(_)) => return Ok(Vec::new()),
        Err(failure) => return Err(Error::Fetch(failure.detail)),
    };
    if found.read(&page, "itself") {
        return Ok(found.feeds);
    }
    for link in links(&String::from_utf8_lossy(&page.body), &page.url) {
        found.try_one(&fetch, link, "page").await;
    }
    if found.feeds.is_empty() || everywhere {
        for place in HABITS.into_iter().filter_map(|place| page.url.join(place).ok()) {
            found.try_one(&fetch, place, "habit").await;
        }
        for sitemap in fetch.sitemaps(&page.url).await {
            found.try_one(&fetch, sitemap, "robots").await;
        }
    }
    Ok(found.feeds)
}

#[derive(Default)]
struct Finds {
    feeds: Vec<Found>,
    tried: HashSet<Url>,
}

impl Finds {
    async fn try_one(&mut self, fetch: &Fetch, url: Url, by: &'static str) {
        if self.tried.len() < CANDIDATES_MAX
            && self.tried.insert(url.clone())
            && let Ok(Fetched::Document(document, _)) = fetch.page(url).await
        {
            self.read(&document, by);
        }
    }

    /// Notes a document if it is a feed.
    fn read(&mut self, document: &Document, by: &'static str) -> bool {
        let Ok(parsed) = parse::parse(document) else { return false };
        if self.feeds.iter().all(|known| known.url != document.url) {
            let (url, title) = (document.url.clone(), parsed.meta.title);
            let (format, articles) = (parsed.format, parsed.entries.len());
            self.feeds.push(Found { url, title, format, articles, by });
        }
        true
    }
}

/// Targets of `<link rel="alternate">` that are typed as feeds, and of plain links that look like feeds.
fn links(html: &str, base: &Url) -> Vec<Url> {
    let (mut links, mut likely) = (Vec::new(), Vec::new());
    for tag in html.split('<').skip(1).filter_map(|tag| tag.split_once('>').map(|(tag, _)| tag)) {
        let Some((name, rest)) = tag.split_once(|c: char| c.is_ascii_whitespace()) else { continue };
        let get = |key: &str| attribute(rest, key);
        let Some(target) = get("href").and_then(|href| base.join(href.trim()).ok()) else { continue };
        if name.eq_ignore_ascii_case("link") {
            let is_alternate = get("rel").is_some_and(|rel| {
                rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("alternate"))
            });
            let kind = get("type").unwrap_or_default().to_ascii_lowercase();
            if is_alternate && ["rss", "atom", "feed+json", "rdf"].iter().any(|word| kind.contains(word)) {
                links.push(target);
            }
        } else if name.eq_ignore_ascii_case("a") {
            let path = target.path().to_ascii_lowercase();
            let ends = [
                ".rss",
                ".atom",
                ".rdf",
                "/feed",
                "/feed/",
                "/rss",
                "/rss/",
                "/rss.xml",
                "/feed.xml",
                "/atom.xml",
            ];
            if ends.iter().any(|end| path.ends_with(end)) {
                likely.push(target);
            }
        }
    }
    links.extend(likely);
    links
}

/// The value of an attribute within a tag, references to `&` resolved.
fn attribute(tag: &str, key: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(key).map(|at| from + at) {
        from = at + key.len();
        let begins = at == 0
            || lower.as_bytes()[at - 1].is_ascii_whitespace()
            || matches!(lower.as_bytes()[at - 1], b'"' | b'\'');
        let Some(value) = tag[from..].trim_start().strip_prefix('=').filter(|_| begins) else { continue };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => value[1..].split(quote).next()?,
            None => value.split(|c: char| c.is_ascii_whitespace()).next()?,
        };
        return Some(value.replace("&amp;", "&"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_tell_their_feeds() {
        let base = "https://example.org/news/".parse().unwrap();
        let html = r#"<head><LINK REL='Alternate' href="/rss?a=1&amp;b=2" type=application/rss+xml>
            <link rel="alternate" hreflang="de" href="/de/"><link href=feed.json rel=alternate type="application/feed+json">
            <link rel=stylesheet href=/x.css type=text/css></head><a class=x href='https://other.example/feed/'>feed</a>
            <a href="/about">about</a><link rel="alternate" type="application/atom+xml">"#;
        let found: Vec<String> = links(html, &base).into_iter().map(String::from).collect();
        assert_eq!(
            found,
            [
                "https://example.org/rss?a=1&b=2",
                "https://example.org/news/feed.json",
                "https://other.example/feed/"
            ]
        );
    }
}
