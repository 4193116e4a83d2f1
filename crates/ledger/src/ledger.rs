use crate::codec::{self, Counters, Day, Watermark};
use crate::config::DedupConfig;
use crate::familiar::Familiar;
use crate::feeds::{FeedState, HISTORY_MAX};
use crate::format::{self, Format};
use crate::memory::Memory;
use crate::overlay::Overlay;
use crate::page::Mailbox;
use crate::recent::Recent;
use crate::sequencer::{self, Request};
use crate::shelf::{self, Shelf, Trace};
use crate::store::Store;
use crate::{Config, Error};
use model::settle::{Neighbours, Rules, Settled, Settlement, Sighting};
use model::{ArticleId, Feed, FeedId, FetchNote, HostPace, Row, StoreId};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};

/// Requests that may wait for the sequencer before visits have to.
const REQUESTS_MAX: usize = 1024;
/// Held articles that are released in one batch.
const RELEASED_AT_ONCE: usize = 200;

/// An open state directory. Cheap to clone; the last clone dropped ends the sequencer.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) shared: Arc<Shared>,
    requests: mpsc::WeakSender<Request>,
    /// Keeps the sequencer running; none for guests.
    keeps: Option<mpsc::Sender<Request>>,
    sequencer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// When a feed that was visited before is due, and how it stood.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// Due again, milliseconds since 1970.
    pub next_due_ms: i64,
    /// End of the last fetch, milliseconds since 1970; 0: none.
    pub last_fetch_ms: i64,
    /// Failures in a row.
    pub failures: u32,
}

pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) store_id: StoreId,
    retention: Day,
    adopts: Mutex<Option<StoreId>>,
    was_clean: bool,
    /// Last row that is durable, and the weight of all rows up to it.
    durable: watch::Sender<Watermark>,
    watermark: Mutex<Watermark>,
    failure: Mutex<Option<Error>>,
    pub(crate) dedup: DedupConfig,
    /// Keys the sketches of this store.
    seed: u64,
    /// When the next held article goes out by itself, milliseconds since 1970.
    next_due_ms: AtomicI64,
    pub(crate) recent: Recent,
    pub(crate) familiar: Familiar,
    /// What began to wait for its page.
    pub(crate) waiting: Mailbox,
    _lock: File,
}

impl Shared {
    pub(crate) fn watermark(&self) -> Watermark {
        *self.watermark.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settled(&self, counters: &Counters) {
        let now = Watermark { seq: counters.last_seq, cumulated: counters.cumulated };
        self.durable.send_if_modified(|durable| std::mem::replace(durable, now) != now);
    }

    pub(crate) fn trimmed(&self, to: Watermark) {
        *self.watermark.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    pub(crate) fn due_next(&self, due_ms: i64) {
        self.next_due_ms.store(due_ms, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, error: Error) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("dir", &self.dir()).field("store", &self.shared.store_id).finish()
    }
}

impl Ledger {
    /// Opens the state directory, or makes a new one; blocks while the last journal is replayed.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] when another process has it, [`Error::Corrupt`] and [`Error::Format`] when it
    /// cannot be trusted, [`Error::Disk`] when it cannot be used.
    pub fn open(config: &Config, rules: Rules) -> Result<Self, Error> {
        let dir = config.dir.as_path();
        fs::create_dir_all(dir).map_err(|error| Error::disk(dir, &error))?;
        let lock = format::lock(dir)?;
        let mut format = known_format(dir)?;
        let retention = Day::try_from(config.retention.as_millis() / 86_400_000).unwrap_or(Day::MAX).max(1);
        let store = Store::open(dir, retention, format.ready)?;
        if !format.ready {
            store.flush()?;
            format.ready = true;
            format.write(dir)?;
        }
        let (counters, watermark) = (store.counters()?, store.watermark()?);
        store.follow(&store.calendar()?);
        let seed = store.seed()?;
        let memory = Memory::open(&store, &config.dedup, &rules)?;
        let running = dir.join("running");
        let was_clean = !running.exists();
        File::create(&running).map_err(|error| Error::disk(dir, &error))?;
        let durable = Watermark { seq: counters.last_seq, cumulated: counters.cumulated };
        let adopts = format.adopts.as_ref().and_then(|store| store.parse().ok());
        let shared = Arc::new(Shared {
            store,
            store_id: format.store_id(dir)?,
            retention,
            adopts: Mutex::new(adopts),
            was_clean,
            durable: watch::Sender::new(durable),
            watermark: Mutex::new(watermark),
            failure: Mutex::new(None),
            dedup: config.dedup.clone(),
            seed,
            next_due_ms: AtomicI64::new(i64::MAX),
            recent: Recent::default(),
            familiar: Familiar::new(),
            waiting: Mailbox::default(),
            _lock: lock,
        });
        let (requests, inbox) = mpsc::channel(REQUESTS_MAX);
        let serving = shared.clone();
        let sequencer = std::thread::Builder::new()
            .name("sequencer".into())
            .spawn(move || sequencer::serve(&serving, rules, memory, inbox))
            .map_err(|error| Error::disk(dir, &error))?;
        let sequencer = Arc::new(Mutex::new(Some(sequencer)));
        Ok(Self { shared, requests: requests.downgrade(), keeps: Some(requests), sequencer })
    }

    /// The same state for somebody who looks on: it does not keep the sequencer from ending, and has no
    /// part in closing.
    pub fn guest(&self) -> Self {
        Self { keeps: None, ..self.clone() }
    }

    /// This store's id.
    pub fn store_id(&self) -> StoreId {
        self.shared.store_id
    }

    /// False when the last process did not close the ledger: it may have sent what is not noted here.
    pub fn was_clean(&self) -> bool {
        self.shared.was_clean
    }

    /// The store whose progress this one takes over, after `state adopt`.
    pub fn adopts(&self) -> Option<StoreId> {
        *self.shared.adopts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The take-over is done; from now on only this store's own progress counts.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn adopted(&self) -> Result<(), Error> {
        let dir = self.shared.store.dir();
        if self.shared.adopts.lock().unwrap_or_else(PoisonError::into_inner).take().is_some()
            && let Some(mut format) = Format::read(dir)?
        {
            format.adopts = None;
            format.write(dir)?;
        }
        Ok(())
    }

    /// Settles what a visit brought: when this returns `Ok`, all of it is on disk.
    ///
    /// # Errors
    ///
    /// The failure of the write; then nothing of the settlement may be counted on, and the ledger is closed.
    pub async fn settle(&self, settlement: Settlement) -> Result<Settled, Error> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Settle(Box::new(settlement), answer), answered).await
    }

