//! Article to Story. Comes in: an article as normalised. Goes out: the same article with its language
//! and its topics in IPTC Media Topics. Pure: tables and models are in the binary, nothing is fetched,
//! no clock is read, and the same article always gives the same story. Entities, keywords and
//! attribution are not in this build, and every record says so.

mod analysis;
mod attribution;
mod fold;
mod keywords;
mod language;
mod text;
mod topics;
#[cfg(feature = "train")]
pub use topics::train as topic_training;

use analysis::Analysis;
use model::{Article, Story};
use record::{Enrichment, EnrichmentState};
use std::collections::BTreeMap;

/// Finds out what the article is about.
pub fn enrich(article: Article) -> Story {
    let analysis = Analysis::of(&article, language::of(&article));
    let (topics, topics_state) = topics::of(&article, &analysis);
    let (keywords, keywords_state) = given(keywords::of(&analysis));
    let (attribution, attribution_state) = given(attribution::of(&article, &analysis));
    Story {
        topics,
        keywords: keywords.into_iter().map(|keyword| keyword.text).collect(),
        attribution: attribution.into_iter().map(|found| found.attribution).collect(),
        enrichment: Enrichment {
            entities: EnrichmentState::Disabled,
            topics: topics_state,
            keywords: keywords_state,
            attribution: attribution_state,
        },
        entities: analysis.entities,
        language: analysis.language,
        article,
    }
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
    BTreeMap::from([
        ("topics".to_owned(), topics::VERSION.to_owned()),
        ("keywords".to_owned(), keywords::VERSION.to_owned()),
        ("attribution".to_owned(), attribution::VERSION.to_owned()),
        ("language".to_owned(), language::VERSION.to_owned()),
    ])
}

#[cfg(test)]
mod tests;
