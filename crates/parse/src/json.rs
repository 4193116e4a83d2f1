//! JSON Feed: strict through feed-rs, else member by member and item by item.
//!
//! The feed's own authors are never handed to feed-rs, which copies them into every item.

use crate::Error;
use crate::charset::Decoded;
use crate::json_map::{self, clean, picture};
use crate::json_read::{self, Read};
use crate::json_scan::{Piece, member, pieces, string};
use crate::limits::MAX_ITEMS;
use crate::map::{lost, says_nothing};
use crate::raw::{Image, Link, Person, Raw, Said, Text};
use crate::report::{Mend, Report};
use model::{Flaw, Format};
use record::ParseMode;
use serde_json::{Value, json};

/// Authors, attachments and tags of one item; feed-rs compares authors with each other.
const MAX_EACH: usize = 64;
const VERSION: &str = "https://jsonfeed.org/version/1.1";

/// Reads a JSON document that starts at `start` of the decoded text.
pub(crate) fn parse(decoded: &Decoded<'_>, start: usize) -> Result<Raw, Error> {
    let text = &decoded.text[start..];
    let offset = |at: usize| decoded.shift.map(|shift| shift + start + at);
    let mut report = Report::default();
    let outline = outline(text, &mut report)?;
    let (entries, flaws) = match together(&outline) {
        Some(entries) => (entries, Vec::new()),
        None => one_by_one(&outline, &mut report, offset),
    };
    let mut parse_mode = if report.mended() { ParseMode::Repaired } else { ParseMode::Strict };
    if !flaws.is_empty() {
        parse_mode = ParseMode::Salvaged;
    }
    let mut all = report.flaws(offset);
    all.extend(flaws);
    let hollow = entries.iter().zip(&outline.items).enumerate().filter(|(_, (said, _))| says_nothing(said));
    for (position, (_, item)) in hollow {
        if !all.iter().any(|flaw| flaw.item == Some(position)) {
            all.push(lost(
                position,
                offset(item.start),
                "the item holds neither an id nor a link, title or text",
            ));
        }
    }
    let sitemaps = Vec::new();
    Ok(Raw { feed: outline.feed, entries, sitemaps, format: Format::Json, parse_mode, flaws: all })
}

/// The items as feed-rs reads them in one go; none when it refuses.
fn together(outline: &Outline<'_>) -> Option<Vec<Said>> {
    if !outline.items.iter().all(|item| item.whole && is_modest(item.text)) {
        return None;
    }
    let texts = outline.items.iter().map(|item| item.text).collect::<Vec<_>>().join(",");
    let read = json_read::feed(&wrap(&texts)).ok()?;
    if read.feed.entries.len() != outline.items.len() {
        return None;
    }
    let items = outline.items.iter().zip(&read.feed.entries);
    Some(items.map(|(item, given)| topped_up(json_map::said(&read, given), item.text)).collect())
}

/// The items read one by one, and the flaws of those that cannot be.
fn one_by_one(
    outline: &Outline<'_>,
    report: &mut Report,
    offset: impl Fn(usize) -> Option<usize>,
) -> (Vec<Said>, Vec<Flaw>) {
    let mut flaws = Vec::new();
    let mut entries = Vec::with_capacity(outline.items.len());
    for (position, item) in outline.items.iter().enumerate() {
        let read = alone(*item, report);
        entries.push(match &read {
            Some(read) => topped_up(json_map::said(read, &read.feed.entries[0]), item.text),
            None => Said::default(),
        });
        if read.is_none() {
            let detail = if item.whole {
                "the item is not an object that can be read"
            } else {
                "the document ends inside the item"
            };
            flaws.push(lost(position, offset(item.start), detail));
        }
    }
    (entries, flaws)
}

fn wrap(items: &str) -> String {
    format!("{{\"version\":\"{VERSION}\",\"title\":\"\",\"items\":[{items}]}}")
}

struct Outline<'a> {
    feed: Said,
    items: Vec<Piece<'a>>,
}

/// The feed's own members and the slices of its items.
fn outline<'a>(text: &'a str, report: &mut Report) -> Result<Outline<'a>, Error> {
    let mut feed = Said::default();
    let mut found = None;
    let (mut version, mut version_known) = (None, false);
    let mut members = pieces(text).into_iter().flatten();
    for piece in members.by_ref() {
        let Some((name, value)) = member(piece) else {
            report.mend(Mend::Json, piece.start);
            continue;
        };
        let words = || string(value.text).and_then(|(text, _)| clean(&text));
        match name.as_str() {
            "version" => {
                version_known = words().is_some_and(|version| version.contains("jsonfeed.org/version/"));
                version = words();
            }
            "title" => feed.title = words().map(plain),
            "description" => feed.subtitle = words().map(plain),
            "home_page_url" => {
                feed.link = words();
                feed.links.extend(words().map(|href| link(href, "alternate")));
            }
            "feed_url" => feed.links.extend(words().map(|href| link(href, "self"))),
            "icon" => feed.image = words().map(|href| Image { href: Some(href), ..Image::default() }),
            "language" => feed.language = words(),
            "author" | "authors" => feed.authors.extend(people(value.text).into_iter().filter_map(person)),
            "items" => found = Some(value),
            _ => {}
        }
        if !value.whole {
            report.mend(Mend::Unclosed, text.len());
        }
    }
    let like_a_feed = version_known || version.is_none() && (feed.title.is_some() || feed.link.is_some());
    let items = found.filter(|found| found.text.starts_with('[') && like_a_feed);
    let Some(list) = items else {
        return Err(Error::NotAFeed { what: "JSON of another kind than JSON Feed".to_owned() });
    };
    if !version_known || feed.title.is_none() {
        report.mend(Mend::Json, 0);
    }
    let mut items = Vec::new();
    for item in pieces(list.text).into_iter().flatten() {
        if items.len() == MAX_ITEMS {
            report.cut = Some(list.start + item.start);
            break;
        }
        items.push(Piece { start: list.start + item.start, ..item });
    }
    Ok(Outline { feed, items })
}

