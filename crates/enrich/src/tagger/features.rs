//! Features of a token, as numbers of rows in the table of weights.

use super::document::{Document, Evidence, Sentence, is_name_like};
use super::lexicon::{Lexicon, NAME_SEED, NAME_TOKENS_MAX, chain};
use super::word::{Case, Word};
use crate::packed::mix;
use std::ops::Range;

/// Where a feature is from; in training, kinds are left out by chance so that none is leant on alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Shape, affixes, clusters, position.
    Form,
    /// The very words.
    Lexical,
    /// The list of names.
    Listed,
    /// Other places of the document.
    Document,
}

/// A sentence's list matches: for each of its tokens, kinds of longer names that begin at it and that it is
/// inside of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Match {
    pub(super) begins: u16,
    pub(super) inside: u16,
    /// Tokens of the name that begins here.
    pub(super) length: u8,
}

/// Features that only the word decides, as a neighbour at `offset` -2 to 2 sees it; none: before the
/// beginning or after the end.
pub(super) fn of_word(word: Option<&Word>, offset: isize, sink: &mut impl FnMut(Source, u64)) {
    let slot = (offset + 2) as u64;
    let Some(word) = word else {
        sink(Source::Lexical, id(1 + slot, u64::from(offset < 0)));
        return;
    };
    let clusters = &word.clusters;
    sink(Source::Lexical, id(1 + slot, word.small));
    sink(Source::Form, id(10 + slot, clusters.middle.into()));
    if offset.abs() == 2 {
        return;
    }
    sink(Source::Form, id(20 + slot, clusters.coarse.into()));
    sink(Source::Form, id(30 + slot, clusters.fine.into()));
    if offset != 0 {
        sink(Source::Form, id(100 + slot, word.short_shape));
        sink(Source::Listed, id(110 + slot, word.kinds.into()));
        return;
    }
    let case = word.case as u64;
    sink(Source::Form, id(0, 0));
    sink(Source::Lexical, id(40, word.exact));
    for (at, (prefix, suffix)) in word.prefixes.iter().zip(&word.suffixes).enumerate() {
        if *prefix != 0 {
            sink(Source::Form, id(41 + at as u64, *prefix));
            sink(Source::Form, id(45 + at as u64, *suffix));
        }
    }
    sink(Source::Form, id(50, word.shape));
    sink(Source::Form, id(51, word.short_shape));
    sink(Source::Form, id(63, pair(clusters.middle.into(), case)));
    sink(Source::Form, id(69, pair(clusters.fine.into(), case)));
    if word.kinds != 0 {
        sink(Source::Listed, id(74, pair(word.kinds.into(), case)));
        for bit in (0..16).filter(|bit| word.kinds >> bit & 1 == 1) {
            sink(Source::Listed, id(70, bit));
        }
    }
}

/// Features that several tokens decide together.
pub(super) fn of_place(
    document: &Document,
    sentence: &Sentence,
    at: usize,
    matches: &[Match],
    sink: &mut impl FnMut(Source, u64),
) {
    let tokens = &sentence.tokens;
    let word = document.word(at);
    let near = |offset: isize| {
        let place = at as isize + offset;
        (tokens.start as isize <= place && place < tokens.end as isize).then(|| document.word(place as usize))
    };
    let (before, after) = (near(-1), near(1));
    let shape = |word: Option<&Word>, edge: u64| word.map_or(edge, |word| word.short_shape);
    let small = |word: Option<&Word>, edge: u64| word.map_or(edge, |word| word.small);
    let middle = |word: Option<&Word>| word.map_or(999, |word| u64::from(word.clusters.middle));
    let case = word.case as u64;

    sink(Source::Form, id(54, pair(shape(before, 1), word.short_shape)));
    sink(Source::Form, id(55, pair(word.short_shape, shape(after, 2))));
    sink(Source::Form, id(56, pair(pair(shape(before, 1), word.short_shape), shape(after, 2))));
    sink(Source::Lexical, id(57, pair(small(before, 1), word.small)));
    sink(Source::Lexical, id(58, pair(word.small, small(after, 2))));
    sink(Source::Lexical, id(59, pair(small(before, 1), case)));
    sink(Source::Lexical, id(60, pair(small(after, 2), case)));
    sink(Source::Form, id(61, pair(middle(before), word.clusters.middle.into())));
    sink(Source::Form, id(62, pair(word.clusters.middle.into(), middle(after))));
    sink(Source::Form, id(64, u64::from(at == tokens.start) * 16 + case + 8 * u64::from(sentence.headline)));
    if let Some(second) = near(-2) {
        sink(Source::Lexical, id(65, pair(second.small, small(before, 1))));
    }
    if let Some(second) = near(2) {
        sink(Source::Lexical, id(66, pair(small(after, 2), second.small)));
    }
    let listed = matches[at - tokens.start];
    if listed.begins | listed.inside != 0 {
        sink(Source::Listed, id(76, pair(listed.begins.into(), listed.inside.into())));
        for bit in 0..16 {
            if listed.begins >> bit & 1 == 1 {
                sink(Source::Listed, id(72, bit));
            }
            if listed.inside >> bit & 1 == 1 {
                sink(Source::Listed, id(73, bit));
            }
        }
    }
    if is_name_like(word.case) || word.case == Case::Headline || word.links {
        of_run(document, sentence, at, sink);
    }
    if is_name_like(word.case) || word.case == Case::Headline {
        let evidence = &document.evidence[word.lemma as usize];
        of_evidence(evidence, word, at == tokens.start, sink);
    }
}

