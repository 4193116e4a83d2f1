//! fjall behind the ledger's own words: keyspaces, reads, and batches that are atomic and synced.

use crate::Error;
use crate::calendar::Calendar;
use crate::codec::{self, Alias, ArticleState, Counters, Day, Kind, StoredRow, Watermark};
use crate::feeds::FeedState;
use crate::shelf::{self, Held, Shelf};
use fault::{Mutant, Point};
use fjall::compaction::filter::{CompactionFilter, Context, Factory, ItemAccessor, Verdict};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use model::{ArticleId, Feed, FeedId, FetchNote, HostPace, Key, Row};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

/// Block cache, bytes: keys of feeds that were just polled are asked for together.
const CACHE_BYTES: u64 = 32 << 20;
/// fjall's least; what a restart has to replay is at most this.
const JOURNALS_BYTES: u64 = 64 << 20;
/// Per keyspace; small, so that ten of them stay small.
const MEMTABLE_BYTES: u64 = 8 << 20;

const COUNTERS: &[u8] = b"counters";
const CALENDAR: &[u8] = b"calendar";
const WATERMARK: &[u8] = b"watermark";
const SEED: &[u8] = b"seed";
const SUBSCRIPTIONS: &str = "subscriptions";

#[derive(Clone)]
pub(crate) struct Store {
    dir: PathBuf,
    db: Database,
    aliases: [Keyspace; Kind::ALL.len()],
    articles: Keyspace,
    feeds: Keyspace,
    /// The last fetches of each feed, a ring each.
    fetches: Keyspace,
    hosts: Keyspace,
    subscriptions: Keyspace,
    outbox: Keyspace,
    meta: Keyspace,
    shelves: [Keyspace; Shelf::ALL.len()],
    retention: Day,
    /// The day by which keys expire; 0: none does.
    today: Arc<AtomicU16>,
}

impl Store {
    /// Opens the store; one that was `ready` must have every keyspace, since fjall makes anew what it misses.
    pub(crate) fn open(dir: &Path, retention: Day, ready: bool) -> Result<Self, Error> {
        if ready && !dir.join("db").exists() {
            return Err(Error::corrupt(dir, "the directory `db` is missing"));
        }
        let failed = |error| Error::store(dir, error);
        let today = Arc::new(AtomicU16::new(0));
        let by = today.clone();
        let expiring = Arc::new(move |name: &str| -> Option<Arc<dyn Factory>> {
            let expires = name == "articles"
                || Kind::ALL.iter().any(|kind| kind.keyspace() == name)
                || Shelf::ALL.iter().any(|shelf| shelf.expires() && shelf.keyspace() == name);
            expires.then(|| Arc::new(Expiry { retention, today: by.clone() }) as Arc<dyn Factory>)
        });
        let db = Database::builder(dir.join("db"))
            .cache_size(CACHE_BYTES)
            .max_journaling_size(JOURNALS_BYTES)
            .with_compaction_filter_factories(expiring)
            .worker_threads(2)
            .open()
            .map_err(failed)?;
        let open = |name: &str| {
            // It came later than the others: a state that never had one is whole.
            if ready && name != SUBSCRIPTIONS && !db.keyspace_exists(name) {
                return Err(Error::corrupt(dir, format!("the keyspace {name} is missing")));
            }
            db.keyspace(name, || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES))
                .map_err(failed)
        };
        let [guid, url, text, title, said] = Kind::ALL.map(|kind| open(kind.keyspace()));
        let [outlets, evidence, carried, stories, held] = Shelf::ALL.map(|shelf| open(shelf.keyspace()));
        let shelves = [outlets?, evidence?, carried?, stories?, held?];
        let (articles, feeds) = (open("articles")?, open("feeds")?);
        let (fetches, hosts) = (open("fetches")?, open("hosts")?);
        let (outbox, meta) = (open("outbox")?, open("meta")?);
        let subscriptions = open(SUBSCRIPTIONS)?;
        let aliases = [guid?, url?, text?, title?, said?];
        Ok(Self {
            dir: dir.to_owned(),
            db,
            aliases,
            articles,
            feeds,
            fetches,
            hosts,
            outbox,
            meta,
            subscriptions,
            shelves,
            retention,
            today,
        })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    fn get(&self, keyspace: &Keyspace, key: &[u8]) -> Result<Option<fjall::Slice>, Error> {
        keyspace.get(key).map_err(|error| Error::store(&self.dir, error))
    }

