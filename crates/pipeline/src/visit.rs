//! One poll of one feed, top to bottom. Nothing is remembered before the last step: stopping anywhere
//! before `settle` costs a repeat, never an article.

use crate::read::{self, Read};
use fault::{Mutant, Point};
use fetch::{Fetch, Fetched};
use jiff::Timestamp;
use ledger::Ledger;
use model::settle::{Outcome, Settled, Settlement};
use model::{Failure, FailureClass, Feed, Visit};
use schedule::{Brought, Plan};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The rooms that a visit passes through.
#[derive(Debug)]
pub struct Rooms {
    /// Network.
    pub fetch: Fetch,
    /// State.
    pub ledger: Ledger,
    /// Plan.
    pub schedule: schedule::Config,
    /// Documents that may be read at once: parsing takes a core and many times the body's memory.
    pub readers: Semaphore,
}

/// What became of a visit.
#[derive(Debug)]
pub struct Tally {
    /// `document`, `not_modified`, or the name of a failure class.
    pub outcome: &'static str,
    /// One sentence on a failure.
    pub detail: Option<String>,
    /// Entries before the sequencer.
    pub read: Read,
    /// Entries after it.
    pub settled: Settled,
    /// Failures in a row, this one included.
    pub failures: u32,
    /// When the feed is due again, milliseconds since 1970.
    pub next_due_ms: i64,
    /// Nothing may be sent to the host before this, milliseconds since 1970.
    pub pause_until_ms: Option<i64>,
    /// When the body was complete.
    pub body_at: Option<Timestamp>,
}

/// Carries one visit through every room.
///
/// # Errors
///
/// Only the ledger's: then nothing of the visit is remembered, and the daemon must end.
pub async fn visit(rooms: &Arc<Rooms>, feed: Arc<Feed>) -> Result<Tally, ledger::Error> {
    let visit = begin(rooms, feed)?;
    let fetched = rooms.fetch.get(&visit).await;
    let (body_at, retry_after) = (body_at(&fetched), retry_after(&fetched));
    let (outcome, read) = match fetched {
        Ok(Fetched::Document(document)) => {
            fault::point(Point::BodyReceived);
            read_aside(rooms, &visit, document).await?
        }
        Ok(Fetched::NotModified) => (Outcome::NotModified, Read::default()),
        Err(failure) => (failed(failure), Read::default()),
    };
    fault::point(Point::Enriched);
    settle(rooms, &visit, outcome, read, retry_after).await.map(|tally| Tally { body_at, ..tally })
}

/// What the ledger remembers of the feed. One point read, mostly from memory: not worth a thread of its own.
fn begin(rooms: &Rooms, feed: Arc<Feed>) -> Result<Visit, ledger::Error> {
    let state = rooms.ledger.feed(&feed.id)?.unwrap_or_default();
    Ok(Visit { feed, validators: state.validators, first: !state.settled_once, failures: state.failures })
}

/// Reads a document on a blocking thread; a panic there is a failure of this visit and of nothing else.
async fn read_aside(
    rooms: &Arc<Rooms>,
    visit: &Visit,
    document: model::Document,
) -> Result<(Outcome, Read), ledger::Error> {
    let _permit = rooms.readers.acquire().await;
    let (rooms, visit) = (rooms.clone(), visit.clone());
    let work = tokio::task::spawn_blocking(move || read::read(&rooms.ledger, &visit, &document));
    work.await.unwrap_or_else(|_| {
        let detail = "reading the document made wireroom panic: please report the feed".to_owned();
        Ok((Outcome::Failed { class: FailureClass::Internal, status: None, detail }, Read::default()))
    })
}

async fn settle(
    rooms: &Rooms,
    visit: &Visit,
    outcome: Outcome,
    read: Read,
    retry_after: Option<Duration>,
) -> Result<Tally, ledger::Error> {
    let at = Timestamp::now();
    let (name, detail, brought) = describe(&outcome, retry_after);
    let failures = if brought == Brought::Answer { 0 } else { visit.failures.saturating_add(1) };
    let salt = jitter_salt(visit.feed.id.as_str(), at);
    let plan = Plan { config: &rooms.schedule, interval: visit.feed.interval, failures, salt };
    let next_due_ms = schedule::next_due(&plan, brought, at.as_millisecond());
    let pause_until_ms = retry_after.map(|wait| at.as_millisecond() + wait.as_millis() as i64);
    let host_pause = pause_until_ms
        .and_then(|until| Some((fetch::host_key(&visit.feed.url), Timestamp::from_millisecond(until).ok()?)));
    let next_due = Timestamp::from_millisecond(next_due_ms).unwrap_or(at);
    let settlement = Settlement { feed: visit.feed.id.clone(), at, outcome, next_due, host_pause };
    if fault::is(Mutant::ValidatorsFirst) {
        validators_first(rooms, &settlement).await?;
    }
    let settled = rooms.ledger.settle(settlement).await?;
    Ok(Tally { outcome: name, detail, read, settled, failures, next_due_ms, pause_until_ms, body_at: None })
}

/// The classic silent loss, for the proofs: the validators are durable before the articles are.
async fn validators_first(rooms: &Rooms, settlement: &Settlement) -> Result<(), ledger::Error> {
    if let Outcome::Document { validators, .. } = &settlement.outcome {
        let outcome = Outcome::Document { validators: validators.clone(), items: vec![], flawed: 0 };
        let (feed, next_due) = (settlement.feed.clone(), settlement.next_due);
        let early = Settlement { feed, at: settlement.at, outcome, next_due, host_pause: None };
        rooms.ledger.settle(early).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn failed(failure: Failure) -> Outcome {
    Outcome::Failed { class: failure.class, status: failure.status, detail: failure.detail }
}

fn body_at(fetched: &Result<Fetched, Failure>) -> Option<Timestamp> {
    match fetched {
        Ok(Fetched::Document(document)) => Some(document.fetched_at),
        _ => None,
    }
}

fn retry_after(fetched: &Result<Fetched, Failure>) -> Option<Duration> {
    fetched.as_ref().err().and_then(|failure| failure.retry_after)
}

fn describe(outcome: &Outcome, retry_after: Option<Duration>) -> (&'static str, Option<String>, Brought) {
    match outcome {
        Outcome::Document { .. } => ("document", None, Brought::Answer),
        Outcome::NotModified => ("not_modified", None, Brought::Answer),
        Outcome::Failed { class, detail, .. } => {
            (class.name(), Some(detail.clone()), Brought::Failure(*class, retry_after))
        }
    }
}

/// Differs between feeds and between visits of one feed.
fn jitter_salt(feed: &str, at: Timestamp) -> u64 {
    feed.bytes().fold(at.as_millisecond() as u64, |salt, byte| salt.rotate_left(7) ^ u64::from(byte))
}
