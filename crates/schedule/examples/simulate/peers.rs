//! The published rules of others, read in their sources, each stretched by one factor so that all can be
//! made to spend the same number of polls. Minutes in, minutes out.

use crate::world::{DAY, HOUR, MINUTE};

/// What a rule may look at after a poll.
pub(crate) struct Poll<'a> {
    pub(crate) now: i64,
    /// Publication times of the document, oldest first.
    pub(crate) document: &'a [i64],
    /// Publication times of all articles ever found, oldest first.
    pub(crate) found: &'a [i64],
    /// Articles of the document that were new.
    pub(crate) new: usize,
    pub(crate) first: bool,
}

/// A rule with its state for one feed.
pub(crate) enum Rule {
    Fixed,
    Miniflux,
    CommaFeed,
    Storm { interval: f64, least: f64, most: f64, faster: f64, slower: f64 },
    MediaCloud { interval: f64, last_new: i64 },
}

/// Makes a rule that has seen nothing.
type Fresh = fn() -> Rule;

/// Names and fresh rules.
pub(crate) const PEERS: [(&str, Fresh); 6] = [
    ("fixed interval", || Rule::Fixed),
    ("Miniflux entry_frequency", || Rule::Miniflux),
    ("CommaFeed empirical", || Rule::CommaFeed),
    ("StormCrawler, news-crawl config", || Rule::Storm {
        interval: 720.0,
        least: 90.0,
        most: 129_600.0,
        faster: 0.2,
        slower: 0.5,
    }),
    ("StormCrawler, 10 min to 1 d", || Rule::Storm {
        interval: 720.0,
        least: 10.0,
        most: 1440.0,
        faster: 0.5,
        slower: 0.5,
    }),
    ("Media Cloud dup%", || Rule::MediaCloud { interval: 360.0, last_new: 0 }),
];

impl Rule {
    /// Milliseconds until the next poll.
    pub(crate) fn next(&mut self, poll: &Poll<'_>, stretch: f64) -> i64 {
        let minutes = match self {
            Self::Fixed => 60.0,
            Self::Miniflux => miniflux(poll),
            Self::CommaFeed => comma_feed(poll),
            Self::Storm { interval, least, most, faster, slower } => {
                if !poll.first {
                    *interval = match poll.new {
                        0 => (*interval * (1.0 + *slower)).min(*most),
                        _ => ((1.0 - *faster) * *interval + *faster * *least).max(*least),
                    };
                }
                *interval
            }
            Self::MediaCloud { interval, last_new } => media_cloud(interval, last_new, poll),
        };
        ((minutes * stretch * MINUTE as f64) as i64).max(MINUTE)
    }
}

/// Miniflux 2.3, `model/feed.go` and `storage/feed.go`: the week's entries, rounded up, at factor 1.
fn miniflux(poll: &Poll<'_>) -> f64 {
    let week = &poll.found[poll.found.partition_point(|at| *at < poll.now - 7 * DAY)..];
    let (Some(first), Some(last)) = (week.first(), week.last()) else { return 1440.0 };
    if week.len() < 2 {
        return 1440.0;
    }
    let gap = (last - first) as f64 / (week.len() - 1) as f64;
    let weekly = (7.0 * DAY as f64 / gap.max(1.0)).ceil();
    (7.0 * 1440.0 / weekly).clamp(5.0, 1440.0)
}

/// CommaFeed, `FeedRefreshIntervalCalculator`: half the mean gap in the document, less for quiet feeds.
fn comma_feed(poll: &Poll<'_>) -> f64 {
    let (Some(first), Some(last)) = (poll.document.first(), poll.document.last()) else { return 240.0 };
    let quiet = poll.now - last;
    match () {
        () if 30 * DAY <= quiet => 240.0,
        () if 14 * DAY <= quiet => 120.0,
        () if 7 * DAY <= quiet => 60.0,
        () if poll.document.len() < 2 => 60.0,
        () => {
            let gap = (last - first) as f64 / (poll.document.len() - 1) as f64;
            (gap / 2.0 / MINUTE as f64).clamp(5.0, 60.0)
        }
    }
}

/// Media Cloud rss-fetcher, `_check_auto_adjust`: by the share of duplicates in the document.
fn media_cloud(interval: &mut f64, last_new: &mut i64, poll: &Poll<'_>) -> f64 {
    if 0 < poll.new || poll.first {
        *last_new = poll.now;
    }
    if poll.first {
        return *interval;
    }
    let duplicates = match (poll.document.len(), poll.new) {
        (0, _) => 102.0,
        (_, 0) => 101.0,
        (all, new) => 100.0 * (all - new) as f64 / all as f64,
    };
    if 67.0 <= duplicates {
        *interval += if 31 * DAY < poll.now - *last_new { 70.0 } else { 10.0 };
    } else if duplicates < 33.0 {
        *interval = if 360.0 < *interval { 360.0 } else { *interval - HOUR as f64 / MINUTE as f64 };
    }
    *interval = interval.clamp(10.0, 1440.0);
    *interval
}
