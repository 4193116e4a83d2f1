//! Article to Story. Comes in: an article as normalised. Goes out: the same article with its language
//! and its topics in IPTC Media Topics. Pure: tables and models are in the binary, nothing is fetched,
//! no clock is read, and the same article always gives the same story. Entities, keywords and
//! attribution are not in this build, and every record says so.

mod analysis;
mod fold;
mod language;
mod text;
mod topics;

use analysis::Analysis;
use model::{Article, Story};
use record::{Enrichment, EnrichmentState};
use std::collections::BTreeMap;

/// Finds out what the article is about.
pub fn enrich(article: Article) -> Story {
    let analysis = Analysis::of(&article, language::of(&article));
    Story {
        topics: topics::of(&article.categories),
        keywords: Vec::new(),
        attribution: Vec::new(),
        enrichment: Enrichment {
            entities: EnrichmentState::Disabled,
            topics: EnrichmentState::Ok,
            keywords: EnrichmentState::Disabled,
            attribution: EnrichmentState::Disabled,
        },
        entities: analysis.entities,
        language: analysis.language,
        article,
    }
}

/// Version of each table and model that has a part in a story, for `producer.models`.
pub fn models() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("topics".to_owned(), topics::VERSION.to_owned()),
        ("language".to_owned(), language::VERSION.to_owned()),
    ])
}

#[cfg(test)]
mod tests;
