//! The only event loop: starts visits as they fall due, takes them home, ends when it is told to.

mod obey;
mod pages;
mod say;

use self::pages::Pages;
use self::say::{report, report_failure, report_held};
use crate::deliver::{self, Portion};
use crate::desk::{self, Desk};
use crate::lane::Lane;
use crate::orders::Order;
use crate::page::Wishes;
use crate::plan;
use crate::roster::Roster;
use crate::rules::RULES;
use crate::visit::{self, Rooms, Tally};
use crate::window::{Seen, TURN_MAX, Window};
use crate::{Config, Error};
use ::deliver::{AnySink, Sink};
use fetch::Fetch;
use jiff::Timestamp;
use ledger::Ledger;
use model::{FailureClass, Feed, FeedId};
use schedule::{Budget, Frontier, HostLimits, Next, Outage, Place};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, timeout};

/// How long visits that are settling may take once the daemon is told to stop.
const GRACE_VISITS: Duration = Duration::from_secs(2);
/// How long the outbox may still be delivered after that.
const GRACE_DELIVERY: Duration = Duration::from_secs(2);
/// How long the sink and the state may take to close.
const GRACE_CLOSE: Duration = Duration::from_secs(4);
/// Orders that may wait for the event loop.
const ORDERS_MAX: usize = 64;
/// While the outbox is full, it is looked at this often.
const FULL_PAUSE: Duration = Duration::from_millis(250);
/// Once every feed was visited, only the outbox is waited for.
const LAST_PAUSE: Duration = Duration::from_millis(10);
/// The poll budget is shared out anew after this much for each feed, within bounds.
const BALANCE_FEED: Duration = Duration::from_micros(100);
const BALANCE_MIN: Duration = Duration::from_secs(1);
const BALANCE_MAX: Duration = Duration::from_secs(60);
/// Visits at once while our own network is down: enough to notice that it is back.
const PROBES: usize = 2;
/// A feed that finds no room among those that have not shown that they answer comes again after this.
const UNPROVEN_PAUSE_MS: i64 = 1000;
/// A feed whose visit panicked is tried again after this.
const PANIC_PAUSE_MS: i64 = 3_600_000;

/// How long the daemon runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Until it is told to stop.
    Forever,
    /// Each feed once, then the outbox.
    Once,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Visits.
    pub visits: u64,
    /// Visits that brought nothing usable.
    pub failed: u64,
    /// Articles published for the first time.
    pub created: u64,
    /// Revisions.
    pub updated: u64,
    /// Records that wait in the outbox.
    pub waiting: u64,
}

/// Runs the corridor until `shutdown` resolves or, in [`Mode::Once`], until all is done.
///
/// # Errors
///
/// What makes going on unsafe: the ledger's failure, a sink that belongs to another store, a rival.
pub async fn run(
    config: Config,
    feeds: Vec<Arc<Feed>>,
    mode: Mode,
    window: Arc<Window>,
    shutdown: impl Future<Output = ()>,
) -> Result<Summary, Error> {
    let state = config.state.clone();
    let opened = tokio::task::spawn_blocking(move || Ledger::open(&state, RULES));
    let ledger = opened.await.map_err(|_| Error::Lost("opening the state"))??;
    let fetch = Fetch::new(&config.fetch).map_err(|error| Error::Fetch(error.to_string()))?;
    let mut sink = AnySink::new(&config.sink, &config.kafka, ledger.store_id())
        .map_err(|error| Error::Sink(error.to_string()))?;
    let enricher = enrich::Enricher::new(&config.enrich)
        .map_err(|errors| Error::Enrich(errors.first().map(ToString::to_string).unwrap_or_default()))?;
    let readers = Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from));
    let rooms = Arc::new(Rooms {
        fetch: Arc::new(fetch),
        ledger: ledger.clone(),
        enricher,
        wishes: Wishes::new(&config.pages),
        schedule: config.schedule.clone(),
        k: Default::default(),
        outage: Default::default(),
        readers: Arc::new(readers),
    });
    let roster = Arc::new(Roster::default());
    let feeds = desk::enroll(&ledger, &roster, &feeds)?;
    let (orders, inbox) = mpsc::channel(ORDERS_MAX);
    let seat = Desk::new(ledger.guest(), roster.clone(), window.clone(), config.clone(), Some(orders));
    window.seat(Some(Arc::new(seat)));
    let portion =
        Portion { records: config.kafka.batch_records as usize, bytes: config.kafka.batch_bytes.0 as usize };
    let mut corridor = Corridor::new(&config, rooms, feeds, mode, window.clone(), Desked { roster, inbox })?;
    window.ready("start");
    let ended = {
        let mut delivery =
            std::pin::pin!(pulsing(&ledger, &window, deliver::deliver(&ledger, &mut sink, portion, &window)));
        let ended = corridor.turn_until(delivery.as_mut(), shutdown).await;
        corridor.go_home().await;
        if let Ok(Ended::Told) = ended {
            // What is not delivered by then waits in the outbox for the next start.
            let emptied = async {
                tokio::select! { _ = delivery => (), () = empty(&ledger) => () }
            };
            let _ = timeout(GRACE_DELIVERY, emptied).await;
        }
        ended.map(|_| ())
    };
    let mut summary = corridor.summary;
    summary.waiting = ledger.last_seq() - ledger.delivered_seq();
    drop(corridor);
    window.seat(None);
    let closed = close(ledger, sink).await;
    ended.and(closed).map(|()| summary)
}

