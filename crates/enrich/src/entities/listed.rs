//! Names found by lists: the user's own in every language, the base's best known where there is no tagger.

use super::mentions::Mention;
use crate::analysis::{Analysis, Passage};
use crate::link::{Base, Item, OwnNames, WORDS_MAX, key};
use crate::tagger::Kind;
use record::Language;

/// Languages in which the base has the names of countries and capitals, and of what is written alike.
const LANGUAGES: [&str; 20] = [
    "ar", "cs", "da", "de", "es", "fa", "fr", "he", "hi", "it", "ja", "ko", "nl", "no", "pl", "pt", "ru",
    "sv", "uk", "zh",
];

/// What a name found by a list alone is worth.
const CONFIDENCE: f32 = 0.75;

/// Whether lists say enough of the language.
pub(super) fn speaks(language: Option<&Language>) -> bool {
    language
        .is_some_and(|language| LANGUAGES.iter().any(|code| language.code.split('-').next() == Some(code)))
}

/// The longest names of the base in the passages, as far as their words alone say enough.
pub(super) fn from_base(base: &Base, analysis: &Analysis<'_>) -> Vec<Mention> {
    let mut out = Vec::new();
    for (number, passage) in analysis.passages.iter().enumerate() {
        let mut at = 0;
        while at < passage.tokens.len() {
            let found = if may_begin(passage.word(at)) { longest(base, passage, at) } else { None };
            let length = found.map_or(1, |(length, _)| length);
            if let Some((length, kind)) = found {
                out.push(Mention::new(analysis, number, at..at + length, kind, CONFIDENCE));
            }
            at += length;
        }
    }
    out
}

/// Capitalised, or of a script without capitals.
fn may_begin(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase())
}

/// Not a mark, which names do not end with.
fn is_word(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric)
}

fn longest(base: &Base, passage: &Passage<'_>, at: usize) -> Option<(usize, Kind)> {
    let most = (passage.tokens.len() - at).min(WORDS_MAX);
    (1..=most).rev().filter(|length| is_word(passage.word(at + length - 1))).find_map(|length| {
        let name = slice(passage, at, length);
        // A name does not run over the end of a line.
        let item = (!name.contains('\n')).then(|| base.find(name).find(|item| says_enough(item, name)))??;
        Some((length, item.kind))
    })
}

/// Whether the words alone say what they name: countries and capitals, well-known people in full, well-known
/// organisations with more than one word or in capitals.
fn says_enough(item: &Item, name: &str) -> bool {
    let letters = name.chars().count();
    let words = name.split_whitespace().count();
    let unspaced = !name.is_ascii() && name.chars().all(|c| !c.is_uppercase() && !c.is_lowercase());
    match item.kind {
        Kind::Place => 0.85 <= item.prior && (4 <= letters || unspaced && 2 <= letters),
        Kind::Person => 0.3 <= item.prior && (2 <= words || unspaced && 3 <= letters),
        Kind::Organisation => {
            0.5 <= item.prior && (2 <= words || 3 <= letters && name.chars().all(char::is_uppercase))
        }
        Kind::Other => false,
    }
}

fn slice<'a>(passage: &Passage<'a>, at: usize, length: usize) -> &'a str {
    let (first, last) = (&passage.tokens[at], &passage.tokens[at + length - 1]);
    &passage.text[first.start as usize..last.end as usize]
}

/// The user's names: they replace what overlaps them.
pub(super) fn from_own(own: &OwnNames, analysis: &Analysis<'_>, mentions: &mut Vec<Mention>) {
    let mut found: Vec<Mention> = Vec::new();
    for (number, passage) in analysis.passages.iter().enumerate() {
        let mut at = 0;
        while at < passage.tokens.len() {
            let most = (passage.tokens.len() - at).min(WORDS_MAX);
            let begins = begins(own, passage.word(at));
            let hit = (1..=most)
                .rev()
                .filter(|length| begins && is_word(passage.word(at + length - 1)))
                .find_map(|length| {
                    let name = key(slice(passage, at, length));
                    own.find_key(&name).map(|own| (length, own))
                });
            let Some((length, meant)) = hit else {
                at += 1;
                continue;
            };
            let mut mention = Mention::new(analysis, number, at..at + length, meant.kind, 1.0);
            mention.own = meant.qid;
            found.push(mention);
            at += length;
        }
    }
    let mut taken: Vec<Vec<bool>> =
        analysis.passages.iter().map(|passage| vec![false; passage.tokens.len()]).collect();
    for mention in &found {
        taken[mention.passage][mention.tokens.clone()].fill(true);
    }
    mentions.retain(|old| !taken[old.passage][old.tokens.clone()].contains(&true));
    mentions.extend(found);
    mentions.sort_by_key(|mention| (mention.passage, mention.tokens.start));
}

/// Whether one of the user's names begins with the word.
fn begins(own: &OwnNames, word: &str) -> bool {
    may_begin(word) && own.begins(key(word).split(' ').next().unwrap_or_default())
}
