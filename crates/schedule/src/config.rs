use model::units::Span;
use serde::{Deserialize, Serialize};

/// `[schedule]`: how often feeds are visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Time between two polls of a feed that does not say otherwise. Default 30m.
    pub interval: Span,
    /// No feed is polled more often than this, whatever its own setting. Default 1m.
    pub min_interval: Span,
}

impl Default for Config {
    fn default() -> Self {
        Self { interval: Span::from_secs(30 * 60), min_interval: Span::from_secs(60) }
    }
}
