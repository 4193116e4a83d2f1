//! Making and measuring the packed tables: for the example `tables`, which `cargo xtask` runs. Nothing that enriches
//! calls this.

pub use crate::link::build::{Tables, build as build_base};
pub use crate::tagger::train::{Labelled, Recut, Settings, lexicon, recut, train as train_tagger};

use crate::link::Base;
use crate::tagger::Model;
use ::model::{Article, Story};
use std::ops::Range;

/// Tables to be measured instead of the built-in ones.
#[derive(Clone, Debug)]
pub struct Candidate {
    model: Model,
    base: Base,
}

impl Candidate {
    /// The tables in these bytes, the built-in ones where there are none; none when they are not of this version.
    pub fn read(model: Option<&'static [u8]>, base: Option<&'static [u8]>) -> Option<Self> {
        let built_in = crate::entities::Tables::built_in();
        let model = match model {
            Some(bytes) => Model::read(bytes)?,
            None => built_in.model?.clone(),
        };
        let base = match base {
            Some(bytes) => Base::read(bytes)?,
            None => *built_in.base,
        };
        Some(Self { model, base })
    }

    /// The whole enrichment with these tables.
    pub fn enrich(&self, article: Article) -> Story {
        let tables = crate::entities::Tables { model: Some(&self.model), base: &self.base };
        crate::Enricher::default().enrich_with(tables, article)
    }

    /// Number of entities in an article: tokens, sentences, language, tagger, document pass and linking alone.
    pub fn entities(&self, article: &Article) -> usize {
        let tables = crate::entities::Tables { model: Some(&self.model), base: &self.base };
        let analysis = crate::analysis::Analysis::of(article, crate::language::of(article));
        crate::entities::find(tables, &analysis, None).0.len()
    }

    /// Names in a document as byte ranges of its text, with their types, as the tagger alone finds them.
    pub fn names(&self, document: &Recut) -> Vec<(Range<u32>, &'static str)> {
        crate::tagger::train::names(&self.model, document)
    }

    /// Number of tokens and of names in a raw text: cut into tokens and sentences, and tagged.
    pub fn count(&self, text: &str) -> (usize, usize) {
        let tokens = crate::text::tokens(text);
        let sentences = crate::text::sentences(text, &tokens);
        let mut forms = crate::text::Forms::default();
        let numbers = forms.read(text, &tokens);
        let part = crate::tagger::Part { text, tokens: &tokens, sentences: &sentences, forms: &numbers };
        let names = crate::tagger::tag(&self.model, &[part], &forms).names.len();
        (tokens.len(), names)
    }
}

/// A name's tokens as the tagger sees them in a text.
pub fn words(name: &str) -> Vec<String> {
    crate::text::tokens(name).iter().map(|token| token.of(name).to_owned()).collect()
}

/// The language of a text of which no claim is known, and the probability that it is right.
pub fn language(text: &str) -> Option<(&'static str, f64)> {
    crate::language::judge(None, text)
}
