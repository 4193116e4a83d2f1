//! The one writer. It takes what waits, decides it in order, writes it as one batch, syncs, and only
//! then answers: several visits share one sync, and nobody is told of what could still be lost.

use crate::Error;
use crate::codec::{self, Counters, Watermark};
use crate::decide::Decider;
use crate::ledger::Shared;
use crate::overlay::Overlay;
use jiff::Timestamp;
use model::settle::{Rules, Settled, Settlement};
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
}

/// Serves requests until all senders are gone or a write fails; then every request is answered with
/// that failure, since what the disk holds is no longer known.
pub(crate) fn serve(shared: &Arc<Shared>, rules: Rules, mut requests: mpsc::Receiver<Request>) {
    let mut counters = match shared.store.counters() {
        Ok(counters) => counters,
        Err(error) => return refuse_all(shared, error, &mut requests, Vec::new()),
    };
    while let Some(first) = requests.blocking_recv() {
        let mut group = vec![first];
        match write(shared, rules, &mut counters, &mut group, &mut requests) {
            Ok(answers) => answers.send(group),
            Err(error) => return refuse_all(shared, error, &mut requests, group),
        }
    }
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
                Request::Trim(_, answer) => drop(answer.send(Ok(()))),
            }
        }
    }
}

fn write(
    shared: &Shared,
    rules: Rules,
    counters: &mut Counters,
    group: &mut Vec<Request>,
    requests: &mut mpsc::Receiver<Request>,
) -> Result<Answers, Error> {
    let now = Timestamp::now();
    let now = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let mut decider = Decider {
        overlay: Overlay::new(&shared.store, codec::day(now.as_millisecond())),
        counters: counters.clone(),
        rows: Vec::new(),
        hosts: Vec::new(),
        notes: Vec::new(),
        rules,
        store: shared.store_id,
        now,
    };
    let mut answers = Answers::default();
    let mut trim_to = None;
    let mut next = 0;
    loop {
        match &mut group[next] {
            Request::Settle(settlement, _) => answers.settled.push(decider.settle(settlement)?),
            Request::Trim(seq, _) => trim_to = trim_to.max(Some(*seq)),
        }
        next += 1;
        let bytes = decider.counters.cumulated - counters.cumulated;
        if GROUP_MAX <= next || GROUP_BYTES_MAX <= bytes {
            break;
        }
        match requests.try_recv() {
            Ok(request) => group.push(request),
            Err(_) => break,
        }
    }
    commit(shared, counters, decider, !answers.settled.is_empty(), trim_to)?;
    Ok(answers)
}

fn commit(
    shared: &Shared,
    counters: &mut Counters,
    decider: Decider<'_>,
    settles: bool,
    trim_to: Option<u64>,
) -> Result<(), Error> {
    let mut batch = shared.store.batch();
    let trimmed = match trim_to {
        Some(seq) => trim(shared, &mut batch, seq.min(counters.last_seq))?,
        None => None,
    };
    if settles {
        decider.overlay.write_to(&mut batch);
        decider.rows.iter().for_each(|row| batch.row(row));
        decider.hosts.iter().for_each(|(host, pace)| batch.host(host, pace));
        decider.notes.iter().for_each(|(feed, slot, note)| batch.note(feed, *slot, note));
        if decider.counters != *counters {
            batch.counters(&decider.counters);
        }
        batch.commit()?;
        *counters = decider.counters;
        shared.settled(counters);
    } else {
        batch.commit_lazily()?;
    }
    if let Some(watermark) = trimmed {
        shared.trimmed(watermark);
    }
    Ok(())
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
        Request::Trim(_, answer) => drop(answer.send(Err(error.clone()))),
    };
    group.into_iter().for_each(refuse);
    requests.close();
    while let Some(request) = requests.blocking_recv() {
        refuse(request);
    }
}
