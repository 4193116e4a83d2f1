//! Sitemap indexes: documents that only list other sitemaps.

use crate::charset;
use crate::json_map::clean;
use crate::lex::{Lexer, Token, local};
use crate::refs::resolved;
use jiff::Timestamp;
use model::{Date, Document};

/// The root of an index stands within this many bytes.
const HEAD: usize = 4096;
/// Sitemaps that are read of an index; the protocol allows 50,000.
const LISTED_MAX: usize = 50_000;

/// A sitemap that an index lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is, as given.
    pub location: String,
    /// When it last changed, where that is said.
    pub changed: Option<Timestamp>,
}

/// The sitemaps that a document lists; none: it is no sitemap index.
pub fn index(document: &Document) -> Option<Vec<Listed>> {
    // Most documents are none, and are told apart without a second look at all of them.
    let head = &document.body[..document.body.len().min(HEAD)];
    memchr::memmem::find(head, b"<sitemapindex")?;
    let decoded = charset::decode(&document.body, document.content_type.as_deref());
    let (mut is_index, mut listed, mut field) = (false, Vec::new(), "");
    let mut open: Option<Listed> = None;
    for lexeme in Lexer::new(&decoded.text) {
        match lexeme.token {
            Token::Open { name, .. } if !is_index => match local(name) {
                "sitemapindex" => is_index = true,
                _ => return None,
            },
            Token::Open { name, .. } if local(name) == "sitemap" => {
                listed.extend(open.take());
                open = Some(Listed { location: String::new(), changed: None });
            }
            Token::Open { name, .. } => field = local(name),
            Token::Close(name) => {
                field = "";
                if local(name) == "sitemap" {
                    listed.extend(open.take());
                }
            }
            Token::Text(text) | Token::CData(text) => {
                let Some((sitemap, text)) = open.as_mut().zip(clean(&resolved(text).0)) else { continue };
                match field {
                    "loc" => sitemap.location = text,
                    "lastmod" => sitemap.changed = Date::read(&text).instant,
                    _ => {}
                }
            }
            Token::Skip => {}
        }
        if LISTED_MAX <= listed.len() {
            break;
        }
    }
    listed.extend(open);
    listed.retain(|sitemap| !sitemap.location.is_empty());
    is_index.then_some(listed)
}
