use model::settle::{Outcome, Settlement};
use model::{Address, Decision, FailureClass, FetchNote, Pace, Validators};
use serde::{Deserialize, Serialize};

/// How many fetches of each feed are remembered.
pub(crate) const HISTORY_MAX: u8 = 100;

/// What is remembered of a feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedState {
    /// What the last settled answer gave.
    pub validators: Validators,
    /// How it publishes and answers.
    pub pace: Pace,
    /// When it is due again, and why then.
    pub decision: Decision,
    /// Where it is.
    pub address: Address,
    /// Failures in a row.
    pub failures: u32,
    /// True once a document was settled.
    pub settled_once: bool,
    /// Last answer, document or 304, milliseconds since 1970; 0: never.
    pub last_success_ms: i64,
    /// The last fetch, whatever it brought; more of them: `Ledger::history`.
    pub last: Option<FetchNote>,
    /// When something of it may have been missed, milliseconds since 1970; 0: never.
    pub gap_ms: i64,
    /// Of a sitemap index, the sitemaps that hold nothing: hashes, and until when they are left alone.
    pub tombstones: Vec<(u64, i64)>,
    /// Fetches ever; the last of them are remembered one by one.
    pub fetches: u64,
}

impl FeedState {
    /// Takes in what a visit brought. Gives the note of the fetch and its place in the ring of notes.
    pub(crate) fn note(&mut self, settlement: &Settlement) -> (u8, FetchNote) {
        let at_ms = settlement.at.as_millisecond();
        let planned = &settlement.planned;
        let (mut outcome, mut status, mut detail, mut articles) = ("not_modified", None, None, 0);
        match &settlement.outcome {
            Outcome::Document { validators, items, .. } => {
                self.validators = validators.clone();
                self.settled_once = true;
                self.answered(at_ms);
                (outcome, articles) = ("document", items.len() as u32);
            }
            Outcome::NotModified => self.answered(at_ms),
            Outcome::Failed { class, status: code, detail: words } => {
                // A fault of ours says nothing about the feed, and neither does our own outage.
                if *class != FailureClass::Internal && planned.decision.reason != model::Reason::Outage {
                    self.failures = self.failures.saturating_add(1);
                }
                (outcome, status) = (class.name(), *code);
                detail = Some(words.chars().take(300).collect());
            }
        }
        self.pace = planned.pace.clone();
        self.decision = planned.decision;
        self.address = planned.address.clone();
        self.tombstones = planned.tombstones.clone();
        if planned.gap {
            self.gap_ms = at_ms;
        }
        let slot = (self.fetches % u64::from(HISTORY_MAX)) as u8;
        self.fetches += 1;
        let note = FetchNote {
            at_ms,
            outcome: outcome.into(),
            status,
            articles,
            new: planned.new,
            took_ms: planned.took_ms,
            detail,
            next: planned.decision,
        };
        self.last = Some(note.clone());
        (slot, note)
    }

    fn answered(&mut self, at_ms: i64) {
        self.failures = 0;
        self.last_success_ms = at_ms;
    }
}
