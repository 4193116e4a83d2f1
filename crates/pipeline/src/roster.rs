//! All feeds of a daemon and how each stands, in memory: what a list of a hundred thousand is sorted by.

use crate::visit::Tally;
use jiff::Timestamp;
use ledger::{FeedState, Ledger};
use model::desk::{FeedBrief, FeedCounts, FeedList, FeedSort, FeedsQuery, Health, Origin};
use model::{Feed, FeedId};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Feeds in an answer that does not say how many.
const PAGE: u32 = 100;

/// Feeds by id.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    feeds: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: BTreeMap<FeedId, Entry>,
    counts: FeedCounts,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) feed: Arc<Feed>,
    pub(crate) origin: Origin,
    standing: Standing,
}

/// How a feed stands; times in milliseconds since 1970, 0: never.
#[derive(Clone, Debug, Default)]
struct Standing {
    outcome: Option<Box<str>>,
    detail: Option<Box<str>>,
    failures: u32,
    last_success_ms: i64,
    last_visit_ms: i64,
    next_due_ms: i64,
    articles: u64,
}

impl Standing {
    fn of(state: &FeedState) -> Self {
        let last = state.last.as_ref();
        Self {
            outcome: last.map(|note| note.outcome.as_str().into()),
            detail: last.and_then(|note| note.detail.as_deref()).map(Into::into),
            failures: state.failures,
            last_success_ms: state.last_success_ms,
            last_visit_ms: last.map_or(0, |note| note.at_ms),
            next_due_ms: state.decision.due_ms,
            articles: 0,
        }
    }

    fn health(&self) -> Health {
        match self.outcome.as_deref() {
            None => Health::New,
            Some("document" | "not_modified") => Health::Good,
            Some(_) => Health::Failing,
        }
    }
}

impl Roster {
    fn read(&self) -> RwLockReadGuard<'_, Kept> {
        self.feeds.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept> {
        self.feeds.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Takes feeds in, as the ledger remembers them; one whose id is there already is replaced.
    pub(crate) fn add(
        &self,
        ledger: &Ledger,
        feeds: &[Arc<Feed>],
        origin: Origin,
    ) -> Result<(), ledger::Error> {
        for feed in feeds {
            let state = ledger.feed(&feed.id)?;
            let standing = state.as_ref().map(Standing::of).unwrap_or_default();
            let mut kept = self.write();
            kept.remove(&feed.id);
            kept.count(standing.health(), 1);
            kept.entries.insert(feed.id.clone(), Entry { feed: feed.clone(), origin, standing });
        }
        Ok(())
    }

    pub(crate) fn remove(&self, id: &FeedId) {
        self.write().remove(id);
    }

    /// Takes in what a visit brought.
    pub(crate) fn visited(&self, id: &FeedId, tally: &Tally, at_ms: i64) {
        let mut kept = self.write();
        let Some(entry) = kept.entries.get_mut(id) else { return };
        let before = entry.standing.health();
        let standing = &mut entry.standing;
        // Most visits end as the one before: nothing is allocated then.
        if standing.outcome.as_deref() != Some(tally.outcome) {
            standing.outcome = Some(tally.outcome.into());
        }
        standing.detail = tally.detail.as_deref().map(Into::into);
        standing.failures = tally.failures;
        standing.last_visit_ms = at_ms;
        standing.next_due_ms = tally.next_due_ms;
        standing.articles += u64::from(tally.settled.created + tally.settled.updated);
        let after = standing.health();
        if after == Health::Good {
            standing.last_success_ms = at_ms;
        }
        kept.count(before, -1);
        kept.count(after, 1);
    }

    /// Says when a feed is due now.
    pub(crate) fn due(&self, id: &FeedId, at_ms: i64) {
        if let Some(entry) = self.write().entries.get_mut(id) {
            entry.standing.next_due_ms = at_ms;
        }
    }

    pub(crate) fn counts(&self) -> FeedCounts {
        self.read().counts
    }

    /// The feed, where it comes from, and how it stands.
    pub(crate) fn get(&self, id: &FeedId) -> Option<(Arc<Feed>, FeedBrief)> {
        self.read().entries.get(id).map(|entry| (entry.feed.clone(), entry.brief()))
    }

    /// Where a feed comes from, if there is one of this id.
    pub(crate) fn origin(&self, id: &FeedId) -> Option<Origin> {
        self.read().entries.get(id).map(|entry| entry.origin)
    }

    /// All feeds of an origin.
    pub(crate) fn of(&self, origin: Origin) -> Vec<Arc<Feed>> {
        let kept = self.read();
        kept.entries.values().filter(|entry| entry.origin == origin).map(|entry| entry.feed.clone()).collect()
    }

    /// All feeds.
    pub(crate) fn all(&self) -> Vec<Arc<Feed>> {
        self.read().entries.values().map(|entry| entry.feed.clone()).collect()
    }

    /// Feeds in full, by id.
    pub(crate) fn page(&self, offset: u32) -> Vec<Arc<Feed>> {
        let kept = self.read();
        let page = kept.entries.values().skip(offset as usize).take(model::desk::FEEDS_MAX as usize);
        page.map(|entry| entry.feed.clone()).collect()
    }

    /// A page of the feeds that fit.
    pub(crate) fn list(&self, query: &FeedsQuery) -> FeedList {
        let kept = self.read();
        let search = query.search.to_lowercase();
        let mut fit: Vec<&Entry> = kept.entries.values().filter(|entry| entry.fits(query, &search)).collect();
        match query.sort {
            FeedSort::Id => {}
            FeedSort::Problems => fit.sort_by_key(|entry| Reverse(entry.trouble())),
            FeedSort::LastSuccess => fit.sort_by_key(|entry| entry.standing.last_success_ms),
            FeedSort::NextVisit => fit.sort_by_key(|entry| entry.standing.next_due_ms),
        }
        let limit = match query.limit {
            0 => PAGE,
            limit => limit.min(model::desk::FEEDS_MAX),
        };
        let page = fit.iter().skip(query.offset as usize).take(limit as usize);
        let feeds = page.map(|entry| entry.brief()).collect();
        FeedList { total: fit.len() as u32, offset: query.offset, feeds }
    }
}

impl Kept {
    fn remove(&mut self, id: &FeedId) {
        if let Some(entry) = self.entries.remove(id) {
            self.count(entry.standing.health(), -1);
        }
    }

