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
}

impl Default for Config {
    fn default() -> Self {
        Self { dir: "/var/lib/wireroom".into(), retention: Span::from_secs(90 * 86_400) }
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