    fn read<T>(
        &self,
        keyspace: &Keyspace,
        key: &[u8],
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(keyspace, key)? else { return Ok(None) };
        let damaged = || Error::corrupt(&self.dir, format!("a value in {} is unreadable", keyspace.name()));
        decode(&value).map(Some).ok_or_else(damaged)
    }

    /// Where a key points, unless the article was last seen longer ago than the retention.
    pub(crate) fn alias(&self, kind: Kind, key: &Key) -> Result<Option<Alias>, Error> {
        let today = self.today.load(Ordering::Relaxed);
        let alias = self.read(&self.aliases[kind as usize], &key.0, Alias::read)?;
        Ok(alias.filter(|alias| today.saturating_sub(alias.seen) <= self.retention))
    }

    pub(crate) fn article(&self, id: ArticleId) -> Result<Option<ArticleState>, Error> {
        self.read(&self.articles, &id.0, ArticleState::read)
    }

    pub(crate) fn feed(&self, feed: &FeedId) -> Result<Option<FeedState>, Error> {
        self.read(&self.feeds, feed.as_str().as_bytes(), codec::decode)
    }

    pub(crate) fn counters(&self) -> Result<Counters, Error> {
        Ok(self.read(&self.meta, COUNTERS, codec::decode)?.unwrap_or_default())
    }

    /// Until when the clock was believed, as it was last written.
    pub(crate) fn calendar(&self) -> Result<Calendar, Error> {
        Ok(self.read(&self.meta, CALENDAR, codec::decode)?.unwrap_or_default())
    }

    /// From now on keys expire by this calendar.
    pub(crate) fn follow(&self, calendar: &Calendar) {
        self.today.store(calendar.day(), Ordering::Relaxed);
    }

    pub(crate) fn watermark(&self) -> Result<Watermark, Error> {
        Ok(self.read(&self.meta, WATERMARK, codec::decode)?.unwrap_or_default())
    }

    pub(crate) fn row(&self, seq: u64) -> Result<Option<StoredRow>, Error> {
        self.read(&self.outbox, &seq.to_be_bytes(), codec::decode)
    }

    /// Rows after `after` up to `last`, in sequence, at most `count` of them and about `bytes`.
    pub(crate) fn rows(&self, after: u64, last: u64, count: usize, bytes: usize) -> Result<Vec<Row>, Error> {
        let (mut rows, mut weight) = (Vec::new(), 0);
        if last <= after {
            return Ok(rows);
        }
        for entry in self.outbox.range((after + 1).to_be_bytes()..=last.to_be_bytes()) {
            let value = entry.value().map_err(|error| Error::store(&self.dir, error))?;
            let stored: StoredRow = codec::decode(&value)
                .ok_or_else(|| Error::corrupt(&self.dir, "a row of the outbox is unreadable"))?;
            weight += stored.row.weight();
            rows.push(stored.row);
            if count <= rows.len() || bytes <= weight {
                break;
            }
        }
        Ok(rows)
    }

    /// Every host that asked for peace.
    pub(crate) fn hosts(&self) -> Result<Vec<(String, HostPace)>, Error> {
        let mut hosts = Vec::new();
        for entry in self.hosts.iter() {
            let (key, value) = entry.into_inner().map_err(|error| Error::store(&self.dir, error))?;
            if let (Ok(host), Some(pace)) = (std::str::from_utf8(&key), codec::decode(&value)) {
                hosts.push((host.to_owned(), pace));
            }
        }
        Ok(hosts)
    }

    pub(crate) fn host(&self, host: &str) -> Result<Option<HostPace>, Error> {
        self.read(&self.hosts, host.as_bytes(), codec::decode)
    }

    /// The notes of a feed's last fetches, in the order of their places.
    pub(crate) fn notes(&self, feed: &FeedId) -> Result<Vec<FetchNote>, Error> {
        let mut notes = Vec::new();
        for entry in self.fetches.prefix(note_key(feed, None)) {
            let value = entry.value().map_err(|error| Error::store(&self.dir, error))?;
            let damaged = || Error::corrupt(&self.dir, "a note of a fetch is unreadable");
            notes.push(codec::decode(&value).ok_or_else(damaged)?);
        }
        Ok(notes)
    }