    fn count(&mut self, health: Health, by: i32) {
        let FeedCounts { all, good, failing, new } = &mut self.counts;
        let part = match health {
            Health::Good => good,
            Health::Failing => failing,
            Health::New => new,
        };
        *part = part.saturating_add_signed(by);
        *all = all.saturating_add_signed(by);
    }
}

impl Entry {
    fn fits(&self, query: &FeedsQuery, search: &str) -> bool {
        if query.health.is_some_and(|health| health != self.standing.health()) {
            return false;
        }
        let has = |text: &str| text.to_lowercase().contains(search);
        search.is_empty()
            || has(self.feed.id.as_str())
            || self.feed.title.as_deref().is_some_and(has)
            || has(&self.feed.shown_url())
            || self.feed.labels.iter().any(|label| has(label))
    }

    /// The more, the sooner somebody should look: failing ones before others, longest first.
    fn trouble(&self) -> (bool, u32) {
        (self.standing.health() == Health::Failing, self.standing.failures)
    }

    fn brief(&self) -> FeedBrief {
        let standing = &self.standing;
        let time = |ms: i64| Timestamp::from_millisecond(ms).ok().filter(|_| ms != 0);
        FeedBrief {
            id: self.feed.id.to_string(),
            title: self.feed.title.clone(),
            url: self.feed.shown_url(),
            labels: self.feed.labels.clone(),
            origin: self.origin,
            health: standing.health(),
            outcome: standing.outcome.as_deref().map(str::to_owned),
            detail: standing.detail.as_deref().map(str::to_owned),
            failures: standing.failures,
            last_success_at: time(standing.last_success_ms),
            last_visit_at: time(standing.last_visit_ms),
            next_visit_at: time(standing.next_due_ms),
            articles: standing.articles,
        }
    }
}
