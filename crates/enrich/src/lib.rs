//! Article to Story. Comes in: an article as normalised. Goes out: the same article with its language, the
//! people, organisations and places that it names with their Wikidata ids, its topics in IPTC Media Topics, its
//! keywords, the outlets that it credits, and the labels of the operator's watch lists. Pure: tables and models
//! are in the binary, nothing is fetched, no clock is read, and the same article always gives the same story.

// What is fuzzed reads like any user's code, in the tests too.
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
use std::path::PathBuf;
use std::sync::Arc;

/// `[enrich]`: what is looked for, and what the operator adds to the built-in tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Find and link people, organisations and places. Default true.
    pub entities: bool,
    /// Classify into IPTC Media Topics. Default true.
    pub topics: bool,
    /// Find keywords. Default true.
    pub keywords: bool,
    /// Find the outlets that are credited. Default true.
    pub attribution: bool,
    /// A file of names of the operator's own, see [`OwnNames`]; relative to the config file. Default none.
    pub names_file: Option<PathBuf>,
    /// What that file holds, for whoever reads files to fill in.
    #[serde(skip)]
    pub names: Option<Arc<OwnNames>>,
    /// Watch lists. Default none.
    pub rules: Vec<Rule>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            entities: true,
            topics: true,
            keywords: true,
            attribution: true,
            names_file: None,
            names: None,
            rules: Vec::new(),
        }
    }
}

/// Finds out what articles are about: with [`Enricher::default`] everything, by the built-in tables alone.
#[derive(Clone, Debug, Default)]
pub struct Enricher {
    /// What is not looked for.
    off: Off,
    /// The user's own names, on top of the base.
    pub own_names: Option<Arc<OwnNames>>,
    /// Watch lists.
    pub rules: Rules,
}

/// The parts that are switched off.
#[derive(Clone, Copy, Debug, Default)]
struct Off {
    entities: bool,
    topics: bool,
    keywords: bool,
    attribution: bool,
}

impl Off {
    fn new(config: &Config) -> Self {
        Self {
            entities: !config.entities,
            topics: !config.topics,
            keywords: !config.keywords,
            attribution: !config.attribution,
        }
    }

    /// Whether nobody asks for an article's words.
    fn everything(self) -> bool {
        self.entities && self.topics && self.keywords && self.attribution
    }
}

impl Enricher {
    /// Checks what the operator adds.
    ///
    /// # Errors
    ///
    /// Every rule that is wrong.
    pub fn new(config: &Config) -> Result<Self, Vec<RuleError>> {
        Ok(Self { off: Off::new(config), own_names: config.names.clone(), rules: Rules::new(&config.rules)? })
    }

    /// Finds out what the article is about. Linear in the article.
    pub fn enrich(&self, article: Article) -> Story {
        let mut story = self.enrich_with(Tables::built_in(), article);
        story.labels = self.rules.given(&story).into_iter().map(|given| given.label).collect();
        story
    }

    fn enrich_with(&self, tables: Tables<'_>, article: Article) -> Story {
        let language = language::of(&article);
        let mut analysis =
            if self.off.everything() { Analysis::none(language) } else { Analysis::of(&article, language) };
        let entities_state;
        (analysis.entities, entities_state) =
            part(self.off.entities, || entities::find(tables, &analysis, self.own_names.as_deref()));
        let (topics, topics_state) = part(self.off.topics, || topics::of(&article, &analysis));
        let (keywords, keywords_state) = part(self.off.keywords, || given(keywords::of(&analysis)));
        let (attribution, attribution_state) =
            part(self.off.attribution, || given(attribution::of(&article, &analysis)));
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

/// What a part finds, unless it is switched off.
fn part<T>(off: bool, find: impl FnOnce() -> (Vec<T>, EnrichmentState)) -> (Vec<T>, EnrichmentState) {
    if off { (Vec::new(), EnrichmentState::Disabled) } else { find() }
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
