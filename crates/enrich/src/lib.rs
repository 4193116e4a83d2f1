//! Article to Story. Comes in: an article as normalised. Goes out: the same article with its language, the
//! people, organisations and places that it names with their Wikidata ids, its topics in IPTC Media Topics, its
//! keywords, the outlets that it credits, and the labels of the operator's watch lists. Pure: tables and models
//! are in the binary, nothing is fetched, no clock is read, and the same article always gives the same story.

#[cfg(test)]
extern crate self as enrich;

mod analysis;
mod attribution;
mod entities;
mod fold;
mod keywords;
mod language;
mod link;
mod packed;
mod reasons;
mod rules;
mod tagger;
mod text;
mod topics;
pub mod train;
#[cfg(feature = "train")]
pub use language::train as language_training;
#[cfg(feature = "train")]
pub use topics::train as topic_training;

use analysis::Analysis;
use entities::Tables;
pub use link::{OwnNames, OwnNamesError};
use model::{Article, Story};
pub use reasons::Reason;
use record::{Enrichment, EnrichmentState};
pub use rules::{Given, Rule, RuleError, RuleTest, Rules};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[enrich]`: what the operator adds to the built-in tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Watch lists. Default none.
    pub rules: Vec<Rule>,
}

/// What the user adds to the built-in tables.
#[derive(Clone, Debug, Default)]
pub struct Enricher {
    /// The user's own names, on top of the base.
    pub own_names: Option<OwnNames>,
    /// Watch lists.
    pub rules: Rules,
}

impl Enricher {
    /// Checks what the operator adds.
    ///
    /// # Errors
    ///
    /// Every rule that is wrong.
    pub fn new(config: &Config) -> Result<Self, Vec<RuleError>> {
        Ok(Self { own_names: None, rules: Rules::new(&config.rules)? })
    }

    /// Finds out what the article is about. Linear in the article.
    pub fn enrich(&self, article: Article) -> Story {
        let mut story = self.enrich_with(Tables::built_in(), article);
        story.labels = self.rules.given(&story).into_iter().map(|given| given.label).collect();
        story
    }

    fn enrich_with(&self, tables: Tables<'_>, article: Article) -> Story {
        let mut analysis = Analysis::of(&article, language::of(&article));
        let entities_state;
        (analysis.entities, entities_state) = entities::find(tables, &analysis, self.own_names.as_ref());
        let (topics, topics_state) = topics::of(&article, &analysis);
        let (keywords, keywords_state) = given(keywords::of(&analysis));
        let (attribution, attribution_state) = given(attribution::of(&article, &analysis));
        Story {
            topics,
            keywords: keywords.into_iter().map(|keyword| keyword.text).collect(),
            attribution: attribution.into_iter().map(|found| found.attribution).collect(),
            labels: Vec::new(),
            enrichment: Enrichment {
                entities: entities_state,
                topics: topics_state,
                keywords: keywords_state,
                attribution: attribution_state,
            },
            entities: analysis.entities,
            language: analysis.language,
            article,
        }
    }
}

/// Finds out what the article is about, with the built-in tables alone.
pub fn enrich(article: Article) -> Story {
    Enricher::default().enrich(article)
}

/// What was found, and whether the language is one that it can be found in.
fn given<T>(found: Option<Vec<T>>) -> (Vec<T>, EnrichmentState) {
    match found {
        Some(found) => (found, EnrichmentState::Ok),
        None => (Vec::new(), EnrichmentState::UnsupportedLanguage),
    }
}

/// Version of each table and model that has a part in a story, for `producer.models`.
pub fn models() -> BTreeMap<String, String> {
    let mut models = BTreeMap::from([
        ("topics".to_owned(), topics::VERSION.to_owned()),
        ("keywords".to_owned(), keywords::VERSION.to_owned()),
        ("attribution".to_owned(), attribution::VERSION.to_owned()),
        ("language".to_owned(), language::VERSION.to_owned()),
    ]);
    models.extend(Tables::built_in().versions().map(|(name, version)| (name.to_owned(), version)));
    models
}

#[cfg(test)]
mod tests;
