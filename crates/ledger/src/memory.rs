//! What the sequencer keeps in memory: the index of texts and the open stories. Both are made anew from the
//! disk at the start.

use crate::Error;
use crate::config::DedupConfig;
use crate::near::{Index, Limits};
use crate::shelf::Shelf;
use crate::store::Store;
use crate::stories::Stories;
use model::settle::Rules;

#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) near: Index,
    pub(crate) stories: Stories,
}

impl Memory {
    /// One that remembers nothing and writes nothing.
    pub(crate) fn fresh(config: &DedupConfig) -> Self {
        let stories = stories(config).that_keep_all();
        Self { near: Index::in_memory(limits(config)), stories }
    }

    /// Reads what the store's directory holds; blocks for a second or so for each million texts.
    pub(crate) fn open(store: &Store, config: &DedupConfig, rules: &Rules) -> Result<Self, Error> {
        let near = Index::open(&store.dir().join("near"), limits(config), rules.bands)?;
        let mut stories = stories(config);
        store.each_shelved(Shelf::Stories, b"", |key, value| {
            stories.load(key, value);
            true
        })?;
        Ok(Self { near, stories })
    }
}

fn limits(config: &DedupConfig) -> Limits {
    Limits {
        window_s: u32::try_from(config.window.as_millis() / 1000).unwrap_or(u32::MAX),
        memory: usize::try_from(config.memory.0).unwrap_or(usize::MAX),
    }
}

fn stories(config: &DedupConfig) -> Stories {
    let window_ms = i64::try_from(config.window.as_millis()).unwrap_or(i64::MAX);
    Stories::new(window_ms, config.stories_max as usize)
}
