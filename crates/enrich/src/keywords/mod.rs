//! Keywords by YAKE! (Campos, Mangaravite, Pasquali, Jorge, Nunes, Jatowt: "YAKE! Keyword extraction from
//! single documents using multiple local features", Information Sciences 509, 2020): no training, one text.
//! Each word gets a score from its case, place, frequency, company and spread over sentences, low for words
//! that matter; a phrase of up to three words from the scores of its words. `cargo xtask compare keywords`
//! holds it against the authors' own implementation.

use crate::analysis::{Analysis, Passage};
use std::collections::HashSet;

mod stopwords;
mod words;

use words::{Chunk, Kind, Occurrence};

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
    Some(best(&analysis.passages, idle, KEYWORDS_MAX))
}

fn best(passages: &[Passage<'_>], idle: &HashSet<&'static str>, count: usize) -> Vec<Keyword> {
    let sentences = words::sentences(passages, idle, WORDS_MAX);
    let scores = Terms::of(&sentences).scores(sentences.len());
    let mut candidates = candidates(&sentences, &scores);
    candidates.sort_by(|a, b| a.score.total_cmp(&b.score).then_with(|| a.text.cmp(&b.text)));
    let mut kept: Vec<Keyword> = Vec::new();
    for candidate in candidates {
        if count <= kept.len() {
            break;
        }
        if kept.iter().all(|known| likeness(&known.text, &candidate.text) < SAME) {
            kept.push(candidate);
        }
    }
    kept
}

/// What is counted of each word.
#[derive(Clone, Debug, Default)]
struct Term {
    frequency: f64,
    /// Times in capitals, times with a capital that does not begin a sentence.
    acronym: f64,
    capital: f64,
    /// Sentences that have it, ascending.
    sentences: Vec<usize>,
    is_idle: bool,
    /// Words before it and after it, each time.
    left: Vec<usize>,
    right: Vec<usize>,
}

struct Terms(Vec<Term>);

impl Terms {
    fn of(sentences: &[Vec<Chunk>]) -> Self {
        let words = sentences.iter().flatten().flatten();
        let count = words.map(|word| word.term + 1).max().unwrap_or(0);
        let mut terms = vec![Term::default(); count];
        for (at, sentence) in sentences.iter().enumerate() {
            for chunk in sentence {
                for (place, word) in chunk.iter().enumerate() {
                    terms[word.term].note(word, at);
                    let before = place.checked_sub(1).map(|before| &chunk[before]);
                    if let Some(before) = before.filter(|before| before.counts() && word.counts()) {
                        terms[before.term].right.push(word.term);
                        terms[word.term].left.push(before.term);
                    }
                }
            }
        }
        Self(terms)
    }

    /// Scores by term, and how often two follow each other.
    fn scores(self, sentences: usize) -> Scores {
        let busy: Vec<f64> = self
            .0
            .iter()
            .filter(|term| !term.is_idle && 0.0 < term.frequency)
            .map(|term| term.frequency)
            .collect();
        let mean = busy.iter().sum::<f64>() / busy.len().max(1) as f64;
        let variance = busy.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / busy.len().max(1) as f64;
        let highest = self.0.iter().map(|term| term.frequency).fold(1.0, f64::max);
        let scale = mean + variance.sqrt();
        let score = |term: &Term| term.score(scale.max(1e-9), highest, sentences.max(1) as f64);
        let mut terms = self.0;
        for term in &mut terms {
            term.left.sort_unstable();
            term.right.sort_unstable();
        }
        Scores { of: terms.iter().map(score).collect(), terms }
    }
}

impl Term {
    fn note(&mut self, word: &Occurrence<'_>, sentence: usize) {
        self.frequency += 1.0;
        self.is_idle |= word.is_idle;
        match word.kind {
            Kind::Acronym => self.acronym += 1.0,
            Kind::Capital => self.capital += 1.0,
            _ => {}
        }
        if self.sentences.last() != Some(&sentence) {
            self.sentences.push(sentence);
        }
    }

    /// Section 3.2 of the paper: case, position, frequency, relatedness, spread.
    fn score(&self, scale: f64, highest: f64, sentences: f64) -> f64 {
        let case = self.acronym.max(self.capital) / (1.0 + self.frequency.max(1.0).ln());
        let middle = median(&self.sentences);
        let position = (3.0 + middle).ln().ln();
        let frequency = self.frequency / scale;
        let variety = |side: &[usize]| side.chunk_by(|a, b| a == b).count() as f64 / side.len().max(1) as f64;
        let relatedness = 1.0 + (variety(&self.left) + variety(&self.right)) * self.frequency / highest;
        let spread = self.sentences.len() as f64 / sentences;
        relatedness * position / (case + frequency / relatedness + spread / relatedness)
    }
}

fn median(sorted: &[usize]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[middle] as f64,
        _ => (sorted[middle - 1] + sorted[middle]) as f64 / 2.0,
    }
}