/// Features of the run of capitalised words that the token is in.
fn of_run(document: &Document, sentence: &Sentence, at: usize, sink: &mut impl FnMut(Source, u64)) {
    let Some(run) = sentence.runs.iter().find(|run| run.contains(&at)) else { return };
    let (first, last) = (document.word(run.start), document.word(run.end - 1));
    let place = if at == run.start { 0 } else { 1 + u64::from(at + 1 == run.end) };
    let tail = if run.end < sentence.tokens.end { u64::from(document.word(run.end).cues) } else { 1 << 15 };
    sink(Source::Lexical, id(90, pair(place, last.small)));
    sink(Source::Form, id(91, pair(place, last.clusters.fine.into())));
    sink(Source::Form, id(92, pair(place, pair(first.clusters.middle.into(), last.clusters.middle.into()))));
    sink(Source::Lexical, id(93, pair(place, first.small)));
    sink(Source::Form, id(94, pair(place, run.len().min(6) as u64)));
    sink(Source::Form, id(95, pair(place, tail)));
}

/// Features of what the document says elsewhere.
fn of_evidence(evidence: &Evidence, word: &Word, first: bool, sink: &mut impl FnMut(Source, u64)) {
    let counts = u64::from(evidence.small != 0) * 4 + u64::from(evidence.capital.min(2));
    let headline = u64::from(word.case == Case::Headline);
    sink(Source::Document, id(80, counts));
    sink(Source::Document, id(81, counts * 4 + u64::from(first) * 2 + headline));
    sink(Source::Document, id(84, u64::from(evidence.before != 0) * 2 + u64::from(evidence.after != 0)));
    if evidence.before != 0 {
        sink(Source::Document, id(82, evidence.before));
    }
    if evidence.after != 0 {
        sink(Source::Document, id(83, evidence.after));
    }
    sink(Source::Document, id(85, evidence.around.into()));
    for bit in (0..9).filter(|bit| evidence.around >> bit & 1 == 1) {
        sink(Source::Document, id(86, bit));
    }
    if let Some((first, last)) = evidence.stands_for {
        sink(Source::Document, id(87, first));
        sink(Source::Document, id(88, last));
        sink(Source::Document, id(89, 0));
    }
}

/// Longer names of the list in a sentence, the longest from each place.
pub(super) fn matches(lexicon: &Lexicon, document: &Document, tokens: &Range<usize>, out: &mut Vec<Match>) {
    out.clear();
    out.resize(tokens.len(), Match::default());
    for start in tokens.clone() {
        let case = document.word(start).case;
        if !is_name_like(case) && case != Case::Headline {
            continue;
        }
        let mut state = NAME_SEED;
        let mut longest = (0, 0);
        for length in 1..=NAME_TOKENS_MAX.min(tokens.end - start) {
            state = chain(state, document.word(start + length - 1).exact);
            let listed = lexicon.name(state);
            if 1 < length && listed.kinds != 0 {
                longest = (length, listed.kinds);
            }
            if !listed.goes_on {
                break;
            }
        }
        let (length, kinds) = longest;
        if length != 0 {
            let from = start - tokens.start;
            out[from].begins |= kinds;
            out[from].length = length as u8;
            for place in &mut out[from + 1..from + length] {
                place.inside |= kinds;
            }
        }
    }
}

/// The number of a feature: a template and its value.
fn id(template: u64, value: u64) -> u64 {
    mix(template.wrapping_mul(0x9E37_79B9_7F4A_7C15), value)
}

fn pair(a: u64, b: u64) -> u64 {
    mix(a ^ 0x5851_F42D_4C95_7F2D, b)
}
