//! What can be asked of a daemon, and what it answers: the words between the command line, the HTTP API,
//! the page and whoever knows. One question, one answer; both travel as JSON.

mod held;

use crate::feed::{Feed, FeedId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

pub use held::{HeldFeed, Released};

/// Feeds in one answer, and feeds added or removed by one question, at most.
pub const FEEDS_MAX: u32 = 1000;
/// Articles and rows in one answer, at most.
pub const ROWS_MAX: u32 = 500;
/// How long an answer to [`Question::Recent`] may be waited for, seconds.
pub const WAIT_MAX_S: u32 = 20;

/// A question. Each variant names the type of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// How the daemon is: [`Overview`].
    Overview,
    /// Feeds and how they stand, a page of them: [`FeedList`].
    Feeds(FeedsQuery),
    /// Feeds with all that is known of them, passwords too, in the order of their ids: a list of
    /// [`Feed`]. Not told over TCP.
    FeedsInFull {
        /// Feeds to leave out at the beginning.
        offset: u32,
    },
    /// One feed with its last fetches: [`FeedReport`].
    Feed {
        /// Which.
        id: FeedId,
    },
    /// Adds feeds to those that are declared: [`Change`].
    AddFeeds {
        /// At most [`FEEDS_MAX`].
        feeds: Vec<Feed>,
    },
    /// Takes back feeds that were added: [`Change`].
    RemoveFeeds {
        /// At most [`FEEDS_MAX`].
        ids: Vec<FeedId>,
    },
    /// Visits a feed as soon as its host may be asked: [`Change`].
    VisitNow {
        /// Which.
        id: FeedId,
    },
    /// What waits for delivery: [`Outbox`].
    Outbox {
        /// Rows that are listed, at most [`ROWS_MAX`].
        limit: u32,
    },
    /// The articles that were settled last: [`Recent`].
    Recent(RecentQuery),
    /// Articles that wait for a word or for their page, by feed: a list of [`HeldFeed`].
    Held,
    /// Publishes the held articles of a feed, or remembers them as seen: [`Released`].
    Release {
        /// Whose.
        feed: FeedId,
        /// False: they are remembered as seen.
        publish: bool,
    },
    /// How each revision of an article came to be, and its record if it is at hand: the pipeline's `Explained`.
    Explain {
        /// The article's id.
        id: String,
    },
    /// Reads the config anew: [`Reloaded`].
    Reload,
}

impl Question {
    /// True for what is only looked at.
    pub fn is_harmless(&self) -> bool {
        !matches!(
            self,
            Self::AddFeeds { .. }
                | Self::RemoveFeeds { .. }
                | Self::VisitNow { .. }
                | Self::Release { .. }
                | Self::Reload
        )
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// What the asker would do differently.
    pub kind: RefusalKind,
    /// One sentence.
    pub message: String,
}

/// Kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// What is asked for does not exist.
    NotFound,
    /// The question is wrong.
    Invalid,
    /// What is asked for contradicts what is there.
    Conflict,
    /// Not now: the daemon starts, stops, or does not run.
    Unavailable,
    /// A fault of ours, or of the disk.
    Failed,
}

impl Refusal {
    /// A refusal of a kind.
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// How the daemon is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Overview {
    /// wireroom's version.
    pub version: String,
    /// The store's id.
    pub store: String,
    /// When the daemon started.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// True when nothing is in the way.
    pub ready: bool,
    /// What is in the way, a sentence each.
    pub reasons: Vec<String>,
    /// Where articles go: `kafka`, `file`, `stdout`.
    pub sink: String,
    /// False while the sink takes nothing.
    pub sink_ready: bool,
    /// Feeds by how they stand.
    pub feeds: FeedCounts,
    /// What happened in the last five minutes.
    pub flow: Flow,
    /// New articles and revisions of each minute, oldest first; the last one is not over yet.
    pub articles_per_minute: Vec<u32>,
    /// Records that wait for delivery.
    pub outbox_rows: u64,
    /// Their weight, bytes.
    pub outbox_bytes: u64,
    /// Weight at which polling pauses, bytes.
    pub outbox_max_bytes: u64,
    /// The last record that was settled, counted from 1.
    pub last_seq: u64,
    /// The last record that was delivered.
    pub delivered_seq: u64,
}

