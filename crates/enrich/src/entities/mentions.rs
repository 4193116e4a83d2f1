use super::office;
use crate::analysis::{Analysis, Passage};
use crate::link::{Base, key};
use crate::tagger::{self, Kind, Model, Part};
use std::cmp::Reverse;
use std::ops::Range;

/// One place where something is named.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    /// Which of the analysis' passages.
    pub(super) passage: usize,
    /// Tokens of that passage.
    pub(super) tokens: Range<usize>,
    pub(super) kind: Kind,
    /// 0 to 1.
    pub(super) confidence: f32,
    /// The name in the form in which names are compared.
    pub(super) key: String,
    /// The id that the user's own file gives.
    pub(super) own: Option<u32>,
    /// A country that plays.
    pub(super) team: bool,
}

impl Mention {
    pub(super) fn new(
        analysis: &Analysis<'_>,
        passage: usize,
        tokens: Range<usize>,
        kind: Kind,
        confidence: f32,
    ) -> Self {
        let mut mention =
            Self { passage, tokens, kind, confidence, key: String::new(), own: None, team: false };
        mention.key = key(mention.surface(analysis));
        mention
    }

    /// The words themselves.
    pub(super) fn surface<'a>(&self, analysis: &Analysis<'a>) -> &'a str {
        let passage = &analysis.passages[self.passage];
        let (first, last) = (&passage.tokens[self.tokens.start], &passage.tokens[self.tokens.end - 1]);
        &passage.text[first.start as usize..last.end as usize]
    }

    /// As the record has it.
    pub(super) fn record(&self, analysis: &Analysis<'_>) -> record::Mention {
        let passage = &analysis.passages[self.passage];
        let (first, last) = (&passage.tokens[self.tokens.start], &passage.tokens[self.tokens.end - 1]);
        record::Mention {
            field: passage.field,
            start: first.from,
            end: last.to,
            surface: self.surface(analysis).to_owned(),
        }
    }

    /// Number of words in the key.
    pub(super) fn words(&self) -> usize {
        self.key.split(' ').count()
    }
}

/// What the tagger finds, in order, without what does not belong to names, and known names that it passed over or
/// found a part of.
pub(super) fn tagged(model: &Model, base: &Base, analysis: &Analysis<'_>) -> Vec<Mention> {
    let parts: Vec<Part<'_>> = analysis
        .passages
        .iter()
        .map(|passage| Part {
            text: passage.text,
            tokens: &passage.tokens,
            sentences: &passage.sentences,
            forms: &passage.forms,
        })
        .collect();
    let mut starts = Vec::with_capacity(parts.len());
    let mut count = 0;
    for part in &parts {
        starts.push(count);
        count += part.tokens.len();
    }
    let place = |tokens: Range<usize>| {
        let passage = starts.partition_point(|start| *start <= tokens.start) - 1;
        (passage, tokens.start - starts[passage]..tokens.end - starts[passage])
    };
    let tagger::Tagged { names, listed } = tagger::tag(model, &parts, &analysis.forms);
    let mut out = Vec::with_capacity(names.len());
    for name in names {
        let (passage, mut tokens) = place(name.tokens);
        if name.kind == Kind::Person {
            let (office, person) = office::apart(base, &analysis.passages[passage], tokens);
            let known = office.and_then(|office| known(base, analysis, passage, office, false));
            out.extend(known);
            tokens = person;
        }
        let Some(tokens) = trim(&analysis.passages[passage], tokens) else { continue };
        let mention = Mention::new(analysis, passage, tokens, name.kind, name.confidence);
        if !mention.key.is_empty() {
            out.push(mention);
        }
    }
    for name in listed {
        let (passage, tokens) = place(name.tokens);
        out.extend(known(base, analysis, passage, tokens, name.holds_name));
    }
    in_capitals(base, analysis, &mut out);
    out.sort_by_key(|mention| (mention.passage, mention.tokens.start, Reverse(mention.tokens.end)));
    let mut end = (0, 0);
    out.retain(|mention| {
        let is_free = end <= (mention.passage, mention.tokens.start);
        if is_free {
            end = (mention.passage, mention.tokens.end);
        }
        is_free
    });
    out
}

/// Well-known organisations in capitals that the tagger passed over: "M5S".
pub(super) fn in_capitals(base: &Base, analysis: &Analysis<'_>, out: &mut Vec<Mention>) {
    let mut judged: Vec<Option<bool>> = vec![None; analysis.forms.len()];
    for (number, passage) in analysis.passages.iter().enumerate() {
        for (at, form) in passage.forms.iter().enumerate() {
            let word = passage.word(at);
            if !(3..=6).contains(&word.len()) || !is_in_capitals(word) {
                continue;
            }
            // Among other words in capitals, capitals say nothing.
            let beside = [at.checked_sub(1), Some(at + 1).filter(|next| *next < passage.tokens.len())];
            let is_shout = beside.into_iter().flatten().any(|near| is_in_capitals(passage.word(near)));
            if !is_shout && *judged[*form as usize].get_or_insert_with(|| is_organisation(base, word)) {
                out.push(Mention::new(analysis, number, at..at + 1, Kind::Organisation, KNOWN));
            }
        }
    }
}

/// Two capitals or more, or digits after the first.
fn is_in_capitals(word: &str) -> bool {
    2 <= word.len()
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether the word names a well-known organisation before all else.
fn is_organisation(base: &Base, word: &str) -> bool {
    let mut items = base.find(word);
    let best = items.next().filter(|best| best.sure && best.kind == Kind::Organisation && 0.4 <= best.prior);
    best.is_some_and(|best| items.next().is_none_or(|next| next.prior + 0.2 <= best.prior))
}

/// What a name is worth that is taken from the base because the tagger did not take it.
const KNOWN: f32 = 0.6;

/// A mention of what the tokens name, where the base knows that well; less will do for what holds a name anyhow.
fn known(
    base: &Base,
    analysis: &Analysis<'_>,
    passage: usize,
    tokens: Range<usize>,
    holds_name: bool,
) -> Option<Mention> {
    let words = &analysis.passages[passage];
    let tokens = trim(words, tokens)?;
    // "Seattle, Washington" is two names, "Governor of Virginia" an office.
    if holds_name
        && (office::is_rank(words.word(tokens.start)) || tokens.clone().any(|at| words.word(at) == ","))
    {
        return None;
    }
    let mut mention = Mention::new(analysis, passage, tokens, Kind::Other, KNOWN);
    let item = base.find_key(&mention.key).next()?;
    let enough = match item.kind {
        Kind::Person if holds_name => 0.1,
        Kind::Person => 0.4,
        Kind::Organisation if holds_name => 0.1,
        Kind::Organisation => 0.45,
        Kind::Place if holds_name => 0.4,
        Kind::Place => 0.6,
        Kind::Other if holds_name => return None,
        Kind::Other => 0.35,
    };
    mention.kind = item.kind;
    (enough <= item.prior && item.sure).then_some(mention)
}

/// Cuts articles and possessives off; none when nothing is left.
fn trim(passage: &Passage<'_>, mut tokens: Range<usize>) -> Option<Range<usize>> {
    let word = |at: usize| passage.word(at);
    while tokens.len() > 1 && matches!(word(tokens.start), "the" | "The" | "a" | "A" | "an") {
        tokens.start += 1;
    }
    while let Some(last) = tokens.clone().last() {
        let is_tail = matches!(word(last), "'s" | "’s" | "'" | "’" | "," | "(" | "-" | "\"" | "”");
        if !is_tail {
            break;
        }
        tokens.end -= 1;
    }
    (!tokens.is_empty()).then_some(tokens)
}
