//! A document comes in; entries, what the publisher says of the feed, and flaws go out.
//!
//! RSS 0.9x to 2.0, Atom, JSON Feed and news sitemaps. A text is decoded, guarded and read by feed-rs; what
//! cannot be read so is repaired and read again; what still cannot is read item by item, so that one item
//! never costs its neighbours. Every item is an entry or a `LostItem` flaw.
//!
//! Nothing here is resolved, cleaned or judged beyond what reading needs. No IO, no clock, no recursion
//! over input, no panic that leaves the crate; work is linear in the length of the body.

mod charset;
mod date;
mod dialect;
mod extra;
mod guard;
mod hints;
mod index;
mod json;
mod json_scan;
mod lex;
mod map;
mod read;
mod refs;
mod repair;
mod report;
mod salvage;
mod sitemap;
mod sniff;
mod tag;
mod xml;

pub use hints::{Hints, hints};
pub use index::{Listed, index};

use model::{Document, Flaw, FlawKind, Parsed};
use record::ParseMode;

/// Why a document brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The body is no feed of a kind that is read.
    #[error("the body is not a feed but {what}")]
    NotAFeed {
        /// What it is instead; completes "the body is …".
        what: String,
    },
    /// The body is a feed that could not be read, even after repair.
    #[error("the feed could not be read, even after repair: {reason}")]
    Unreadable {
        /// What the reader said last.
        reason: String,
    },
}

/// Reads a document.
///
/// The body may be of any encoding and any state of repair; its `Content-Type` is evidence for the encoding
/// only. Links of RSS and Atom come out resolved against `xml:base` and the document's address where they are
/// relative, since feed-rs does so; all others as given. At most 10,000 items are read.
pub fn parse(document: &Document) -> Result<Parsed, Error> {
    let not_a_feed = |what: String| Error::NotAFeed { what };
    if let Some(what) = sniff::binary(&document.body) {
        return Err(not_a_feed(what.to_owned()));
    }
    let decoded = charset::decode(&document.body, document.content_type.as_deref());
    let mut parsed = match sniff::sniff(&decoded.text).map_err(not_a_feed)? {
        sniff::Kind::Json { start } => json::parse(&decoded, start)?,
        sniff::Kind::Xml { family: dialect::Family::Sitemap, start } => sitemap::parse(&decoded, start)?,
        sniff::Kind::Xml { family, start } => xml::parse(&decoded, family, start, document.url.as_str())?,
    };
    if let Some(detail) = decoded.flaw {
        parsed.flaws.insert(0, Flaw { kind: FlawKind::Encoding, item: None, offset: None, detail });
        if parsed.mode == ParseMode::Strict {
            parsed.mode = ParseMode::Repaired;
        }
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests;
