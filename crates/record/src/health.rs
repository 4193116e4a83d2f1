use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One record of `<prefix>.feeds.v1`: something about a feed that lasts longer than a poll.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedEvent {
    /// Version of this shape, `1.x`: only additions within 1.
    pub schema_version: String,
    /// The operator's name for the feed; the Kafka key.
    pub feed_id: String,
    /// What happened.
    pub change: FeedChange,
    /// One sentence.
    pub detail: String,
    /// When it was settled.
    pub settled_at: Timestamp,
}

/// What happened to a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeedChange {
    /// Nothing of its document was known: articles may have left it unseen.
    PossibleGap,
    /// It has moved for good and is asked for elsewhere from now on.
    Moved,
    /// 410, confirmed: it is not polled again.
    Gone,
    /// Its server said that nothing had changed when something had.
    Distrusted,
    /// It failed for the first time after an answer.
    Failing,
    /// It answers again.
    Recovered,
}
