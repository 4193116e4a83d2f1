//! An article's page to the article: its text without what surrounds it, and what the page says of
//! itself. Pure and linear, as all of this room.

mod about;
mod body;
mod charset;
mod head;
mod lean;
mod linked;
mod walls;

use crate::article::{Context, normalise};
use ::url::Url;
use about::About;
use jiff::Timestamp;
use model::{Article, Entry, Feed, FeedMeta, Link, Text, TextKind};
use record::{ParseMode, Quality, TextSource};
use std::sync::Arc;

pub use walls::Wall;

/// Bytes of a page that is read; of a longer one the rest is left.
const PAGE_MAX: usize = 8 << 20;

/// A page as it was received.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// The feed that led to it.
    pub feed: &'a Arc<Feed>,
    /// Where it came from, after redirects.
    pub url: &'a Url,
    /// Value of `Content-Type`.
    pub content_type: Option<&'a str>,
    /// When it was complete.
    pub fetched_at: Timestamp,
    /// Its bytes.
    pub body: &'a [u8],
}

/// Why a page gave no article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Something else than HTML.
    #[error("not an HTML page but {0}")]
    NotHtml(&'static str),
    /// A page that stands in the article's place.
    #[error("not the article but {0}")]
    Wall(Wall),
    /// No text that could be an article.
    #[error("the page holds no article")]
    Nothing,
}

/// The article of a page. A page that shows only a part gives the part, with `teaser` set.
///
/// # Errors
/// [`Unread`], when the page is none, is an error, a check or a request for consent, or holds no text.
pub fn read(page: &Page<'_>) -> Result<Article, Unread> {
    if let Some(kind) = walls::other_than_html(page.body, page.content_type) {
        return Err(Unread::NotHtml(kind));
    }
    let body = &page.body[..page.body.len().min(PAGE_MAX)];
    let html = charset::decode(body, page.content_type);
    let lean = lean::read(&html);
    let about = about::about(&lean.head);
    let found = body::find(&lean.html, &about);
    let wall = walls::judge(&lean, &about, found.as_deref().unwrap_or_default());
    match wall {
        Some(wall) if wall.hides_all() => return Err(Unread::Wall(wall)),
        _ if found.is_none() => return Err(Unread::Nothing),
        _ => {}
    }
    let mut article = article(page, about, found.unwrap_or_default())?;
    if wall == Some(Wall::Payment) {
        article.teaser = true;
        article.quality.flags.push("paywall".into());
    }
    Ok(article)
}

/// Puts what the page says into the words of a feed's entry, and has it read as one.
fn article(page: &Page<'_>, about: About, html: String) -> Result<Article, Unread> {
    let canonical = about.canonical.as_deref().and_then(|url| crate::url::of_same_outlet(url, page.url));
    let license = about.license.clone();
    let html = without_headline(html, about.title.as_deref());
    let meta = FeedMeta { title: about.site, ..FeedMeta::default() };
    let entry = Entry {
        links: vec![Link { href: page.url.to_string(), ..Link::default() }],
        title: about.title.map(plain),
        summary: about.summary.map(plain),
        content: Some(Text { value: html, kind: TextKind::Html }),
        authors: about.authors,
        published: about.published,
        updated: about.updated,
        categories: about.categories,
        media: about.media,
        rights: about.copyright,
        language: about.language,
        ..Entry::default()
    };
    let quality = Quality { parse_mode: ParseMode::Strict, flags: Vec::new() };
    let context = Context {
        feed: page.feed,
        meta: &meta,
        document_url: page.url,
        fetched_at: page.fetched_at,
        quality: &quality,
    };
    let mut article = normalise(&context, entry).map_err(|_| Unread::Nothing)?;
    if article.text.is_none() {
        return Err(Unread::Nothing);
    }
    article.text_source = Some(TextSource::Page);
    article.url = canonical.or(article.url);
    article.rights.license = license.or(article.rights.license);
    article.rights.ai_opt_out = about.ai_opt_out;
    Ok(article)
}

/// Markup without the heading that it begins with, when that repeats the title, which is a field of its own.
fn without_headline(html: String, title: Option<&str>) -> String {
    let folded = |text: &str| {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let Some(title) = title else { return html };
    for (open, close) in [("<h1>", "</h1>"), ("<h2>", "</h2>")] {
        if let Some((heading, rest)) = html.strip_prefix(open).and_then(|inside| inside.split_once(close))
            && folded(&crate::text::to_text(heading)) == folded(title)
        {
            return rest.to_owned();
        }
    }
    html
}

fn plain(value: String) -> Text {
    Text { value, kind: TextKind::Plain }
}

/// `entry` with the text of its page, and with what only the page says. What the feed says of titles,
/// dates and people stays: it is what later sightings are compared with. So does its text, where the page
/// has no better one: that of a page for subscribers is flagged `paywall`, one with less than half of what
/// the feed gives `page_short`.
pub fn with_page(entry: Article, page: Article) -> Article {
    let mut merged = entry;
    let is_walled = page.quality.flags.iter().any(|flag| flag == Wall::Payment.name());
    let is_short = is_shorter(&page, &merged);
    if merged.text.is_none() || !(is_walled || is_short) {
        merged.text = page.text;
        merged.text_source = Some(TextSource::Page);
        merged.teaser = page.teaser;
    } else if !is_walled {
        merged.quality.flags.push("page_short".into());
    }
    merged.url = own_url(merged.url, page.url);
    merged.title = merged.title.or(page.title);
    merged.summary = merged.summary.or(page.summary);
    if merged.authors.is_empty() {
        merged.authors = page.authors;
    }
    if merged.media.is_empty() {
        merged.media = page.media;
    }
    if merged.categories.is_empty() {
        merged.categories = page.categories;
    }
    if merged.published_at.is_none() {
        (merged.published_at, merged.published_quality) = (page.published_at, page.published_quality);
    }
    merged.modified_at = merged.modified_at.or(page.modified_at);
    merged.language_claim = page.language_claim.or(merged.language_claim);
    merged.rights.copyright = merged.rights.copyright.or(page.rights.copyright);
    merged.rights.license = merged.rights.license.or(page.rights.license);
    merged.rights.ai_opt_out = merged.rights.ai_opt_out.or(page.rights.ai_opt_out);
    for flag in page.quality.flags {
        if !merged.quality.flags.contains(&flag) {
            merged.quality.flags.push(flag);
        }
    }
    merged
}

/// Whether a page has so little text that extraction must have missed the article that the feed gives.
fn is_shorter(page: &Article, entry: &Article) -> bool {
    let length = |article: &Article| article.text.as_deref().map_or(0, |text| text.chars().count());
    entry.text_source == Some(TextSource::Feed) && length(page) * 2 < length(entry)
}

/// The URL that the page gives itself, if it is of the same outlet.
fn own_url(entry: Option<String>, page: Option<String>) -> Option<String> {
    let (Some(entry), Some(page)) = (&entry, &page) else { return entry.or(page) };
    let parsed = Url::parse(entry).ok();
    parsed.and_then(|entry| crate::url::of_same_outlet(page, &entry)).or_else(|| Some(entry.clone()))
}

#[cfg(test)]
mod tests;
