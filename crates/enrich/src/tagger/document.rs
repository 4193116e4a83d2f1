//! A document's words, and what the whole of it says about each of them.

use super::lexicon::Lexicon;
use super::word::{self, Case, Word};
use crate::text::{Forms, Token};
use std::ops::Range;

/// A text with its tokens and sentences, to be read as a part of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [Token],
    pub(crate) sentences: &'a [Range<usize>],
    /// Which of the document's forms each token is.
    pub(crate) forms: &'a [u32],
}

/// A sentence of a document.
#[derive(Clone, Debug)]
pub(super) struct Sentence {
    /// Its tokens in `Document::tokens`.
    pub(super) tokens: Range<usize>,
    /// Nearly every word has a capital, or there are capitals only.
    pub(super) headline: bool,
    /// Runs of capitalised words in it, each two tokens at least, as ranges of `Document::tokens`.
    pub(super) runs: Vec<Range<usize>>,
}

/// What a document says of a word, all its places taken together; capitals do not matter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// How often without a capital, and with one although no sentence begins there; up to 255.
    pub(super) small: u8,
    pub(super) capital: u8,
    /// Capitalised neighbours, the first ones seen; 0 for none.
    pub(super) before: u64,
    pub(super) after: u64,
    /// What stands around the names that the word is in: nine bits, see `surroundings`.
    pub(super) around: u16,
    /// First and last word of the name that the word is the short form of: "Jewish News Syndicate (JNS)".
    pub(super) stands_for: Option<(u64, u64)>,
}

/// A document as the tagger sees it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) words: Vec<Word>,
    /// Which of `words` each token is.
    pub(super) tokens: Vec<u32>,
    pub(super) sentences: Vec<Sentence>,
    /// By `Word::lemma`.
    pub(super) evidence: Vec<Evidence>,
}

impl Document {
    /// Reads the parts, in order. Linear in their tokens.
    pub(super) fn read(lexicon: &Lexicon, parts: &[Part<'_>], forms: &Forms) -> Self {
        let count = parts.iter().map(|part| part.tokens.len()).sum();
        let mut reader = Reader {
            lexicon,
            forms,
            document: Document {
                words: Vec::with_capacity(forms.len() + 16),
                tokens: Vec::with_capacity(count),
                sentences: Vec::new(),
                evidence: vec![Evidence::default(); forms.lemmas()],
            },
            known: vec![[NOT_READ; 2]; forms.len()],
        };
        for part in parts {
            for sentence in part.sentences {
                reader.sentence(part, sentence.clone());
            }
        }
        let mut document = reader.document;
        for at in 0..document.sentences.len() {
            document.witness(at);
        }
        document
    }

    /// The word at a token.
    pub(super) fn word(&self, token: usize) -> &Word {
        &self.words[self.tokens[token] as usize]
    }

    /// Adds what one sentence says to the evidence.
    fn witness(&mut self, at: usize) {
        let Sentence { tokens, headline, runs } = self.sentences[at].clone();
        for token in tokens.clone() {
            let word = *self.word(token);
            let evidence = &mut self.evidence[word.lemma as usize];
            match word.case {
                Case::Small => evidence.small = evidence.small.saturating_add(1),
                Case::First | Case::All | Case::Inside if token != tokens.start && !headline => {
                    evidence.capital = evidence.capital.saturating_add(1);
                }
                _ => {}
            }
        }
        if headline {
            return;
        }
        let mut next = tokens.start;
        while next < tokens.end {
            let run = runs.iter().find(|run| run.contains(&next)).cloned().unwrap_or(next..next + 1);
            if is_name_like(self.word(run.start).case) {
                self.witness_run(&tokens, &run);
            }
            next = run.end;
        }
    }

    /// Adds what stands in and around one run of capitalised words.
    fn witness_run(&mut self, sentence: &Range<usize>, run: &Range<usize>) {
        let before = if sentence.start < run.start { self.word(run.start - 1).cues } else { 0 };
        let after = if run.end < sentence.end { self.word(run.end).cues } else { 0 };
        let around = surroundings(before, after);
        for token in run.clone() {
            let neighbour = |at: usize| self.word(at).small;
            let before = if run.start < token { neighbour(token - 1) } else { 0 };
            let after = if token + 1 < run.end { neighbour(token + 1) } else { 0 };
            let lemma = self.word(token).lemma as usize;
            let evidence = &mut self.evidence[lemma];
            evidence.around |= around;
            if evidence.before == 0 {
                evidence.before = before;
            }
            if evidence.after == 0 {
                evidence.after = after;
            }
        }
        if run.len() < 2 || sentence.end < run.end + 3 {
            return;
        }
        let (open, short, close) = (self.word(run.end), self.word(run.end + 1), self.word(run.end + 2));
        if open.cues & (1 << 5) != 0 && short.case == Case::All && close.cues & (1 << 6) != 0 {
            let ends = (self.word(run.start).small, self.word(run.end - 1).small);
            let lemma = short.lemma as usize;
            self.evidence[lemma].stands_for = Some(ends);
        }
    }
}

/// Whether the case is one that names have.
pub(super) fn is_name_like(case: Case) -> bool {
    matches!(case, Case::First | Case::All | Case::Inside)
}

/// Before: title, place word, "the", "(", "of". After: speech, "'s", "(", ")".
fn surroundings(before: u16, after: u16) -> u16 {
    let bit = |cues: u16, from: u16, to: u16| (cues >> from & 1) << to;
    bit(before, 0, 0)
        | bit(before, 2, 1)
        | bit(before, 3, 2)
        | bit(before, 5, 3)
        | bit(before, 8, 4)
        | bit(after, 1, 5)
        | bit(after, 4, 6)
        | bit(after, 5, 7)
        | bit(after, 6, 8)
}

/// Of a form: no word yet.
const NOT_READ: u32 = u32::MAX;

struct Reader<'a> {
    lexicon: &'a Lexicon,
    forms: &'a Forms,
    document: Document,
    /// Which word each form is, in a text and in a headline.
    known: Vec<[u32; 2]>,
}

