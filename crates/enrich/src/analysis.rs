//! What all of this room reads of an article, found once.

use crate::text::{self, Forms, Token};
use model::Article;
use record::{Entity, Field, Language};
use std::ops::Range;

/// An article's words, and what is known of them before topics, keywords and credits are looked for.
#[derive(Debug)]
pub(crate) struct Analysis<'a> {
    /// Title, summary and text, as far as the article has them, in this order. A summary that the text
    /// begins with is left out: it would count twice.
    pub(crate) passages: Vec<Passage<'a>>,
    /// The distinct words of all passages.
    pub(crate) forms: Forms,
    /// The article's language, when it can be told.
    pub(crate) language: Option<Language>,
    /// What the article names, most salient first. Empty in languages that the tagger does not know.
    pub(crate) entities: Vec<Entity>,
}

/// One field of an article in tokens and sentences.
#[derive(Debug)]
pub(crate) struct Passage<'a> {
    /// Which field.
    pub(crate) field: Field,
    /// The field's text.
    pub(crate) text: &'a str,
    /// Its tokens.
    pub(crate) tokens: Vec<Token>,
    /// Ranges of `tokens`: all of them, in order.
    pub(crate) sentences: Vec<Range<usize>>,
    /// Which of the article's forms each token is.
    pub(crate) forms: Vec<u32>,
}

impl<'a> Analysis<'a> {
    /// Tokens and sentences of the article's text fields.
    pub(crate) fn of(article: &'a Article, language: Option<Language>) -> Self {
        let text = article.text.as_deref().unwrap_or_default();
        let summary = article.summary.as_deref().filter(|summary| !repeats(summary, text));
        let fields = [
            (Field::Title, article.title.as_deref()),
            (Field::Summary, summary),
            (Field::Text, article.text.as_deref()),
        ];
        Self::read(fields.into_iter().filter_map(|(field, text)| Some((field, text?))), language)
    }

    /// Of an article that nothing is looked for in: its language alone.
    pub(crate) fn none(language: Option<Language>) -> Self {
        Self { passages: Vec::new(), forms: Forms::default(), language, entities: Vec::new() }
    }

    /// Tokens and sentences of these texts.
    pub(crate) fn read(
        texts: impl IntoIterator<Item = (Field, &'a str)>,
        language: Option<Language>,
    ) -> Self {
        let mut forms = Forms::default();
        let passages =
            texts.into_iter().map(|(field, text)| Passage::read(field, text, &mut forms)).collect();
        Self { passages, forms, language, entities: Vec::new() }
    }

    /// Whether the language is English, or cannot be told.
    pub(crate) fn is_english(&self) -> bool {
        self.language
            .as_ref()
            .is_none_or(|language| language.code == "en" || language.code.starts_with("en-"))
    }

    /// A token of one of the passages in lower case.
    pub(crate) fn small(&self, passage: &Passage<'_>, token: usize) -> &str {
        self.forms.small(self.forms.lemma(passage.forms[token]))
    }
}

impl<'a> Passage<'a> {
    /// Cuts a field into tokens and sentences.
    fn read(field: Field, text: &'a str, forms: &mut Forms) -> Self {
        let tokens = text::tokens(text);
        let sentences = text::sentences(text, &tokens);
        let forms = forms.read(text, &tokens);
        Self { field, text, tokens, sentences, forms }
    }

    /// The words of one token.
    pub(crate) fn word(&self, token: usize) -> &'a str {
        self.tokens[token].of(self.text)
    }
}

/// Whether the summary is the text's beginning, be it cut off with an ellipsis.
fn repeats(summary: &str, text: &str) -> bool {
    let cut = summary.trim_end_matches(|c: char| c.is_whitespace() || ".…[]".contains(c));
    text.starts_with(cut)
}
