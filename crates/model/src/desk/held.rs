//! What waits, and what became of it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Articles of one feed that wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeldFeed {
    /// The feed.
    pub feed: String,
    /// How many wait for a word.
    pub articles: u64,
    /// How many wait for their page, and go out by themselves.
    pub pages: u64,
    /// Since when the first of them waits.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// The first titles.
    pub titles: Vec<String>,
}

/// What became of held articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Released {
    /// Published as new.
    pub created: u32,
    /// Published as revisions.
    pub updated: u32,
    /// Known by now.
    pub known: u32,
    /// Remembered as seen.
    pub marked_seen: u32,
    /// Waiting for their page now.
    pub waiting: u32,
}
