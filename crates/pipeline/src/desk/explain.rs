//! How an article came to be what it is.

use super::{Answer, Desk, failed};
use ledger::Trace;
use model::desk::{Refusal, RefusalKind};
use model::{ArticleId, Row, Topic};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rows of one batch that are looked through.
const BATCH_MAX: usize = 10_000;
/// Their weight.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// What [`model::desk::Question::Explain`] is answered with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// How each revision came to be, oldest first.
    pub revisions: Vec<Trace>,
    /// The last revision's record, while memory or the outbox still has it.
    pub record: Option<Value>,
}

impl Desk {
    pub(crate) fn explain(&self, id: &str) -> Answer<Explained> {
        let invalid = |_| Refusal::new(RefusalKind::Invalid, format!("{id:?} is no article's id"));
        let id: ArticleId = id.parse().map_err(invalid)?;
        let revisions = self.ledger.explain(id).map_err(|error| failed(&error))?;
        let Some(last) = revisions.last() else {
            let text = format!("no article {id} is known in {}", self.ledger.dir().display());
            return Err(Refusal::new(RefusalKind::NotFound, text));
        };
        let record = match self.in_memory(id, last) {
            Some(record) => Some(record),
            None => self.in_outbox(id, last).map_err(|error| failed(&error))?,
        };
        Ok(Explained { revisions, record })
    }

    fn in_memory(&self, id: ArticleId, trace: &Trace) -> Option<Value> {
        let id = id.to_string();
        self.ledger.recent(0).0.iter().rev().find_map(|row| record(row, &id, trace.revision))
    }

    /// Rows are written in the order of their times: the first of the revision's time is looked for by halving.
    fn in_outbox(&self, id: ArticleId, trace: &Trace) -> Result<Option<Value>, ledger::Error> {
        let is_before = |seq: u64| -> Result<bool, ledger::Error> {
            let row = self.ledger.take(seq - 1, 1, 1)?;
            Ok(row.first().is_some_and(|row| row.settled_at_ms < trace.at_ms))
        };
        let (mut low, mut high) = (self.ledger.delivered_seq(), self.ledger.last_seq());
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if is_before(middle)? { low = middle } else { high = middle - 1 }
        }
        let batch = self.ledger.take(low, BATCH_MAX, BATCH_BYTES_MAX)?;
        let id = id.to_string();
        let mut same_time = batch.iter().take_while(|row| row.settled_at_ms <= trace.at_ms);
        Ok(same_time.find_map(|row| record(row, &id, trace.revision)))
    }
}

/// The row's record if it is this revision of this article.
fn record(row: &Row, id: &str, revision: u32) -> Option<Value> {
    let payload = row.payload.as_deref().filter(|_| row.topic == Topic::Articles && row.key == id)?;
    let record: Value = serde_json::from_slice(payload).ok()?;
    (record["revision"] == revision).then_some(record)
}
