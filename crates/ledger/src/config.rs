use model::units::{Size, Span};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[state]`: where everything that must survive is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The state directory; one daemon at a time. Default /var/lib/wireroom.
    pub dir: PathBuf,
    /// How long an article is remembered after a feed last showed it. Default 90d.
    pub retention: Span,
    /// `[dedup]`, a table of its own in the config file.
    #[serde(skip)]
    pub dedup: DedupConfig,
}

impl Default for Config {
    fn default() -> Self {
        let dedup = DedupConfig::default();
        Self { dir: "/var/lib/wireroom".into(), retention: Span::from_secs(90 * 86_400), dedup }
    }
}

/// `[dedup]`: what is compared with what, and what is looked at twice before it is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DedupConfig {
    /// Texts and stories further apart in time are not compared. Default 72h.
    pub window: Span,
    /// What the index of texts may keep in memory; the rest is read from the disk. Default 512MiB.
    pub memory: Size,
    /// Stories that may be open at once; beyond that, the one that was quiet longest is closed. About 1 KiB
    /// of memory each. Default 100000.
    pub stories_max: u32,
    /// A poll with more new articles than this, that are also more than `hold_share` of it, is held until it
    /// is released, unless it is the first. 0: never. Default 500.
    pub hold_over: u32,
    /// Percent of a poll. Default 80.
    pub hold_share: u32,
    /// An edit so soon after the last revision waits for the rest of this time; what was edited meanwhile
    /// goes out as one revision. Default 0s: at once.
    pub hold_edits: Span,
}

impl Default for DedupConfig {
    fn default() -> Self {
        Self {
            window: Span::from_secs(72 * 3600),
            memory: Size(512 << 20),
            stories_max: 100_000,
            hold_over: 500,
            hold_share: 80,
            hold_edits: Span::from_secs(0),
        }
    }
}

/// `[outbox]`: what waits for delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboxConfig {
    /// When this much waits, polling pauses until some of it is delivered; nothing is dropped. Default 4GiB.
    pub max_bytes: Size,
}

impl Default for OutboxConfig {
    fn default() -> Self {
        Self { max_bytes: Size(4 << 30) }
    }
}
