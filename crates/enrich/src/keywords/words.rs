//! Words as YAKE! counts them.

use crate::analysis::Passage;
use std::collections::{HashMap, HashSet};

/// A run of words between two marks.
pub(super) type Chunk<'a> = Vec<Occurrence<'a>>;

/// One word of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurrence<'a> {
    /// As written.
    pub(super) text: &'a str,
    /// Number of the word, whatever its case and plural.
    pub(super) term: usize,
    pub(super) kind: Kind,
    /// Says nothing by itself.
    pub(super) is_idle: bool,
}

impl Occurrence<'_> {
    /// Whether it can be company and part of a phrase.
    pub(super) fn counts(&self) -> bool {
        self.kind != Kind::Figure
    }
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number, or letters and figures mixed.
    Figure,
    /// In capitals.
    Acronym,
    /// With a capital, not at the beginning of a sentence.
    Capital,
    Plain,
}

/// All sentences, in runs of words. Words beyond `limit` are left out.
pub(super) fn sentences<'a>(
    passages: &[Passage<'a>],
    idle: &HashSet<&'static str>,
    limit: usize,
) -> Vec<Vec<Chunk<'a>>> {
    let mut terms: HashMap<String, usize> = HashMap::new();
    let mut seen = 0;
    let mut out = Vec::new();
    for passage in passages {
        for range in &passage.sentences {
            let mut chunks: Vec<Chunk<'a>> = vec![Vec::new()];
            let mut place = 0;
            for at in range.clone() {
                let text = passage.word(at);
                // A genitive's end is no word: it belongs to the one before.
                if is_ending(text) {
                    continue;
                }
                if !text.chars().any(char::is_alphanumeric) {
                    chunks.push(Vec::new());
                    continue;
                }
                seen += 1;
                if limit < seen {
                    break;
                }
                let occurrence = occurrence(text, place, idle, &mut terms);
                place += 1;
                if let Some(chunk) = chunks.last_mut() {
                    chunk.push(occurrence);
                }
            }
            out.push(chunks);
        }
    }
    out
}

fn is_ending(text: &str) -> bool {
    text.strip_prefix(['\'', '’']).is_some_and(|rest| !rest.is_empty()) || matches!(text, "n't" | "n’t")
}

fn occurrence<'a>(
    text: &'a str,
    place: usize,
    idle: &HashSet<&'static str>,
    terms: &mut HashMap<String, usize>,
) -> Occurrence<'a> {
    let lower = text.to_lowercase();
    // "reports" and "report" are one.
    let stem = lower.strip_suffix('s').filter(|stem| 2 < stem.len()).unwrap_or(&lower);
    let is_idle = idle.contains(lower.as_str()) || lower.chars().count() < 3;
    let count = terms.len();
    let term = match terms.get(stem) {
        Some(term) => *term,
        None => {
            terms.insert(stem.to_owned(), count);
            count
        }
    };
    Occurrence { text, term, kind: kind(text, place), is_idle }
}

fn kind(text: &str, place: usize) -> Kind {
    let has_figure = text.chars().any(|c| c.is_numeric());
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    if has_figure {
        Kind::Figure
    } else if letters().all(char::is_uppercase) && 1 < letters().count() {
        Kind::Acronym
    } else if 0 < place && text.chars().next().is_some_and(char::is_uppercase) {
        Kind::Capital
    } else {
        Kind::Plain
    }
}