    /// Feeds that were added by command, by id.
    pub(crate) fn subscriptions(&self) -> Result<Vec<Feed>, Error> {
        let read = |entry: fjall::Guard| {
            let value = entry.value().map_err(|error| Error::store(&self.dir, error))?;
            let damaged = |_| Error::corrupt(&self.dir, "a value in subscriptions is unreadable");
            serde_json::from_slice(&value).map_err(damaged)
        };
        self.subscriptions.iter().map(read).collect()
    }

    /// Every keyspace but those of the aliases.
    fn others(&self) -> [&Keyspace; 7] {
        [
            &self.articles,
            &self.feeds,
            &self.fetches,
            &self.hosts,
            &self.subscriptions,
            &self.outbox,
            &self.meta,
        ]
    }

    /// Calls `each` with every keyspace's name and every value in it.
    pub(crate) fn each_value(&self, mut each: impl FnMut(&str, &[u8])) -> Result<(), Error> {
        let rest = self.others();
        for keyspace in self.aliases.iter().chain(&self.shelves).chain(rest) {
            for entry in keyspace.iter() {
                let value = entry.value().map_err(|error| Error::store(&self.dir, error))?;
                each(keyspace.name(), &value);
            }
        }
        Ok(())
    }

    /// What sketches are keyed with; made when it is first asked for.
    pub(crate) fn seed(&self) -> Result<u64, Error> {
        if let Some(seed) = self.read(&self.meta, SEED, codec::decode)? {
            return Ok(seed);
        }
        let seed = u64::from_be_bytes(crate::format::fresh_store_id(&self.dir)?.0);
        let mut batch = self.batch();
        batch.batch.insert(&self.meta, SEED, codec::encoded(&seed));
        batch.commit()?;
        Ok(seed)
    }

    /// Articles of improbable polls of a feed that wait, at most `count`.
    pub(crate) fn held(&self, feed: &FeedId, count: usize) -> Result<Vec<(Vec<u8>, Held)>, Error> {
        let (mut held, mut damaged) = (Vec::new(), false);
        self.each_shelved(Shelf::Held, &shelf::held_poll_prefix(feed.as_str()), |key, value| {
            match Held::read(value) {
                Some(one) => held.push((key.to_vec(), one)),
                None => damaged = true,
            }
            held.len() < count && !damaged
        })?;
        if damaged {
            return Err(Error::corrupt(&self.dir, "a held article is unreadable"));
        }
        Ok(held)
    }

    pub(crate) fn shelved(&self, shelf: Shelf, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.get(&self.shelves[shelf as usize], key)?.map(|value| value.to_vec()))
    }

    /// Calls `each` with the keys and values of a shelf whose keys begin with `prefix`, in order, until it
    /// says no.
    pub(crate) fn each_shelved(
        &self,
        shelf: Shelf,
        prefix: &[u8],
        mut each: impl FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), Error> {
        for entry in self.shelves[shelf as usize].prefix(prefix) {
            let (key, value) = entry.into_inner().map_err(|error| Error::store(&self.dir, error))?;
            if !each(&key, &value) {
                break;
            }
        }
        Ok(())
    }

    pub(crate) fn batch(&self) -> Batch {
        Batch { store: self.clone(), batch: self.db.batch() }
    }

    /// Moves everything out of the journals, so that the next start has nothing to replay.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        let rest = self.others();
        for keyspace in self.aliases.iter().chain(&self.shelves).chain(rest) {
            keyspace.rotate_memtable_and_wait().map_err(|error| Error::store(&self.dir, error))?;
        }
        self.db.persist(PersistMode::SyncAll).map_err(|error| Error::store(&self.dir, error))
    }
}

/// The key of a note: no feed's name holds a zero, so none begins with another's key.
fn note_key(feed: &FeedId, slot: Option<u8>) -> Vec<u8> {
    let mut key = feed.as_str().as_bytes().to_vec();
    key.push(0);
    key.extend(slot);
    key
}

/// Writes that happen together or not at all.
pub(crate) struct Batch {
    store: Store,
    batch: fjall::OwnedWriteBatch,
}

