//! What is remembered of how feeds publish, how hosts bear being asked, and why the next poll is when it is.

use record::FeedChange;
use serde::{Deserialize, Serialize};

/// How a feed publishes and answers, as far as its polls have shown. The rules are the schedule's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// Articles that nobody had brought before, a day of average business.
    pub rate: f32,
    /// Articles that the feed itself had not shown before, a day of average business.
    pub flow: f32,
    /// Articles in its document, slowly forgotten; 0: none was read.
    pub window: f32,
    /// Articles by the hour of day at which they came, UTC, slowly forgotten.
    pub hours: [f32; 24],
    /// Articles by the day of the week on which they came, Monday first, slowly forgotten.
    pub days: [f32; 7],
    /// Up to when articles were counted, milliseconds since 1970; 0: never.
    pub counted_ms: i64,
    /// Articles that should have come since the last one came.
    pub silence: f32,
    /// Of these, such that should have come since a whole document was last read.
    pub unchecked: f32,
    /// What the publisher last suggested as the time between two polls, milliseconds; 0: nothing.
    pub period_ms: u32,
    /// Hours of the day, UTC, that the publisher says may be skipped: bit 0 is midnight.
    pub skip_hours: u32,
    /// Share of answers that repeated in full what was known, 0 to 1; slowly forgotten.
    pub repeats: f32,
    /// Weight of the failures in a row.
    pub strikes: f32,
    /// Start of the row of failures, milliseconds since 1970; 0: none.
    pub failing_since_ms: i64,
    /// Answers 410 in a row, and when the first came, milliseconds since 1970.
    pub gone: (u8, i64),
    /// Until when its validators are not sent because they lied, milliseconds since 1970.
    pub distrust_until_ms: i64,
    /// How often they lied.
    pub lies: u8,
}

/// When a feed is polled next, and why then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Milliseconds since 1970; `i64::MAX`: never.
    pub due_ms: i64,
    /// From the last poll to then, before chance moved it, milliseconds.
    pub interval_ms: u64,
    /// What set it.
    pub reason: Reason,
}

/// What set the time of a poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The feed has never been polled.
    #[default]
    First,
    /// How much it publishes, under the budget.
    Rate,
    /// Articles might leave its document unseen.
    Guard,
    /// The publisher's `Cache-Control` or `Expires`.
    Floor,
    /// The publisher's `ttl`, `sy:updatePeriod` or `skipHours`.
    Hint,
    /// No feed is polled more often.
    Least,
    /// No feed is polled less often.
    Most,
    /// Its server sends everything each time.
    Repeats,
    /// Failures in a row.
    Backoff,
    /// Its host asked for peace.
    Host,
    /// The operator's interval.
    Manual,
    /// Our own network is down.
    Outage,
    /// 410, confirmed: it is not polled again.
    Gone,
}

impl Reason {
    /// The name used in metrics, logs and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Rate => "rate",
            Self::Guard => "guard",
            Self::Floor => "floor",
            Self::Hint => "hint",
            Self::Least => "least",
            Self::Most => "most",
            Self::Repeats => "repeats",
            Self::Backoff => "backoff",
            Self::Host => "host",
            Self::Manual => "manual",
            Self::Outage => "outage",
            Self::Gone => "gone",
        }
    }
}

/// How a host bears being asked, beyond what the config says of all hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostPace {
    /// Nothing is sent before this, milliseconds since 1970.
    pub until_ms: i64,
    /// By how much the time between two starts was lengthened at `slowed_ms`; 0 or 1: not at all.
    pub slow: f32,
    /// When, milliseconds since 1970.
    pub slowed_ms: i64,
    /// `Crawl-delay` of its robots.txt, milliseconds; 0: none.
    pub crawl_delay_ms: u32,
}

/// One fetch, as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FetchNote {
    /// When it ended, milliseconds since 1970.
    pub at_ms: i64,
    /// `document`, `not_modified` or the name of a failure class.
    pub outcome: String,
    /// HTTP status of a failure, where there was one.
    pub status: Option<u16>,
    /// Articles in the document.
    pub articles: u32,
    /// Of these, new.
    pub new: u32,
    /// From its request to its end, milliseconds.
    pub took_ms: u32,
    /// One sentence on a failure.
    pub detail: Option<String>,
    /// What was decided after it.
    pub next: Decision,
}

/// Where a feed really is, when its address keeps leading elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// A hash of the address that the operator gave, which may hold a secret.
    pub declared: u64,
    /// Where it led for so long that it is asked for there.
    pub kept: Option<String>,
    /// A hash of where it leads now, by lasting redirects.
    pub seen: Option<u64>,
    /// How often in a row it led there.
    pub sightings: u16,
    /// Since when, milliseconds since 1970.
    pub since_ms: i64,
}

/// What a visit means for the next ones; settled with what it brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planned {
    /// The feed's pace from now on.
    pub pace: Pace,
    /// When it is due again.
    pub decision: Decision,
    /// Where it is.
    pub address: Address,
    /// What its host, or one on the way, wished for.
    pub host: Option<(String, HostPace)>,
    /// Articles that nobody had brought before.
    pub new: u32,
    /// From request to end, milliseconds.
    pub took_ms: u32,
    /// Nothing of the document was known: something may have been missed.
    pub gap: bool,
    /// Of a sitemap index, the sitemaps that hold nothing: hashes, and until when they are left alone.
    pub tombstones: Vec<(u64, i64)>,
    /// What happened to the feed that lasts longer than a poll, each with a sentence.
    pub events: Vec<(FeedChange, String)>,
}
