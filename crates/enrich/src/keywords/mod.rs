//! Keywords by YAKE! (Campos, Mangaravite, Pasquali, Jorge, Nunes, Jatowt: "YAKE! Keyword extraction from
//! single documents using multiple local features", Information Sciences 509, 2020): no training, one text.
//! Each word gets a score from its case, place, frequency, company and spread over sentences, low for words
//! that matter; a phrase of up to three words from the scores of its words. `cargo xtask compare keywords`
//! holds it against the authors' own implementation.

use crate::analysis::Analysis;

mod stopwords;
mod words;

use stopwords::Idle;
use words::{Kind, Occurrence, Words};

/// Version of the method, for `producer.models`.
pub(crate) const VERSION: &str = "yake-1";
/// Keywords of an article.
const KEYWORDS_MAX: usize = 10;
/// Words of the longest phrase, and words on each side that count as company; the authors' defaults are 3 and 1.
const PHRASE_MAX: usize = 3;
/// Candidates, best first, among which the keywords are looked for.
const CONSIDERED_MAX: usize = 100;
/// Two phrases that share this much are one; the authors' default.
const SAME: f64 = 0.9;
/// Words that are looked at: keywords of a very long text stand in its beginning.
const WORDS_MAX: usize = 20_000;

/// A phrase and its score, lower for what matters more.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Keyword {
    pub(crate) text: String,
    pub(crate) score: f64,
}

/// The article's keywords, best first; none when there is no list of the language's idle words.
pub(crate) fn of(analysis: &Analysis<'_>) -> Option<Vec<Keyword>> {
    let language = analysis.language.as_ref().map_or("en", |language| language.code.as_str());
    let idle = stopwords::of(language)?;
    Some(best(analysis, idle, KEYWORDS_MAX))
}

fn best(analysis: &Analysis<'_>, idle: &Idle, count: usize) -> Vec<Keyword> {
    let words = words::words(analysis, idle, WORDS_MAX);
    let scores = Scores::of(&words);
    let mut candidates = candidates(&words, &scores);
    candidates.sort_by(|a, b| a.score.total_cmp(&b.score).then_with(|| a.text.cmp(&b.text)));
    let mut kept: Vec<(Keyword, Vec<char>)> = Vec::with_capacity(count);
    for candidate in candidates {
        if count <= kept.len() {
            break;
        }
        let letters = folded(&candidate.text);
        if !kept.iter().any(|(_, known)| are_same(known, &letters)) {
            kept.push((candidate, letters));
        }
    }
    kept.into_iter().map(|(keyword, _)| keyword).collect()
}

/// What is counted of each word.
#[derive(Clone, Debug, Default)]
struct Term {
    frequency: f64,
    /// Times in capitals, times with a capital that does not begin a sentence.
    acronym: f64,
    capital: f64,
    is_idle: bool,
    /// Sentences that have it, and the last of them, from 1.
    sentences: usize,
    last: u32,
}

/// Numbers by term: sentences that have it, words before it or after it.
struct Lists {
    /// Ends of each term's numbers.
    ends: Vec<usize>,
    numbers: Vec<u32>,
}

impl Lists {
    /// From pairs of a term and a number; the numbers of a term keep their order.
    fn of(terms: u32, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut ends = vec![0; terms as usize + 1];
        pairs.clone().for_each(|(term, _)| ends[term as usize + 1] += 1);
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut numbers = vec![0; ends[terms as usize]];
        for (term, number) in pairs {
            let end = &mut ends[term as usize];
            numbers[*end] = number;
            *end += 1;
        }
        Self { ends, numbers }
    }

    fn sorted(mut self) -> Self {
        let mut start = 0;
        for end in &self.ends {
            self.numbers[start..*end].sort_unstable();
            start = *end;
        }
        self
    }

    fn get(&self, term: u32) -> &[u32] {
        let start = (term as usize).checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.numbers[start..self.ends[term as usize]]
    }
}

/// Scores by term, and which words follow each.
struct Scores {
    of: Vec<f64>,
    frequencies: Vec<f64>,
    right: Lists,
}

