//! The document pass: from names found one by one to entities of the article, each with all its mentions,
//! one kind, and a Wikidata id where that is safe.

mod complete;
mod group;
mod judge;
mod listed;
mod mentions;
mod office;
mod settle;
#[cfg(test)]
mod tests;

use crate::analysis::Analysis;
use crate::link::{Base, OwnNames};
use crate::tagger::{Kind, Model};
use group::Group;
use mentions::Mention;
use record::{EnrichmentState, Entity};
use std::sync::OnceLock;

/// Most entities that an article's record lists: what a long list of names would add is nobody's topic.
const ENTITIES_MAX: usize = 200;
/// Most mentions that one entity's record lists.
const MENTIONS_MAX: usize = 200;

/// The tables that entities are found with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables<'a> {
    pub(crate) model: Option<&'a Model>,
    pub(crate) base: &'a Base,
}

impl Tables<'static> {
    /// Those in the binary; the model is none when it cannot be read.
    pub(crate) fn built_in() -> Self {
        static MODEL: OnceLock<Option<Model>> = OnceLock::new();
        let model = MODEL.get_or_init(|| Model::read(include_bytes!("../../data/ner-en.bin"))).as_ref();
        Self { model, base: Base::built_in() }
    }

    /// Which builds they are.
    pub(crate) fn versions(&self) -> [(&'static str, String); 2] {
        let tagger = self.model.map_or("none", |model| model.version());
        [("ner", tagger.to_owned()), ("kb", self.base.version().to_owned())]
    }
}

/// Finds the article's entities, most salient first, and says how that went.
pub(crate) fn find(
    tables: Tables<'_>,
    analysis: &Analysis<'_>,
    own: Option<&OwnNames>,
) -> (Vec<Entity>, EnrichmentState) {
    let base = tables.base;
    let english = analysis.is_english();
    let mut mentions = if english {
        let Some(model) = tables.model else { return (Vec::new(), EnrichmentState::Disabled) };
        mentions::tagged(model, base, analysis)
    } else {
        listed::from_base(base, analysis)
    };
    if let Some(own) = own {
        listed::from_own(own, analysis, &mut mentions);
    }
    if !english && !listed::speaks(analysis.language.as_ref()) {
        return (Vec::new(), EnrichmentState::UnsupportedLanguage);
    }
    let sport = judge::is_sport(analysis);
    if english {
        settle::kinds(base, &mut mentions, sport);
        complete::add_missed(analysis, &mut mentions);
    }
    let groups = judge::link(base, own, analysis, group::group(mentions), sport);
    (records(analysis, groups), EnrichmentState::Ok)
}

/// Groups as the record has them.
fn records(analysis: &Analysis<'_>, groups: Vec<(Group, Option<u32>)>) -> Vec<Entity> {
    let mut out: Vec<(Entity, (usize, usize))> = groups
        .into_iter()
        .map(|(group, qid)| {
            let first =
                group.mentions.first().map_or((0, 0), |mention| (mention.passage, mention.tokens.start));
            (record_of(analysis, &group, qid), first)
        })
        .collect();
    out.sort_by(|(a, first), (b, other)| b.salience.total_cmp(&a.salience).then(first.cmp(other)));
    out.truncate(ENTITIES_MAX);
    out.into_iter().map(|(entity, _)| entity).collect()
}

fn record_of(analysis: &Analysis<'_>, group: &Group, qid: Option<u32>) -> Entity {
    let fullest = group.mentions.iter().rev().max_by_key(|mention| mention.tokens.len());
    let name = fullest.map_or_else(String::new, |mention| mention.surface(analysis).to_owned());
    let confidence = group.mentions.iter().map(|mention| f64::from(mention.confidence)).fold(0.0, f64::max);
    Entity {
        name,
        kind: group.kind.name().to_owned(),
        wikidata: qid.map(|qid| format!("Q{qid}")),
        salience: round(salience(analysis, group)),
        confidence: round(confidence.min(1.0)),
        mentions: group.mentions.iter().take(MENTIONS_MAX).map(|mention| mention.record(analysis)).collect(),
    }
}

/// Weight in the article: mentions, more for the title and for the first tenth of the text. Half of the scale is
/// reached by three plain mentions.
fn salience(analysis: &Analysis<'_>, group: &Group) -> f64 {
    let weight = |mention: &Mention| {
        let passage = &analysis.passages[mention.passage];
        match passage.field {
            record::Field::Title => 3.0,
            _ if mention.tokens.start * 10 < passage.tokens.len() => 2.0,
            _ => 1.0,
        }
    };
    let sum: f64 = group.mentions.iter().map(weight).sum();
    sum / (sum + 3.0)
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Kinds that may stand for one another in the base: a building that acts is tagged an organisation, what is listed
/// with works and events may be either.
fn may_be(tagged: Kind, listed: Kind) -> bool {
    tagged == listed || tagged != Kind::Person && listed != Kind::Person
}
