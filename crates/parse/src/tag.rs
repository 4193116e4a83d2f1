//! Start tags on their way through the rewriter: names, attributes and types that feed-rs knows.

use crate::dialect::{ATOM, Family, RSS1, namespace};
use crate::guard::{MAX_ATTRIBUTES, MAX_BASE, MAX_WORD};
use crate::lex::{attributes, is_name, local, prefix};
use crate::refs;
use crate::repair::Rewriter;
use crate::report::Mend;
use std::borrow::Cow;

/// A start tag as the source has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) attrs: &'a str,
    pub(crate) empty: bool,
}

type Attributes<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// A start tag as it is written; values still hold the source's references.
#[derive(Debug)]
pub(crate) struct Element<'a> {
    pub(crate) name: &'a str,
    pub(crate) attributes: Attributes<'a>,
    /// Its inside must be empty.
    pub(crate) hollow: bool,
    /// Its inside is XHTML.
    pub(crate) raw: bool,
}

/// Prefixes that may be in scope at once; the reader behind feed-rs stops at 128.
const MAX_PREFIXES: usize = 96;

/// The root element, whatever it looked like.
pub(crate) fn root<'a>(rewriter: &mut Rewriter<'a>, tag: &Tag<'a>, family: Family, at: usize) -> Element<'a> {
    let mut attributes = collect(rewriter, tag, at);
    let value = |attributes: &Attributes<'a>, name: &str| {
        attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned())
    };
    let mut name = tag.name;
    match family {
        Family::Rss | Family::Sitemap => {
            name = "rss";
            let version = value(&attributes, "version");
            // A default namespace on <rss> would take its elements away from RSS.
            attributes.retain(|(key, _)| key != "version" && key != "xmlns");
            let usual = version.filter(|version| matches!(version.as_str(), "2.0" | "0.91" | "0.92"));
            if usual.is_none() {
                rewriter.note(Mend::Root, at);
            }
            attributes.push(("version".into(), usual.map_or("2.0".into(), Cow::Owned)));
        }
        Family::Atom => {
            rewriter.atom03 |= value(&attributes, "version").is_some_and(|version| version.starts_with("0."));
            bind(&mut attributes, name, ATOM);
        }
        Family::Rdf => {
            attributes.retain(|(key, value)| key != "xmlns" || value == RSS1);
            attributes.extend(
                rewriter
                    .undeclared(name, at)
                    .map(|(prefix, uri)| (format!("xmlns:{prefix}").into(), uri.into())),
            );
        }
    }
    Element { name, attributes, hollow: false, raw: false }
}

/// Binds the prefix of `name` to `uri`, whatever it was bound to.
fn bind(attributes: &mut Attributes<'_>, name: &str, uri: &'static str) {
    let key = match prefix(name) {
        "" => "xmlns".to_owned(),
        prefix => format!("xmlns:{prefix}"),
    };
    attributes.retain(|(known, _)| *known != key);
    attributes.push((key.into(), uri.into()));
}

/// Any other element.
pub(crate) fn element<'a>(
    rewriter: &mut Rewriter<'a>,
    tag: &Tag<'a>,
    family: Family,
    at: usize,
) -> Element<'a> {
    let attributes = collect(rewriter, tag, at);
    let mut element = Element { name: tag.name, attributes, hollow: false, raw: false };
    if rewriter.atom03 {
        element.name = match tag.name {
            "tagline" => "subtitle",
            "modified" => "updated",
            "issued" | "created" => "published",
            "copyright" => "rights",
            "url" => "uri",
            name => name,
        };
    }
    if let Some((prefix, uri)) = rewriter.undeclared(tag.name, at) {
        element.attributes.push((format!("xmlns:{prefix}").into(), uri.into()));
    }
    if family.holds_text(tag.name) || local(tag.name) == "content" {
        text_type(rewriter, &mut element, tag, family, at);
    }
    element
}

