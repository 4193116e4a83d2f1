//! Pages of articles beside the feeds: each is visited when its host has a moment, a few at once; an article
//! whose time has come meanwhile was let out by the ledger.

use super::{Corridor, Mode};
use crate::page::{self, PageTally};
use jiff::Timestamp;
use model::page::Waiting;
use model::{Feed, FeedId};
use schedule::{Frontier, PageNumber};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::{Id, JoinError, JoinSet};

/// A page that finds no room among those that are visited, or no network, comes again after this.
const CROWDED_PAUSE_MS: i64 = 1000;

type Visit = Result<PageTally, ledger::Error>;
pub(super) type Home = Result<(Id, Visit), JoinError>;

/// Pages that wait, and those that are visited.
pub(super) struct Pages {
    errands: HashMap<PageNumber, Errand>,
    numbers: HashMap<Vec<u8>, PageNumber>,
    next: PageNumber,
    pub(super) visits: JoinSet<Visit>,
    out: HashMap<Id, PageNumber>,
    /// How many wait, for whoever wishes for more.
    count: Arc<AtomicUsize>,
}

struct Errand {
    waiting: Waiting,
    host: String,
    visits: u32,
}

impl Pages {
    pub(super) fn new(count: Arc<AtomicUsize>) -> Self {
        let (errands, numbers, out) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { errands, numbers, next: 0, visits: JoinSet::new(), out, count }
    }

    /// How many wait or are visited.
    pub(super) fn len(&self) -> usize {
        self.errands.len()
    }

    fn add(&mut self, frontier: &mut Frontier, waiting: Waiting, from_ms: i64) {
        if self.numbers.contains_key(&waiting.key) {
            return;
        }
        // After four thousand million pages numbers begin again; those of old are long gone.
        while self.errands.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let (number, host) = (self.next, fetch::host_key(&waiting.url));
        self.next = self.next.wrapping_add(1);
        frontier.add_page(&host, from_ms, number);
        self.numbers.insert(waiting.key.clone(), number);
        self.errands.insert(number, Errand { waiting, host, visits: 0 });
        self.count.store(self.errands.len(), Ordering::Relaxed);
    }

    fn remove(&mut self, number: PageNumber) {
        if let Some(errand) = self.errands.remove(&number) {
            self.numbers.remove(&errand.waiting.key);
        }
        self.count.store(self.errands.len(), Ordering::Relaxed);
    }
}

impl Corridor {
    /// Takes in what began to wait.
    pub(super) fn take_waiting(&mut self) {
        // A host may have been asked a moment before the process began.
        let from_ms = self.clock.now().max(self.clock.started_ms + self.gap_ms);
        for waiting in self.rooms.ledger.take_waiting() {
            self.pages.add(&mut self.frontier, waiting, from_ms);
        }
    }

    fn feed_of(&self, id: &FeedId) -> Option<Arc<Feed>> {
        self.current.get(id).map(|place| self.feeds[*place as usize].clone())
    }

    pub(super) fn start_page(&mut self, number: PageNumber) {
        let now = self.clock.now();
        let Some(errand) = self.pages.errands.get(&number) else { return };
        // What its host has no moment for in time goes out by itself, and so does what no feed stands for.
        let is_due = errand.waiting.due_ms <= now;
        let Some(feed) = self.feed_of(&errand.waiting.feed).filter(|_| !is_due) else {
            self.window.counts.page(if is_due { "late" } else { "no_feed" });
            self.frontier.page_dropped(&errand.host);
            return self.pages.remove(number);
        };
        let is_crowded = (self.rooms.wishes.config.concurrency as usize) <= self.pages.visits.len();
        if is_crowded || self.outage.is_on() {
            self.frontier.add_page(&errand.host, now + CROWDED_PAUSE_MS, number);
            return self.frontier.page_dropped(&errand.host);
        }
        let (rooms, waiting) = (self.rooms.clone(), errand.waiting.clone());
        let so_far = (errand.visits, self.mode == Mode::Once);
        let visit = async move { page::visit(&rooms, &feed, &waiting, so_far).await };
        let task = self.pages.visits.spawn(visit);
        self.pages.out.insert(task.id(), number);
    }

    pub(super) fn take_page_home(&mut self, home: Home) -> Result<(), ledger::Error> {
        let (id, tally) = match home {
            Ok((id, tally)) => (id, Some(tally?)),
            Err(lost) => (lost.id(), None),
        };
        let Some(number) = self.pages.out.remove(&id) else { return Ok(()) };
        let Some(errand) = self.pages.errands.get_mut(&number) else { return Ok(()) };
        let host = errand.host.clone();
        match &tally {
            Some(tally) => {
                errand.visits += 1;
                report(errand, tally);
            }
            None => {
                let feed = &errand.waiting.feed;
                tracing::error!(feed.id = %feed, "a visit of a page of {feed} panicked: its article goes out without it");
                self.window.counts.panicked();
            }
        }
        if let Some((host, pace)) = tally.as_ref().and_then(|tally| tally.host.as_ref()) {
            self.frontier.spare(host, pace);
        }
        match tally.as_ref().and_then(|tally| tally.again_ms) {
            // By the clock of the ledger; it may have been set meanwhile.
            Some(at) => {
                let wait = (at - Timestamp::now().as_millisecond()).max(0);
                self.frontier.add_page(&host, self.clock.now() + wait, number);
            }
            None => self.pages.remove(number),
        }
        self.frontier.page_home(&host);
        if let Some(tally) = tally {
            self.summary.created += u64::from(tally.settled.created);
            self.summary.updated += u64::from(tally.settled.updated);
            self.window.page(&tally);
        }
        Ok(())
    }
}

fn report(errand: &Errand, tally: &PageTally) {
    let feed = &errand.waiting.feed;
    let detail = tally.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    let again = if tally.again_ms.is_some() { "; it is visited again" } else { "" };
    tracing::debug!(
        feed.id = %feed,
        outcome = tally.outcome,
        created = tally.settled.created,
        updated = tally.settled.updated,
        "visited a page of {feed} at {}{detail}{again}",
        errand.host
    );
}