/// True when no list of the item is longer than feed-rs may see.
fn is_modest(item: &str) -> bool {
    let lists = pieces(item)
        .into_iter()
        .flatten()
        .filter_map(member)
        .filter(|(_, value)| value.text.starts_with('['));
    lists.filter_map(|(_, value)| pieces(value.text)).all(|list| list.take(MAX_EACH + 1).count() <= MAX_EACH)
}

/// Reads one item alone: as it is, then from its members.
fn alone(item: Piece<'_>, report: &mut Report) -> Option<Read> {
    if !item.whole || !item.text.starts_with('{') {
        return None;
    }
    let one = |text: &str| json_read::feed(&wrap(text)).ok().filter(|read| read.feed.entries.len() == 1);
    if is_modest(item.text)
        && let Some(read) = one(item.text)
    {
        return Some(read);
    }
    report.mend(Mend::Json, item.start);
    one(&rebuilt(item.text).to_string())
}

/// The item again, from those members that have a meaning, each of the type that feed-rs wants.
fn rebuilt(item: &str) -> Value {
    const WORDS: [&str; 9] = [
        "id",
        "url",
        "external_url",
        "title",
        "content_html",
        "content_text",
        "summary",
        "date_published",
        "date_modified",
    ];
    let mut out = serde_json::Map::new();
    for (name, value) in pieces(item).into_iter().flatten().filter_map(member) {
        let value = match name.as_str() {
            name if WORDS.contains(&name) => string(value.text).map(|(text, _)| Value::String(text)),
            "author" | "authors" => {
                let people: Vec<_> =
                    people(value.text).iter().map(|(name, url)| json!({"name": name, "url": url})).collect();
                out.insert("authors".to_owned(), Value::Array(people));
                continue;
            }
            "tags" => Some(Value::Array(
                list(value.text)
                    .filter_map(|tag| string(tag.text))
                    .map(|(tag, _)| Value::String(tag))
                    .collect(),
            )),
            "attachments" => {
                Some(Value::Array(list(value.text).filter_map(|one| attachment(one.text)).collect()))
            }
            _ => None,
        };
        if let Some(value) = value {
            out.insert(name, value);
        }
    }
    Value::Object(out)
}

/// Elements of an array, or the value itself where an array belongs.
fn list(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let array = text.starts_with('[');
    let one = (!array).then_some(Piece { text, start: 0, whole: true });
    pieces(text).filter(|_| array).into_iter().flatten().chain(one).take(MAX_EACH)
}

/// The member of an object, as words.
fn words(object: &str, wanted: &str) -> Option<String> {
    let mut members = pieces(object).into_iter().flatten().filter_map(member);
    let (_, value) = members.find(|(name, _)| name == wanted)?;
    string(value.text).and_then(|(text, _)| clean(&text))
}

/// Names and pages of an author, or of a list of them; a mere string is a name.
fn people(text: &str) -> Vec<(Option<String>, Option<String>)> {
    let person = |piece: Piece<'_>| match string(piece.text) {
        Some((name, _)) => (clean(&name), None),
        None => (words(piece.text, "name"), words(piece.text, "url")),
    };
    list(text).map(person).collect()
}

fn person((name, uri): (Option<String>, Option<String>)) -> Option<Person> {
    name.as_ref()?;
    Some(Person { name, email: None, uri })
}

fn attachment(object: &str) -> Option<Value> {
    let size: Option<u64> = words(object, "size_in_bytes").and_then(|size| size.parse().ok());
    Some(json!({
        "url": words(object, "url")?,
        "mime_type": words(object, "mime_type").unwrap_or_default(),
        "title": words(object, "title"),
        "size_in_bytes": size,
    }))
}

/// An item with what feed-rs leaves out.
fn topped_up(mut said: Said, item: &str) -> Said {
    for (name, value) in pieces(item).into_iter().flatten().filter_map(member) {
        let words = || string(value.text).and_then(|(text, _)| clean(&text));
        match name.as_str() {
            "image" | "banner_image" => said.media_content.extend(words().map(picture)),
            "language" => said.language = words(),
            _ => {}
        }
    }
    let is_enclosure = |link: &&Link| link.rel.as_deref() == Some("enclosure");
    said.enclosures = said.links.iter().filter(is_enclosure).cloned().collect();
    said
}

fn plain(value: String) -> Text {
    Text { value, mime: "text/plain".to_owned(), language: None, base: None, src: None }
}

fn link(href: String, rel: &str) -> Link {
    Link { href, rel: Some(rel.to_owned()), ..Link::default() }
}
