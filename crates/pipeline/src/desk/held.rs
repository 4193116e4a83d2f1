//! Articles that wait: of polls that brought improbably much for a word, others for their page.

use super::{Answer, Desk, failed};
use jiff::Timestamp;
use model::FeedId;
use model::desk::{HeldFeed, Refusal, RefusalKind, Released};
use model::settle::Settled;
use std::collections::BTreeMap;

/// Titles that are told of each feed.
const TITLES_MAX: usize = 3;

impl Desk {
    pub(crate) fn held(&self) -> Answer<Vec<HeldFeed>> {
        let mut feeds: BTreeMap<String, HeldFeed> = BTreeMap::new();
        let held = self.ledger.each_held(|for_page, feed, since_ms, title| {
            let since = Timestamp::from_millisecond(since_ms).unwrap_or_default();
            let id = feed.to_string();
            let none = || HeldFeed { feed: id.clone(), articles: 0, pages: 0, since, titles: Vec::new() };
            let known = feeds.entry(id.clone()).or_insert_with(none);
            known.articles += u64::from(!for_page);
            known.pages += u64::from(for_page);
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
        let Settled { known, marked_seen, waiting, .. } = settled;
        if created + updated + known + marked_seen + waiting == 0 {
            return Err(Refusal::new(RefusalKind::NotFound, format!("nothing of the feed {feed} is held")));
        }
        Ok(Released { created, updated, known, marked_seen, waiting })
    }
}