/// Feeds by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedCounts {
    /// All of them.
    pub all: u32,
    /// The last visit brought an answer.
    pub good: u32,
    /// The last visit brought nothing usable.
    pub failing: u32,
    /// Never visited.
    pub new: u32,
}

/// What passed each room in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flow {
    /// The span, seconds.
    pub seconds: u32,
    /// Visits.
    pub visits: u32,
    /// Visits answered by 304.
    pub not_modified: u32,
    /// Visits that brought nothing usable.
    pub failed: u32,
    /// Entries of documents.
    pub entries: u32,
    /// Entries that could not be used.
    pub flawed: u32,
    /// Entries that were known.
    pub known: u32,
    /// New articles.
    pub created: u32,
    /// Revisions.
    pub updated: u32,
    /// New articles that repeat another.
    pub duplicates: u32,
    /// Records that the sink confirmed.
    pub delivered: u32,
    /// Records that it refused for good.
    pub dead: u32,
}

/// Which feeds, in which order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeedsQuery {
    /// Part of id, title, URL or label, in any case; empty: all.
    pub search: String,
    /// Only feeds that stand so.
    pub health: Option<Health>,
    /// The order.
    pub sort: FeedSort,
    /// Feeds to leave out at the beginning.
    pub offset: u32,
    /// Feeds at most; 0: 100.
    pub limit: u32,
}

/// Orders of feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedSort {
    /// Those that fail longest first, the others by id.
    #[default]
    Problems,
    /// By id.
    Id,
    /// By last answer, the oldest first.
    LastSuccess,
    /// By next visit, the soonest first.
    NextVisit,
}

/// How a feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The last visit brought an answer.
    Good,
    /// The last visit brought nothing usable.
    Failing,
    /// Never visited.
    New,
}

/// Where a feed comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The config or a feed file; changed there.
    Declared,
    /// `feeds add`; kept in the state.
    Added,
}

/// A page of feeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeedList {
    /// Feeds that fit the query.
    pub total: u32,
    /// Those left out at the beginning.
    pub offset: u32,
    /// The page.
    pub feeds: Vec<FeedBrief>,
}

/// A feed and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeedBrief {
    /// The operator's name for it.
    pub id: String,
    /// The operator's title.
    pub title: Option<String>,
    /// Where it is fetched, without passwords and keys.
    pub url: String,
    /// The operator's labels.
    pub labels: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// How it stands.
    pub health: Health,
    /// `document`, `not_modified` or the class of the failure; null: never visited.
    pub outcome: Option<String>,
    /// One sentence on the failure.
    pub detail: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// The last answer, document or 304.
    #[schemars(with = "Option<String>")]
    pub last_success_at: Option<Timestamp>,
    /// The last visit.
    #[schemars(with = "Option<String>")]
    pub last_visit_at: Option<Timestamp>,
    /// Due again; the host may still have to wait.
    #[schemars(with = "Option<String>")]
    pub next_visit_at: Option<Timestamp>,
    /// New articles and revisions since the daemon started.
    pub articles: u64,
}

/// A feed in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeedReport {
    /// How it stands.
    #[serde(flatten)]
    pub brief: FeedBrief,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Time between polls, as declared.
    pub interval: Option<String>,
    /// What its first poll publishes.
    pub first_poll: String,
    /// Whether the pages of its articles are read: `never`, `when_short`, `always`.
    pub fulltext: String,
    /// Articles that wait for their page.
    pub waiting: u64,
    /// True when its server gives ETag or Last-Modified.
    pub conditional: bool,
    /// Why it is visited when it is visited, a sentence each.
    pub why: Vec<String>,
    /// The last fetches, newest first, at most 100.
    pub fetches: Vec<FetchReport>,
}

/// One fetch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FetchReport {
    /// When it ended.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// `document`, `not_modified` or the class of the failure.
    pub outcome: String,
    /// HTTP status of a failure.
    pub status: Option<u16>,
    /// Articles in the document.
    pub articles: u32,
    /// Of these, new.
    pub new: u32,
    /// From its request to its end, milliseconds.
    pub took_ms: u32,
    /// One sentence on a failure.
    pub detail: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Ids of feeds that were added, removed or are visited.
    pub done: Vec<String>,
    /// What was left out and why, a sentence each.
    pub left_out: Vec<String>,
}