    /// Rows up to `seq` are delivered and may go.
    ///
    /// # Errors
    ///
    /// As for [`Self::settle`].
    pub async fn trim(&self, seq: u64) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Trim(seq, answer), answered).await
    }

    /// Remembers feeds that were added by command, and forgets those that were taken back; an id in both
    /// lists is added. When this returns `Ok`, it is on disk.
    ///
    /// # Errors
    ///
    /// As for [`Self::settle`].
    pub async fn subscribe(&self, added: Vec<Feed>, removed: Vec<FeedId>) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Subscribe(added, removed, answer), answered).await
    }

    /// Feeds that were added by command, by id. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn subscriptions(&self) -> Result<Vec<Feed>, Error> {
        self.shared.store.subscriptions()
    }

    /// Rows after `after` as they were settled by this process, delivered or not, and how many of them are
    /// gone from memory already.
    pub fn recent(&self, after: u64) -> (Vec<Arc<Row>>, u64) {
        self.shared.recent.after(after)
    }

    pub(crate) async fn ask<T>(
        &self,
        request: Request,
        answered: oneshot::Receiver<Result<T, Error>>,
    ) -> Result<T, Error> {
        if let Some(requests) = self.requests.upgrade()
            && requests.send(request).await.is_ok()
            && let Ok(answer) = answered.await
        {
            return answer;
        }
        let failure = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner);
        Err(failure.clone().unwrap_or(Error::Closed))
    }

    /// Whether the feed showed the same today under the same names, nothing else under them since, and it was
    /// known then: it is known still, and need not be looked up. False says nothing.
    pub fn is_familiar(&self, feed: &FeedId, sighting: &Sighting) -> bool {
        self.shared.familiar.is(feed, sighting, codec::day(jiff::Timestamp::now().as_millisecond()))
    }

    /// What is known under a sighting's keys, to save the work of enriching what is not new; it decides
    /// nothing, since another visit may be settling the same article. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn neighbours(&self, feed: &FeedId, sighting: &Sighting) -> Result<Neighbours, Error> {
        let mut overlay = Overlay::new(Some(&self.shared.store), 0);
        let quirks = overlay.feed(feed)?.quirks;
        overlay.neighbours(feed, &quirks, sighting)
    }

    /// Hashes of the paragraphs that an outlet puts under its articles, ascending. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn boilerplate(&self, domain: &str) -> Result<Vec<u32>, Error> {
        Ok(Overlay::new(Some(&self.shared.store), 0).outlet(domain)?.boilerplate())
    }

    /// What sketches of this store are keyed with: made once, at random, told nobody.
    pub fn seed(&self) -> u64 {
        self.shared.seed
    }

    /// Lets out held articles whose time has come; costs nothing when there are none.
    pub fn release_due(&self, now_ms: i64) {
        if self.shared.next_due_ms.load(Ordering::Relaxed) <= now_ms {
            // A full queue is busy with groups, each of which looks at what is due.
            let _ = self.requests.upgrade().map(|requests| requests.try_send(Request::Tick));
        }
    }

    /// Releases the articles of improbable polls of a feed that wait: published, or remembered as seen.
    ///
    /// # Errors
    ///
    /// As for [`Self::settle`]; what was released by then stays released.
    pub async fn release(&self, feed: &FeedId, publish: bool) -> Result<Settled, Error> {
        let mut all = Settled::default();
        loop {
            let held = self.shared.store.held(feed, RELEASED_AT_ONCE)?;
            if held.is_empty() {
                return Ok(all);
            }
            let (answer, answered) = oneshot::channel();
            let one = self.ask(Request::Release(feed.clone(), held, publish, answer), answered).await?;
            all.created += one.created;
            all.known += one.known;
            all.marked_seen += one.marked_seen;
            all.waiting += one.waiting;
            all.last_seq = one.last_seq;
        }
    }

    /// Calls `each` with the feed of every article that waits for a word (false) or for its page (true), since
    /// when it waits (milliseconds since 1970) and its title. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn each_held(&self, mut each: impl FnMut(bool, &FeedId, i64, Option<&str>)) -> Result<(), Error> {
        for (prefix, for_page) in [(shelf::HELD_POLLS, false), (shelf::HELD_PAGES, true)] {
            self.shared.store.each_shelved(Shelf::Held, prefix, |_, value| {
                if let Some(held) = crate::shelf::Held::read(value) {
                    let article = &held.candidate.story.article;
                    each(for_page, &article.feed.id, held.since_ms, article.title.as_deref());
                }
                true
            })?;
        }
        Ok(())
    }

    /// How each revision of an article came to be, oldest first; empty: the article is not known. Blocks on
    /// the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn explain(&self, id: ArticleId) -> Result<Vec<Trace>, Error> {
        let value = self.shared.store.shelved(Shelf::Evidence, &id.0)?;
        Ok(value.and_then(|value| shelf::dated(&value)).unwrap_or_default())
    }

    /// What is remembered of a feed. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn feed(&self, feed: &FeedId) -> Result<Option<FeedState>, Error> {
        self.shared.store.feed(feed)
    }

    /// When a feed is due, if it was ever visited. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn due(&self, feed: &FeedId) -> Result<Option<Due>, Error> {
        Ok(self.shared.store.feed(feed)?.map(|state| Due {
            next_due_ms: state.decision.due_ms,
            last_fetch_ms: state.last.map_or(0, |note| note.at_ms),
            failures: state.failures,
        }))
    }

    /// The last fetches of a feed, oldest first, at most 100. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn history(&self, feed: &FeedId) -> Result<Vec<FetchNote>, Error> {
        let fetches = self.feed(feed)?.map_or(0, |state| state.fetches);
        let mut notes = self.shared.store.notes(feed)?;
        // Once the ring is full, the oldest note stands where the next one will be written.
        let oldest = (fetches % u64::from(HISTORY_MAX)) as usize;
        if oldest < notes.len() && u64::from(HISTORY_MAX) <= fetches {
            notes.rotate_left(oldest);
        }
        Ok(notes)
    }

    /// Hosts that asked for peace, and how much of it. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn hosts(&self) -> Result<Vec<(String, HostPace)>, Error> {
        self.shared.store.hosts()
    }

    /// What one host asked for. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn host(&self, host: &str) -> Result<Option<HostPace>, Error> {
        self.shared.store.host(host)
    }

    /// Durable rows after `after`, in sequence; at most `count` of them and about `bytes`. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn take(&self, after: u64, count: usize, bytes: usize) -> Result<Vec<Row>, Error> {
        self.shared.store.rows(after, self.last_seq(), count, bytes)
    }

    /// The last durable row.
    pub fn last_seq(&self) -> u64 {
        self.shared.durable.borrow().seq
    }

    /// The last row that was trimmed.
    pub fn delivered_seq(&self) -> u64 {
        self.shared.watermark().seq
    }

    /// Weight of what waits for delivery, bytes.
    pub fn outbox_bytes(&self) -> u64 {
        self.shared.durable.borrow().cumulated.saturating_sub(self.shared.watermark().cumulated)
    }

    /// Waits until there is a row after `after`; false when the ledger is closed.
    pub async fn wait_for_rows(&self, after: u64) -> bool {
        self.shared.durable.subscribe().wait_for(|durable| after < durable.seq).await.is_ok()
    }

    /// How long articles are remembered, days.
    pub fn retention_days(&self) -> u16 {
        self.shared.retention
    }

    /// The state directory.
    pub fn dir(&self) -> &Path {
        self.shared.store.dir()
    }

    /// Waits for the sequencer, moves everything out of the journal and notes that all went well. Blocks.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`]; nothing that was settled is lost by that.
    pub fn close(self) -> Result<(), Error> {
        let Self { shared, requests: _, keeps, sequencer } = self;
        drop(keeps);
        let handle = sequencer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(handle) = handle {
            // The sequencer ends when the last sender is gone; a panic in it was its own report.
            let _ = handle.join();
        }
        if let Some(error) = shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        shared.store.flush()?;
        let running: PathBuf = shared.store.dir().join("running");
        fs::remove_file(running).map_err(|error| Error::disk(shared.store.dir(), &error))
    }
}

fn known_format(dir: &Path) -> Result<Format, Error> {
    match Format::read(dir)? {
        Some(format) => Ok(format),
        None if dir.join("db").exists() => Err(Error::corrupt(dir, "the file `format` is missing")),
        None => {
            let format = Format::new(dir)?;
            format.write(dir)?;
            Ok(format)
        }
    }
}