impl Scores {
    fn of(words: &Words<'_>) -> Self {
        let mut terms = vec![Term::default(); words.terms as usize];
        let mut standing = Vec::with_capacity(words.all.len());
        let mut pairs = Vec::with_capacity(words.all.len());
        for chunk in &words.chunks {
            let mut before: Option<&Occurrence<'_>> = None;
            for word in &words.all[chunk.words.clone()] {
                if terms[word.term as usize].note(word, chunk.sentence) {
                    standing.push((word.term, chunk.sentence));
                }
                if let Some(before) = before.filter(|before| before.counts() && word.counts()) {
                    pairs.push((before.term, word.term));
                }
                before = Some(word);
            }
        }
        let sentences = Lists::of(words.terms, standing.iter().copied());
        let right = Lists::of(words.terms, pairs.iter().copied()).sorted();
        let left = Lists::of(words.terms, pairs.iter().map(|(before, after)| (*after, *before))).sorted();
        let busy: Vec<f64> = terms
            .iter()
            .filter(|term| !term.is_idle && 0.0 < term.frequency)
            .map(|term| term.frequency)
            .collect();
        let mean = busy.iter().sum::<f64>() / busy.len().max(1) as f64;
        let variance = busy.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / busy.len().max(1) as f64;
        let document = Whole {
            scale: (mean + variance.sqrt()).max(1e-9),
            highest: terms.iter().map(|term| term.frequency).fold(1.0, f64::max),
            sentences: f64::from(words.sentences.max(1)),
        };
        let score = |(term, number): (&Term, u32)| {
            let sides = variety(left.get(number)) + variety(right.get(number));
            term.score(&document, median(sentences.get(number)), sides)
        };
        Self {
            of: terms.iter().zip(0..).map(score).collect(),
            frequencies: terms.iter().map(|term| term.frequency).collect(),
            right,
        }
    }
}

/// How many different ones there are among sorted numbers, as a share.
fn variety(sorted: &[u32]) -> f64 {
    sorted.chunk_by(|a, b| a == b).count() as f64 / sorted.len().max(1) as f64
}

/// What a word's score needs of the whole text.
struct Whole {
    /// Mean frequency and one standard deviation.
    scale: f64,
    highest: f64,
    sentences: f64,
}

impl Term {
    /// Counts one occurrence; returns whether it is the first in its sentence.
    fn note(&mut self, word: &Occurrence<'_>, sentence: u32) -> bool {
        self.frequency += 1.0;
        self.is_idle |= word.is_idle;
        match word.kind {
            Kind::Acronym => self.acronym += 1.0,
            Kind::Capital => self.capital += 1.0,
            _ => {}
        }
        let is_new = self.last != sentence + 1;
        self.last = sentence + 1;
        self.sentences += usize::from(is_new);
        is_new
    }

    /// Section 3.2 of the paper: case, position, frequency, relatedness, spread.
    fn score(&self, whole: &Whole, middle: f64, sides: f64) -> f64 {
        let case = self.acronym.max(self.capital) / (1.0 + self.frequency.max(1.0).ln());
        let position = (3.0 + middle).ln().ln();
        let frequency = self.frequency / whole.scale;
        let relatedness = 1.0 + sides * self.frequency / whole.highest;
        let spread = self.sentences as f64 / whole.sentences;
        relatedness * position / (case + frequency / relatedness + spread / relatedness)
    }
}

fn median(sorted: &[u32]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => f64::from(sorted[middle]),
        _ => (f64::from(sorted[middle - 1]) + f64::from(sorted[middle])) / 2.0,
    }
}