/// What waits for delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outbox {
    /// Records that wait.
    pub rows: u64,
    /// Their weight, bytes.
    pub bytes: u64,
    /// Weight at which polling pauses, bytes; 0: not known, no daemon runs.
    pub max_bytes: u64,
    /// The last record that was settled.
    pub last_seq: u64,
    /// The last record that was delivered.
    pub delivered_seq: u64,
    /// Why nothing is delivered, if so.
    pub waits_for: Option<String>,
    /// The first of those that wait.
    pub first: Vec<OutboxRow>,
}

/// One record that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutboxRow {
    /// Place in the outbox.
    pub seq: u64,
    /// Topic without its prefix.
    pub topic: String,
    /// The record's key.
    pub key: String,
    /// Bytes of the value; null: a tombstone.
    pub bytes: Option<u64>,
    /// When it was settled.
    #[schemars(with = "String")]
    pub settled_at: Timestamp,
    /// Title, where it is an article.
    pub title: Option<String>,
}

/// Which of the last articles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecentQuery {
    /// Articles after this place in the outbox; null: the last ones.
    pub after: Option<u64>,
    /// Articles at most; 0: 50.
    pub limit: u32,
    /// How long to wait when there is none, seconds, at most [`WAIT_MAX_S`].
    pub wait_s: u32,
    /// Which of them.
    pub only: Filter,
}

/// Articles that are wanted: all that is given must hold; empty: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Feed ids, one of them.
    pub feed: Vec<String>,
    /// Language codes, one of them; `pt` also means `pt-BR`.
    pub language: Vec<String>,
    /// Topic ids or parts of labels, one of them.
    pub topic: Vec<String>,
    /// Wikidata ids or parts of names, one of them.
    pub entity: Vec<String>,
}

impl Filter {
    /// True when nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an article is wanted.
    pub fn wants(&self, article: &record::Article) -> bool {
        let part = |whole: &str, part: &String| whole.to_lowercase().contains(&part.to_lowercase());
        let any =
            |asked: &[String], holds: &dyn Fn(&String) -> bool| asked.is_empty() || asked.iter().any(holds);
        let code = article.language.as_ref().map_or("", |language| language.code.as_str());
        let speaks = |asked: &String| {
            let rest = code.get(..asked.len()).filter(|head| head.eq_ignore_ascii_case(asked));
            rest.is_some() && matches!(code.as_bytes().get(asked.len()), None | Some(b'-'))
        };
        any(&self.feed, &|asked| *asked == article.feed.id)
            && any(&self.language, &speaks)
            && any(&self.topic, &|asked| {
                article.topics.iter().any(|topic| topic.id == *asked || part(&topic.label, asked))
            })
            && any(&self.entity, &|asked| {
                let named = |entity: &record::Entity| {
                    entity.wikidata.as_ref() == Some(asked) || part(&entity.name, asked)
                };
                article.entities.iter().any(named)
            })
    }
}

/// The articles that were settled last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    /// To be asked after next.
    pub last: u64,
    /// Articles that had gone before they could be shown.
    pub missed: u64,
    /// Oldest first.
    pub articles: Vec<record::Article>,
}

/// What a reload did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reloaded {
    /// What is different now, a line each.
    pub changed: Vec<String>,
    /// What is different in the file and needs a restart, a line each.
    pub needs_restart: Vec<String>,
    /// What is odd, though not wrong.
    pub warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_travel_as_json() {
        for (question, text) in [
            (Question::Overview, r#"{"ask":"overview"}"#),
            (Question::Feed { id: "a".parse().unwrap() }, r#"{"ask":"feed","id":"a"}"#),
            (
                Question::Feeds(FeedsQuery { limit: 5, ..FeedsQuery::default() }),
                r#"{"ask":"feeds","search":"","health":null,"sort":"problems","offset":0,"limit":5}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&question).unwrap(), text);
            assert_eq!(serde_json::from_str::<Question>(text).unwrap(), question);
        }
        assert_eq!(
            serde_json::from_str::<Question>(r#"{"ask":"recent","wait_s":3}"#).unwrap(),
            Question::Recent(RecentQuery { wait_s: 3, ..RecentQuery::default() })
        );
    }
}
