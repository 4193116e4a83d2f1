use crate::rules::RULES;
use jiff::Timestamp;
use ledger::{DedupConfig, Identity, Scratch};
use model::settle::Candidate;
use model::{Article, Story};
use record::{Enrichment, EnrichmentState, Entity};

/// Keys the sketches of filters: the same input has the same answer on every machine.
const SEED: u64 = 0x5749_5245_524f_4f4d;

/// Decides articles one by one as the daemon would, remembering them in memory only.
#[derive(Debug)]
pub struct Sift(Scratch);

impl Sift {
    /// One that knows nothing.
    pub fn new(config: &DedupConfig) -> Self {
        Self(Scratch::new(config, RULES))
    }

    /// What `article`, seen at `at`, is, given what came before; `entities` help to find its story.
    ///
    /// # Errors
    ///
    /// When no id is free: after a thousand collisions.
    pub fn decide(
        &mut self,
        article: Article,
        entities: Vec<Entity>,
        at: Timestamp,
    ) -> Result<Option<Identity>, ledger::Error> {
        let feed = article.feed.id.clone();
        let boilerplate = article.outlet.domain.as_deref().map(|domain| self.0.boilerplate(domain));
        let boilerplate = boilerplate.unwrap_or_default();
        let is_boilerplate = |hash| boilerplate.binary_search(&hash).is_ok();
        let mut sighting = dedup::sighting(&article);
        let sketch = dedup::sketch(&article, SEED, &is_boilerplate);
        sighting.gist = sketch.as_ref().and_then(dedup::gist);
        let (withdrawn, paragraphs) = (dedup::is_retraction(&article), dedup::paragraphs(&article));
        let off = EnrichmentState::Disabled;
        let story = Story {
            article,
            language: None,
            entities,
            topics: Vec::new(),
            keywords: Vec::new(),
            attribution: Vec::new(),
            labels: Vec::new(),
            enrichment: Enrichment { entities: off, topics: off, keywords: off, attribution: off },
        };
        let terms = dedup::terms(&story, &is_boilerplate);
        let candidate = Candidate {
            sighting,
            story,
            backfill: false,
            withdrawn,
            sketch,
            terms,
            paragraphs,
            page: model::page::Page::Unasked,
        };
        self.0.settle(&feed, candidate, at)
    }
}
