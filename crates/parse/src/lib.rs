//! A document comes in; entries, what the publisher says of the feed, and flaws go out.
//!
//! RSS 0.9x to 2.0, Atom 0.3 and 1.0, CDF, JSON Feed and news sitemaps. A text is decoded and read in one tolerant
//! walk, whatever its state, so that one item never costs its neighbours; JSON Feed is read by feed-rs, and
//! member by member where that refuses. Every item is an entry or a `LostItem` flaw.
//!
//! Nothing here is cleaned or judged beyond what reading needs. No IO, no clock, no recursion over input, no
//! panic that leaves the crate; work is linear in the length of the body.

#[cfg(test)]
extern crate self as parse;

mod charset;
mod dialect;
mod hints;
mod html;
mod index;
mod json;
mod json_map;
mod json_read;
mod json_scan;
mod lex;
mod limits;
mod map;
mod raw;
mod refs;
mod report;
mod sniff;
mod walk;
mod xml;

pub use hints::{Hints, hints};
pub use index::{Listed, index};
use model::{Document, Flaw, FlawKind, Parsed};
pub use raw::{Generator, Image, Link, Media, Person, Raw, Said, Tag, Text};
use record::ParseMode;
use url::Url;

/// Why a document brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The body is no feed of a kind that is read.
    #[error("the body is not a feed but {what}")]
    NotAFeed {
        /// What it is instead; completes "the body is …".
        what: String,
    },
}

impl Error {
    /// Whether a page for people came instead of a feed.
    pub fn is_html_page(&self) -> bool {
        let Self::NotAFeed { what } = self;
        what == sniff::HTML_PAGE
    }
}

/// Reads a document.
///
/// The body may be of any encoding and any state of repair; its `Content-Type` is evidence for the encoding
/// only. Addresses come out resolved against `xml:base` and the document's address where they are relative,
/// those in HTML too; absolute ones as given. At most 10,000 items are read.
///
/// # Errors
/// When the body is no feed of a kind that is read.
pub fn parse(document: &Document) -> Result<Parsed, Error> {
    let content_type = document.content_type.as_deref();
    let raw = read(&document.body, content_type, Some(&document.url))?;
    if !raw.sitemaps.is_empty() {
        let what = "a sitemap index, which only lists other sitemaps".to_owned();
        return Err(Error::NotAFeed { what });
    }
    Ok(map::parsed(raw))
}

/// Reads a body and tells all that it says, in one model for all formats. Without a `base`, relative addresses
/// stay as they are unless the document names one.
///
/// # Errors
/// When the body is no feed of a kind that is read.
pub fn read(body: &[u8], content_type: Option<&str>, base: Option<&Url>) -> Result<Raw, Error> {
    let not_a_feed = |what: String| Error::NotAFeed { what };
    if let Some(what) = sniff::binary(body) {
        return Err(not_a_feed(what.to_owned()));
    }
    let decoded = charset::decode(body, content_type);
    let mut raw = match sniff::sniff(&decoded.text).map_err(not_a_feed)? {
        sniff::Kind::Json { start } => json::parse(&decoded, start)?,
        sniff::Kind::Xml { family, start } => xml::parse(&decoded, family, start, base)?,
    };
    if let Some(detail) = decoded.flaw {
        raw.flaws.insert(0, Flaw { kind: FlawKind::Encoding, item: None, offset: None, detail });
        if raw.parse_mode == ParseMode::Strict {
            raw.parse_mode = ParseMode::Repaired;
        }
    }
    Ok(raw)
}

#[cfg(test)]
mod tests;
