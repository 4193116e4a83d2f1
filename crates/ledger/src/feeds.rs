use model::settle::{Outcome, Settlement};
use model::{FailureClass, Validators};
use serde::{Deserialize, Serialize};

/// How many fetches of each feed are remembered.
const HISTORY_MAX: usize = 20;

/// What is remembered of a feed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FeedState {
    /// What the last settled answer gave.
    pub validators: Validators,
    /// Due again, milliseconds since 1970.
    pub next_due_ms: i64,
    /// Failures in a row.
    pub failures: u32,
    /// True once a document was settled.
    pub settled_once: bool,
    /// Last answer, document or 304, milliseconds since 1970; 0: never.
    pub last_success_ms: i64,
    /// The last fetches, oldest first.
    pub history: Vec<FetchNote>,
}

/// One fetch, as it is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FetchNote {
    /// When it ended, milliseconds since 1970.
    pub at_ms: i64,
    /// `document`, `not_modified` or the name of a failure class.
    pub outcome: String,
    /// HTTP status of a failure, where there was one.
    pub status: Option<u16>,
    /// Articles in the document.
    pub articles: u32,
    /// One sentence on a failure.
    pub detail: Option<String>,
}

impl FeedState {
    /// Takes in what a visit brought.
    pub(crate) fn note(&mut self, settlement: &Settlement) {
        let at_ms = settlement.at.as_millisecond();
        self.next_due_ms = settlement.next_due.as_millisecond();
        let note = match &settlement.outcome {
            Outcome::Document { validators, items, .. } => {
                self.validators = validators.clone();
                self.settled_once = true;
                self.answered(at_ms);
                FetchNote::answer(at_ms, "document", items.len() as u32)
            }
            Outcome::NotModified => {
                self.answered(at_ms);
                FetchNote::answer(at_ms, "not_modified", 0)
            }
            Outcome::Failed { class, status, detail } => {
                // A fault of ours says nothing about the feed.
                if *class != FailureClass::Internal {
                    self.failures = self.failures.saturating_add(1);
                }
                let detail = Some(detail.chars().take(300).collect());
                FetchNote { at_ms, outcome: class.name().into(), status: *status, articles: 0, detail }
            }
        };
        if self.history.len() == HISTORY_MAX {
            self.history.remove(0);
        }
        self.history.push(note);
    }

    fn answered(&mut self, at_ms: i64) {
        self.failures = 0;
        self.last_success_ms = at_ms;
    }
}

impl FetchNote {
    fn answer(at_ms: i64, outcome: &str, articles: u32) -> Self {
        Self { at_ms, outcome: outcome.into(), status: None, articles, detail: None }
    }
}
