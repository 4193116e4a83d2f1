//! Names in English news: a linear chain over hashed features of the word, its neighbours, lists and the
//! whole document. `docs/models/ner-en.md` has its data, figures and limits.

mod decode;
mod document;
mod features;
mod labels;
mod lexicon;
mod model;
pub(crate) mod train;
mod word;

use crate::text::Forms;
use decode::{BEGINNING, Room, Scores, best, marginals};
use document::Document;
use features::{Match, matches, of_place, of_word};
use labels::{LABELS, OUTSIDE, kind_of};
use lexicon::OF_BASE;
use model::LANES;
use std::ops::Range;
use word::Case;

pub(crate) use document::Part;
pub(crate) use labels::Kind;
pub(crate) use model::Model;

/// A name that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    /// Tokens, counted through all parts.
    pub(crate) tokens: Range<usize>,
    /// What it names.
    pub(crate) kind: Kind,
    /// How sure the model is, 0 to 1: the least probable of its labels.
    pub(crate) confidence: f32,
}

/// Sums of weights, one for each label but outside.
type Sums = [i16; LANES];

/// Words at this distance or less from a capital are looked at; the others are outside of names.
const REACH: usize = 2;

/// What the tagger says of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tagged {
    /// The names, in order.
    pub(crate) names: Vec<Name>,
    /// Names of several words that the base of links has and that are none of these, in order.
    pub(crate) listed: Vec<Listed>,
}

/// A name of the base of links that stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listed {
    /// Tokens, counted through all parts.
    pub(crate) tokens: Range<usize>,
    /// Whether the tagger takes a part of it for a name; else nothing of it.
    pub(crate) holds_name: bool,
}

/// Finds the names in the parts of one document. Linear in the tokens.
pub(crate) fn tag(model: &Model, parts: &[Part<'_>], forms: &Forms) -> Tagged {
    let document = Document::read(&model.lexicon, parts, forms);
    let mut tagging = Tagging {
        model,
        sums: vec![[[0; LANES]; 5]; document.words.len()],
        done: vec![0; document.words.len()],
        edges: [-2, -1, 1, 2].map(|offset| edge(model, offset)),
        matches: Vec::new(),
        scores: Vec::new(),
        path: Vec::new(),
        shares: Vec::new(),
        room: Room::default(),
        names: Vec::new(),
        listed: Vec::new(),
        document: &document,
    };
    for at in 0..document.sentences.len() {
        tagging.sentence(at);
    }
    Tagged { names: tagging.names, listed: tagging.listed }
}

/// Stretches of a sentence that names can be in: a capital and what is near it.
fn islands(document: &Document, tokens: &Range<usize>, mut found: impl FnMut(Range<usize>)) {
    let mut open: Option<Range<usize>> = None;
    for at in tokens.clone() {
        let case = document.word(at).case;
        if matches!(case, Case::Small | Case::Figure | Case::Mark) {
            continue;
        }
        let (start, end) = (at.saturating_sub(REACH).max(tokens.start), (at + REACH + 1).min(tokens.end));
        match &mut open {
            Some(island) if start <= island.end => island.end = end,
            _ => {
                if let Some(island) = open.replace(start..end) {
                    found(island);
                }
            }
        }
    }
    if let Some(island) = open {
        found(island);
    }
}

/// What a neighbour that is not there adds.
fn edge(model: &Model, offset: isize) -> Sums {
    let mut sums = [0; LANES];
    of_word(None, offset, &mut |_, feature| add(&mut sums, model.row(feature)));
    sums
}

#[inline]
fn add(sums: &mut Sums, row: &[u8; LANES]) {
    for (sum, weight) in sums.iter_mut().zip(row) {
        *sum += i16::from(*weight as i8);
    }
}

/// One document being tagged.
struct Tagging<'a> {
    model: &'a Model,
    document: &'a Document,
    /// For each word its part of the sums as seen from five offsets, made when first needed.
    sums: Vec<[Sums; 5]>,
    done: Vec<u8>,
    edges: [Sums; 4],
    matches: Vec<Match>,
    scores: Vec<Scores>,
    path: Vec<u8>,
    shares: Vec<Scores>,
    room: Room,
    names: Vec<Name>,
    listed: Vec<Listed>,
}

