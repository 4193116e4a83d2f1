use model::units::Span;
use serde::{Deserialize, Serialize};

/// What the corridor is built from: each room's own config.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// `[state]`
    pub state: ledger::Config,
    /// `[outbox]`
    pub outbox: ledger::OutboxConfig,
    /// `[fetch]`
    pub fetch: fetch::Config,
    /// `[pages]`
    pub pages: Pages,
    /// `[schedule]`
    pub schedule: schedule::Config,
    /// `[enrich]`
    pub enrich: enrich::Config,
    /// `[sink]`
    pub sink: deliver::SinkConfig,
    /// `[kafka]`
    pub kafka: deliver::kafka::Config,
}

/// `[pages]`: the pages of articles, for feeds whose `fulltext` asks for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pages {
    /// How long an article waits for its page; then it is published with the feed's text. Default 15m.
    pub deadline: Span,
    /// Characters: a shorter text of a feed is taken for a part, where `fulltext = "when_short"`. Default 1000.
    pub short: u32,
    /// Pages visited at once, over all hosts. Default 16.
    pub concurrency: u32,
    /// Articles that wait at once; further ones are published with the feed's text. Default 20000.
    pub waiting_max: u32,
}

impl Default for Pages {
    fn default() -> Self {
        Self { deadline: Span::from_secs(15 * 60), short: 1000, concurrency: 16, waiting_max: 20_000 }
    }
}
