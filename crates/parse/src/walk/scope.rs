//! What holds from an element inwards: namespaces, `xml:base`, `xml:lang`.

use super::Attributes;
use crate::dialect::{Ns, namespace, usual};
use crate::limits::{MAX_BASE, MAX_NAMESPACES};
use std::sync::Arc;
use url::Url;

/// An address that relative ones are resolved against.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) text: Arc<str>,
    url: Url,
}

#[derive(Debug)]
pub(crate) struct Scope<'a> {
    /// Prefix, what it stands for, and the depth of the element that says so.
    namespaces: Vec<(&'a str, Ns, usize)>,
    /// An address, and how many elements stand around what it holds for: none around the document's own.
    bases: Vec<(Arc<Base>, usize)>,
    languages: Vec<(Option<Arc<str>>, usize)>,
    /// Bytes that resolving may still add.
    budget: usize,
    /// Something is declared to be Atom 1.0.
    atom_1: bool,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(base: Option<&Url>, text_len: usize) -> Self {
        let base = base.filter(|base| base.as_str().len() <= MAX_BASE);
        let base = base.map(|url| (Arc::new(Base { text: url.as_str().into(), url: url.clone() }), 0));
        Self {
            namespaces: Vec::new(),
            bases: base.into_iter().collect(),
            languages: Vec::new(),
            // A relative address grows by its base: by 60 bytes or so, many times. A bomb wants more.
            budget: (1 << 20) + 4 * text_len,
            atom_1: false,
        }
    }

    /// Takes in what the attributes of an element at `depth` declare.
    pub(crate) fn enter(&mut self, depth: usize, attributes: &Attributes<'a>) {
        for (key, value) in attributes {
            if let Some(prefix) = key.strip_prefix("xmlns") {
                let prefix = prefix.strip_prefix(':').unwrap_or(prefix);
                self.atom_1 |= value.to_ascii_lowercase().ends_with("//www.w3.org/2005/atom");
                let found = match namespace(value) {
                    // A default namespace that nobody knows is some feed's own.
                    Ns::Other if prefix.is_empty() && depth == 0 => Ns::Core,
                    // A usual prefix beside an unusual address is more likely a slip than a homonym.
                    Ns::Other if depth == 0 && usual(prefix) != Ns::Core => usual(prefix),
                    found => found,
                };
                if self.namespaces.len() < MAX_NAMESPACES {
                    self.namespaces.push((prefix, found, depth));
                }
            } else if *key == "xml:base" || key.eq_ignore_ascii_case("base") {
                if let Some(base) = self.join(value) {
                    self.bases.push((base, depth + 1));
                }
            } else if (*key == "xml:lang" || *key == "lang") && value.len() <= 64 {
                let value = value.trim().replace('_', "-");
                self.languages.push(((!value.is_empty()).then(|| value.into()), depth));
            }
        }
    }

    /// Forgets what the element at `depth` declared.
    pub(crate) fn leave(&mut self, depth: usize) {
        while self.namespaces.last().is_some_and(|(.., at)| *at >= depth) {
            self.namespaces.pop();
        }
        while self.bases.last().is_some_and(|(_, at)| *at > depth) {
            self.bases.pop();
        }
        while self.languages.last().is_some_and(|(_, at)| *at >= depth) {
            self.languages.pop();
        }
    }

    fn join(&self, given: &str) -> Option<Arc<Base>> {
        let given = &single_slashes(given.trim());
        if given.len() > MAX_BASE {
            return None;
        }
        let url = match self.bases.last() {
            Some((base, _)) => base.url.join(given).ok()?,
            None => Url::parse(given).ok()?,
        };
        let text = if Url::parse(given).is_ok() { given.as_ref().into() } else { Arc::from(url.as_str()) };
        (url.as_str().len() <= MAX_BASE && is_safe(url.scheme())).then(|| Arc::new(Base { text, url }))
    }

    pub(crate) fn namespace(&self, prefix: &str) -> Option<Ns> {
        self.namespaces.iter().rev().find(|(known, ..)| *known == prefix).map(|(_, ns, _)| *ns)
    }

    pub(crate) fn is_atom_1(&self) -> bool {
        self.atom_1
    }

    pub(crate) fn language(&self) -> Option<Arc<str>> {
        self.languages.last().and_then(|(language, _)| language.clone())
    }

    pub(crate) fn base(&self) -> Option<Arc<str>> {
        self.bases.last().map(|(base, _)| Arc::clone(&base.text))
    }

    /// True once an address could not be resolved for want of memory.
    pub(crate) fn spent(&self) -> bool {
        self.budget == 0
    }

    /// The address resolved; as given when it is absolute or there is nothing to resolve it against.
    pub(crate) fn resolve(&mut self, given: &str) -> String {
        self.resolved(given).unwrap_or_else(|| given.to_owned())
    }

    /// The address resolved, when that changes it.
    pub(crate) fn resolved(&mut self, given: &str) -> Option<String> {
        let (base, _) = self.bases.last()?;
        if self.spent() || is_absolute(given) || base.url.cannot_be_a_base() {
            return None;
        }
        let joined = String::from(base.url.join(given).ok()?);
        let added = joined.len().saturating_sub(given.len());
        if added > self.budget {
            self.budget = 0;
            return None;
        }
        self.budget -= added;
        Some(joined)
    }
}

/// `http:///host/` is a slip of the pen.
fn single_slashes(given: &str) -> std::borrow::Cow<'_, str> {
    match given.split_once(":///") {
        Some((scheme @ ("http" | "https"), rest)) => {
            format!("{scheme}://{}", rest.trim_start_matches('/')).into()
        }
        _ => given.into(),
    }
}

/// True for an address that begins with a scheme.
fn is_absolute(given: &str) -> bool {
    let scheme = given.bytes().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')));
    scheme.is_some_and(|len| len > 0 && given.as_bytes()[len] == b':')
        && given.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// True for schemes against which anything may be resolved.
fn is_safe(scheme: &str) -> bool {
    !matches!(scheme, "javascript" | "data" | "vbscript" | "about" | "blob")
}
