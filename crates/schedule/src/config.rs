use crate::Polls;
use model::units::Span;
use serde::{Deserialize, Serialize};

/// `[schedule]`: how often feeds are visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Polls that may be spent, `N/feed/day` or `N/s`; shared out by how much feeds publish. Default
    /// 48/feed/day.
    pub budget: Polls,
    /// One time between two polls for all feeds that do not say otherwise, in place of the budget. Default
    /// none.
    pub interval: Option<Span>,
    /// No feed is polled more often than this, whatever its own setting. Default 2m.
    pub min_interval: Span,
    /// No feed whose server sends everything each time is polled more often than this. Default 15m.
    pub min_interval_unconditional: Span,
    /// No feed that answers is polled less often than this by the budget. Default 12h.
    pub max_interval: Span,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            budget: Polls::PerFeedDay(48.0),
            interval: None,
            min_interval: Span::from_secs(2 * 60),
            min_interval_unconditional: Span::from_secs(15 * 60),
            max_interval: Span::from_secs(12 * 3600),
        }
    }
}
