//! What the event loop says of visits.

use crate::visit::Tally;
use model::{Feed, Reason};

/// What waits is not lost, and is not published by itself: somebody has to know.
pub(super) fn report_held(feed: &Feed, settled: &model::settle::Settled) {
    tracing::warn!(
        feed.id = %feed.id,
        held = settled.held,
        "{}: {} articles are held: `wireroom held list` shows why, `held release` lets them out",
        feed.id,
        settled.held
    );
}

/// Says what changes a feed for longer than a poll.
pub(super) fn report(feed: &Feed, tally: &Tally) {
    if tally.gap {
        tracing::warn!(feed.id = %feed.id, event = "possible_gap", "{}: nothing of its document was known, articles may have been missed", feed.id);
    }
    if let Some(moved) = &tally.moved {
        tracing::warn!(feed.id = %feed.id, event = "moved", "{} has moved for good and is asked for at {moved}", feed.id);
    }
    if tally.reason == Reason::Gone {
        tracing::warn!(feed.id = %feed.id, event = "gone", "{} is gone (410, confirmed): it is not polled again", feed.id);
    }
}

/// A failing feed is said once; after that it is a metric, and in the feed's history.
pub(super) fn report_failure(feed: &Feed, tally: &Tally, detail: &str) {
    if tally.failures == 1 {
        tracing::warn!(feed.id = %feed.id, outcome = tally.outcome, "{} brought nothing: {detail}", feed.id);
    } else {
        tracing::debug!(feed.id = %feed.id, outcome = tally.outcome, failures = tally.failures, "{} brought nothing: {detail}", feed.id);
    }
}
