//! Failures: how much each counts, how long to wait, and when it is we who are cut off.

use crate::Millis;
use crate::profile::DAY_MS;
use model::{FailureClass, Pace};
use std::collections::{HashMap, VecDeque};

/// A failing feed is tried at least this often: never a silent stop.
const BACKOFF_MOST_MS: u64 = DAY_MS as u64;
/// And this often once it has failed for [`LONG_MS`].
const BACKOFF_LONG_MS: u64 = 7 * DAY_MS as u64;
const LONG_MS: i64 = 14 * DAY_MS;
/// Doubling beyond this would only overflow.
const STRIKES_MOST: f32 = 24.0;
/// 410 is believed when it came so often in a row, over so long.
const GONE_POLLS: u8 = 3;
const GONE_MS: i64 = 3 * DAY_MS;

/// How much a failure counts: what passes by itself 0.25, what may pass 0.5, what somebody has to mend 1.
pub fn weight(class: FailureClass) -> f32 {
    use FailureClass::{
        BadHttp, Challenge, ClientError, Connect, Denied, Dns, Empty, Forbidden, Gone, HtmlPage, Internal,
        NotAFeed, NotFound, Redirect, Robots, ServerError, Throttled, Timeout, Tls, TooLarge,
    };
    match class {
        // A fault of ours says nothing about the feed.
        Internal => 0.0,
        Dns | Connect | Empty => 0.25,
        BadHttp | Challenge | HtmlPage | NotAFeed | NotFound | ServerError | Throttled | Timeout | Tls => 0.5,
        ClientError | Denied | Forbidden | Gone | Redirect | Robots | TooLarge => 1.0,
    }
}

/// True for failures that we would see of every host if our own network were down.
pub fn may_be_ours(class: FailureClass) -> bool {
    matches!(class, FailureClass::Dns | FailureClass::Connect | FailureClass::Timeout)
}

/// Counts a failure; true when it ends the feed.
pub(crate) fn note(pace: &mut Pace, class: FailureClass, now: Millis) -> bool {
    pace.strikes = (pace.strikes + weight(class)).min(STRIKES_MOST);
    if pace.failing_since_ms == 0 {
        pace.failing_since_ms = now;
    }
    let (polls, since) = pace.gone;
    pace.gone = match class {
        FailureClass::Gone => (polls.saturating_add(1), if polls == 0 { now } else { since }),
        _ => (0, 0),
    };
    GONE_POLLS <= pace.gone.0 && GONE_MS <= now - pace.gone.1
}

/// An answer ends a row of failures; true when there was one that counted.
pub(crate) fn over(pace: &mut Pace) -> bool {
    let was_failing = 1.0 <= pace.strikes;
    (pace.strikes, pace.failing_since_ms, pace.gone) = (0.0, 0, (0, 0));
    was_failing
}

/// `wanted · 2^strikes`, at most a day, later a week; milliseconds. A feed that is wanted less often than
/// that stays so.
pub(crate) fn backoff(wanted: u64, pace: &Pace, class: FailureClass, now: Millis) -> u64 {
    let is_long = LONG_MS <= now - pace.failing_since_ms && class != FailureClass::Gone;
    let most = if is_long { BACKOFF_LONG_MS } else { BACKOFF_MOST_MS };
    ((wanted as f64 * f64::from(pace.strikes).exp2()) as u64).min(most.max(wanted))
}

/// Hosts are judged by what they did within this time.
const OUTAGE_WINDOW_MS: i64 = 60_000;
/// Fewer hosts than this tell nothing.
const OUTAGE_HOSTS: usize = 3;

/// Watches whether the hosts fail together: then it is our network, not theirs. Constant work a visit.
#[derive(Debug, Default)]
pub struct Outage {
    /// The last visit of each host within the window: when, and whether there was no answer at all.
    hosts: HashMap<u64, (Millis, bool)>,
    /// Visits in the order of time, to know which are too old.
    visits: VecDeque<(Millis, u64)>,
    mute: usize,
}

impl Outage {
    /// Notes a visit of a host, by any number of its own; says whether we are cut off.
    pub fn note(&mut self, host: u64, failure: Option<FailureClass>, now: Millis) -> bool {
        let is_mute = failure.is_some_and(may_be_ours);
        let before = self.hosts.insert(host, (now, is_mute));
        self.mute += usize::from(is_mute);
        self.mute -= usize::from(before.is_some_and(|(_, was_mute)| was_mute));
        self.visits.push_back((now, host));
        while let Some(&(at, host)) = self.visits.front().filter(|(at, _)| OUTAGE_WINDOW_MS < now - at) {
            self.visits.pop_front();
            if self.hosts.get(&host).is_some_and(|(last, _)| *last == at) {
                let gone = self.hosts.remove(&host);
                self.mute -= usize::from(gone.is_some_and(|(_, was_mute)| was_mute));
            }
        }
        self.is_on()
    }

    /// True while more than half of the hosts that were asked within a minute gave no answer.
    pub fn is_on(&self) -> bool {
        OUTAGE_HOSTS <= self.hosts.len() && self.hosts.len() < 2 * self.mute
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_that_fail_together_are_our_own_outage() {
        let mut outage = Outage::default();
        let down = Some(FailureClass::Connect);
        assert!(!outage.note(1, None, 0));
        assert!(!outage.note(2, down, 1000));
        assert!(outage.note(3, down, 2000));
        assert!(outage.note(3, down, 3000), "one host twice is one host");
        assert!(!outage.note(2, None, 4000), "an answer ends it");
        assert!(!outage.note(2, Some(FailureClass::ServerError), 5000), "an error page is an answer");
        assert!(outage.note(4, down, 5500) || outage.note(5, down, 6000));
        assert!(!outage.note(6, down, 200_000), "what was long ago says nothing");
    }

    #[test]
    fn what_is_gone_is_believed_after_three_polls_and_three_days() {
        let mut pace = Pace::default();
        for now in [0, DAY_MS, 2 * DAY_MS] {
            assert!(!note(&mut pace, FailureClass::Gone, now));
        }
        let mut doubted = pace.clone();
        assert!(note(&mut pace, FailureClass::Gone, 3 * DAY_MS));
        assert!(!note(&mut doubted, FailureClass::ServerError, 3 * DAY_MS));
        assert!(!note(&mut doubted, FailureClass::Gone, 4 * DAY_MS));
    }

    proptest! {
        /// Against a plain look at every host's last visit.
        #[test]
        fn the_watch_agrees_with_a_recount(
            visits in prop::collection::vec((0_u64..9, any::<bool>(), 0_i64..30_000), 1..80),
        ) {
            let (mut outage, mut now) = (Outage::default(), 0);
            let mut last: HashMap<u64, (Millis, bool)> = HashMap::new();
            for (host, is_mute, wait) in visits {
                now += wait;
                let said = outage.note(host, is_mute.then_some(FailureClass::Dns), now);
                last.insert(host, (now, is_mute));
                let recent: Vec<bool> = last.values().filter(|(at, _)| now - at <= OUTAGE_WINDOW_MS).map(|v| v.1).collect();
                let mute = recent.iter().filter(|mute| **mute).count();
                prop_assert_eq!(said, OUTAGE_HOSTS <= recent.len() && recent.len() < 2 * mute);
            }
        }
    }
}
