//! Mentions that the tagger missed of names that it found elsewhere in the document.

use super::mentions::Mention;
use crate::analysis::Analysis;
use crate::tagger::Kind;
use std::collections::HashMap;

/// A name must have been found with this sum of confidences to be looked for.
const WEIGHT_MIN: f32 = 0.6;
/// What a mention found so is worth.
const CONFIDENCE: f32 = 0.8;

/// Most names with the same first word that are looked for: keeps lists of one name linear.
const SAME_FIRST_MAX: usize = 16;

/// A name to look for: its words, by form, and kind.
#[derive(Clone, Debug)]
struct Wanted {
    words: Vec<u32>,
    kind: Kind,
}

/// Adds them, and puts all mentions in the order of the text.
pub(super) fn add_missed(analysis: &Analysis<'_>, mentions: &mut Vec<Mention>) {
    let wanted = wanted(analysis, mentions);
    let mut taken: Vec<Vec<bool>> =
        analysis.passages.iter().map(|passage| vec![false; passage.tokens.len()]).collect();
    for mention in mentions.iter() {
        taken[mention.passage][mention.tokens.clone()].fill(true);
    }
    for (number, passage) in analysis.passages.iter().enumerate() {
        for (at, form) in passage.forms.iter().enumerate() {
            for name in &wanted[*form as usize] {
                let range = at..at + name.words.len();
                let stands = passage.forms[at..].starts_with(&name.words);
                if stands && !taken[number][range.clone()].contains(&true) {
                    taken[number][range.clone()].fill(true);
                    mentions.push(Mention::new(analysis, number, range, name.kind, CONFIDENCE));
                    break;
                }
            }
        }
    }
    mentions.sort_by_key(|mention| (mention.passage, mention.tokens.start));
}

/// Names that were found surely enough, by the form of their first word, longest first; of people the surname too.
fn wanted(analysis: &Analysis<'_>, mentions: &[Mention]) -> Vec<Vec<Wanted>> {
    let mut weights: HashMap<&[u32], ([f32; 4], &str)> = HashMap::new();
    for mention in mentions {
        let passage = &analysis.passages[mention.passage];
        let words = &passage.forms[mention.tokens.clone()];
        if mention.kind == Kind::Person && 1 < words.len() {
            let surname = passage.word(mention.tokens.end - 1);
            let entry = weights.entry(&words[words.len() - 1..]).or_insert(([0.0; 4], surname));
            entry.0[Kind::Person as usize] += mention.confidence;
        }
        let entry = weights.entry(words).or_insert_with(|| ([0.0; 4], mention.surface(analysis)));
        entry.0[mention.kind as usize] += mention.confidence;
    }
    let mut out: Vec<Vec<Wanted>> = vec![Vec::new(); analysis.forms.len()];
    for (words, (weight, surface)) in weights {
        let kind = Kind::ALL.into_iter().fold(Kind::Person, |top, kind| {
            if weight[top as usize] < weight[kind as usize] { kind } else { top }
        });
        let is_name =
            3 <= surface.chars().count() && surface.chars().any(char::is_uppercase) && kind != Kind::Other;
        if is_name && WEIGHT_MIN <= weight[kind as usize] {
            out[words[0] as usize].push(Wanted { words: words.to_vec(), kind });
        }
    }
    for names in &mut out {
        names.sort_by(|a, b| b.words.len().cmp(&a.words.len()).then_with(|| a.words.cmp(&b.words)));
        names.truncate(SAME_FIRST_MAX);
    }
    out
}
