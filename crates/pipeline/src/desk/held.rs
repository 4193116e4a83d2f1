//! Articles that wait for a word: polls that brought improbably much.

use super::{Answer, Desk, failed};
use jiff::Timestamp;
use model::FeedId;
use model::desk::{HeldFeed, Refusal, RefusalKind, Released};
use std::collections::BTreeMap;

/// Titles that are told of each feed.
const TITLES_MAX: usize = 3;

impl Desk {
    pub(crate) fn held(&self) -> Answer<Vec<HeldFeed>> {
        let mut feeds: BTreeMap<String, HeldFeed> = BTreeMap::new();
        let held = self.ledger.each_held(|feed, since_ms, title| {
            let since = Timestamp::from_millisecond(since_ms).unwrap_or_default();
            let id = feed.to_string();
            let none = || HeldFeed { feed: feed.to_string(), articles: 0, since, titles: Vec::new() };
            let known = feeds.entry(id).or_insert_with(none);
            known.articles += 1;
            known.since = known.since.min(since);
            if known.titles.len() < TITLES_MAX {
                known.titles.extend(title.map(str::to_owned));
            }
        });
        held.map_err(|error| failed(&error))?;
        Ok(feeds.into_values().collect())
    }

    pub(crate) async fn release(&self, feed: &FeedId, publish: bool) -> Answer<Released> {
        let settled = self.ledger.release(feed, publish).await.map_err(|error| failed(&error))?;
        let (created, updated) = (settled.created, settled.updated);
        let (known, marked_seen) = (settled.known, settled.marked_seen);
        if created + updated + known + marked_seen == 0 {
            return Err(Refusal::new(RefusalKind::NotFound, format!("nothing of the feed {feed} is held")));
        }
        Ok(Released { created, updated, known, marked_seen })
    }
}
