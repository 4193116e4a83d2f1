//! How fresh articles are: from the publisher's time to the sink's confirmation, and from settling to it.
//! Measured on a sample of each batch, so that a flood costs no more than a trickle.

use jiff::Timestamp;
use model::units::Span;
use model::{FeedId, Row, Topic};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use record::{Change, PublishedQuality, header};
use serde::Deserialize;

/// Records of a batch that are looked at.
const SAMPLE: usize = 16;
/// Upper bounds, seconds: a feed polled every minute, every half hour, once a day.
const FRESHNESS: [f64; 10] = [15.0, 60.0, 150.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 21_600.0, 86_400.0];
/// Upper bounds, seconds: a commit takes milliseconds, an outage hours.
const DELIVERY: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 60.0, 900.0, 7200.0];

#[derive(Clone, Debug)]
pub(crate) struct Freshness {
    articles: Family<ClassLabel, Histogram, fn() -> Histogram>,
    delivery: Histogram,
}

/// How often a feed is polled: a few words for any number of feeds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassLabel {
    class: &'static str,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            articles: Family::new_with_constructor(|| Histogram::new(FRESHNESS)),
            delivery: Histogram::new(DELIVERY),
        }
    }
}

/// What of a record is needed here.
#[derive(Deserialize)]
struct Seen {
    change: Change,
    backfill: bool,
    published_at: Option<Timestamp>,
    published_quality: PublishedQuality,
}

impl Freshness {
    /// Makes the family known before the first article.
    pub(crate) fn touch(&self) {
        drop(self.articles.get_or_create(&ClassLabel { class: class(None) }));
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        let help = "From the publisher's time to the sink's confirmation, new articles, a sample";
        registry.register_with_unit("freshness", help, Unit::Seconds, self.articles.clone());
        let help = "From settling a record to the sink's confirmation, a sample";
        registry.register_with_unit("delivery", help, Unit::Seconds, self.delivery.clone());
    }

    /// Takes in a batch that was confirmed at `now`; `polled_every` knows the feeds.
    pub(crate) fn confirmed(
        &self,
        rows: &[Row],
        now: Timestamp,
        polled_every: impl Fn(&FeedId) -> Option<Span>,
    ) {
        let step = rows.len().div_ceil(SAMPLE).max(1);
        for row in rows.iter().step_by(step) {
            self.delivery.observe(seconds(now.as_millisecond() - row.settled_at_ms));
            if let Some(published) = published(row) {
                let class = class(feed(row).and_then(|feed| polled_every(&feed)));
                let age = seconds(now.as_millisecond() - published.as_millisecond());
                self.articles.get_or_create(&ClassLabel { class }).observe(age);
            }
        }
    }
}

fn seconds(ms: i64) -> f64 {
    ms.max(0) as f64 / 1000.0
}

/// The publisher's time of a new article, where it can be trusted to tell something of freshness.
fn published(row: &Row) -> Option<Timestamp> {
    let payload = row.payload.as_deref().filter(|_| row.topic == Topic::Articles)?;
    let seen: Seen = serde_json::from_slice(payload).ok()?;
    let counts = seen.change == Change::Created
        && !seen.backfill
        && seen.published_quality == PublishedQuality::Claimed;
    seen.published_at.filter(|_| counts)
}

fn feed(row: &Row) -> Option<FeedId> {
    let source = row.headers.iter().find(|(name, _)| name == header::SOURCE)?;
    source.1.strip_prefix("urn:wireroom:feed:")?.parse().ok()
}

fn class(interval: Option<Span>) -> &'static str {
    match interval {
        Some(interval) if interval < Span::from_secs(15 * 60) => "minutes",
        Some(interval) if interval <= Span::from_secs(2 * 3600) => "hour",
        _ => "day",
    }
}
