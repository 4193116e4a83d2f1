//! Words as YAKE! counts them.

use super::stopwords::Idle;
use crate::analysis::Analysis;
use crate::packed::{ByHash, hash};
use std::ops::Range;

/// One word of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occurrence<'a> {
    /// As written.
    pub(super) text: &'a str,
    /// Number of the word, whatever its case and plural.
    pub(super) term: u32,
    pub(super) kind: Kind,
    /// Says nothing by itself.
    pub(super) is_idle: bool,
    /// Has more than two letters.
    pub(super) is_long: bool,
}

impl Occurrence<'_> {
    /// Whether it can be company and part of a phrase.
    pub(super) fn counts(&self) -> bool {
        self.kind != Kind::Figure
    }
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number, or letters and figures mixed.
    Figure,
    /// In capitals.
    Acronym,
    /// With a capital, not at the beginning of a sentence.
    Capital,
    Plain,
}

/// Words between two marks.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// Which of the words; never empty.
    pub(super) words: Range<usize>,
    /// Number of its sentence.
    pub(super) sentence: u32,
}

/// The words of an article.
#[derive(Clone, Debug, Default)]
pub(super) struct Words<'a> {
    pub(super) all: Vec<Occurrence<'a>>,
    pub(super) chunks: Vec<Chunk>,
    pub(super) sentences: u32,
    pub(super) terms: u32,
}

/// What a form is.
#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    NotRead,
    /// A genitive's end is no word: it belongs to the one before.
    Ending,
    Mark,
    Word(Occurrence<'a>),
}

/// The article's words, in runs. Words beyond `limit` are left out.
pub(super) fn words<'a>(analysis: &'a Analysis<'_>, idle: &'a Idle, limit: usize) -> Words<'a> {
    let mut terms = ByHash::default();
    terms.reserve(analysis.forms.lemmas());
    let forms = vec![Form::NotRead; analysis.forms.len()];
    let mut reader = Reader { analysis, idle, terms, forms };
    let mut out = Words::default();
    out.all.reserve(analysis.passages.iter().map(|passage| passage.tokens.len()).sum::<usize>().min(limit));
    for passage in &analysis.passages {
        for range in &passage.sentences {
            let begins = out.all.len();
            let mut start = begins;
            for at in range.clone() {
                let end = out.all.len();
                match reader.form(passage.forms[at], passage.word(at)) {
                    Form::Word(_) if limit <= end => break,
                    Form::Word(word) => {
                        let is_first = word.kind == Kind::Capital && end == begins;
                        let kind = if is_first { Kind::Plain } else { word.kind };
                        out.all.push(Occurrence { kind, ..word });
                    }
                    Form::Mark => {
                        out.close(start);
                        start = end;
                    }
                    Form::Ending | Form::NotRead => {}
                }
            }
            out.close(start);
            out.sentences += 1;
        }
    }
    out.terms = reader.terms.len() as u32;
    out
}

impl Words<'_> {
    fn close(&mut self, start: usize) {
        if start < self.all.len() {
            self.chunks.push(Chunk { words: start..self.all.len(), sentence: self.sentences });
        }
    }
}

struct Reader<'a, 'b> {
    analysis: &'a Analysis<'b>,
    idle: &'a Idle,
    terms: ByHash<u32>,
    forms: Vec<Form<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn form(&mut self, form: u32, text: &'a str) -> Form<'a> {
        if matches!(self.forms[form as usize], Form::NotRead) {
            self.forms[form as usize] = self.read(form, text);
        }
        self.forms[form as usize]
    }

    fn read(&mut self, form: u32, text: &'a str) -> Form<'a> {
        if is_ending(text) {
            return Form::Ending;
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Form::Mark;
        }
        let forms = &self.analysis.forms;
        let lemma = forms.lemma(form);
        let lower = forms.small(lemma);
        // "reports" and "report" are one.
        let stem = lower.strip_suffix('s').filter(|stem| 2 < stem.len()).unwrap_or(lower);
        let next = self.terms.len() as u32;
        let term = *self.terms.entry(hash(stem.as_bytes())).or_insert(next);
        let is_idle = lower.chars().count() < 3 || self.idle.contains_key(&forms.small_hash(lemma));
        let is_long = 2 < text.chars().count();
        Form::Word(Occurrence { text, term, kind: kind(text), is_idle, is_long })
    }
}

fn is_ending(text: &str) -> bool {
    text.strip_prefix(['\'', '’']).is_some_and(|rest| !rest.is_empty()) || matches!(text, "n't" | "n’t")
}

/// How a word that does not begin a sentence is written.
fn kind(text: &str) -> Kind {
    let has_figure = text.chars().any(|c| c.is_numeric());
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    if has_figure {
        Kind::Figure
    } else if letters().all(char::is_uppercase) && 1 < letters().count() {
        Kind::Acronym
    } else if text.chars().next().is_some_and(char::is_uppercase) {
        Kind::Capital
    } else {
        Kind::Plain
    }
}