impl Tagging<'_> {
    fn sentence(&mut self, at: usize) {
        let document = self.document;
        let sentence = &document.sentences[at];
        let mut ranges = Vec::new();
        islands(document, &sentence.tokens, |island| ranges.push(island));
        if ranges.is_empty() {
            return;
        }
        let mut found = std::mem::take(&mut self.matches);
        matches(&self.model.lexicon, document, &sentence.tokens, &mut found);
        self.matches = found;
        let before_sentence = self.names.len();
        for island in ranges {
            let before = if island.start == sentence.tokens.start { BEGINNING } else { OUTSIDE };
            self.scores.clear();
            for token in island.clone() {
                let scores = self.score(sentence, token);
                self.scores.push(scores);
            }
            best(&self.scores, &self.model.transitions, before, &mut self.room, &mut self.path);
            if self.path.iter().any(|label| usize::from(*label) != OUTSIDE) {
                self.collect(&island, before);
            }
        }
        self.list(sentence.tokens.start, before_sentence);
    }

    /// Notes the sentence's list matches that are no name from the number `first` on, nor a part of one.
    fn list(&mut self, start: usize, first: usize) {
        let mut free = start;
        for (at, found) in self.matches.iter().enumerate() {
            let tokens = start + at..start + at + usize::from(found.length);
            if found.begins & OF_BASE == 0 || tokens.start < free {
                continue;
            }
            let names = &self.names[first..];
            let from = names.partition_point(|name| name.tokens.end <= tokens.start);
            let mut over = names[from..].iter().take_while(|name| name.tokens.start < tokens.end).peekable();
            let holds_name = over.peek().is_some();
            let is_more = |name: &Name| {
                tokens.start <= name.tokens.start && name.tokens.end <= tokens.end && name.tokens != tokens
            };
            if over.all(is_more) {
                free = tokens.end;
                self.listed.push(Listed { tokens, holds_name });
            }
        }
    }

    /// The names of one island.
    fn collect(&mut self, island: &Range<usize>, before: usize) {
        marginals(&self.scores, &self.model.odds, before, |_| u16::MAX, &mut self.room, &mut self.shares);
        for (at, label) in self.path.iter().enumerate() {
            let Some((kind, begins)) = kind_of((*label).into()) else { continue };
            let (token, share) = (island.start + at, self.shares[at][usize::from(*label)]);
            match self.names.last_mut() {
                Some(name) if !begins && name.tokens.end == token => {
                    name.tokens.end = token + 1;
                    name.confidence = name.confidence.min(share);
                }
                _ => self.names.push(Name { tokens: token..token + 1, kind, confidence: share }),
            }
        }
    }

    fn score(&mut self, sentence: &document::Sentence, token: usize) -> Scores {
        let (model, document, tokens) = (self.model, self.document, &sentence.tokens);
        let mut sums = [0; LANES];
        for offset in -2_isize..=2 {
            let place = token as isize + offset;
            let part = if place < tokens.start as isize || tokens.end as isize <= place {
                &self.edges[if offset < 0 { offset + 2 } else { offset + 1 } as usize]
            } else {
                self.word_sums(document.tokens[place as usize] as usize, offset)
            };
            for (sum, part) in sums.iter_mut().zip(part) {
                *sum += part;
            }
        }
        of_place(document, sentence, token, &self.matches, &mut |_, feature| {
            add(&mut sums, model.row(feature))
        });
        std::array::from_fn(|label| {
            label.checked_sub(1).map_or(0.0, |lane| f32::from(sums[lane]) * model.scale)
        })
    }

    fn word_sums(&mut self, word: usize, offset: isize) -> &Sums {
        let slot = (offset + 2) as usize;
        if self.done[word] >> slot & 1 == 0 {
            self.done[word] |= 1 << slot;
            let (model, read) = (self.model, &self.document.words[word]);
            let mut sums = [0; LANES];
            of_word(Some(read), offset, &mut |_, feature| add(&mut sums, model.row(feature)));
            self.sums[word][slot] = sums;
        }
        &self.sums[word][slot]
    }
}

const _: () = assert!(LABELS == LANES + 1);
