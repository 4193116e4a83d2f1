//! Texts: markup inside an element that holds one text, and what the text is in the end.

use super::{Attributes, Frame, Walk, owned, value};
use crate::dialect::{El, Family};
use crate::html;
use crate::lex::{local, prefix};
use crate::raw::Text;
use crate::refs;
use base64::Engine;

/// An element whose inside is one text.
#[derive(Debug)]
pub(crate) struct Flat {
    /// Elements of the same name open inside.
    nested: usize,
    /// The text is kept as markup: its references stay.
    markup: bool,
    /// Start tags that were dropped, whose end tags go too.
    dropped: usize,
}

impl Flat {
    pub(crate) fn is_markup(&self) -> bool {
        self.markup
    }

    /// A start tag in the text of `outer`: it becomes part of the text.
    pub(crate) fn open(&mut self, out: &mut String, outer: &str, name: &str, attrs: &str, empty: bool) {
        let own = local(name);
        if !self.markup {
            // Escaped markup in a wrapper that is not escaped says no more than without it.
            if own.eq_ignore_ascii_case("div") && !empty {
                self.dropped += 1;
                return;
            }
            self.markup = true;
        }
        self.nested += usize::from(name == outer && !empty);
        out.push('<');
        out.push_str(own);
        let attrs = attrs.trim_end();
        if !attrs.is_empty() {
            if !attrs.starts_with(|c: char| c.is_ascii_whitespace()) {
                out.push(' ');
            }
            if html::spells_xmlns(attrs) && !matches!(own, "svg" | "math") {
                html::without_xmlns(attrs, out);
            } else {
                refs::markup(attrs, true, out);
            }
        }
        match (empty, html::is_void(own)) {
            (_, true) => out.push_str(" />"),
            (true, false) => {
                out.push_str("></");
                out.push_str(own);
                out.push('>');
            }
            (false, false) => out.push('>'),
        }
    }

    /// An end tag in the text of `outer`; true when it ends the text.
    pub(crate) fn close(&mut self, out: &mut String, outer: &str, name: &str) -> bool {
        if name.eq_ignore_ascii_case(outer) {
            if self.nested == 0 {
                return true;
            }
            self.nested -= 1;
        }
        let own = local(name);
        if self.dropped > 0 && own.eq_ignore_ascii_case("div") {
            self.dropped -= 1;
        } else if !html::is_void(own) {
            self.markup = true;
            out.push_str("</");
            out.push_str(own);
            out.push('>');
        }
        false
    }
}

/// What a text claims to be.
struct Claim {
    mime: String,
    base64: bool,
}

impl Claim {
    fn of(el: El, attributes: &Attributes<'_>) -> Self {
        let usual = match el {
            El::Description | El::MediaDescription | El::Encoded => "text/html",
            El::Body => "application/xhtml+xml",
            _ => "text/plain",
        };
        let given = value(attributes, "type").map(str::to_ascii_lowercase);
        let mime = match given.as_deref() {
            None => usual.to_owned(),
            Some("text" | "plain") => "text/plain".to_owned(),
            Some("html") => "text/html".to_owned(),
            Some("xhtml") => "application/xhtml+xml".to_owned(),
            Some(other) => other.to_owned(),
        };
        let textual = mime.starts_with("text/") || mime.ends_with("+xml") || mime.ends_with("/xml");
        let base64 = value(attributes, "mode") == Some("base64") || !textual && mime.contains('/');
        Self { mime, base64 }
    }
}

impl<'a> Walk<'a> {
    /// Prepares the last element opened to hold a text.
    pub(super) fn begin_text(&mut self) {
        let Some(frame) = self.stack.last_mut() else { return };
        let xhtml = match value(&frame.attributes, "type") {
            Some(mime) => {
                mime.eq_ignore_ascii_case("xhtml") || mime.eq_ignore_ascii_case("application/xhtml+xml")
            }
            None => frame.el == El::Body,
        };
        frame.flat = Some(Flat { nested: 0, markup: xhtml, dropped: 0 });
    }

    /// The text of an element that is closed; none when it is empty.
    pub(super) fn end_text(&mut self, frame: &mut Frame<'a>) -> Option<Text> {
        let mut claim = Claim::of(frame.el, &frame.attributes);
        let mut value = trimmed(std::mem::take(&mut frame.text));
        let markup = frame.flat.as_ref().is_some_and(Flat::is_markup);
        if claim.base64 {
            value = decoded(value);
        }
        if markup && !claim.mime.ends_with("xml") {
            claim.mime = "application/xhtml+xml".to_owned();
        }
        if markup && self.scope.is_atom_1() {
            value = html::unwrapped(value);
        }
        if self.family != Family::Atom && claim.mime == "text/plain" && html::looks_like_html(&value) {
            claim.mime = "text/html".to_owned();
        }
        if matches!(claim.mime.as_str(), "text/html" | "application/xhtml+xml") {
            value = html::resolve(value, |address| self.scope.resolved(address));
        }
        value = crate::charset::restored(value);
        let src = owned(&frame.attributes, "src").filter(|_| frame.el == El::Content);
        let src = src.map(|src| self.scope.resolve(&src));
        (!value.is_empty() || src.is_some()).then(|| Text {
            value,
            src,
            mime: claim.mime,
            language: self.scope.language(),
            base: self.scope.base(),
        })
    }
}

fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    let blanks = text.len() - text.trim_start().len();
    if blanks > 0 {
        text.drain(..blanks);
    }
    text
}

/// Text in base64; as it is when it is not.
fn decoded(text: String) -> String {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(digits).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map_or(text, trimmed)
}

/// True when `tag` cannot belong to the text of the open element `open`, which was never closed.
pub(super) fn ends_text(family: Family, open: El, name: &str, attrs: &str) -> bool {
    let bare = attrs.trim().is_empty();
    let heading = matches!(open, El::Title | El::Subtitle | El::MediaTitle);
    match family {
        Family::Atom => match name {
            "id" | "updated" | "published" | "content" | "modified" | "issued" => true,
            "link" | "author" | "summary" | "category" => heading,
            _ => false,
        },
        Family::Rss | Family::Rdf => match name {
            "guid" | "pubDate" | "content:encoded" | "dc:creator" | "dc:date" | "enclosure"
            | "lastBuildDate" => true,
            "link" | "category" | "author" | "comments" => bare || heading,
            "description" => heading,
            _ => false,
        },
        Family::Sitemap => !prefix(name).is_empty() || name == "loc",
    }
}