struct Scores {
    of: Vec<f64>,
    terms: Vec<Term>,
}

impl Scores {
    /// Section 3.3: a phrase from its words; an idle word inside counts by how firmly it joins its neighbours.
    fn phrase(&self, words: &[Occurrence<'_>], frequency: f64) -> f64 {
        let (mut product, mut sum) = (1.0, 0.0);
        for (at, word) in words.iter().enumerate() {
            if !word.is_idle {
                product *= self.of[word.term];
                sum += self.of[word.term];
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
    fn follows(&self, term: usize, next: usize) -> f64 {
        let right = &self.terms[term].right;
        let times = right.partition_point(|word| *word <= next) - right.partition_point(|word| *word < next);
        times as f64 / self.terms[term].frequency.max(1.0)
    }
}

fn candidates(sentences: &[Vec<Chunk<'_>>], scores: &Scores) -> Vec<Keyword> {
    // The words' numbers, from 1, tell phrases apart; sorted, equal ones stand together, the first in front.
    let mut found: Vec<([usize; PHRASE_MAX], &[Occurrence<'_>])> = Vec::new();
    for chunk in sentences.iter().flatten() {
        for from in 0..chunk.len() {
            for to in from + 1..=chunk.len().min(from + PHRASE_MAX) {
                let words = &chunk[from..to];
                if !words[words.len() - 1].counts() {
                    break;
                }
                if is_phrase(words) {
                    let key = std::array::from_fn(|at| words.get(at).map_or(0, |word| word.term + 1));
                    found.push((key, words));
                }
            }
        }
    }
    found.sort_by_key(|(key, _)| *key);
    let same = found.chunk_by(|a, b| a.0 == b.0);
    let mut ranked: Vec<(f64, &[Occurrence<'_>])> =
        same.map(|same| (scores.phrase(same[0].1, same.len() as f64), same[0].1)).collect();
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

/// Neither end of a phrase is idle, a figure or a mark.
fn is_phrase(words: &[Occurrence<'_>]) -> bool {
    let ends = [words.first(), words.last()];
    ends.into_iter()
        .flatten()
        .all(|word| !word.is_idle && word.kind != Kind::Figure && 2 < word.text.chars().count())
}

/// How much two phrases share, 0 to 1: 1 minus Levenshtein's distance in shares of the longer one.
fn likeness(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (folded(a), folded(b));
    let longer = a.len().max(b.len());
    // The distance is at least the difference in length.
    if longer == 0 || SAME <= a.len().abs_diff(b.len()) as f64 / longer as f64 {
        return 0.0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, x) in a.iter().enumerate() {
        let mut corner = at;
        row[0] = at + 1;
        for (to, y) in b.iter().enumerate() {
            let swap = corner + usize::from(x != y);
            corner = row[to + 1];
            row[to + 1] = swap.min(row[to] + 1).min(corner + 1);
        }
    }
    1.0 - row[b.len()] as f64 / longer as f64
}

fn folded(text: &str) -> Vec<char> {
    // Longer phrases than this are no phrases.
    text.chars().flat_map(char::to_lowercase).take(128).collect()
}

#[cfg(test)]
mod tests;
