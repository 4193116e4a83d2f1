//! Training: a conditional random field by stochastic gradients with AdaGrad steps (Duchi et al. 2011).
//! Deterministic: the order and what is left out come from a seed, sums from one thread.

use super::decode::{BEGINNING, Room, Scores, Transitions, forbid, marginals, odds, pairs};
use super::document::{Document, Part};
use super::features::{Source, matches, of_place, of_word};
use super::islands;
use super::labels::{LABELS, OUTSIDE, first};
use super::lexicon::{Lexicon, pack};
use super::model::{self, LANES};
use super::{Kind, Name};
use crate::text;

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The table has 2 to this power rows.
    pub row_bits: u32,
    /// Passes over the sentences.
    pub epochs: u32,
    /// First step of a weight.
    pub step: f32,
    /// Share of tokens whose very words are hidden, and of sentences whose list matches or document evidence are.
    pub hidden: [f32; 3],
    /// Where the chances come from.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { row_bits: 19, epochs: 6, step: 0.6, hidden: [0.1, 0.3, 0.2], seed: 20_261_124 }
    }
}

/// A document with its names. Words as a corpus has them.
#[derive(Clone, Debug, Default)]
pub struct Labelled {
    /// Sentences of `(word, label)`; labels are IOB2 over PER, ORG, LOC, MISC.
    pub sentences: Vec<Vec<(String, String)>>,
    /// The corpus does not label MISC: what it leaves out may be one.
    pub without_misc: bool,
    /// How often it is seen in an epoch.
    pub weight: u32,
}

/// One island in features: its tokens' rows by source, what they may be, where it begins.
struct Example {
    features: Vec<u32>,
    /// For each token the ends of its four sources in `features`.
    ends: Vec<[u32; 4]>,
    /// Labels that each token may have, one bit each.
    allowed: Vec<u16>,
    before: usize,
}

/// What every weight's sum of squared slopes starts from: the larger, the less a rare feature may say. Chosen on
/// corpora that were left out: 0.01 gave 64.7 on wikigold, 5 gave 65.9, 20 gave 67.0, 100 gave 67.6.
const FIRST_SQUARE: f32 = 60.0;

/// Any label.
const ANY: u16 = (1 << LABELS) - 1;

/// A document's text as rebuilt from a corpus, cut anew by our own tokeniser, with labels carried over.
pub struct Recut {
    /// The text, one sentence a line.
    pub text: String,
    tokens: Vec<text::Token>,
    sentences: Vec<std::ops::Range<usize>>,
    allowed: Vec<u16>,
}

impl Recut {
    /// Which form each token is, and the forms.
    fn forms(&self) -> (Vec<u32>, text::Forms) {
        let mut forms = text::Forms::default();
        (forms.read(&self.text, &self.tokens), forms)
    }

    fn part<'a>(&'a self, forms: &'a [u32]) -> Part<'a> {
        Part { text: &self.text, tokens: &self.tokens, sentences: &self.sentences, forms }
    }
}

fn label_of(tag: &str) -> usize {
    let kind = Kind::ALL.into_iter().find(|kind| tag.ends_with(kind.name()));
    kind.map_or(OUTSIDE, |kind| first(kind) + usize::from(tag.starts_with("I-")))
}

/// Joins a corpus' sentences with spaces and cuts them anew.
pub fn recut(document: &Labelled) -> Recut {
    let mut out =
        Recut { text: String::new(), tokens: Vec::new(), sentences: Vec::new(), allowed: Vec::new() };
    let mut scalars = 0;
    for sentence in &document.sentences {
        let (line, places) = rejoin(sentence);
        let offset = out.text.len() as u32;
        let start = out.tokens.len();
        for token in text::tokens(&line) {
            let allowed = allowed(&line, &token, &places, document.without_misc);
            out.allowed.push(allowed);
            out.tokens.push(text::Token {
                start: token.start + offset,
                end: token.end + offset,
                from: token.from + scalars,
                to: token.to + scalars,
            });
        }
        if start < out.tokens.len() {
            out.sentences.push(start..out.tokens.len());
        }
        scalars += line.chars().count() as u32 + 1;
        out.text.push_str(&line);
        out.text.push('\n');
    }
    out
}

