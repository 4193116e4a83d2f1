//! What the sequencer decides and writes by: pure functions of the rooms, handed to the ledger.

use crate::compose;
use model::settle::Rules;

/// The rules of this wireroom.
pub const RULES: Rules = Rules {
    judge: dedup::judge,
    name: dedup::name,
    compose: compose::row,
    compose_sighting: compose::sighting,
    compose_story: compose::story,
    compose_feed: compose::feed,
    bands: dedup::bands,
    compare: dedup::compare,
};
