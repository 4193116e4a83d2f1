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

/// A name to look for: its words and kind.
#[derive(Clone, Debug)]
struct Wanted<'a> {
    words: Vec<&'a str>,
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
        for at in 0..passage.tokens.len() {
            let Some(names) = wanted.get(passage.word(at)) else { continue };
            for name in names {
                let range = at..at + name.words.len();
                let fits = range.end <= passage.tokens.len()
                    && !taken[number][range.clone()].contains(&true)
                    && range.clone().zip(&name.words).all(|(at, word)| passage.word(at) == *word);
                if fits {
                    taken[number][range.clone()].fill(true);
                    mentions.push(Mention::new(analysis, number, range, name.kind, CONFIDENCE));
                    break;
                }
            }
        }
    }
    mentions.sort_by_key(|mention| (mention.passage, mention.tokens.start));
}

/// Names that were found surely enough, by their first word, longest first; of people the surname too.
fn wanted<'a>(analysis: &Analysis<'a>, mentions: &[Mention]) -> HashMap<&'a str, Vec<Wanted<'a>>> {
    let mut weights: HashMap<&'a str, ([f32; 4], Vec<&'a str>)> = HashMap::new();
    for mention in mentions {
        let passage = &analysis.passages[mention.passage];
        let words: Vec<&str> = mention.tokens.clone().map(|at| passage.word(at)).collect();
        if mention.kind == Kind::Person && 1 < words.len() {
            let surname = &words[words.len() - 1..];
            let last = passage.tokens[mention.tokens.end - 1].of(passage.text);
            let entry = weights.entry(last).or_insert_with(|| ([0.0; 4], surname.to_vec()));
            entry.0[Kind::Person as usize] += mention.confidence;
        }
        let entry = weights.entry(mention.surface(analysis)).or_insert_with(|| ([0.0; 4], words));
        entry.0[mention.kind as usize] += mention.confidence;
    }
    let mut out: HashMap<&str, Vec<Wanted<'_>>> = HashMap::new();
    for (surface, (weight, words)) in weights {
        let kind = Kind::ALL.into_iter().fold(Kind::Person, |top, kind| {
            if weight[top as usize] < weight[kind as usize] { kind } else { top }
        });
        let is_name =
            3 <= surface.chars().count() && surface.chars().any(char::is_uppercase) && kind != Kind::Other;
        if is_name && WEIGHT_MIN <= weight[kind as usize] {
            out.entry(words[0]).or_default().push(Wanted { words, kind });
        }
    }
    for names in out.values_mut() {
        names.sort_by(|a, b| b.words.len().cmp(&a.words.len()).then_with(|| a.words.cmp(&b.words)));
        names.truncate(SAME_FIRST_MAX);
    }
    out
}