impl Scores {
    /// Section 3.3: a phrase from its words; an idle word inside counts by how firmly it joins its neighbours.
    fn phrase(&self, words: &[Occurrence<'_>], frequency: f64) -> f64 {
        let (mut product, mut sum) = (1.0, 0.0);
        for (at, word) in words.iter().enumerate() {
            if !word.is_idle {
                product *= self.of[word.term as usize];
                sum += self.of[word.term as usize];
                continue;
            }
            let before = at.checked_sub(1).map_or(0.0, |before| self.follows(words[before].term, word.term));
            let after = words.get(at + 1).map_or(0.0, |next| self.follows(word.term, next.term));
            let doubt = 1.0 - before * after;
            product *= 1.0 + doubt;
            sum -= doubt;
        }
        product / ((1.0 + sum).max(1e-9) * frequency)
    }

    /// How likely `next` comes after `term`.
    fn follows(&self, term: u32, next: u32) -> f64 {
        let right = self.right.get(term);
        let times = right.partition_point(|word| *word <= next) - right.partition_point(|word| *word < next);
        times as f64 / self.frequencies[term as usize].max(1.0)
    }
}

/// Bits of a term's number in a phrase's.
const TERM_BITS: u32 = 64 / PHRASE_MAX as u32;

fn candidates(words: &Words<'_>, scores: &Scores) -> Vec<Keyword> {
    // The terms' numbers, from 1, tell phrases apart; sorted, equal ones stand together, the first in front.
    let mut found: Vec<(u64, u32)> = Vec::with_capacity(2 * words.all.len());
    for chunk in &words.chunks {
        for from in chunk.words.clone() {
            let first = &words.all[from];
            if !is_end(first) {
                continue;
            }
            let mut key = 0;
            let end = chunk.words.end.min(from + PHRASE_MAX);
            for (place, word) in words.all[from..end].iter().enumerate() {
                if !word.counts() {
                    break;
                }
                key |= u64::from(word.term + 1) << (TERM_BITS * (PHRASE_MAX - 1 - place) as u32);
                if is_end(word) {
                    found.push((key, from as u32));
                }
            }
        }
    }
    found.sort_unstable();
    let phrase = |same: &[(u64, u32)]| {
        let (key, from) = same[0];
        let lower =
            (0..PHRASE_MAX).take_while(|at| key & ((1 << (TERM_BITS * *at as u32 + TERM_BITS)) - 1) == 0);
        let length = PHRASE_MAX - lower.count();
        let words = &words.all[from as usize..from as usize + length];
        (scores.phrase(words, same.len() as f64), words)
    };
    let mut ranked: Vec<(f64, &[Occurrence<'_>])> = found.chunk_by(|a, b| a.0 == b.0).map(phrase).collect();
    // Of thousands of candidates few are ever looked at.
    let enough = CONSIDERED_MAX.min(ranked.len());
    if enough < ranked.len() {
        ranked.select_nth_unstable_by(enough, |a, b| a.0.total_cmp(&b.0));
        ranked.truncate(enough);
    }
    let keyword = |(score, words): (f64, &[Occurrence<'_>])| Keyword {
        text: words.iter().map(|word| word.text).collect::<Vec<_>>().join(" "),
        score,
    };
    ranked.into_iter().map(keyword).collect()
}

/// Whether a phrase may begin or end with it: neither end is idle, a figure or a mark.
fn is_end(word: &Occurrence<'_>) -> bool {
    !word.is_idle && word.counts() && word.is_long
}

/// Whether two phrases are one: they share `SAME` of the longer one, by Levenshtein's distance.
fn are_same(a: &[char], b: &[char]) -> bool {
    let longer = a.len().max(b.len());
    let is_far = |distance: usize| 1.0 - (distance as f64 / longer.max(1) as f64) < SAME;
    let Some(limit) = (0..=longer).take_while(|distance| !is_far(*distance)).last() else { return false };
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if limit < a.len().abs_diff(b.len()) {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, x) in a.iter().enumerate() {
        let mut corner = at;
        let mut least = at + 1;
        row[0] = at + 1;
        for (to, y) in b.iter().enumerate() {
            let swap = corner + usize::from(x != y);
            corner = row[to + 1];
            row[to + 1] = swap.min(row[to] + 1).min(corner + 1);
            least = least.min(row[to + 1]);
        }
        // No later row has less.
        if limit < least {
            return false;
        }
    }
    row[b.len()] <= limit
}

fn folded(text: &str) -> Vec<char> {
    // Longer phrases than this are no phrases.
    text.chars().flat_map(char::to_lowercase).take(128).collect()
}

#[cfg(test)]
mod tests;