/// Says what a text is in the words that feed-rs knows; over others it drops the whole feed.
fn text_type<'a>(
    rewriter: &mut Rewriter<'a>,
    element: &mut Element<'a>,
    tag: &Tag<'a>,
    family: Family,
    at: usize,
) {
    let own = prefix(tag.name);
    let find = |element: &Element<'a>, name: &str| {
        element
            .attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_ascii_lowercase())
    };
    let given = find(element, "type");
    if matches!(own, "media" | "itunes") || family != Family::Atom {
        if local(tag.name) != "content" && !matches!(given.as_deref(), None | Some("plain" | "html")) {
            element.attributes.retain(|(key, _)| key != "type");
        }
        return;
    }
    let mode = find(element, "mode");
    if local(tag.name) == "content" && element.attributes.iter().any(|(key, _)| key == "src") {
        // feed-rs wants a MIME type, and nothing inside.
        element.hollow = true;
        let mime = given.is_none_or(|given| given.contains('/') && given.len() <= MAX_WORD);
        element.attributes.retain(|(key, _)| key != "type" || mime);
        return;
    }
    let kind = match (mode.as_deref(), given.as_deref()) {
        (Some("escaped"), Some("text/plain" | "text")) => "text",
        (Some("escaped"), _) => "html",
        (_, None | Some("" | "text" | "text/plain" | "plain")) => "text",
        (_, Some("xhtml" | "application/xhtml+xml" | "application/xhtml" | "text/xhtml")) => "xhtml",
        // Before Atom 1.0, text/html without a mode was XML.
        (None, Some("text/html")) if rewriter.atom03 => "xhtml",
        (_, Some("html" | "text/html")) => "html",
        (_, Some(other)) => {
            if !other.contains('/') {
                rewriter.note(Mend::Type, at);
            }
            "html"
        }
    };
    element.attributes.retain(|(key, _)| key != "type" && key != "mode");
    element.raw = kind == "xhtml";
    element.attributes.push(("type".into(), if element.raw { "html" } else { kind }.into()));
}

/// The attributes worth keeping.
fn collect<'a>(rewriter: &mut Rewriter<'a>, tag: &Tag<'a>, at: usize) -> Attributes<'a> {
    let mut kept = Attributes::new();
    let timed = matches!(local(tag.name), "thumbnail" | "text");
    for (key, value, odd) in attributes(tag.attrs) {
        if odd {
            rewriter.note(Mend::Attribute, at);
        }
        if kept.len() == MAX_ATTRIBUTES {
            rewriter.defuse("a tag has more attributes than any feed needs; the rest is left out", at);
            break;
        }
        if !is_name(key) || kept.iter().any(|(known, _)| *known == key) {
            if !odd {
                rewriter.note(Mend::Attribute, at);
            }
            continue;
        }
        let value: Cow<'a, str> = if key == "xmlns" || key.starts_with("xmlns:") {
            if rewriter.prefixes.len() >= MAX_PREFIXES || value.len() > MAX_BASE {
                continue;
            }
            rewriter.atom03 |= value.to_ascii_lowercase().contains("purl.org/atom/ns");
            rewriter.prefixes.extend(key.strip_prefix("xmlns:"));
            namespace(value).map_or(Cow::Borrowed(value), Cow::Borrowed)
        } else if key == "xml:base" {
            if !rewriter.keep_base {
                continue;
            }
            let bad =
                matches!(url::Url::parse(value), Err(e) if e != url::ParseError::RelativeUrlWithoutBase);
            if bad {
                rewriter.note(Mend::Attribute, at);
                continue;
            }
            Cow::Borrowed(value)
        } else if timed && matches!(key, "time" | "start" | "end") {
            // feed-rs panics on times that overflow; nobody reads them.
            continue;
        } else {
            Cow::Borrowed(value)
        };
        kept.push((Cow::Borrowed(key), value));
    }
    kept
}

/// Writes attributes; where the value of a `type="text"` went.
pub(crate) fn write_attributes<'a>(
    rewriter: &mut Rewriter<'a>,
    attributes: &Attributes<'a>,
    at: usize,
) -> Option<usize> {
    let mut type_at = None;
    for (key, value) in attributes {
        let out = rewriter.output();
        out.push(' ');
        out.push_str(key);
        out.push_str("=\"");
        if key == "type" && value == "text" {
            type_at = Some(out.len());
        }
        if refs::mend_attribute(value, out) {
            rewriter.note(Mend::Reference, at);
        }
        rewriter.output().push('"');
    }
    type_at
}

/// True when `tag` cannot belong to the text of the open element `open`, which was never closed.
pub(crate) fn ends_text(family: Family, open: &str, tag: &Tag<'_>) -> bool {
    let bare = tag.attrs.trim().is_empty();
    let heading = matches!(local(open), "title" | "subtitle");
    match family {
        Family::Atom => match tag.name {
            "id" | "updated" | "published" | "content" | "modified" | "issued" => true,
            "link" | "author" | "summary" | "category" => heading,
            _ => false,
        },
        Family::Rss | Family::Rdf | Family::Sitemap => match tag.name {
            "guid" | "pubDate" | "content:encoded" | "dc:creator" | "dc:date" | "enclosure"
            | "lastBuildDate" => true,
            "link" | "category" | "author" | "comments" => bare || heading,
            "description" => heading,
            _ => false,
        },
    }
}