/// A sentence as a line, and the place and label of each corpus word in it. Hyphens that a corpus cuts off
/// are joined again.
fn rejoin(sentence: &[(String, String)]) -> (String, Vec<(u32, u32, usize)>) {
    let mut line = String::new();
    let mut places = Vec::with_capacity(sentence.len());
    let is_word = |at: usize| sentence.get(at).is_some_and(|word| word.0.chars().all(char::is_alphanumeric));
    for (at, (word, tag)) in sentence.iter().enumerate() {
        let hyphen = |at: usize| {
            at != 0
                && sentence.get(at).is_some_and(|word| word.0 == "-")
                && is_word(at - 1)
                && is_word(at + 1)
        };
        if at != 0 && !hyphen(at) && !hyphen(at - 1) {
            line.push(' ');
        }
        let start = line.len() as u32;
        line.push_str(word);
        places.push((start, line.len() as u32, label_of(tag)));
    }
    (line, places)
}

/// What a token of ours may be, from the corpus words that it overlaps.
fn allowed(line: &str, token: &text::Token, places: &[(u32, u32, usize)], without_misc: bool) -> u16 {
    let from = places.partition_point(|place| place.1 <= token.start);
    let over: Vec<_> = places[from..].iter().take_while(|place| place.0 < token.end).collect();
    let Some(word) = over.iter().find(|place| place.2 != OUTSIDE).or_else(|| over.first()) else { return 1 };
    let written = token.of(line);
    let capital = written.chars().any(char::is_uppercase);
    let is_part = word.0 < token.start || token.end < word.1;
    let label = word.2;
    if label == OUTSIDE {
        // A name inside a compound that the corpus takes as one word: not looked at by its annotators.
        return match () {
            () if is_part && capital => ANY,
            () if without_misc && capital => 1 | 3 << first(Kind::Other),
            () => 1,
        };
    }
    if is_part && !capital && written.chars().any(char::is_alphabetic) {
        return 1 | 1 << label | 1 << (label + label % 2);
    }
    let continues = label % 2 == 1 && word.0 < token.start;
    1 << if continues { label + 1 } else { label }
}

/// Trains and packs a model. `clusters`: word, fine, middle, coarse. `names`: tokens and kinds.
/// `report` hears how it goes.
pub fn train(
    lexicon: &[Vec<u8>; 4],
    documents: &[Labelled],
    settings: Settings,
    report: &mut dyn FnMut(String),
) -> Vec<u8> {
    let leaked = lexicon.clone().map(|part| &*Vec::leak(part));
    let known = Lexicon::new(leaked);
    let mut chance = Chance(settings.seed);
    let mut examples = Vec::new();
    let mut order = Vec::new();
    for document in documents {
        let start = examples.len();
        read(&known, &recut(document), settings.row_bits, &mut examples);
        if chance.below(2) == 0 && !document.without_misc {
            read(&known, &recut(&headline(document)), settings.row_bits, &mut examples);
        }
        for _ in 0..document.weight {
            order.extend(start..examples.len());
        }
    }
    report(format!(
        "{} islands, {} tokens",
        examples.len(),
        examples.iter().map(|e| e.ends.len()).sum::<usize>()
    ));
    let mut trainer = Trainer::new(settings);
    for epoch in 0..settings.epochs {
        chance.shuffle(&mut order);
        let mut loss = 0.0;
        for example in &order {
            loss += trainer.learn(&examples[*example], &mut chance);
        }
        report(format!("epoch {}: loss {:.4} an island", epoch + 1, loss / order.len() as f64));
    }
    trainer.pack(lexicon)
}

/// Bytes of a lexicon, to train with.
pub fn lexicon(clusters: &[(String, u16, u16, u16)], names: &[(Vec<String>, u16)]) -> [Vec<u8>; 4] {
    pack::lexicon(clusters, names)
}

/// The document's first sentences as headlines: capitals on all but small words.
fn headline(document: &Labelled) -> Labelled {
    const SMALL: [&str; 14] =
        ["of", "the", "a", "an", "in", "on", "at", "to", "for", "and", "or", "by", "with", "from"];
    let raise = |(word, tag): &(String, String)| {
        let mut letters = word.chars();
        let raised = match letters.next() {
            Some(first) if !SMALL.contains(&word.as_str()) => first.to_uppercase().chain(letters).collect(),
            _ => word.clone(),
        };
        (raised, tag.clone())
    };
    let short = |sentence: &&Vec<(String, String)>| (4..16).contains(&sentence.len());
    let sentences = document.sentences.iter().filter(short).take(2);
    let raised = sentences.map(|sentence| sentence.iter().map(raise).collect());
    Labelled { sentences: raised.collect(), ..*document }
}

