use crate::boilerplate;
use crate::dates;
use crate::language;
use crate::limits::LIMITS;
use crate::people;
use crate::text::{self, line_of};
use crate::url;
use ::url::Url;
use jiff::Timestamp;
use model::{Article, Category, Entry, Feed, FeedMeta, Link, MediaLink, Text};
use record::{Author, Media, Outlet, Quality, Rights, TextSource};
use std::sync::Arc;

/// A summary of at least this many characters that is not marked as cut is the article's body: teasers
/// that feeds carry stay well below (WordPress: 55 words; editorial summaries: under 800 characters).
const BODY_MIN: usize = 1_000;

/// What all entries of one document share.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The feed that carried the document.
    pub feed: &'a Arc<Feed>,
    /// What the publisher says of the feed.
    pub meta: &'a FeedMeta,
    /// Where the document came from, after redirects; relative URLs are resolved against it.
    pub document_url: &'a Url,
    /// When the document was complete.
    pub fetched_at: Timestamp,
    /// How well the document could be read.
    pub quality: &'a Quality,
}

/// An entry with nothing to name it by and nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("item {position} has neither a title nor a text nor a link")]
pub struct Unusable {
    /// Place of the entry in its document, from 0.
    pub position: usize,
}

/// What the entry is taken to mean.
///
/// # Errors
/// [`Unusable`] when there is neither title nor text nor an http(s) link.
pub fn normalise(context: &Context<'_>, entry: Entry) -> Result<Article, Unusable> {
    let mut quality = context.quality.clone();
    let mut flag = |on: bool, name: &str| {
        if on && !quality.flags.iter().any(|known| known == name) {
            quality.flags.push(name.to_owned());
        }
    };
    let guid = entry.guid.as_deref().map(visible).filter(|guid| !guid.is_empty());
    let long_guid = guid.as_ref().is_some_and(|guid| guid.len() > LIMITS.guid);
    flag(long_guid, "guid_too_long");
    let title = entry.title.as_ref().map(|title| text::line(title, LIMITS.title)).unwrap_or_default();
    flag(title.cut, "title_cut");
    let body = Body::of(&entry);
    flag(body.cut, "text_cut");

    let link = link(&entry, context.document_url);
    let canonical = link.and_then(|link| url::canonical(link, context.document_url));
    if title.text.is_empty() && body.text.is_none() && canonical.is_none() {
        return Err(Unusable { position: entry.position });
    }
    let times = dates::choose(entry.published.as_ref(), entry.updated.as_ref(), context.fetched_at);
    let claim = entry.language.as_deref().and_then(language::tag);
    Ok(Article {
        feed: Arc::clone(context.feed),
        feed_title: context.feed.title.clone().or_else(|| feed_title(context.meta)),
        outlet: outlet(context, canonical.as_ref()),
        guid: guid.filter(|_| !long_guid),
        source_url: link.and_then(|link| url::as_given(link, context.document_url)),
        url: canonical.map(String::from),
        title: Some(title.text).filter(|title| !title.is_empty()),
        authors: authors(context, &entry, body.byline, body.credit),
        summary: body.summary,
        text: body.text,
        text_source: body.source,
        teaser: body.teaser,
        language_claim: claim.or_else(|| context.meta.language.as_deref().and_then(language::tag)),
        media: media(&entry.media, context.document_url),
        categories: categories(&entry.categories),
        published_at: times.published_at,
        published_quality: times.quality,
        modified_at: times.modified_at,
        fetched_at: context.fetched_at,
        rights: rights(entry.rights.as_deref().or(context.meta.rights.as_deref())),
        quality,
    })
}

/// What the entry says, as plain text.
#[derive(Default)]
struct Body {
    summary: Option<String>,
    text: Option<String>,
    source: Option<TextSource>,
    teaser: bool,
    byline: Vec<String>,
    /// Who supplied the text: an author where no person is named.
    credit: Option<String>,
    cut: bool,
}

impl Body {
    /// The content is the text. Without one a summary of a body's length is; it is not given twice.
    /// Else the summary stands for the text too, and says so.
    fn of(entry: &Entry) -> Self {
        let content = Part::of(entry.content.as_ref());
        let mut summary = Part::of(entry.summary.as_ref());
        if !content.text.is_empty() {
            let teaser = boilerplate::is_cut_for_sure(&content.text);
            let summary = summary.short();
            return Self { summary, teaser, ..Self::from(content, TextSource::Feed) };
        }
        if summary.text.is_empty() {
            return Self::default();
        }
        let cut = boilerplate::is_cut(&summary.text);
        if !cut && summary.text.chars().nth(BODY_MIN - 1).is_some() {
            return Self::from(summary, TextSource::Feed);
        }
        let short = summary.short();
        summary.text = short.clone().unwrap_or_default();
        let teaser = cut || boilerplate::is_cut(&summary.text);
        Self { summary: short, teaser, ..Self::from(summary, TextSource::Summary) }
    }

