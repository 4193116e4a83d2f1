use serde::{Deserialize, Serialize};

/// One record that waits for delivery, complete: what is here is sent byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Place in the outbox, from 1, rising without a gap.
    pub seq: u64,
    /// Which topic.
    pub topic: Topic,
    /// The record's key.
    pub key: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The record's value; none: a tombstone.
    pub payload: Option<Vec<u8>>,
    /// When it was settled, milliseconds since 1970: the record's timestamp.
    pub settled_at_ms: i64,
}

impl Row {
    /// What the row weighs towards batch and outbox limits, bytes.
    pub fn weight(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.key.len() + headers + self.payload.as_ref().map_or(0, Vec::len) + 64
    }
}

/// A topic, without its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Topic {
    /// One record a revision.
    Articles,
    /// Every feed that carried an article.
    Sightings,
    /// Opened, grew, merged.
    Stories,
    /// Health and gaps.
    Feeds,
    /// What could not be delivered or read.
    Dlq,
}

impl Topic {
    /// The topic's name after `<prefix>.`.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Articles => "articles.v1",
            Self::Sightings => "sightings.v1",
            Self::Stories => "stories.v1",
            Self::Feeds => "feeds.v1",
            Self::Dlq => "dlq.v1",
        }
    }
}

/// What a sink says of rows that it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// All rows up to here are delivered, or dead-lettered.
    pub last_seq: u64,
    /// Rows that the broker refused and that went to the dead-letter topic.
    pub dead: Vec<u64>,
}
