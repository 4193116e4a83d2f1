//! feed-rs's words into ours; nothing is judged here.

use crate::charset::strip;
use crate::extra::Extra;
use crate::read::Read;
use feed_rs::model as fr;
use jiff::Timestamp;
use model::{Category, Date, Entry, FeedMeta, Format, Link, MediaLink, Person, Text, TextKind};

/// Media objects of one entry.
const MAX_MEDIA: usize = 64;

/// What the publisher says of the feed.
pub(crate) fn meta(read: &Read) -> FeedMeta {
    let feed = &read.feed;
    let site = |link: &&fr::Link| matches!(link.rel.as_deref(), None | Some("alternate"));
    FeedMeta {
        title: feed.title.as_ref().and_then(|title| clean(&title.content)),
        link: feed.links.iter().find(site).and_then(|link| clean(&link.href)),
        language: feed.language.as_deref().and_then(clean),
        rights: feed.rights.as_ref().and_then(|rights| clean(&rights.content)),
        authors: feed.authors.iter().filter_map(person).collect(),
        ttl_minutes: feed.ttl,
    }
}

/// An entry, with what feed-rs leaves out.
pub(crate) fn entry(read: &Read, given: &fr::Entry, extra: Extra, format: Format, position: usize) -> Entry {
    let rss = format == Format::Rss;
    // In RSS feed-rs copies the publication to where there is no update.
    let updated = given.updated.filter(|updated| !rss || given.published != Some(*updated));
    let mut entry = Entry {
        position,
        guid: clean(&given.id).or(extra.about),
        guid_is_permalink: extra.permalink,
        links: given.links.iter().filter(|link| !is_attachment(link, format)).filter_map(link).collect(),
        title: given.title.as_ref().and_then(|title| text(title, rss && may_hold_markup(&title.content))),
        summary: given.summary.as_ref().and_then(|summary| text(summary, rss)),
        content: given.content.as_ref().and_then(|content| body(content, rss)),
        authors: given.authors.iter().filter_map(person).collect(),
        published: read.date(given.published).map(str::to_owned).or(extra.published).as_deref().map(date),
        updated: read.date(updated).map(str::to_owned).or(extra.updated).as_deref().map(date),
        categories: given.categories.iter().filter_map(category).collect(),
        media: media(given, format),
        rights: given.rights.as_ref().and_then(|rights| clean(&rights.content)).or(extra.rights),
        language: given.language.as_deref().and_then(clean).or(extra.language),
    };
    if entry.links.is_empty() {
        entry.links = extra.links;
    }
    entry.categories.extend(extra.subjects.into_iter().map(|term| Category { term, ..Category::default() }));
    for media in extra.media {
        let url = read.resolve(&media.url);
        // feed-rs gives thumbnails as written and all else resolved: one of both spellings is enough.
        if entry.media.iter().all(|known| known.url != media.url) {
            push_media(&mut entry.media, MediaLink { url, ..media });
        }
    }
    entry
}

/// True for an entry of which nothing could be published or remembered.
pub(crate) fn is_hollow(entry: &Entry) -> bool {
    let says_nothing = entry.title.is_none() && entry.summary.is_none() && entry.content.is_none();
    says_nothing && entry.guid.is_none() && entry.links.is_empty()
}

/// Trimmed, without characters that XML forbids; none when nothing is left.
pub(crate) fn clean(given: &str) -> Option<String> {
    let trimmed = given.trim();
    let text = strip(trimmed).unwrap_or_else(|| trimmed.to_owned());
    (!text.is_empty()).then_some(text)
}

/// A date from its words.
pub(crate) fn date(raw: &str) -> Date {
    let (instant, date_only): (Option<Timestamp>, bool) = crate::date::read(raw);
    Date { raw: clean(raw), instant, date_only }
}

