//! The one writer. It takes what waits, decides it in order, writes it as one batch, syncs, and only
//! then answers: several visits share one sync, and nobody is told of what could still be lost.

use crate::Error;
use crate::calendar::Calendar;
use crate::codec::{self, Counters, Watermark};
use crate::decide::Decider;
use crate::ledger::Shared;
use crate::memory::Memory;
use crate::overlay::Overlay;
use crate::page;
use crate::shelf::{Held, Shelf};
use crate::store::Store;
use jiff::Timestamp;
use model::page::{Visited, Waiting};
use model::settle::{Rules, Settled, Settlement};
use model::{Feed, FeedId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Settlements that share a sync, at most.
const GROUP_MAX: usize = 256;
/// Outbox bytes that share a sync, at most: what one batch may hold in memory.
const GROUP_BYTES_MAX: u64 = 16 << 20;

pub(crate) enum Request {
    Settle(Box<Settlement>, oneshot::Sender<Result<Settled, Error>>),
    /// Rows up to this one are delivered.
    Trim(u64, oneshot::Sender<Result<(), Error>>),
    /// A page was visited.
    Page(Box<Visited>, oneshot::Sender<Result<Settled, Error>>),
    /// These held articles of a feed go out, or are remembered as seen.
    Release(FeedId, Vec<(Vec<u8>, Held)>, bool, oneshot::Sender<Result<Settled, Error>>),
    /// Held articles may be due.
    Tick,
    /// Feeds that are added by command, and those that are taken back.
    Subscribe(Vec<Feed>, Vec<FeedId>, oneshot::Sender<Result<(), Error>>),
}

/// Serves requests until all senders are gone or a write fails; then every request is answered with
/// that failure, since what the disk holds is no longer known.
pub(crate) fn serve(
    shared: &Arc<Shared>,
    rules: Rules,
    memory: Memory,
    mut requests: mpsc::Receiver<Request>,
) {
    let read = || Ok((shared.store.counters()?, shared.store.calendar()?, dues(&shared.store)?));
    let (counters, calendar, dues) = match read() {
        Ok((counters, calendar, (dues, waiting))) => {
            shared.waiting.put(waiting);
            (counters, calendar, dues)
        }
        Err(error) => return refuse_all(shared, error, &mut requests, Vec::new()),
    };
    let mut desk = Desk { rules, memory, counters, calendar, dues };
    shared.due_next(desk.next_due());
    while let Some(first) = requests.blocking_recv() {
        let mut group = vec![first];
        match write(shared, &mut desk, &mut group, &mut requests) {
            Ok(answers) => answers.send(group),
            Err(error) => return refuse_all(shared, error, &mut requests, group),
        }
    }
}

/// What the sequencer has at hand.
struct Desk {
    rules: Rules,
    memory: Memory,
    counters: Counters,
    calendar: Calendar,
    dues: Dues,
}

impl Desk {
    fn next_due(&self) -> i64 {
        self.dues.first().map_or(i64::MAX, |(due_ms, _)| *due_ms)
    }
}

/// Held articles by the time at which they go out.
type Dues = BTreeSet<(i64, Vec<u8>)>;

/// What goes out at a time of its own, and what of that waits for its page.
fn dues(store: &Store) -> Result<(Dues, Vec<Waiting>), Error> {
    let (mut dues, mut waiting) = (Dues::new(), Vec::new());
    store.each_shelved(Shelf::Held, b"", |key, value| {
        if let Some(held) = Held::read(value) {
            dues.extend(held.due_ms.map(|due_ms| (due_ms, key.to_vec())));
            waiting.extend(page::waiting(key, &held));
        }
        true
    })?;
    Ok((dues, waiting))
}

#[derive(Default)]
struct Answers {
    settled: Vec<Settled>,
}

impl Answers {
    fn send(self, group: Vec<Request>) {
        let mut settled = self.settled.into_iter();
        for request in group {
            // A visit that was dropped meanwhile is not there to hear it; what is settled stays settled.
            match request {
                Request::Settle(_, answer) => drop(answer.send(settled.next().ok_or(Error::Closed))),
                Request::Page(_, answer) => drop(answer.send(settled.next().ok_or(Error::Closed))),
                Request::Release(.., answer) => drop(answer.send(settled.next().ok_or(Error::Closed))),
                Request::Trim(_, answer) | Request::Subscribe(.., answer) => drop(answer.send(Ok(()))),
                Request::Tick => {}
            }
        }
    }
}

fn write(
    shared: &Shared,
    desk: &mut Desk,
    group: &mut Vec<Request>,
    requests: &mut mpsc::Receiver<Request>,
) -> Result<Answers, Error> {
    let now = Timestamp::now();
    let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    desk.calendar.tick(now.as_millisecond());
    shared.store.follow(&desk.calendar);
    let mut decider = Decider {
        overlay: Overlay::new(Some(&shared.store), codec::day(now.as_millisecond())),
        memory: &mut desk.memory,
        familiar: Some(&shared.familiar),
        config: &shared.dedup,
        counters: desk.counters.clone(),
        rows: Vec::new(),
        hosts: Vec::new(),
        notes: Vec::new(),
        dues: Vec::new(),
        waiting: Vec::new(),
        held_bytes: 0,
        rules: desk.rules,
        store: shared.store_id,
        now,
        touched: None,
        has_documents: true,
    };
    let mut answers = Answers::default();
    let mut settles = release_due(&mut decider, &desk.counters, &mut desk.dues)?;
    let mut also = Also { calendar: desk.calendar, ..Also::default() };
    let mut next = 0;
    loop {
        match &mut group[next] {
            Request::Settle(settlement, _) => answers.settled.push(decider.settle(settlement)?),
            Request::Page(visited, _) => answers.settled.push(decider.page_is_read(visited)?),
            Request::Release(feed, held, publish, _) => {
                answers.settled.push(decider.release(feed, std::mem::take(held), *publish)?);
            }
            Request::Tick => {}
            Request::Trim(seq, _) => also.trim_to = also.trim_to.max(Some(*seq)),
            Request::Subscribe(added, removed, _) => also.subscribe(added, removed),
        }
        next += 1;
        if GROUP_MAX <= next || GROUP_BYTES_MAX <= decider.bytes_since(&desk.counters) {
            break;
        }
        match requests.try_recv() {
            Ok(request) => group.push(request),
            Err(_) => break,
        }
    }
    settles |= !answers.settled.is_empty();
    desk.dues.extend(std::mem::take(&mut decider.dues));
    let waiting = std::mem::take(&mut decider.waiting);
    let counters = commit(shared, &desk.counters, decider, settles, also)?;
    desk.counters = counters;
    shared.waiting.put(waiting);
    shared.due_next(desk.next_due());
    Ok(answers)
}

/// Lets out what has waited long enough, as much of it as one batch takes; true when there was something.
fn release_due(decider: &mut Decider<'_, '_>, before: &Counters, dues: &mut Dues) -> Result<bool, Error> {
    let mut released = false;
    while let Some((due_ms, _)) = dues.first()
        && *due_ms <= decider.now.as_millisecond()
        && decider.bytes_since(before) < GROUP_BYTES_MAX
        && let Some((_, key)) = dues.pop_first()
    {
        released = true;
        decider.is_due(&key, &mut Settled::default())?;
    }
    Ok(released)
}

impl Decider<'_, '_> {
    /// What one batch has to hold in memory by now.
    fn bytes_since(&self, before: &Counters) -> u64 {
        self.counters.cumulated - before.cumulated + self.held_bytes
    }
}

/// What is written beside what was settled.
#[derive(Default)]
struct Also {
    trim_to: Option<u64>,
    calendar: Calendar,
    /// By id, so that the last word on a feed counts; none: taken back.
    subscriptions: BTreeMap<FeedId, Option<Feed>>,
}

impl Also {
    fn subscribe(&mut self, added: &[Feed], removed: &[FeedId]) {
        self.subscriptions.extend(removed.iter().map(|id| (id.clone(), None)));
        self.subscriptions.extend(added.iter().map(|feed| (feed.id.clone(), Some(feed.clone()))));
    }
}

/// Writes what was decided; the counters as they are then.
fn commit(
    shared: &Shared,
    before: &Counters,
    decider: Decider<'_, '_>,
    settles: bool,
    also: Also,
) -> Result<Counters, Error> {
    let mut batch = shared.store.batch();
    for (id, feed) in &also.subscriptions {
        match feed {
            Some(feed) => batch.subscribe(feed),
            None => batch.unsubscribe(id),
        }
    }
    let trimmed = match also.trim_to {
        Some(seq) => trim(shared, &mut batch, seq.min(before.last_seq))?,
        None => None,
    };
    let Decider { overlay, memory, counters, rows, hosts, notes, .. } = decider;
    if settles {
        // Before the batch: a text without an article is nobody's, an article without its text is never found.
        memory.near.flush()?;
        overlay.write_to(&mut batch);
        for (key, value) in memory.stories.take_changes() {
            batch.shelve(Shelf::Stories, &key, value.as_deref());
        }
        rows.iter().for_each(|row| batch.row(row));
        hosts.iter().for_each(|(host, pace)| batch.host(host, pace));
        notes.iter().for_each(|(feed, slot, note)| batch.note(feed, *slot, note));
        if counters != *before {
            batch.counters(&counters);
        }
        batch.calendar(&also.calendar);
        batch.commit()?;
        shared.recent.push(rows.into_iter().map(|stored| stored.row));
        shared.settled(&counters);
        memory.near.expire(also.calendar.seconds())?;
    } else if !also.subscriptions.is_empty() {
        batch.commit()?;
    } else {
        batch.commit_lazily()?;
    }
    if let Some(watermark) = trimmed {
        shared.trimmed(watermark);
    }
    Ok(counters)
}

/// Adds to `batch` the removal of all rows up to `seq`; none: they are gone already.
fn trim(shared: &Shared, batch: &mut crate::store::Batch, seq: u64) -> Result<Option<Watermark>, Error> {
    let before = shared.watermark();
    if seq <= before.seq {
        return Ok(None);
    }
    let row = shared.store.row(seq)?;
    let missing = || Error::corrupt(shared.store.dir(), format!("row {seq} of the outbox is missing"));
    let to = Watermark { seq, cumulated: row.ok_or_else(missing)?.cumulated };
    batch.trim(before.seq + 1, to);
    Ok(Some(to))
}

fn refuse_all(shared: &Shared, error: Error, requests: &mut mpsc::Receiver<Request>, group: Vec<Request>) {
    tracing::error!(%error, "the ledger stops: a write failed");
    shared.failed(error.clone());
    let refuse = |request| match request {
        Request::Settle(_, answer) => drop(answer.send(Err(error.clone()))),
        Request::Page(_, answer) => drop(answer.send(Err(error.clone()))),
        Request::Release(.., answer) => drop(answer.send(Err(error.clone()))),
        Request::Trim(_, answer) | Request::Subscribe(.., answer) => {
            drop(answer.send(Err(error.clone())));
        }
        Request::Tick => {}
    };
    group.into_iter().for_each(refuse);
    requests.close();
    while let Some(request) = requests.blocking_recv() {
        refuse(request);
    }
}