/// Turns a document into examples.
fn read(lexicon: &Lexicon, recut: &Recut, row_bits: u32, out: &mut Vec<Example>) {
    let (part_forms, forms) = recut.forms();
    let part = recut.part(&part_forms);
    let document = Document::read(lexicon, &[part], &forms);
    let mask = (1_u64 << row_bits) - 1;
    let mut found = Vec::new();
    for sentence in &document.sentences {
        matches(lexicon, &document, &sentence.tokens, &mut found);
        islands(&document, &sentence.tokens, |island| {
            let before = if island.start == sentence.tokens.start { BEGINNING } else { OUTSIDE };
            let allowed = recut.allowed[island.clone()].to_vec();
            let mut example = Example { features: Vec::new(), ends: Vec::new(), allowed, before };
            for token in island {
                let mut sources: [Vec<u32>; 4] = Default::default();
                let mut sink = |source: Source, id: u64| sources[source as usize].push((id & mask) as u32);
                for offset in -2_isize..=2 {
                    let place = token as isize + offset;
                    let inside =
                        sentence.tokens.start as isize <= place && place < sentence.tokens.end as isize;
                    of_word(inside.then(|| document.word(place as usize)), offset, &mut sink);
                }
                of_place(&document, sentence, token, &found, &mut sink);
                let mut ends = [0; 4];
                for (source, end) in sources.iter().zip(&mut ends) {
                    example.features.extend(source);
                    *end = example.features.len() as u32;
                }
                example.ends.push(ends);
            }
            out.push(example);
        });
    }
}

struct Trainer {
    settings: Settings,
    weights: Vec<[f32; LANES]>,
    squares: Vec<[f32; LANES]>,
    /// Each step times when it was made: what the mean over all times lacks.
    late: Vec<[f32; LANES]>,
    time: f32,
    transitions: Transitions,
    transition_squares: Transitions,
    room: Room,
    held_room: Room,
    scores: Vec<Scores>,
    free: Vec<Scores>,
    held: Vec<Scores>,
    shown: Vec<u32>,
    shown_ends: Vec<usize>,
}

impl Trainer {
    fn new(settings: Settings) -> Self {
        let rows = 1 << settings.row_bits;
        let mut transitions = [[0.0; LABELS]; LABELS + 1];
        forbid(&mut transitions);
        Self {
            settings,
            weights: vec![[0.0; LANES]; rows],
            squares: vec![[FIRST_SQUARE; LANES]; rows],
            late: vec![[0.0; LANES]; rows],
            time: 1.0,
            transitions,
            transition_squares: [[1.0; LABELS]; LABELS + 1],
            room: Room::default(),
            held_room: Room::default(),
            scores: Vec::new(),
            free: Vec::new(),
            held: Vec::new(),
            shown: Vec::new(),
            shown_ends: Vec::new(),
        }
    }

    /// One step towards one example; returns its loss before.
    fn learn(&mut self, example: &Example, chance: &mut Chance) -> f64 {
        self.show(example, chance);
        self.scores.clear();
        let mut start = 0;
        for end in &self.shown_ends {
            let mut sums = [0.0_f32; LANES];
            for feature in &self.shown[start..*end] {
                for (sum, weight) in sums.iter_mut().zip(&self.weights[*feature as usize]) {
                    *sum += weight;
                }
            }
            self.scores
                .push(std::array::from_fn(|label| label.checked_sub(1).map_or(0.0, |lane| sums[lane])));
            start = *end;
        }
        let odds = odds(&self.transitions);
        let (scores, before, allowed) = (&self.scores, example.before, &example.allowed);
        let all = marginals(scores, &odds, before, |_| ANY, &mut self.room, &mut self.free);
        let held = marginals(scores, &odds, before, |at| allowed[at], &mut self.held_room, &mut self.held);
        self.step(example.before, &odds);
        all - held
    }

