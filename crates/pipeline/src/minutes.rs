//! What passed each room, minute by minute for a day.

use model::desk::Flow;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Minutes that are remembered.
const MINUTES_MAX: u64 = 24 * 60;
/// Minutes that a rate is taken over.
const RATE_MINUTES: u64 = 5;

#[derive(Debug)]
pub(crate) struct Minutes {
    started: Instant,
    /// The minute counted from the start, and what passed in it; minutes without anything are left out.
    kept: Mutex<VecDeque<(u64, Flow)>>,
}

impl Default for Minutes {
    fn default() -> Self {
        Self { started: Instant::now(), kept: Mutex::default() }
    }
}

impl Minutes {
    /// Counts something in the minute that it is.
    pub(crate) fn count(&self, add: impl FnOnce(&mut Flow)) {
        self.count_at(self.started.elapsed().as_secs() / 60, add);
    }

    fn count_at(&self, minute: u64, add: impl FnOnce(&mut Flow)) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.back().is_none_or(|(last, _)| *last < minute) {
            kept.push_back((minute, Flow::default()));
        }
        while kept.front().is_some_and(|(first, _)| first + MINUTES_MAX <= minute) {
            kept.pop_front();
        }
        if let Some((_, flow)) = kept.back_mut() {
            add(flow);
        }
    }

    /// What passed in the last five minutes.
    pub(crate) fn flow(&self) -> Flow {
        self.flow_at(self.started.elapsed().as_secs())
    }

    fn flow_at(&self, now: u64) -> Flow {
        let from = (now / 60).saturating_sub(RATE_MINUTES - 1);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sum = Flow { seconds: (now - from * 60).max(1) as u32, ..Flow::default() };
        for (_, flow) in kept.iter().filter(|(minute, _)| from <= *minute) {
            add(&mut sum, flow);
        }
        sum
    }

    /// New articles and revisions of each minute, oldest first.
    pub(crate) fn articles(&self) -> Vec<u32> {
        self.articles_at(self.started.elapsed().as_secs() / 60)
    }

    fn articles_at(&self, now: u64) -> Vec<u32> {
        let from = now.saturating_sub(MINUTES_MAX - 1);
        let mut articles = vec![0; (now - from + 1) as usize];
        for (minute, flow) in self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if (from..=now).contains(minute) {
                articles[(minute - from) as usize] = flow.created + flow.updated;
            }
        }
        articles
    }
}

fn add(sum: &mut Flow, flow: &Flow) {
    let Flow { seconds: _, visits, not_modified, failed, entries, flawed, known, .. } = *flow;
    let Flow { created, updated, duplicates, delivered, dead, .. } = *flow;
    sum.visits += visits;
    sum.not_modified += not_modified;
    sum.failed += failed;
    sum.entries += entries;
    sum.flawed += flawed;
    sum.known += known;
    sum.created += created;
    sum.updated += updated;
    sum.duplicates += duplicates;
    sum.delivered += delivered;
    sum.dead += dead;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_forget_and_a_day_is_kept() {
        let minutes = Minutes::default();
        for minute in [0, 1, 4, 7, 2000] {
            minutes.count_at(minute, |flow| flow.created += 1 + minute as u32);
        }
        assert_eq!(minutes.flow_at(2000 * 60 + 30).created, 2001);
        assert_eq!(minutes.flow_at(2000 * 60 + 30).seconds, 270);
        assert_eq!(minutes.flow_at(2010 * 60).created, 0);
        assert_eq!(minutes.articles_at(2001).len(), 1440);
        assert_eq!(minutes.articles_at(2001)[1438..], [2001, 0]);
    }

    #[test]
    fn a_young_daemon_counts_from_its_start() {
        let minutes = Minutes::default();
        minutes.count_at(0, |flow| flow.visits += 3);
        assert_eq!((minutes.flow_at(20).seconds, minutes.flow_at(20).visits), (20, 3));
        assert_eq!(minutes.flow_at(0).seconds, 1);
        assert_eq!(minutes.articles_at(2), [0, 0, 0]);
    }
}
