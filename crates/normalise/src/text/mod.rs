//! HTML or plain text to the plain text of the record: paragraphs parted by an empty line, list items
//! on lines, white space collapsed, NFC, no invisible or forbidden character. Linear in the input.

mod build;
mod entities;
mod html;
mod nest;
mod safe;
mod tags;

use crate::limits::cut;
use ::url::Url;
use build::Builder;
use model::{Text, TextKind};

#[cfg(test)]
pub(crate) use build::is_forbidden;
pub(crate) use nest::Nest;
pub(crate) use tags::{Attribute, attributes, tag_end, tag_name};

/// A text and whether its limit cut it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plain {
    pub(crate) text: String,
    pub(crate) cut: bool,
}

/// HTML to plain text, as the records carry it: at most [`Limits::text`](crate::Limits::text) characters.
pub fn to_text(html: &str) -> String {
    body(&Text { value: html.to_owned(), kind: TextKind::Html }, crate::LIMITS.text).text
}

/// HTML to markup that may be shown, and to plain text, in one walk: no script, handler, style, form, frame
/// or hidden part; links and images absolute against `base`, of `http` and `https` only. What was escaped
/// twice is read as what it was meant to be. Made safe twice it is the same.
pub fn to_safe_html(html: &str, base: &Url) -> (String, String) {
    let max = crate::LIMITS.text;
    let mut pass = html::scan(html, max, Some(base));
    if pass.tags == 0 && shows_markup(&pass.text) {
        pass = html::scan(&pass.text, max, Some(base));
    }
    let safe = pass.safe.take().unwrap_or_default();
    let mut text = settled(pass, max);
    cut(&mut text, max);
    (safe, text)
}

/// A text of several paragraphs, at most `max` characters.
pub(crate) fn body(text: &Text, max: usize) -> Plain {
    let mut plain = render(&text.value, text.kind, max);
    let cut = cut(&mut plain, max);
    Plain { text: plain, cut }
}

/// A text of one line, at most `max` characters.
pub(crate) fn line(text: &Text, max: usize) -> Plain {
    let mut plain = render(&text.value, text.kind, max);
    if plain.contains('\n') {
        plain = plain.replace("\n\n", " ").replace('\n', " ");
    }
    let cut = cut(&mut plain, max);
    Plain { text: plain, cut }
}

/// [`line()`] for text that is not marked as anything; None when nothing is left.
pub(crate) fn line_of(text: &str, max: usize) -> Option<String> {
    let plain = line(&Text { value: text.to_owned(), kind: TextKind::Plain }, max).text;
    (!plain.is_empty()).then_some(plain)
}

/// The value of an attribute, its references resolved.
pub(crate) fn resolved(value: &str) -> String {
    if value.contains('&') { lines(value, true, value.len()) } else { value.trim().to_owned() }
}

fn render(value: &str, kind: TextKind, max: usize) -> String {
    let html = match kind {
        TextKind::Html => has_tags(value),
        // Publishers put HTML where plain text is meant more often than they show tags to readers.
        TextKind::Plain => shows_markup(value),
    };
    if !html {
        let resolve = kind == TextKind::Html || entities::any(value);
        return unescaped(lines(value, resolve, max), max);
    }
    settled(html::scan(value, max, None), max)
}

/// The text of a pass, with what was escaped twice resolved.
fn settled(pass: html::Pass, max: usize) -> String {
    match (pass.tags, pass.code) {
        (0, _) => unescaped(pass.text, max),
        // Behind real tags only references are resolved again, and none where code is shown:
        // a text about HTML keeps its tags.
        (_, false) if entities::any(&pass.text) => lines(&pass.text, true, max),
        _ => pass.text,
    }
}

/// The second pass, for what was escaped twice.
fn unescaped(text: String, max: usize) -> String {
    if shows_markup(&text) {
        return html::scan(&text, max, None).text;
    }
    if entities::any(&text) { lines(&text, true, max) } else { text }
}

/// Text without tags, line ends kept.
fn lines(text: &str, resolve: bool, max: usize) -> String {
    let mut out = Builder::new(max, text.len());
    if resolve {
        html::push_resolved(&mut out, text, true)
    } else {
        out.push_lines(text)
    }
    out.finish()
}

fn has_tags(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes)
        .any(|at| matches!(bytes.get(at + 1), Some(b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!' | b'?')))
}

/// True when the text holds a tag that nobody writes for readers: `</p>`, `<br>`, `<img ...`.
fn shows_markup(text: &str) -> bool {
    const KNOWN: [&str; 24] = [
        "a",
        "b",
        "blockquote",
        "br",
        "center",
        "div",
        "em",
        "figure",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "i",
        "img",
        "li",
        "ol",
        "p",
        "span",
        "strong",
        "table",
        "u",
        "ul",
        "iframe",
    ];
    memchr::memchr_iter(b'<', text.as_bytes()).any(|at| {
        let inside = &text[at + 1..];
        let closing = inside.starts_with('/');
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let name = tags::tag_name(inside);
        let known = KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name));
        let after = inside.as_bytes().get(name.len());
        let alone = matches!(name.to_ascii_lowercase().as_str(), "p" | "br" | "img" | "a");
        let ends = after == Some(&b'>') || (!closing && matches!(after, Some(b' ' | b'/')));
        known && ends && (closing || alone)
    })
}

#[cfg(test)]
mod tests;
