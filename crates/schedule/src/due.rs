use crate::{Config, Millis};
use model::FailureClass;
use model::units::Span;
use std::time::Duration;

/// A failing feed is tried at least this often: never a silent stop.
const BACKOFF_MAX_MS: u64 = 24 * 3600 * 1000;
/// Doubling beyond this many failures would only overflow: 2^20 minutes are two years.
const DOUBLINGS_MAX: u32 = 20;
/// Share of the interval by which a due time is moved, so that feeds do not march in step.
const JITTER: f64 = 0.1;

/// What a visit brought, as far as planning goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// A document, or 304.
    Answer,
    /// A failure of this class, with the server's `Retry-After`.
    Failure(FailureClass, Option<Duration>),
}

/// What a due time depends on.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The schedule's settings.
    pub config: &'a Config,
    /// The feed's own interval.
    pub interval: Option<Span>,
    /// Failures in a row, this visit's included.
    pub failures: u32,
    /// Any number that differs between feeds and visits: it moves the due time.
    pub salt: u64,
}

/// When a feed is due again: its interval, doubled for each failure in a row up to a day, moved by up
/// to a tenth either way, never before `Retry-After`.
pub fn next_due(plan: &Plan<'_>, brought: Brought, now: Millis) -> Millis {
    let least = plan.config.min_interval.as_millis().max(1);
    let interval = plan.interval.unwrap_or(plan.config.interval).as_millis().max(least);
    let wait = match brought {
        Brought::Answer => interval,
        Brought::Failure(..) => backoff(interval, plan.failures),
    };
    let moved = (wait as f64 * (1.0 + JITTER * unit(plan.salt))) as u64;
    let floor = match brought {
        Brought::Failure(_, Some(retry_after)) => millis(retry_after),
        _ => least,
    };
    now.saturating_add(i64::try_from(moved.max(floor)).unwrap_or(i64::MAX))
}

fn backoff(interval: u64, failures: u32) -> u64 {
    let doublings = failures.saturating_sub(1).min(DOUBLINGS_MAX);
    interval.saturating_mul(1 << doublings).min(BACKOFF_MAX_MS.max(interval))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A number in -1..1 from a salt (the finaliser of `SplitMix64`, Steele, Lea and Flood 2014).
fn unit(salt: u64) -> f64 {
    let mut z = salt.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: i64 = 60_000;

    fn check(failures: u32, brought: Brought, minutes: std::ops::RangeInclusive<i64>) {
        let config = Config::default();
        for salt in 0..100 {
            let plan = Plan { config: &config, interval: None, failures, salt };
            let due = next_due(&plan, brought, 0);
            assert!(minutes.contains(&(due / MINUTE)), "due after {due} ms");
        }
    }

    #[test]
    fn answers_keep_the_interval_and_failures_double_it() {
        let failed = Brought::Failure(FailureClass::Connect, None);
        check(0, Brought::Answer, 27..=33);
        check(1, failed, 27..=33);
        check(2, failed, 54..=66);
        check(4, failed, 216..=264);
        check(30, failed, 1296..=1584);
    }

    #[test]
    fn nothing_is_due_before_retry_after() {
        check(1, Brought::Failure(FailureClass::Throttled, Some(Duration::from_secs(7200))), 120..=120);
    }

    #[test]
    fn jitter_uses_its_whole_range() {
        let units: Vec<f64> = (0..1000).map(unit).collect();
        assert!(units.iter().all(|u| (-1.0..1.0).contains(u)));
        assert!(units.iter().any(|u| *u < -0.9) && units.iter().any(|u| *u > 0.9));
    }

    proptest! {
        #[test]
        fn never_sooner_than_the_minimum(interval in 0_u64..10_000_000, failures in 0_u32..1000, salt: u64) {
            let config = Config::default();
            let plan = Plan { config: &config, interval: Some(Span::from_millis(interval)), failures, salt };
            let failed = Brought::Failure(FailureClass::Timeout, None);
            for brought in [Brought::Answer, failed] {
                prop_assert!(next_due(&plan, brought, 0) >= config.min_interval.as_millis() as i64);
            }
        }
    }
}
