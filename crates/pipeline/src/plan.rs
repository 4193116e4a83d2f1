//! The schedule as a start finds it: every feed at its host and its time, every host as it wished, and the
//! poll budget shared out.

use crate::Error;
use crate::outlook::{address_of, of_feed, salt};
use crate::run::Mode;
use crate::visit::Rooms;
use ledger::FeedState;
use model::{Feed, Reason};
use schedule::{Budget, Frontier, HostLimits, Place};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A due time further away than this came from a clock that was wrong.
pub(crate) const DUE_MAX_MS: i64 = 8 * 86_400_000;
/// Feeds that are due at the start are spread over this much each, and over no more than a minute in all.
const SPREAD_MS: u64 = 10;
const SPREAD_MAX_MS: u64 = 60_000;

/// Every feed in its place, in the order of `feeds`, and what each spends.
pub(crate) fn plan(
    rooms: &Rooms,
    limits: HostLimits,
    feeds: &[Arc<Feed>],
    mode: Mode,
    now: i64,
) -> Result<(Frontier, Budget), Error> {
    let mut frontier = Frontier::new(limits);
    let mut budget = Budget::new(rooms.schedule.budget);
    let spread = (feeds.len() as u64 * SPREAD_MS).clamp(1, SPREAD_MAX_MS);
    for (place, feed) in feeds.iter().enumerate() {
        let known = rooms.ledger.feed(&feed.id)?;
        let host = host(feed, known.as_ref());
        if let Some(state) = &known {
            let last = state.last.as_ref().map_or(0, |note| note.at_ms.min(now));
            let last = if rooms.ledger.was_clean() { last } else { now };
            frontier.pause(&host, last + limits.gap);
        }
        // By the name alone: the same feed has the same place at every start.
        let late = (salt(feed.id.as_str(), 0).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20) % spread;
        let due = match mode {
            Mode::Once => now,
            Mode::Forever => due(feed, known.as_ref(), now).max(now + late as i64),
        };
        frontier.add(&host, due);
        let state = known.unwrap_or_default();
        let demand = schedule::demand(&of_feed(rooms, feed), &state.pace, &state.decision);
        budget.set(place as Place, demand);
    }
    for (host, pace) in rooms.ledger.hosts()? {
        let until_ms = pace.until_ms.min(now + DUE_MAX_MS);
        frontier.spare(&host, &model::HostPace { until_ms, ..pace });
        rooms.fetch.pause(&host, Duration::from_millis((until_ms - now).max(0) as u64));
    }
    budget.balance();
    Ok((frontier, budget))
}

/// The host that a feed is asked for at.
pub(crate) fn host(feed: &Feed, known: Option<&FeedState>) -> String {
    let kept = known.and_then(|state| address_of(feed, state.address.clone()).kept);
    fetch::host_key(kept.and_then(|kept| Url::parse(&kept).ok()).as_ref().unwrap_or(&feed.url))
}

/// When a feed is due; what was gone is asked for again under another address only.
pub(crate) fn due(feed: &Feed, known: Option<&FeedState>, now: i64) -> i64 {
    let Some(state) = known else { return now };
    let has_moved = address_of(feed, state.address.clone()) != state.address;
    match (state.decision.reason, has_moved) {
        (_, true) => now,
        (Reason::Gone, false) => i64::MAX,
        _ => state.decision.due_ms.min(now + DUE_MAX_MS),
    }
}
