//! feed-rs's words of a JSON Feed into ours; nothing is judged here.

use crate::charset::strip;
use crate::json_read::Read;
use crate::limits::MAX_EACH;
use crate::raw::{Link, Media, Person, Said, Tag, Text};
use feed_rs::model as fr;
use model::Date;

/// What is said of an item.
pub(crate) fn said(read: &Read, given: &fr::Entry) -> Said {
    let date = |token| read.date(token).map(Date::read);
    let links: Vec<Link> = given.links.iter().filter_map(link).collect();
    let (enclosures, mut links): (Vec<Link>, Vec<Link>) =
        links.into_iter().partition(|link| link.mime.is_some());
    let page = links.first().map(|link| link.href.clone());
    links.extend(enclosures);
    Said {
        id: clean(&given.id),
        link: page,
        links,
        title: given.title.as_ref().and_then(|title| text(title, "text/plain")),
        summary: given.summary.as_ref().and_then(|summary| text(summary, "text/plain")),
        content: given.content.as_ref().and_then(body),
        authors: given.authors.iter().filter_map(person).take(MAX_EACH).collect(),
        published: date(given.published),
        updated: date(given.updated),
        tags: given.categories.iter().filter_map(tag).take(MAX_EACH).collect(),
        language: given.language.as_deref().and_then(clean),
        ..Said::default()
    }
}

/// Trimmed, without characters that XML forbids; none when nothing is left.
pub(crate) fn clean(given: &str) -> Option<String> {
    let trimmed = given.trim();
    let text = strip(trimmed).unwrap_or_else(|| trimmed.to_owned());
    (!text.is_empty()).then_some(text)
}

fn text(given: &fr::Text, mime: &str) -> Option<Text> {
    Some(Text { value: clean(&given.content)?, mime: mime.to_owned(), language: None, base: None, src: None })
}

fn body(given: &fr::Content) -> Option<Text> {
    let mime = given.content_type.as_str();
    let mime = if mime.contains("html") { "text/html" } else { "text/plain" };
    Some(Text {
        value: clean(given.body.as_deref()?)?,
        mime: mime.to_owned(),
        language: None,
        base: None,
        src: None,
    })
}

/// JSON attachments come back as links that have a type.
fn link(given: &fr::Link) -> Option<Link> {
    let mime = given.media_type.as_deref().and_then(clean);
    let rel = if mime.is_some() { "enclosure" } else { "alternate" };
    Some(Link {
        href: clean(&given.href)?,
        rel: Some(rel.to_owned()),
        mime,
        title: given.title.as_deref().and_then(clean),
        length: given.length.map(|length| length.to_string()),
        hreflang: None,
    })
}

fn person(given: &fr::Person) -> Option<Person> {
    let person = Person {
        name: given.name.as_deref().and_then(clean),
        email: given.email.as_deref().and_then(clean),
        uri: given.uri.as_deref().and_then(clean),
    };
    (person.name.is_some() || person.email.is_some()).then_some(person)
}

fn tag(given: &fr::Category) -> Option<Tag> {
    let label = given.label.as_deref().and_then(clean);
    let term = clean(&given.term);
    (term.is_some() || label.is_some()).then_some(Tag { term, scheme: None, label })
}

/// A picture that the item names.
pub(crate) fn picture(url: String) -> Media {
    Media { url, medium: Some("image".to_owned()), ..Media::default() }
}
