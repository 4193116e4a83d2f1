//! The rows that were settled last, in memory, for whoever watches the flow. What is not looked at in
//! time is gone: a watcher that is too slow misses rows and is told how many.

use model::Row;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows that are kept.
const ROWS_MAX: usize = 500;
/// Their weight together, bytes.
const BYTES_MAX: usize = 8 << 20;

#[derive(Debug, Default)]
pub(crate) struct Recent {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    rows: VecDeque<Arc<Row>>,
    bytes: usize,
}

impl Recent {
    pub(crate) fn push(&self, rows: impl IntoIterator<Item = Row>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            kept.bytes += row.weight();
            kept.rows.push_back(Arc::new(row));
            while ROWS_MAX < kept.rows.len() || (BYTES_MAX < kept.bytes && 1 < kept.rows.len()) {
                let gone = kept.rows.pop_front().map_or(0, |row| row.weight());
                kept.bytes -= gone;
            }
        }
    }

    /// Rows after `after`, and how many of those are gone already.
    pub(crate) fn after(&self, after: u64) -> (Vec<Arc<Row>>, u64) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let missed = kept.rows.front().map_or(0, |first| first.seq.saturating_sub(after + 1));
        (kept.rows.iter().filter(|row| after < row.seq).cloned().collect(), missed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Topic;

    fn row(seq: u64, bytes: usize) -> Row {
        let payload = Some(vec![b'x'; bytes]);
        Row { seq, topic: Topic::Articles, key: "k".into(), headers: vec![], payload, settled_at_ms: 0 }
    }

    #[test]
    fn the_last_rows_are_kept_and_what_was_missed_is_counted() {
        let recent = Recent::default();
        recent.push((1..=600).map(|seq| row(seq, 10)));
        let (rows, missed) = recent.after(0);
        assert_eq!((rows.len(), rows[0].seq, missed), (ROWS_MAX, 101, 100));
        let (rows, missed) = recent.after(598);
        assert_eq!((rows.len(), rows[0].seq, missed), (2, 599, 0));
        assert_eq!(recent.after(600), (vec![], 0));
    }

    #[test]
    fn memory_is_bounded_and_one_large_row_is_kept() {
        let recent = Recent::default();
        recent.push((1..=100).map(|seq| row(seq, 1 << 20)));
        assert!(recent.after(0).0.len() <= 8);
        recent.push([row(101, 64 << 20)]);
        assert_eq!(recent.after(0).0.len(), 1);
    }
}
