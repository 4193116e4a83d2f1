//! How the daemon is, and what waits for delivery.

use super::{Answer, Desk, failed};
use jiff::Timestamp;
use model::desk::{Outbox, OutboxRow, Overview, ROWS_MAX};
use model::{Row, Topic};

/// Weight of the rows that one answer lists.
const ROWS_BYTES_MAX: usize = 16 << 20;

impl Desk {
    pub(crate) fn overview(&self) -> Overview {
        let reasons = self.window.unready();
        Overview {
            version: env!("CARGO_PKG_VERSION").into(),
            store: self.ledger.store_id().to_string(),
            started_at: self.window.started_at(),
            ready: reasons.is_empty(),
            reasons,
            sink: self.config().sink.name().into(),
            sink_ready: self.window.sink_trouble().is_none(),
            feeds: self.roster.counts(),
            flow: self.window.minutes.flow(),
            articles_per_minute: self.window.minutes.articles(),
            outbox_rows: self.ledger.last_seq().saturating_sub(self.ledger.delivered_seq()),
            outbox_bytes: self.ledger.outbox_bytes(),
            outbox_max_bytes: self.config().outbox.max_bytes.0,
            last_seq: self.ledger.last_seq(),
            delivered_seq: self.ledger.delivered_seq(),
        }
    }

    pub(crate) fn outbox(&self, limit: u32) -> Answer<Outbox> {
        let (last_seq, delivered_seq) = (self.ledger.last_seq(), self.ledger.delivered_seq());
        let count = limit.min(ROWS_MAX) as usize;
        let first = match count {
            0 => Vec::new(),
            _ => self.ledger.take(delivered_seq, count, ROWS_BYTES_MAX).map_err(|error| failed(&error))?,
        };
        Ok(Outbox {
            rows: last_seq.saturating_sub(delivered_seq),
            bytes: self.ledger.outbox_bytes(),
            max_bytes: self.config().outbox.max_bytes.0,
            last_seq,
            delivered_seq,
            waits_for: self.orders.is_some().then(|| self.window.sink_trouble()).flatten(),
            first: first.into_iter().map(described).collect(),
        })
    }
}

fn described(row: Row) -> OutboxRow {
    let payload = row.payload.as_deref();
    let article = payload.filter(|_| row.topic == Topic::Articles);
    let article: Option<record::Article> = article.and_then(|payload| serde_json::from_slice(payload).ok());
    OutboxRow {
        seq: row.seq,
        topic: row.topic.suffix().into(),
        key: row.key,
        bytes: row.payload.as_ref().map(|payload| payload.len() as u64),
        settled_at: Timestamp::from_millisecond(row.settled_at_ms).unwrap_or_default(),
        title: article.and_then(|article| article.title),
    }
}
