//! Writes the markup that may be shown: known elements, attributes that say something, addresses that are
//! absolute and of the web, everything well nested and escaped. Nothing in it runs, loads a document or
//! changes how the page around it looks.

use super::build::is_kept;
use super::entities::{self, Meaning};
use super::nest::Nest;
use super::resolved;
use super::tags::{Attribute, Tag, attributes};
use crate::url::web;
use ::url::Url;
use memchr::memchr;

/// Depth of the markup.
const DEPTH_MAX: usize = 100;
/// Attributes of one tag that are looked at.
const ATTRIBUTES_MAX: usize = 32;

const ELEMENTS: [&str; 52] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "ul",
];

/// The markup so far.
pub(super) struct Safe<'a> {
    nest: Nest<'a>,
    base: &'a Url,
}

impl<'a> Safe<'a> {
    /// Resolves addresses against `base`.
    pub(super) fn new(base: &'a Url, expected: usize) -> Self {
        Self { nest: Nest::new(DEPTH_MAX, expected), base }
    }

    /// Writes text as it stands in the source, references and all.
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text;
        loop {
            let end = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
            let (plain, tail) = rest.split_at(end);
            plain.chars().for_each(|c| self.push(c));
            if tail.is_empty() {
                return;
            }
            let length = match entities::read(tail) {
                Some((meaning, length, _)) => {
                    match meaning {
                        Meaning::Char(c) => self.push(c),
                        Meaning::Text(text) => text.chars().for_each(|c| self.push(c)),
                        Meaning::Nothing => {}
                    }
                    length
                }
                None => {
                    self.push('&');
                    1
                }
            };
            rest = &tail[length..];
        }
    }

    /// Writes a tag, if it is one of those that may be shown.
    pub(super) fn tag(&mut self, tag: &Tag<'_>) {
        let found = ELEMENTS.iter().copied().find(|name| name.eq_ignore_ascii_case(tag.name));
        let Some(name) = found else { return };
        if tag.closing {
            return self.nest.end(name);
        }
        let kept = self.kept(name, tag.attributes);
        let needed = match name {
            "a" => Some("href"),
            "img" => Some("src"),
            _ => None,
        };
        if needed.is_some_and(|needed| !kept.iter().any(|(name, _)| *name == needed))
            || !self.nest.start(name)
        {
            return;
        }
        for (name, value) in kept {
            self.nest.out.push(' ');
            self.nest.out.push_str(name);
            self.nest.out.push_str("=\"");
            value.chars().for_each(|c| self.push(c));
            self.nest.out.push('"');
        }
        self.nest.out.push_str(if name == "a" { " rel=\"nofollow noopener\">" } else { ">" });
    }

    /// The attributes that stay, once each.
    fn kept(&self, element: &str, text: &str) -> Vec<(&'static str, String)> {
        let wanted: &[&'static str] = match element {
            "a" => &["href", "title"],
            "img" => &["src", "alt", "width", "height"],
            "td" | "th" => &["colspan", "rowspan"],
            "time" => &["datetime"],
            "bdo" | "bdi" => &["dir"],
            "ol" => &["start"],
            _ => return Vec::new(),
        };
        let mut kept: Vec<(&'static str, String)> = Vec::new();
        for Attribute { name, value } in attributes(text).take(ATTRIBUTES_MAX) {
            let Some(name) = wanted.iter().find(|wanted| wanted.eq_ignore_ascii_case(name)) else { continue };
            if kept.iter().any(|(known, _)| known == name) {
                continue;
            }
            let value = resolved(value);
            let value = match *name {
                "href" | "src" => web(&value, self.base).map(String::from),
                "title" | "alt" | "datetime" => Some(value),
                "dir" => matches!(value.as_str(), "ltr" | "rtl" | "auto").then_some(value),
                _ => value.parse::<u16>().ok().map(|number| number.to_string()),
            };
            kept.extend(value.map(|value| (*name, value)));
        }
        kept
    }

    fn push(&mut self, c: char) {
        match c {
            '&' => self.nest.out.push_str("&amp;"),
            '<' => self.nest.out.push_str("&lt;"),
            '>' => self.nest.out.push_str("&gt;"),
            '"' => self.nest.out.push_str("&quot;"),
            c if is_kept(c) => self.nest.out.push(c),
            _ => {}
        }
    }

    /// The markup, everything closed.
    pub(super) fn finish(self) -> String {
        self.nest.finish()
    }
}
