//! One poll of one feed, top to bottom. Nothing is remembered before the last step: stopping anywhere
//! before `settle` costs a repeat, never an article.

use crate::outlook::{self, Begun, Heard};
use crate::page::Wishes;
use crate::read::{self, Desks, Read};
use crate::sitemaps;
use fault::{Mutant, Point};
use fetch::{Fetch, Fetched};
use jiff::Timestamp;
use ledger::Ledger;
use model::settle::{Outcome, Settled, Settlement};
use model::{Failure, FailureClass, Feed, HostPace, Reason, Visit};
use schedule::Demand;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The rooms that a visit passes through.
#[derive(Debug)]
pub struct Rooms {
    /// Network.
    pub fetch: Arc<Fetch>,
    /// State.
    pub ledger: Ledger,
    /// The tables of enrichment, and what the operator adds to them.
    pub enricher: enrich::Enricher,
    /// Which pages of articles are read.
    pub(crate) wishes: Wishes,
    /// Plan.
    pub schedule: schedule::Config,
    /// What balances the poll budget, from [`schedule::Budget::k`]; the bits of an `f32`.
    pub k: AtomicU32,
    /// Our own network is down.
    pub outage: AtomicBool,
    /// Documents that may be read at once: parsing takes a core and many times the body's memory.
    pub readers: Arc<Semaphore>,
}

impl Rooms {
    /// Those that a document passes through.
    pub(crate) fn desks(&self) -> Desks<'_> {
        Desks { ledger: &self.ledger, enricher: &self.enricher, wishes: &self.wishes }
    }
}

/// What became of a visit.
#[derive(Debug)]
pub struct Tally {
    /// `document`, `not_modified`, or the name of a failure class.
    pub outcome: &'static str,
    /// The failure.
    pub class: Option<FailureClass>,
    /// One sentence on a failure.
    pub detail: Option<String>,
    /// Entries before the sequencer.
    pub read: Read,
    /// Entries after it.
    pub settled: Settled,
    /// Failures in a row, this one included.
    pub failures: u32,
    /// When the feed is due again, milliseconds since 1970; `i64::MAX`: never.
    pub next_due_ms: i64,
    /// What set that.
    pub reason: Reason,
    /// What the feed spends of the poll budget from now on.
    pub demand: Demand,
    /// What its host, or one on the way, wished for.
    pub host: Option<(String, HostPace)>,
    /// Nothing of the document was known: something may have been missed.
    pub gap: bool,
    /// The feed has moved, and is asked for there from now on.
    pub moved: Option<String>,
    /// When the body was complete.
    pub body_at: Option<Timestamp>,
}

/// Carries one visit through every room.
///
/// # Errors
///
/// Only the ledger's: then nothing of the visit is remembered, and the daemon must end.
pub async fn visit(rooms: &Arc<Rooms>, feed: Arc<Feed>) -> Result<Tally, ledger::Error> {
    let mut begun = outlook::begin(rooms, feed)?;
    let started = Instant::now();
    let fetched = rooms.fetch.get(&begun.visit).await;
    let mut heard = Heard::of(&fetched);
    let (outcome, read) = match fetched {
        Ok(Fetched::Document(document, _)) => {
            fault::point(Point::BodyReceived);
            match sitemaps::follow(rooms, &begun.visit, &document, &mut begun.tombstones).await {
                Some(read) => read?,
                None => read_aside(rooms, &begun.visit, document).await?,
            }
        }
        Ok(Fetched::NotModified(_)) => (Outcome::NotModified, Read::default()),
        Err(failure) => (failed(failure), Read::default()),
    };
    fault::point(Point::Enriched);
    heard.took = started.elapsed();
    settle(rooms, &begun, outcome, read, &heard).await
}

/// Reads a document on a blocking thread; a panic there is a failure of this visit and of nothing else.
async fn read_aside(
    rooms: &Arc<Rooms>,
    visit: &Visit,
    document: model::Document,
) -> Result<(Outcome, Read), ledger::Error> {
    let _permit = rooms.readers.acquire().await;
    let (rooms, visit) = (rooms.clone(), visit.clone());
    let work = tokio::task::spawn_blocking(move || read::read(rooms.desks(), &visit, &document));
    work.await.unwrap_or_else(|_| {
        let detail = "reading the document made wireroom panic: please report the feed".to_owned();
        Ok((Outcome::Failed { class: FailureClass::Internal, status: None, detail }, Read::default()))
    })
}

async fn settle(
    rooms: &Rooms,
    begun: &Begun,
    outcome: Outcome,
    read: Read,
    heard: &Heard,
) -> Result<Tally, ledger::Error> {
    let at = Timestamp::now();
    let outlook = outlook::plan(rooms, begun, &outcome, &read, heard, at.as_millisecond())?;
    let (name, class, detail) = describe(&outcome);
    let planned = outlook.planned;
    let mut tally = Tally {
        outcome: name,
        class,
        detail,
        read,
        settled: Settled::default(),
        failures: if class.is_some() { begun.visit.failures.saturating_add(1) } else { 0 },
        next_due_ms: planned.decision.due_ms,
        reason: planned.decision.reason,
        demand: outlook.demand,
        host: planned.host.clone(),
        gap: planned.gap,
        moved: outlook.moved,
        body_at: heard.body_at,
    };
    let settlement = Settlement { feed: begun.visit.feed.id.clone(), at, outcome, planned };
    if fault::is(Mutant::ValidatorsFirst) {
        validators_first(rooms, &settlement).await?;
    }
    tally.settled = rooms.ledger.settle(settlement).await?;
    Ok(tally)
}

/// The classic silent loss, for the proofs: the validators are durable before the articles are.
async fn validators_first(rooms: &Rooms, settlement: &Settlement) -> Result<(), ledger::Error> {
    if let Outcome::Document { validators, .. } = &settlement.outcome {
        let outcome = Outcome::Document { validators: validators.clone(), items: vec![], flawed: 0 };
        let (feed, planned) = (settlement.feed.clone(), settlement.planned.clone());
        rooms.ledger.settle(Settlement { feed, at: settlement.at, outcome, planned }).await?;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Ok(())
}

fn failed(failure: Failure) -> Outcome {
    Outcome::Failed { class: failure.class, status: failure.status, detail: failure.detail }
}

fn describe(outcome: &Outcome) -> (&'static str, Option<FailureClass>, Option<String>) {
    match outcome {
        Outcome::Document { .. } => ("document", None, None),
        Outcome::NotModified => ("not_modified", None, None),
        Outcome::Failed { class, detail, .. } => (class.name(), Some(*class), Some(detail.clone())),
    }
}

#[cfg(test)]
mod tests;
