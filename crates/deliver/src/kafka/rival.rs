use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How often one is fenced before a rival is concluded.
const TIMES: usize = 3;

/// Tells a rival from our own slowness: both fence us. A transaction that outlives its timeout takes at
/// least that timeout, so that three such fencings span two of them; a rival fences faster.
#[derive(Debug)]
pub(super) struct Rivals {
    window: Duration,
    fenced: VecDeque<Instant>,
}

impl Rivals {
    pub(super) fn new(transaction_timeout: Duration) -> Self {
        Self { window: transaction_timeout * 2, fenced: VecDeque::new() }
    }

    /// Takes note of a fencing; true: a rival did it.
    pub(super) fn fenced(&mut self, now: Instant) -> bool {
        self.fenced.push_back(now);
        while self.fenced.front().is_some_and(|first| now.duration_since(*first) >= self.window) {
            self.fenced.pop_front();
        }
        self.fenced.len() >= TIMES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seconds: &[u64], rival: bool) {
        let start = Instant::now();
        let mut rivals = Rivals::new(Duration::from_secs(30));
        let mut last = None;
        for &at in seconds {
            last = Some(rivals.fenced(start + Duration::from_secs(at)));
        }
        assert_eq!(last, Some(rival), "{seconds:?}");
    }

    #[test]
    fn only_repeated_fencing_in_a_short_time_is_a_rival() {
        check(&[0], false);
        check(&[0, 1], false);
        check(&[0, 1, 2], true);
        check(&[0, 29, 59], true);
        // Our own transactions, each open for 30 s.
        check(&[0, 30, 60], false);
        check(&[0, 31, 62, 93, 124], false);
        check(&[0, 100, 101, 102], true);
    }
}