impl Batch {
    pub(crate) fn alias(&mut self, kind: Kind, key: &Key, alias: Alias) {
        self.batch.insert(&self.store.aliases[kind as usize], key.0, alias.write());
    }

    pub(crate) fn article(&mut self, id: ArticleId, state: &ArticleState) {
        self.batch.insert(&self.store.articles, id.0, state.write());
    }

    pub(crate) fn feed(&mut self, feed: &FeedId, state: &FeedState) {
        self.batch.insert(&self.store.feeds, feed.as_str(), codec::encoded(state));
    }

    /// Puts a value on a shelf; none: takes it away.
    pub(crate) fn shelve(&mut self, shelf: Shelf, key: &[u8], value: Option<&[u8]>) {
        let keyspace = &self.store.shelves[shelf as usize];
        match value {
            Some(value) => self.batch.insert(keyspace, key, value),
            None => self.batch.remove(keyspace, key),
        }
    }

    pub(crate) fn host(&mut self, host: &str, pace: &HostPace) {
        self.batch.insert(&self.store.hosts, host, codec::encoded(pace));
    }

    pub(crate) fn note(&mut self, feed: &FeedId, slot: u8, note: &FetchNote) {
        self.batch.insert(&self.store.fetches, note_key(feed, Some(slot)), codec::encoded(note));
    }

    pub(crate) fn subscribe(&mut self, feed: &Feed) {
        // JSON, so that a later version may know more of a feed; nothing in it can fail to be written.
        let value = serde_json::to_vec(feed).unwrap_or_default();
        self.batch.insert(&self.store.subscriptions, feed.id.as_str(), value);
    }

    pub(crate) fn unsubscribe(&mut self, feed: &FeedId) {
        self.batch.remove(&self.store.subscriptions, feed.as_str());
    }

    pub(crate) fn row(&mut self, stored: &StoredRow) {
        self.batch.insert(&self.store.outbox, stored.row.seq.to_be_bytes(), codec::encoded(stored));
    }

    pub(crate) fn counters(&mut self, counters: &Counters) {
        self.batch.insert(&self.store.meta, COUNTERS, codec::encoded(counters));
    }

    pub(crate) fn calendar(&mut self, calendar: &Calendar) {
        self.batch.insert(&self.store.meta, CALENDAR, codec::encoded(calendar));
    }

    pub(crate) fn trim(&mut self, from: u64, to: Watermark) {
        for seq in from..=to.seq {
            self.batch.remove(&self.store.outbox, seq.to_be_bytes());
        }
        self.batch.insert(&self.store.meta, WATERMARK, codec::encoded(&to));
    }

    /// Writes the batch and syncs it; on an error nothing more may be written by this process.
    pub(crate) fn commit(self) -> Result<(), Error> {
        let failed = |error| Error::store(&self.store.dir, error);
        fault::point(Point::BeforeBatch);
        self.batch.commit().map_err(failed)?;
        fault::point(Point::BatchWritten);
        if !fault::is(Mutant::NoFsync) {
            self.store.db.persist(PersistMode::SyncData).map_err(failed)?;
        }
        fault::point(Point::AfterFsync);
        Ok(())
    }

    /// Writes the batch and leaves the syncing to the next one: for what may be done again after a crash.
    pub(crate) fn commit_lazily(self) -> Result<(), Error> {
        let dir = self.store.dir.clone();
        self.batch.commit().map_err(|error| Error::store(&dir, error))
    }
}

/// Drops, while tables are merged, what no feed has shown for longer than the retention.
struct Expiry {
    retention: Day,
    today: Arc<AtomicU16>,
}

impl Factory for Expiry {
    fn name(&self) -> &str {
        "expiry"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        let today = self.today.load(Ordering::Relaxed);
        // One day late: a key that a visit has just found is still there when the visit settles.
        Box::new(ExpiryFilter { before: today.saturating_sub(self.retention).saturating_sub(1) })
    }
}

struct ExpiryFilter {
    before: Day,
}

impl CompactionFilter for ExpiryFilter {
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> Result<Verdict, fjall::LsmError> {
        let expired = codec::day_of(&item.value()?).is_some_and(|seen| seen < self.before);
        Ok(if expired { Verdict::Remove } else { Verdict::Keep })
    }
}