    fn from(part: Part, source: TextSource) -> Self {
        let text = Some(part.text).filter(|text| !text.is_empty());
        let source = text.is_some().then_some(source);
        Self { text, source, byline: part.byline, credit: part.credit, cut: part.cut, ..Self::default() }
    }
}

/// A summary or a content without its boilerplate.
struct Part {
    text: String,
    byline: Vec<String>,
    credit: Option<String>,
    cut: bool,
}

impl Part {
    fn of(text: Option<&Text>) -> Self {
        let plain = text.map(|text| text::body(text, LIMITS.text)).unwrap_or_default();
        let cleaned = boilerplate::clean(&plain.text);
        Self { text: cleaned.text, byline: cleaned.byline, credit: cleaned.credit, cut: plain.cut }
    }

    /// The text as a summary.
    fn short(&self) -> Option<String> {
        let mut short = boilerplate::without_more(&self.text).to_owned();
        crate::limits::cut(&mut short, LIMITS.summary);
        (!short.is_empty()).then_some(short)
    }
}

/// The link to the article's page: the first that says so or says nothing; else a guid that is a URL.
fn link<'a>(entry: &'a Entry, base: &Url) -> Option<&'a str> {
    let usable = |link: &&Link| url::web(&link.href, base).is_some();
    let alternate = |link: &&Link| {
        link.rel.as_deref().is_none_or(|rel| rel.is_empty() || rel.eq_ignore_ascii_case("alternate"))
    };
    let page = |link: &&Link| link.mime.as_deref().is_none_or(|mime| mime.contains("html"));
    let links = || entry.links.iter().filter(alternate).filter(usable);
    let best = links().find(page).or_else(|| links().next()).map(|link| link.href.as_str());
    let guid = entry
        .guid
        .as_deref()
        .map(str::trim)
        .filter(|guid| guid.starts_with("http://") || guid.starts_with("https://"));
    best.or(guid.filter(|guid| entry.guid_is_permalink != Some(false) && url::web(guid, base).is_some()))
}

/// As given, but without what cannot be seen.
fn visible(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        })
        .collect()
}

fn feed_title(meta: &FeedMeta) -> Option<String> {
    meta.title.as_deref().and_then(|title| line_of(title, LIMITS.title))
}

fn outlet(context: &Context<'_>, page: Option<&Url>) -> Outlet {
    let host = page.unwrap_or(&context.feed.url).host_str();
    Outlet {
        name: feed_title(context.meta).or_else(|| context.feed.title.clone()),
        domain: host.and_then(url::registered_domain),
    }
}

/// The entry's own bylines, else the one in its text, else the feed's, else the agency that its text names.
fn authors(context: &Context<'_>, entry: &Entry, byline: Vec<String>, credit: Option<String>) -> Vec<Author> {
    let mut authors = people::authors(&entry.authors, context.document_url);
    if authors.is_empty() {
        byline.iter().for_each(|name| people::add(&mut authors, name, None));
    }
    if authors.is_empty() {
        authors = people::authors(&context.meta.authors, context.document_url);
    }
    if let Some(credit) = credit.filter(|_| authors.is_empty()) {
        people::add(&mut authors, &credit, None);
    }
    authors
}

fn media(links: &[MediaLink], base: &Url) -> Vec<Media> {
    let mut out: Vec<Media> = Vec::new();
    for link in links {
        if out.len() >= LIMITS.media {
            break;
        }
        let Some(url) = url::as_given(&link.url, base) else { continue };
        if out.iter().any(|known| known.url == url) {
            continue;
        }
        let mime = link.mime.as_deref().map(|mime| mime.trim().to_ascii_lowercase());
        out.push(Media {
            url,
            mime: mime.filter(|mime| {
                mime.contains('/')
                    && mime.len() <= 100
                    && mime.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
            }),
            title: link.title.as_deref().and_then(|title| line_of(title, LIMITS.title)),
            width: link.width,
            height: link.height,
            length: link.length,
        });
    }
    out
}

/// The words for people where there are any, else the term; each once.
fn categories(given: &[Category]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for category in given {
        if out.len() >= LIMITS.categories {
            break;
        }
        let words =
            category.label.as_deref().filter(|label| !label.trim().is_empty()).unwrap_or(&category.term);
        // One more than fits, to see what does not.
        let Some(words) = line_of(words, LIMITS.category + 1) else { continue };
        let fits = words.chars().count() <= LIMITS.category;
        if fits && !out.contains(&words) {
            out.push(words);
        }
    }
    out
}

fn rights(line: Option<&str>) -> Rights {
    let copyright = line.and_then(|line| line_of(line, LIMITS.rights));
    let license = copyright.as_deref().and_then(|line| {
        let uris = line.split(' ').filter(|word| word.starts_with("http://") || word.starts_with("https://"));
        let mut licences = uris.filter(|uri| uri.contains("creativecommons.org/"));
        licences.next().map(|uri| uri.trim_end_matches(['.', ',', ')']).to_owned())
    });
    Rights { copyright, license, ai_opt_out: None }
}

#[cfg(test)]
mod tests;
