//! What feed-rs leaves out of an item: read off the item's own source.

use crate::dialect::Family;
use crate::lex::{Lexer, Token, attribute, local, prefix};
use crate::map::{clean, push_media};
use crate::refs::resolve;
use model::{Link, MediaLink};

/// Additions to an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Extra {
    /// RSS `isPermaLink`, true when it is not said otherwise.
    pub(crate) permalink: Option<bool>,
    /// `rdf:about`.
    pub(crate) about: Option<String>,
    /// Links of `atom:link` inside RSS.
    pub(crate) links: Vec<Link>,
    /// Enclosures beside Media RSS, thumbnails outside `media:content`.
    pub(crate) media: Vec<MediaLink>,
    /// `dc:subject`.
    pub(crate) subjects: Vec<String>,
    pub(crate) published: Option<String>,
    pub(crate) updated: Option<String>,
    pub(crate) rights: Option<String>,
    pub(crate) language: Option<String>,
}

/// Subjects and links of one item.
const MAX_EACH: usize = 64;

/// Reads the source of one well-formed item.
pub(crate) fn read(item: &str, family: Family) -> Extra {
    let mut extra = Extra::default();
    let mut depth = 0_usize;
    let mut field: Option<(&str, String)> = None;
    for lexeme in Lexer::new(item) {
        match lexeme.token {
            Token::Open { name, attrs, empty } => {
                if !attrs.is_empty() || name == "guid" {
                    extra.tag(name, attrs, depth, family);
                }
                if depth == 1 && wanted(name) && !empty {
                    field = Some((name, String::new()));
                }
                depth += usize::from(!empty);
            }
            Token::Close(_) => {
                depth = depth.saturating_sub(1);
                if depth == 1
                    && let Some((name, text)) = field.take()
                {
                    extra.field(name, &text);
                }
            }
            Token::Text(text) => {
                if let Some((_, field)) = &mut field {
                    field.push_str(&resolve(text));
                }
            }
            Token::CData(text) => {
                if let Some((_, field)) = &mut field {
                    field.push_str(text);
                }
            }
            Token::Skip => {}
        }
    }
    extra
}

fn wanted(name: &str) -> bool {
    matches!(
        name,
        "dc:subject"
            | "dc:rights"
            | "dc:language"
            | "language"
            | "copyright"
            | "media:copyright"
            | "dcterms:issued"
            | "dcterms:created"
            | "dcterms:modified"
            | "dcterms:date"
            | "dc:modified"
    )
}

impl Extra {
    fn tag(&mut self, name: &str, attrs: &str, depth: usize, family: Family) {
        let value = |wanted: &str| attribute(attrs, wanted).map(resolve).as_deref().and_then(clean);
        match local(name) {
            "guid" if family != Family::Atom && depth == 1 => {
                self.permalink =
                    Some(!value("isPermaLink").is_some_and(|said| said.eq_ignore_ascii_case("false")));
            }
            "enclosure" if family != Family::Atom && depth == 1 => {
                let Some(url) = value("url") else { return };
                let length = value("length").and_then(|length| length.parse().ok());
                push_media(
                    &mut self.media,
                    MediaLink { url, mime: value("type"), length, ..MediaLink::default() },
                );
            }
            "thumbnail" | "image" if prefix(name) == "media" || prefix(name) == "itunes" => {
                let Some(url) = value("url").or_else(|| value("href")) else { return };
                let pixels = |side: &str| value(side).and_then(|side| side.parse().ok());
                let (width, height) = (pixels("width"), pixels("height"));
                push_media(&mut self.media, MediaLink { url, width, height, ..MediaLink::default() });
            }
            "link" if family != Family::Atom && depth == 1 && self.links.len() < MAX_EACH => {
                let Some(href) = value("href") else { return };
                self.links.push(Link { href, rel: value("rel"), mime: value("type") });
            }
            _ if depth == 0 => self.about = value("rdf:about"),
            _ => {}
        }
        if depth <= 1 && self.language.is_none() && attrs.contains("xml:lang") {
            self.language = value("xml:lang");
        }
    }

    fn field(&mut self, name: &str, text: &str) {
        let Some(text) = clean(text) else { return };
        match name {
            "dc:subject" if self.subjects.len() < MAX_EACH => self.subjects.push(text),
            "dc:rights" | "copyright" | "media:copyright" => self.rights = self.rights.take().or(Some(text)),
            "dc:language" | "language" => self.language = Some(text),
            "dcterms:modified" | "dc:modified" => self.updated = Some(text),
            "dcterms:issued" | "dcterms:created" | "dcterms:date" => {
                self.published = self.published.take().or(Some(text));
            }
            _ => {}
        }
    }
}
