use model::settle::{Outcome, Quirk, Settlement};
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