    /// The example's features, without what chance hides this time.
    fn show(&mut self, example: &Example, chance: &mut Chance) {
        let [lexical, listed, document] = self.settings.hidden;
        let (hide_listed, hide_document) = (chance.share() < listed, chance.share() < document);
        self.shown.clear();
        self.shown_ends.clear();
        let mut start = 0;
        for ends in &example.ends {
            let hide = [false, chance.share() < lexical, hide_listed, hide_document];
            for (end, hide) in ends.iter().zip(hide) {
                if !hide {
                    self.shown.extend(&example.features[start..*end as usize]);
                }
                start = *end as usize;
            }
            self.shown_ends.push(self.shown.len());
        }
    }

    fn step(&mut self, before: usize, odds: &Transitions) {
        let mut start = 0;
        let (rate, time) = (self.settings.step, self.time);
        self.time += 1.0;
        for (at, end) in self.shown_ends.iter().enumerate() {
            let slope: [f32; LANES] =
                std::array::from_fn(|lane| self.held[at][lane + 1] - self.free[at][lane + 1]);
            if slope.iter().any(|slope| 0.002 < slope.abs()) {
                for feature in &self.shown[start..*end] {
                    let row = *feature as usize;
                    let (weights, squares, late) =
                        (&mut self.weights[row], &mut self.squares[row], &mut self.late[row]);
                    for lane in 0..LANES {
                        squares[lane] += slope[lane] * slope[lane];
                        let step = rate * slope[lane] / squares[lane].sqrt();
                        weights[lane] += step;
                        late[lane] += step * time;
                    }
                }
            }
            start = *end;
        }
        for label in 0..LABELS {
            let slope = self.held[0][label] - self.free[0][label];
            self.step_transition(before, label, slope);
        }
        for at in 1..self.shown_ends.len() {
            let moved = |at: usize| {
                (0..LABELS).any(|label| 0.002 < (self.held[at][label] - self.free[at][label]).abs())
            };
            if !moved(at) && !moved(at - 1) {
                continue;
            }
            let (held, free) = (pairs(&self.held_room, odds, at), pairs(&self.room, odds, at));
            for from in 0..LABELS {
                for label in 0..LABELS {
                    self.step_transition(from, label, held[from][label] - free[from][label]);
                }
            }
        }
    }

    fn step_transition(&mut self, from: usize, label: usize, slope: f32) {
        let weight = &mut self.transitions[from][label];
        if *weight < -1e6 || slope.abs() < 1e-4 {
            return;
        }
        let squares = &mut self.transition_squares[from][label];
        *squares += slope * slope;
        *weight += self.settings.step * slope / squares.sqrt();
    }

    fn pack(mut self, lexicon: &[Vec<u8>; 4]) -> Vec<u8> {
        // The mean of the weights over all steps (Polyak and Juditsky 1992) forgets the last examples' noise.
        for (weight, late) in self.weights.iter_mut().flatten().zip(self.late.iter().flatten()) {
            *weight -= late / self.time;
        }
        // The largest weights are rare: they are cut so that the many small ones keep their differences.
        let mut sizes: Vec<f32> = self.weights.iter().flatten().map(|weight| weight.abs()).collect();
        sizes.sort_unstable_by(f32::total_cmp);
        let top = sizes[sizes.len() - 1 - sizes.len() / 20_000].max(f32::MIN_POSITIVE);
        let scale = top / 127.0;
        let rows: Vec<i8> = self
            .weights
            .iter()
            .flatten()
            .map(|weight| (weight / scale).round().clamp(-127.0, 127.0) as i8)
            .collect();
        model::pack(&rows, scale, &self.transitions, lexicon)
    }
}

/// Chances from a seed (xorshift*, Marsaglia 2003; Vigna 2016).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    fn share(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Names found in a recut document by a model.
pub(crate) fn names(model: &super::Model, recut: &Recut) -> Vec<(std::ops::Range<u32>, &'static str)> {
    let (part_forms, forms) = recut.forms();
    let places = |name: Name| {
        let (first, last) = (&recut.tokens[name.tokens.start], &recut.tokens[name.tokens.end - 1]);
        (first.start..last.end, name.kind.name())
    };
    super::tag(model, &[recut.part(&part_forms)], &forms).names.into_iter().map(places).collect()
}