/// What ended the event loop.
enum Ended {
    /// The caller, or all work being done.
    Told,
    /// Delivery: whoever read the sink has gone.
    Delivery,
}

/// Does the work, and meanwhile asks the state's writer for nothing, again and again: while it answers, work
/// goes on.
async fn pulsing<T>(ledger: &Ledger, window: &Window, work: impl Future<Output = T>) -> T {
    let pulse = async {
        while ledger.trim(0).await.is_ok() {
            window.pulsed();
            tokio::time::sleep(TURN_MAX).await;
        }
        // A writer that has failed is for the work itself to tell of.
        std::future::pending().await
    };
    tokio::select! { done = work => done, never = pulse => never }
}

async fn empty(ledger: &Ledger) {
    while ledger.delivered_seq() < ledger.last_seq() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn close(ledger: Ledger, sink: AnySink) -> Result<(), Error> {
    let closing = async {
        sink.close().await;
        tokio::task::spawn_blocking(move || ledger.close()).await
    };
    match timeout(GRACE_CLOSE, closing).await {
        Ok(Ok(closed)) => Ok(closed?),
        Ok(Err(_)) => Err(Error::Lost("closing the state")),
        // Everything that was settled is on disk: the next start replays it.
        Err(_) => Ok(()),
    }
}

/// Wall-clock milliseconds that do not jump while the process runs.
struct Clock {
    started: Instant,
    started_ms: i64,
}

impl Clock {
    fn new() -> Self {
        Self { started: Instant::now(), started_ms: Timestamp::now().as_millisecond() }
    }

    fn now(&self) -> i64 {
        self.started_ms + self.started.elapsed().as_millis() as i64
    }

    fn until(&self, at: i64) -> Duration {
        Duration::from_millis(u64::try_from(at - self.now()).unwrap_or(0))
    }
}

type Home = Result<(Id, Result<Tally, ledger::Error>), JoinError>;

/// What the event loop and the desk share.
struct Desked {
    roster: Arc<Roster>,
    inbox: mpsc::Receiver<Order>,
}

struct Corridor {
    rooms: Arc<Rooms>,
    feeds: Vec<Arc<Feed>>,
    /// The place at which each feed is visited; its other places are left over from earlier orders.
    current: HashMap<FeedId, Place>,
    roster: Arc<Roster>,
    inbox: mpsc::Receiver<Order>,
    frontier: Frontier,
    budget: Budget,
    balance_at: Instant,
    outage: Outage,
    lane: Lane,
    clock: Clock,
    mode: Mode,
    visits: JoinSet<Result<Tally, ledger::Error>>,
    places: HashMap<Id, Place>,
    pages: Pages,
    visits_max: usize,
    /// Time between two requests to one host.
    gap_ms: i64,
    outbox_max: u64,
    full: bool,
    window: Arc<Window>,
    summary: Summary,
}

impl Corridor {
    fn new(
        config: &Config,
        rooms: Arc<Rooms>,
        feeds: Vec<Arc<Feed>>,
        mode: Mode,
        window: Arc<Window>,
        Desked { roster, inbox }: Desked,
    ) -> Result<Self, Error> {
        let clock = Clock::new();
        let limits = HostLimits {
            concurrency: config.fetch.per_host_concurrency.max(1) as u32,
            gap: config.fetch.per_host_gap.as_millis() as i64,
        };
        let (frontier, budget) = plan::plan(&rooms, limits, &feeds, mode, clock.now())?;
        rooms.k.store(budget.k().to_bits(), Ordering::Relaxed);
        let pages = Pages::new(rooms.wishes.waiting.clone());
        let current = feeds.iter().enumerate().map(|(place, feed)| (feed.id.clone(), place as Place));
        Ok(Self {
            current: current.collect(),
            roster,
            inbox,
            rooms,
            feeds,
            frontier,
            budget,
            balance_at: Instant::now() + BALANCE_MIN,
            outage: Outage::default(),
            lane: Lane::default(),
            clock,
            mode,
            visits: JoinSet::new(),
            places: HashMap::new(),
            pages,
            gap_ms: limits.gap,
            visits_max: config.fetch.concurrency.max(1),
            outbox_max: config.outbox.max_bytes.0,
            full: false,
            window,
            summary: Summary::default(),
        })
    }

    /// Turns until there is a reason to end; an error is one that makes going on unsafe.
    async fn turn_until(
        &mut self,
        mut delivery: std::pin::Pin<&mut impl Future<Output = Result<(), Error>>>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Ended, Error> {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            self.balance();
            self.take_waiting();
            let next_due = self.start_due();
            self.look_around();
            if self.is_done() {
                return Ok(Ended::Told);
            }
            tokio::select! {
                biased;
                () = &mut shutdown => return Ok(Ended::Told),
                ended = &mut delivery => return ended.map(|()| Ended::Delivery),
                Some(home) = self.visits.join_next_with_id() => self.take_home(home)?,
                Some(home) = self.pages.visits.join_next_with_id() => self.take_page_home(home)?,
                Some(order) = self.inbox.recv() => self.obey(order)?,
                () = tokio::time::sleep(next_due) => {}
            }
        }
    }

    /// Starts what is due and says when to look again.
    fn start_due(&mut self) -> Duration {
        let visits_max = if self.outage.is_on() { PROBES } else { self.visits_max };
        while self.visits.len() < visits_max && !self.full {
            match self.frontier.next(self.clock.now()) {
                Next::Visit(place) if self.is_current(place) => self.start(place),
                Next::Visit(place) => self.frontier.retire(place),
                Next::Page(page) => self.start_page(page),
                Next::Wait(at) => return self.clock.until(at).min(TURN_MAX),
                Next::Idle => break,
            }
        }
        match (self.full, self.has_visited_all()) {
            (true, _) => FULL_PAUSE,
            (_, true) => LAST_PAUSE,
            _ => TURN_MAX,
        }
    }

    fn start(&mut self, place: Place) {
        if !self.lane.enter(place, self.visits_max) {
            return self.frontier.put_off(place, self.clock.now() + UNPROVEN_PAUSE_MS);
        }
        let (rooms, feed) = (self.rooms.clone(), self.feeds[place as usize].clone());
        let task = self.visits.spawn(async move { visit::visit(&rooms, feed).await });
        self.places.insert(task.id(), place);
    }

    fn take_home(&mut self, home: Home) -> Result<(), Error> {
        let (id, tally) = match home {
            Ok((id, tally)) => (id, Some(tally?)),
            Err(lost) => (lost.id(), None),
        };
        let Some(place) = self.places.remove(&id) else { return Ok(()) };
        self.summary.visits += 1;
        let is_late = tally.as_ref().is_none_or(|tally| tally.class == Some(FailureClass::Timeout));
        self.lane.leave(place, !is_late);
        let next_due = match tally {
            Some(tally) => self.count(place, &tally),
            None => self.panicked(place),
        };
        match self.mode {
            Mode::Forever if self.is_current(place) => self.frontier.home(place, next_due),
            _ => self.frontier.retire(place),
        }
        Ok(())
    }

    fn count(&mut self, place: Place, tally: &Tally) -> i64 {
        let feed = &self.feeds[place as usize];
        self.window.visited(tally);
        self.roster.visited(&feed.id, tally, self.clock.now());
        self.summary.created += u64::from(tally.settled.created);
        self.summary.updated += u64::from(tally.settled.updated);
        if 0 < tally.settled.held {
            report_held(feed, &tally.settled);
        }
        if let Some((host, pace)) = &tally.host {
            self.frontier.spare(host, pace);
        }
        if self.is_current(place) {
            self.budget.set(place, tally.demand);
        }
        let host = schedule::hash(&fetch::host_key(&feed.url));
        let was_out = self.outage.is_on();
        let is_out = self.outage.note(host, tally.class, self.clock.now());
        self.rooms.outage.store(is_out, Ordering::Relaxed);
        match (was_out, is_out) {
            (false, true) => tracing::warn!(
                "most hosts give no answer: our own network seems to be down; no feed is blamed for it"
            ),
            (true, false) => tracing::info!("hosts answer again"),
            _ => {}
        }
        report(feed, tally);
        match &tally.detail {
            None => tracing::debug!(
                feed.id = %feed.id,
                outcome = tally.outcome,
                created = tally.settled.created,
                updated = tally.settled.updated,
                known = tally.settled.known,
                flawed = tally.read.flawed,
                "visited {}",
                feed.id
            ),
            Some(detail) => {
                self.summary.failed += 1;
                report_failure(feed, tally, detail);
            }
        }
        tally.next_due_ms
    }

    fn panicked(&mut self, place: Place) -> i64 {
        let feed = &self.feeds[place as usize];
        tracing::error!(feed.id = %feed.id, "a visit of {} panicked: the feed is planned again", feed.id);
        self.window.counts.panicked();
        self.summary.failed += 1;
        self.clock.now() + PANIC_PAUSE_MS
    }

    /// Looks at the outbox and shows what is to be seen from outside.
    fn look_around(&mut self) {
        self.rooms.ledger.release_due(Timestamp::now().as_millisecond());
        let waiting = self.rooms.ledger.outbox_bytes();
        self.full = self.outbox_max <= waiting;
        if self.full {
            let reason = format!("polling pauses: {waiting} bytes wait in the outbox (outbox.max_bytes)");
            if self.window.not_ready("outbox", reason.clone()) {
                tracing::warn!("{reason}");
            }
        } else if self.window.ready("outbox") {
            tracing::info!("polling goes on: the outbox has room again");
        }
        let seen = Seen {
            feeds: self.roster.counts(),
            in_flight: self.visits.len(),
            paused: self.full,
            outbox_max: self.outbox_max,
            pages: self.pages.len(),
        };
        self.window.counts.turn(&seen, &self.rooms.ledger);
        self.window.turned();
    }

    /// Shares the poll budget out anew, now and then.
    fn balance(&mut self) {
        let now = Instant::now();
        if self.balance_at <= now {
            self.budget.balance();
            self.rooms.k.store(self.budget.k().to_bits(), Ordering::Relaxed);
            let each = BALANCE_FEED * u32::try_from(self.feeds.len()).unwrap_or(u32::MAX);
            self.balance_at = now + each.clamp(BALANCE_MIN, BALANCE_MAX);
            self.window.counts.budget(self.budget.planned(), self.outage.is_on());
        }
    }

    fn has_visited_all(&self) -> bool {
        self.mode == Mode::Once && self.summary.visits == self.feeds.len() as u64
    }

    fn is_done(&self) -> bool {
        let is_delivered = self.rooms.ledger.delivered_seq() == self.rooms.ledger.last_seq();
        self.has_visited_all() && self.pages.len() == 0 && is_delivered
    }

    /// Gives visits that are about to settle a moment, drops the rest: they cost a repeat.
    async fn go_home(&mut self) {
        let all_home = async {
            while let Some(home) = self.visits.join_next_with_id().await {
                if let Ok((id, Ok(tally))) = home
                    && let Some(place) = self.places.remove(&id)
                {
                    self.count(place, &tally);
                }
            }
        };
        let _ = timeout(GRACE_VISITS, all_home).await;
        self.visits.shutdown().await;
        self.pages.visits.shutdown().await;
    }
}
