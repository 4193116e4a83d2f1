use crate::analysis::Analysis;
use crate::link::key;
use crate::tagger::{self, Kind, Model, Part};
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

/// What the tagger finds, in order, without what does not belong to names.
pub(super) fn tagged(model: &Model, analysis: &Analysis<'_>) -> Vec<Mention> {
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
    let place = |name: tagger::Name| {
        let passage = starts.partition_point(|start| *start <= name.tokens.start) - 1;
        let tokens = name.tokens.start - starts[passage]..name.tokens.end - starts[passage];
        let tokens = trim(analysis, passage, tokens, name.kind)?;
        Some(Mention::new(analysis, passage, tokens, name.kind, name.confidence))
            .filter(|mention| !mention.key.is_empty())
    };
    tagger::tag(model, &parts, &analysis.forms).into_iter().filter_map(place).collect()
}

/// Words of rank that stand before a person's name.
const RANKS: [&str; 46] = [
    "mr",
    "mr.",
    "mrs",
    "mrs.",
    "ms",
    "ms.",
    "dr",
    "dr.",
    "prof",
    "prof.",
    "professor",
    "president",
    "minister",
    "premier",
    "chancellor",
    "governor",
    "gov.",
    "senator",
    "sen.",
    "rep.",
    "mayor",
    "judge",
    "justice",
    "general",
    "gen.",
    "colonel",
    "col.",
    "captain",
    "capt.",
    "sgt.",
    "lt.",
    "maj.",
    "secretary",
    "chairman",
    "ambassador",
    "congressman",
    "congresswoman",
    "spokesman",
    "spokeswoman",
    "commissioner",
    "sheriff",
    "coach",
    "rev.",
    "archbishop",
    "cardinal",
    "director",
];

/// Cuts articles, possessives and ranks off; none when nothing is left.
fn trim(
    analysis: &Analysis<'_>,
    passage: usize,
    mut tokens: Range<usize>,
    kind: Kind,
) -> Option<Range<usize>> {
    let passage = &analysis.passages[passage];
    let word = |at: usize| passage.word(at);
    if kind == Kind::Person {
        let last_rank =
            tokens.clone().rev().skip(1).find(|at| RANKS.contains(&word(*at).to_lowercase().as_str()));
        if let Some(rank) = last_rank {
            tokens.start = rank + 1;
        }
        if tokens.len() == 1 && RANKS.contains(&word(tokens.start).to_lowercase().as_str()) {
            return None;
        }
    }
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