impl Reader<'_> {
    fn sentence(&mut self, part: &Part<'_>, range: Range<usize>) {
        let start = self.document.tokens.len();
        let headline = is_headline(part, &range);
        for at in range {
            let word = self.word(part.tokens[at].of(part.text), part.forms[at], headline);
            self.document.tokens.push(word);
        }
        let tokens = start..self.document.tokens.len();
        let runs = if headline { Vec::new() } else { runs(&self.document, &tokens) };
        self.document.sentences.push(Sentence { tokens, headline, runs });
    }

    fn word(&mut self, written: &str, form: u32, headline: bool) -> u32 {
        let known = &mut self.known[form as usize][usize::from(headline)];
        if *known == NOT_READ {
            *known = self.document.words.len() as u32;
            self.document.words.push(word::read(self.lexicon, written, headline, self.forms, form));
        }
        *known
    }
}

/// Whether the capitals of a sentence say little: four words at least, nearly all of them with one.
fn is_headline(part: &Part<'_>, range: &Range<usize>) -> bool {
    let (mut words, mut capitals) = (0, 0);
    for token in &part.tokens[range.clone()] {
        let written = token.of(part.text);
        if written.starts_with(char::is_alphabetic) && 3 < written.len() {
            words += 1;
            capitals += u32::from(written.starts_with(char::is_uppercase));
        }
    }
    4 <= words && words * 8 <= capitals * 10
}

/// Runs of two capitalised words or more; "of", "for", "de" and their like may stand between two of them, titles
/// like "President" do not begin one.
fn runs(document: &Document, tokens: &Range<usize>) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = tokens.start;
    while at < tokens.end {
        if !is_name_like(document.word(at).case) || document.word(at).cues & 1 != 0 {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < tokens.end {
            let word = document.word(end);
            let bridge = word.links && end + 1 < tokens.end && is_name_like(document.word(end + 1).case);
            if !is_name_like(word.case) && !bridge {
                break;
            }
            end += 1;
        }
        if 1 < end - at {
            out.push(at..end);
        }
        at = end;
    }
    out
}
