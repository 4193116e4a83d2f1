//! Judges a run directory. A pure program: it compares what the feed server says that it served with
//! what a `read_committed` reader finds in the topics, and knows the daemon by nothing else.
//!
//! The promises, precisely. A *completed 200* is an answer whose body was sent whole.
//!
//! * **I1, no loss.** Of every article that was in a completed 200, the newest revision that was in
//!   one is in the topic, and is what the article's last record says. A revision that was superseded is
//!   due too when a completed 200 of feed `f` carried it, the daemon later sent the validators of that
//!   answer, which says that it was settled, nothing newer was visible by then or by the end of the life
//!   that fetched it, and either it is the first that any feed served or `f` had brought an older one in
//!   the same way (a first look by another feed is a sighting, not an edit).
//!   Else it may be missing and counts as *superseded*. The numbers in `wireroom_seq` run from 1
//!   without a gap, and so do the revisions of an article. Nothing is dead-lettered.
//! * **I2, no duplicate.** (key, revision) is unique, so is each `wireroom_seq`; an article has one key
//!   and a key one article; consecutive revisions differ in content.
//! * **I3, order.** A key stays in one partition; its revisions, and in each partition the numbers of
//!   `wireroom_seq`, rise by offset; there is one store; its progress never goes back.
//! * **I4, no phantom.** Each record says word for word what its feed served, and its parts agree.
//! * **I7, validators never ahead.** A request that carries the validators of version `V` was preceded
//!   by a completed 200 with `V`, and every article of `V` had been settled by then, in that revision
//!   or a newer one. When `f` never brought an older revision, any revision will do (see I1).
//! * **D, durable.** Where the calls were traced: between the answer that brought `V` and the first
//!   request that carries its validators, a sync began and succeeded.

mod durable;
mod identity;
mod index;
mod loss;
mod order;
mod phantom;
#[cfg(test)]
mod tests;
mod validators;

use crate::history::{self, Process, Record, Served, Sync};
use anyhow::Result;
use index::Index;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Violations of one invariant that are written out; all are counted.
const SHOWN: usize = 20;

/// What was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Nothing is lost.
    Loss,
    /// Nothing is doubled.
    Duplicate,
    /// Revisions and numbers rise.
    Order,
    /// Nothing is made up.
    Phantom,
    /// Validators are never ahead of the articles.
    Validators,
    /// What is acknowledged is synced.
    Durable,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loss => "I1 no loss",
            Self::Duplicate => "I2 no duplicate",
            Self::Order => "I3 order",
            Self::Phantom => "I4 no phantom",
            Self::Validators => "I7 validators",
            Self::Durable => "D durable",
        })
    }
}

/// Everything that a run wrote down.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The feed server's ledger.
    pub served: Vec<Served>,
    /// Starts, ends and faults.
    pub process: Vec<Process>,
    /// Syncs, where they were traced.
    pub syncs: Option<Vec<Sync>>,
    /// The articles topic, read committed.
    pub articles: Vec<Record>,
    /// The progress topic, read committed.
    pub progress: Vec<Record>,
    /// The dead letters, read committed.
    pub dlq: Vec<Record>,
}

impl History {
    /// Reads a run directory.
    ///
    /// # Errors
    /// Names the file or the line that cannot be read.
    pub fn load(dir: &Path) -> Result<Self> {
        let syncs = dir.join(history::SYNCS);
        Ok(Self {
            served: history::read(&dir.join(history::FEEDS))?,
            process: history::read(&dir.join(history::PROCESS))?,
            syncs: if syncs.exists() { Some(history::read(&syncs)?) } else { None },
            articles: history::read(&dir.join(history::ARTICLES))?,
            progress: history::read(&dir.join(history::PROGRESS))?,
            dlq: history::read(&dir.join(history::DLQ))?,
        })
    }
}

/// What became of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Each violation in one sentence.
    pub violations: Vec<(Invariant, String)>,
    /// What was let pass, by reason, and how often.
    pub exempted: BTreeMap<&'static str, u64>,
    /// What was looked at.
    pub counted: BTreeMap<&'static str, u64>,
}

impl Verdict {
    fn violation(&mut self, invariant: Invariant, sentence: String) {
        self.violations.push((invariant, sentence));
    }

    fn exempt(&mut self, reason: &'static str) {
        *self.exempted.entry(reason).or_default() += 1;
    }

    fn count(&mut self, what: &'static str, number: usize) {
        *self.counted.entry(what).or_default() += number as u64;
    }

    /// The invariants that do not hold.
    pub fn broken(&self) -> Vec<Invariant> {
        let mut broken: Vec<_> = self.violations.iter().map(|(invariant, _)| *invariant).collect();
        broken.sort();
        broken.dedup();
        broken
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, number) in &self.counted {
            writeln!(f, "{what}: {number}")?;
        }
        for (reason, number) in &self.exempted {
            writeln!(f, "let pass, {reason}: {number}")?;
        }
        for invariant in self.broken() {
            let of_it = self.violations.iter().filter(|(other, _)| *other == invariant);
            for (_, sentence) in of_it.clone().take(SHOWN) {
                writeln!(f, "VIOLATION {invariant}: {sentence}")?;
            }
            let more = of_it.count().saturating_sub(SHOWN);
            if more > 0 {
                writeln!(f, "VIOLATION {invariant}: and {more} more")?;
            }
        }
        writeln!(f, "violations: {}", self.violations.len())
    }
}

/// Judges a history. A history in which nothing was published is a violation itself: it proves nothing.
pub fn check(history: &History) -> Verdict {
    let mut verdict = Verdict::default();
    let index = Index::new(history, &mut verdict);
    if index.published.is_empty() {
        verdict.violation(Invariant::Loss, "the topic holds no readable record: nothing was proved".into());
    }
    loss::check(history, &index, &mut verdict);
    identity::check(&index, &mut verdict);
    order::check(history, &index, &mut verdict);
    phantom::check(&index, &mut verdict);
    validators::check(&index, &mut verdict);
    if let Some(syncs) = &history.syncs {
        durable::check(syncs, &index, &mut verdict);
    }
    verdict
}
