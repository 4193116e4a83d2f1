//! What a page says of itself outside its text: `meta`, `link`, linked data. Everything as given; what it
//! means is decided in `about`.

use crate::text::{Attribute, attributes, resolved};

/// Entries of each kind that are kept. The busiest of 500 pages had 139 `meta` elements.
const NOTES_MAX: usize = 300;
/// Bytes of a value that is kept.
const VALUE_MAX: usize = 20_000;

/// What a page says of itself.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// `<html lang>`.
    pub(super) language: Option<String>,
    /// `<title>`, references and all.
    pub(super) title: Option<String>,
    /// Markup inside the first `<h1>`.
    pub(super) heading: Option<String>,
    /// `name`, `property`, `itemprop` or `http-equiv` in lower case, and `content`.
    pub(super) metas: Vec<(String, String)>,
    /// `rel` in lower case, and `href`.
    pub(super) links: Vec<(String, String)>,
    /// `datetime` of the first `<time>` that has one.
    pub(super) times: Vec<String>,
    /// Contents of `<script type="application/ld+json">`.
    pub(super) linked_data: Vec<String>,
}

impl Head {
    /// Notes an element by its name and the text of its attributes.
    pub(super) fn note(&mut self, element: &str, text: &str) {
        let found: Vec<Attribute<'_>> = attributes(text).take(32).collect();
        let value = |wanted: &str| {
            let attribute = found.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(wanted))?;
            let value = attribute.value.trim();
            (!value.is_empty() && value.len() <= VALUE_MAX).then(|| resolved(value))
        };
        match element.to_ascii_lowercase().as_str() {
            "html" => {
                self.language = self.language.take().or_else(|| value("lang").or_else(|| value("xml:lang")))
            }
            "time" => self.times.extend(value("datetime")),
            "link" if self.links.len() < NOTES_MAX => {
                if let (Some(rel), Some(href)) = (value("rel"), value("href")) {
                    self.links.push((rel.to_ascii_lowercase(), href));
                }
            }
            "meta" if self.metas.len() < NOTES_MAX => {
                let Some(content) = value("content") else { return };
                for key in ["property", "name", "itemprop", "http-equiv"] {
                    if let Some(name) = value(key) {
                        self.metas.push((name.to_ascii_lowercase(), content.clone()));
                    }
                }
            }
            _ => {}
        }
    }

    /// The first value under the first of `names` that has one.
    pub(super) fn meta(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let found = self.metas.iter().find(|(known, _)| known == name)?;
            Some(found.1.as_str())
        })
    }

    /// All values under a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(move |(known, _)| known == name).map(|(_, content)| content.as_str())
    }

    /// The first target of a link with this relation.
    pub(super) fn link(&self, rel: &str) -> Option<&str> {
        let found = self.links.iter().find(|(known, _)| known.split_ascii_whitespace().any(|one| one == rel));
        found.map(|(_, href)| href.as_str())
    }
}
