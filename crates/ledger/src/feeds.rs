use model::settle::{Outcome, Quirk, Settlement};
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
    /// What its names are worth.
    pub quirks: Quirks,
    /// Articles of improbable polls that wait to be released.
    pub held: u32,
}

/// How often a feed's names misled, among its latest items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quirks {
    /// Items that were found under a name; halved now and then.
    pub items: u16,
    /// Of these, under a guid that the article did not have before.
    pub guid_churn: u16,
    /// Guids that named another article before.
    pub guid_reuse: u16,
    /// URLs that named another article before.
    pub url_reuse: u16,
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

/// Items by which a feed is judged, and after which the counts are halved.
const ITEMS_MIN: u16 = 20;
const ITEMS_MAX: u16 = 200;
/// Percent of new guids on known articles, and of used ones on new articles, that make guids worthless.
const CHURN_PERCENT: u16 = 30;
const REUSE_PERCENT: u16 = 10;

impl Quirks {
    /// Takes in what an item showed.
    pub(crate) fn note(&mut self, quirk: Option<Quirk>) {
        if ITEMS_MAX <= self.items {
            for count in [&mut self.items, &mut self.guid_churn, &mut self.guid_reuse, &mut self.url_reuse] {
                *count /= 2;
            }
        }
        self.items += 1;
        match quirk {
            Some(Quirk::GuidChurn) => self.guid_churn += 1,
            Some(Quirk::GuidReuse) => self.guid_reuse += 1,
            Some(Quirk::UrlReuse) => self.url_reuse += 1,
            None => {}
        }
    }

    fn reaches(&self, count: u16, percent: u16) -> bool {
        ITEMS_MIN <= self.items && u32::from(self.items) * u32::from(percent) <= u32::from(count) * 100
    }

    /// The feed gives known articles new guids all the time: they are not worth keeping.
    pub fn guids_churn(&self) -> bool {
        self.reaches(self.guid_churn, CHURN_PERCENT)
    }

    /// Guids prove nothing in this feed.
    pub fn guids_are_bad(&self) -> bool {
        self.guids_churn() || self.reaches(self.guid_reuse, REUSE_PERCENT)
    }

    /// URLs are used again for other articles in this feed.
    pub fn urls_are_reused(&self) -> bool {
        self.reaches(self.url_reuse, REUSE_PERCENT)
    }
}

impl FetchNote {
    fn answer(at_ms: i64, outcome: &str, articles: u32) -> Self {
        Self { at_ms, outcome: outcome.into(), status: None, articles, detail: None }
    }
}
