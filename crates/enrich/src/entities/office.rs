//! A person's name and the office that is written with it.

use crate::analysis::Passage;
use crate::link::{Base, key};
use crate::tagger::Kind;
use std::ops::Range;

/// Words of rank that stand before a person's name and may be a surname or short for something.
const RANKS: [&str; 39] = [
    "mr",
    "mr.",
    "mrs",
    "mrs.",
    "ms",
    "ms.",
    "dr",
    "dr.",
    "prof",
    "prof.",
    "professor",
    "premier",
    "chancellor",
    "gov.",
    "sen.",
    "rep.",
    "mayor",
    "judge",
    "justice",
    "general",
    "gen.",
    "colonel",
    "col.",
    "captain",
    "capt.",
    "sgt.",
    "lt.",
    "maj.",
    "sheriff",
    "coach",
    "rev.",
    "archbishop",
    "cardinal",
    "director",
    "attorney",
    "commander",
    "admiral",
    "sergeant",
    "superintendent",
];

/// Words of rank that are nobody's surname.
const OFFICES: [&str; 15] = [
    "president",
    "minister",
    "governor",
    "senator",
    "secretary",
    "chairman",
    "chairwoman",
    "ambassador",
    "congressman",
    "congresswoman",
    "spokesman",
    "spokeswoman",
    "spokesperson",
    "commissioner",
    "administrator",
];

/// What stands before the rank, and the name after it; the name is empty where there is an office only.
/// "NASA Administrator Charles Bolden", "U.S. Senator", "Governor of" "Washington Chris Gregoire".
pub(super) fn apart(
    base: &Base,
    passage: &Passage<'_>,
    tokens: Range<usize>,
) -> (Option<Range<usize>>, Range<usize>) {
    let is_rank = |at: usize| is_rank(passage.word(at));
    let some = |office: Range<usize>| Some(office).filter(|office| !office.is_empty());
    let last = tokens.end - 1;
    if let Some(rank) = (tokens.start..last).rev().find(|at| is_rank(*at)) {
        return (some(tokens.start..rank), rank + 1..tokens.end);
    }
    if tokens.len() == 1 && is_rank(last) || is_office(passage.word(last)) {
        return (some(tokens.start..last), tokens.end..tokens.end);
    }
    let is_of = 2 <= tokens.start && passage.word(tokens.start - 1) == "of" && is_rank(tokens.start - 2);
    if is_of {
        let most = tokens.len().saturating_sub(2);
        let whose = (1..=most).rev().find(|length| is_body(base, passage, tokens.start, *length));
        if let Some(length) = whose {
            let name = tokens.start + length;
            return (Some(tokens.start..name), name..tokens.end);
        }
    }
    (None, tokens)
}

/// Whether the word is one of rank.
pub(super) fn is_rank(word: &str) -> bool {
    RANKS.contains(&word.to_lowercase().as_str()) || is_office(word)
}

fn is_office(word: &str) -> bool {
    OFFICES.contains(&word.to_lowercase().as_str())
}

/// Whether the tokens name a country, a region, a city or an organisation that is well known.
fn is_body(base: &Base, passage: &Passage<'_>, start: usize, length: usize) -> bool {
    let (first, last) = (&passage.tokens[start], &passage.tokens[start + length - 1]);
    let name = key(&passage.text[first.start as usize..last.end as usize]);
    base.find_key(&name).next().is_some_and(|item| match item.kind {
        Kind::Place => 0.6 <= item.prior,
        Kind::Organisation => 0.45 <= item.prior,
        _ => false,
    })
}
