//! What was said, into the words that the other rooms know; nothing is judged here.

use crate::limits::MAX_EACH;
use crate::raw::{self, Raw, Said};
use model::{Category, Entry, FeedMeta, Flaw, FlawKind, Link, MediaLink, Parsed, Person, Text, TextKind};

/// Entries of all items that say something.
pub(crate) fn parsed(raw: Raw) -> Parsed {
    let mut entries = Vec::with_capacity(raw.entries.len());
    for (position, said) in raw.entries.into_iter().enumerate() {
        let entry = entry(said, position);
        if !is_hollow(&entry) {
            entries.push(entry);
        }
    }
    Parsed { meta: meta(raw.feed), entries, flaws: raw.flaws, mode: raw.parse_mode, format: raw.format }
}

fn meta(said: Said) -> FeedMeta {
    let hub = said.links.iter().find(|link| link.rel.as_deref() == Some("hub"));
    let own = said.links.iter().find(|link| link.rel.as_deref() == Some("self"));
    FeedMeta {
        hub: hub.map(|link| link.href.clone()),
        own_link: own.map(|link| link.href.clone()),
        title: said.title.map(|title| title.value),
        link: said.link,
        language: said.language,
        rights: said.rights.map(|rights| rights.value),
        authors: said.authors.into_iter().map(person).collect(),
        ttl_minutes: said.ttl,
    }
}

/// A feed's item.
fn entry(said: Said, position: usize) -> Entry {
    let media = media(&said);
    let texts = [&said.content, &said.summary, &said.title];
    let of_text = texts.into_iter().flatten().find_map(|text| text.language.as_deref().map(str::to_owned));
    let is_page = |link: &raw::Link| !matches!(link.rel.as_deref(), Some("enclosure" | "license"));
    Entry {
        position,
        guid: said.id,
        guid_is_permalink: said.guid_is_permalink,
        links: said.links.into_iter().filter(is_page).map(link).collect(),
        title: said.title.map(title),
        summary: said.summary.map(text),
        content: said
            .content
            .filter(|content| !content.value.is_empty() && is_readable(&content.mime))
            .map(text),
        authors: said.authors.into_iter().map(person).collect(),
        published: said.published.or(said.created),
        updated: said.updated,
        categories: said.tags.into_iter().filter_map(category).collect(),
        media,
        rights: said.rights.map(|rights| rights.value),
        language: said.language.or(of_text),
        comments: said.comments,
    }
}

/// True for an item of which nothing could be published or remembered.
pub(crate) fn says_nothing(said: &Said) -> bool {
    said.title.is_none()
        && said.summary.is_none()
        && said.content.is_none()
        && said.id.is_none()
        && said.links.is_empty()
}

fn is_hollow(entry: &Entry) -> bool {
    let silent = entry.title.is_none() && entry.summary.is_none() && entry.content.is_none();
    silent && entry.guid.is_none() && entry.links.is_empty()
}

/// The flaw of an item that was lost.
pub(crate) fn lost(position: usize, offset: Option<usize>, detail: &str) -> Flaw {
    Flaw { kind: FlawKind::LostItem, item: Some(position), offset, detail: detail.to_owned() }
}

/// Media of other kinds, in base64 or by reference, are no text.
fn is_readable(mime: &str) -> bool {
    mime.starts_with("text/") || mime.contains("html") || mime.ends_with("xml")
}

fn text(given: raw::Text) -> Text {
    let kind = if given.mime == "text/plain" { TextKind::Plain } else { TextKind::Html };
    Text { value: given.value, kind }
}

/// Headlines of RSS are plain, with references that survived the reading of the XML more often than not.
fn title(given: raw::Text) -> Text {
    let html = given.mime != "text/plain" || crate::html::may_hold_markup(&given.value);
    Text { value: given.value, kind: if html { TextKind::Html } else { TextKind::Plain } }
}

fn link(given: raw::Link) -> Link {
    Link { href: given.href, rel: given.rel, mime: given.mime }
}

fn person(given: raw::Person) -> Person {
    Person { name: given.name, email: given.email, uri: given.uri }
}

fn category(given: raw::Tag) -> Option<Category> {
    let term = given.term.or_else(|| given.label.clone())?;
    Some(Category { term, scheme: given.scheme, label: given.label })
}

/// Media, enclosures, thumbnails and pictures, each address once.
fn media(said: &Said) -> Vec<MediaLink> {
    let mut all: Vec<MediaLink> = Vec::new();
    let mut push = |media: MediaLink| {
        if all.len() < MAX_EACH && all.iter().all(|known| known.url != media.url) {
            all.push(media);
        }
    };
    let number = |given: &Option<String>| given.as_deref().and_then(|given| given.trim().parse().ok());
    for media in said.media_content.iter().chain(&said.media_thumbnail) {
        push(MediaLink {
            url: media.url.clone(),
            mime: media.mime.clone(),
            title: media.title.clone(),
            width: number(&media.width),
            height: number(&media.height),
            length: media.length.as_deref().and_then(|length| length.trim().parse().ok()),
        });
    }
    for link in &said.links {
        if link.rel.as_deref().is_some_and(|rel| rel.eq_ignore_ascii_case("enclosure")) {
            push(MediaLink {
                url: link.href.clone(),
                mime: link.mime.clone(),
                title: link.title.clone(),
                length: link.length.as_deref().and_then(|length| length.trim().parse().ok()),
                ..MediaLink::default()
            });
        }
    }
    for text in said.content.iter().chain(&said.content_more) {
        if let Some(url) = text.src.clone() {
            push(MediaLink { url, mime: Some(text.mime.clone()), ..MediaLink::default() });
        }
    }
    if let Some(url) = said.image.as_ref().and_then(|image| image.href.clone()) {
        push(MediaLink { url, ..MediaLink::default() });
    }
    all
}
