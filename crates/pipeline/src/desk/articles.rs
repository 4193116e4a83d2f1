//! The articles that were settled last, for whoever watches.

use super::{Answer, Desk};
use model::Topic;
use model::desk::{ROWS_MAX, Recent, RecentQuery, WAIT_MAX_S};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Articles in an answer that does not say how many.
const COUNT: u32 = 50;

impl Desk {
    pub(crate) async fn recent(&self, query: &RecentQuery) -> Answer<Recent> {
        let until = Instant::now() + Duration::from_secs(query.wait_s.min(WAIT_MAX_S).into());
        let mut after = query.after.unwrap_or(0);
        let mut missed = 0;
        loop {
            let found = self.look(after, query, &mut missed);
            // A filter may let nothing through: then the rest of the time is waited out, too.
            let is_there = !found.articles.is_empty() || query.wait_s == 0;
            if is_there || timeout_at(until, self.ledger.wait_for_rows(found.last)).await != Ok(true) {
                return Ok(found);
            }
            after = found.last;
        }
    }

    fn look(&self, after: u64, query: &RecentQuery, missed: &mut u64) -> Recent {
        let limit = match query.limit {
            0 => COUNT,
            limit => limit.min(ROWS_MAX),
        } as usize;
        let (rows, gone) = self.ledger.recent(after);
        if query.after.is_some() {
            *missed += gone;
        }
        let begin = if query.after.is_some() { after } else { self.ledger.last_seq() };
        let last = rows.last().map_or(begin, |row| row.seq);
        let mut articles = Vec::new();
        let mut reached = last;
        let read = |row: &model::Row| -> Option<record::Article> {
            let payload = row.payload.as_deref().filter(|_| row.topic == Topic::Articles)?;
            serde_json::from_slice(payload).ok().filter(|article| query.only.wants(article))
        };
        if query.after.is_none() {
            // The newest, read from the end.
            articles.extend(rows.iter().rev().filter_map(|row| read(row)).take(limit));
            articles.reverse();
        } else {
            for row in &rows {
                articles.extend(read(row));
                if articles.len() == limit {
                    reached = row.seq;
                    break;
                }
            }
        }
        Recent { last: reached, missed: *missed, articles }
    }
}