/// True when HTML could be meant: a tag, or a reference that survived the reading of the XML.
pub(crate) fn may_hold_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'<', b'&', bytes).any(|at| match (bytes[at], bytes.get(at + 1)) {
        (b'<', Some(next)) => next.is_ascii_alphabetic() || matches!(next, b'/' | b'!'),
        (b'&', _) => crate::refs::read(&text[at..]) != crate::refs::Ref::Bare,
        _ => false,
    })
}

fn text(given: &fr::Text, html: bool) -> Option<Text> {
    let html = html || given.content_type.as_str() != "text/plain";
    let kind = if html { TextKind::Html } else { TextKind::Plain };
    Some(Text { value: clean(&given.content)?, kind })
}

fn body(given: &fr::Content, rss: bool) -> Option<Text> {
    let mime = given.content_type.as_str();
    // Media of other kinds, in base64 or by reference, are no text.
    let readable = mime.starts_with("text/") || mime.contains("html") || mime.ends_with("xml");
    let value = clean(given.body.as_deref().filter(|_| readable)?)?;
    let plain = mime == "text/plain" && !rss;
    Some(Text { value, kind: if plain { TextKind::Plain } else { TextKind::Html } })
}

fn link(given: &fr::Link) -> Option<Link> {
    let rel = match &given.target {
        Some(_) => Some("replies".to_owned()),
        None => given.rel.as_deref().and_then(clean),
    };
    Some(Link { href: clean(&given.href)?, rel, mime: given.media_type.as_deref().and_then(clean) })
}

/// JSON attachments come back as links.
fn is_attachment(link: &fr::Link, format: Format) -> bool {
    format == Format::Json && link.media_type.is_some()
}

pub(crate) fn person(given: &fr::Person) -> Option<Person> {
    let person = Person {
        name: given.name.as_deref().and_then(clean),
        email: given.email.as_deref().and_then(clean),
        uri: given.uri.as_deref().and_then(clean),
    };
    (person.name.is_some() || person.email.is_some()).then_some(person)
}

fn category(given: &fr::Category) -> Option<Category> {
    let label = given.label.as_deref().and_then(clean);
    let term = clean(&given.term).or_else(|| label.clone())?;
    Some(Category { term, scheme: given.scheme.as_deref().and_then(clean), label })
}

fn media(given: &fr::Entry, format: Format) -> Vec<MediaLink> {
    let mut all = Vec::new();
    for object in &given.media {
        let title =
            object.title.as_ref().or(object.description.as_ref()).and_then(|title| clean(&title.content));
        for content in &object.content {
            let Some(url) = &content.url else { continue };
            let (width, height, length) = (content.width, content.height, content.size);
            let mime = content.content_type.as_ref().map(ToString::to_string);
            push_media(
                &mut all,
                MediaLink { url: url.to_string(), mime, title: title.clone(), width, height, length },
            );
        }
        for thumbnail in &object.thumbnails {
            let image = &thumbnail.image;
            let Some(url) = clean(&image.uri) else { continue };
            let (width, height) = (image.width, image.height);
            push_media(&mut all, MediaLink { url, width, height, ..MediaLink::default() });
        }
    }
    let enclosures = given.links.iter().filter(|link| {
        is_attachment(link, format)
            || link.rel.as_deref().is_some_and(|rel| rel.eq_ignore_ascii_case("enclosure"))
    });
    let referred = given
        .content
        .iter()
        .filter(|content| content.body.is_none())
        .filter_map(|content| content.src.as_ref());
    for link in enclosures.chain(referred) {
        let Some(url) = clean(&link.href) else { continue };
        let mime = link.media_type.as_deref().and_then(clean);
        let title = link.title.as_deref().and_then(clean);
        push_media(&mut all, MediaLink { url, mime, title, length: link.length, ..MediaLink::default() });
    }
    all
}

/// Adds a media object that is not there yet.
pub(crate) fn push_media(all: &mut Vec<MediaLink>, media: MediaLink) {
    if all.len() < MAX_MEDIA && all.iter().all(|known| known.url != media.url) {
        all.push(media);
    }
}
