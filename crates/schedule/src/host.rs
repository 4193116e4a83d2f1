//! How a host is spared after it asked for peace: a pause for all its feeds, then half the pace, which
//! recovers slowly.

use crate::Millis;
use model::HostPace;
use std::time::Duration;

/// A server that says 0 gets at least this, one that says a year at most that.
const PAUSE_LEAST: Duration = Duration::from_secs(60);
const PAUSE_MOST: Duration = Duration::from_secs(24 * 3600);
/// A server that does not say how long gets this, times how often it had to say so.
const PAUSE_UNSAID: Duration = Duration::from_secs(5 * 60);
/// The pace is halved at most so far.
const SLOW_MOST: f32 = 64.0;
/// And grows by this part of itself in an hour.
const RECOVERY: f32 = 0.1;
/// A gap that is lengthened is at least this, so that a gap of nothing can be lengthened, too.
const GAP_LEAST_MS: f32 = 1000.0;
const HOUR_MS: f32 = 3_600_000.0;

/// By how much the gap between two starts is longer than for other hosts; at least 1.
pub fn slowness(pace: &HostPace, now: Millis) -> f32 {
    let hours = (now - pace.slowed_ms).max(0) as f32 / HOUR_MS;
    (pace.slow * (1.0 + RECOVERY).powf(-hours)).clamp(1.0, SLOW_MOST)
}

/// Milliseconds between two starts at a host, where others get `gap`.
pub fn gap_ms(pace: &HostPace, gap: Millis, now: Millis) -> Millis {
    let slowness = slowness(pace, now);
    let slowed = if 1.0 < slowness { (gap as f32).max(GAP_LEAST_MS) * slowness } else { 0.0 };
    gap.max(slowed as Millis).max(i64::from(pace.crawl_delay_ms))
}

/// The host said 429, or 503 with `Retry-After`, or as much in other words.
pub fn throttled(before: &HostPace, asked: Option<Duration>, now: Millis) -> HostPace {
    let slow = (2.0 * slowness(before, now)).min(SLOW_MOST);
    let unsaid = PAUSE_UNSAID.mul_f32(slow / 2.0);
    let wait = asked.unwrap_or(unsaid).clamp(PAUSE_LEAST, PAUSE_MOST);
    let until_ms = now.saturating_add(wait.as_millis() as Millis).max(before.until_ms);
    HostPace { until_ms, slow, slowed_ms: now, ..*before }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;

    #[test]
    fn pauses_are_as_asked_within_bounds_and_never_shortened() {
        let check = |asked: Option<u64>, seconds: i64| {
            let pace = throttled(&HostPace::default(), asked.map(Duration::from_secs), HOUR);
            assert_eq!((pace.until_ms - HOUR) / 1000, seconds);
        };
        check(Some(600), 600);
        check(Some(0), 60);
        check(Some(10_000_000), 86_400);
        check(None, 300);
        let first = throttled(&HostPace::default(), Some(Duration::from_secs(7200)), 0);
        assert_eq!(throttled(&first, Some(Duration::from_secs(60)), 1000).until_ms, first.until_ms);
    }

    #[test]
    fn the_pace_is_halved_each_time_and_recovers_by_a_tenth_an_hour() {
        let once = throttled(&HostPace::default(), None, 0);
        assert_eq!(gap_ms(&once, 5000, 0), 10_000);
        let twice = throttled(&once, None, 0);
        assert_eq!(gap_ms(&twice, 5000, 0), 20_000);
        assert_eq!(gap_ms(&twice, 5000, HOUR), 18_181);
        assert_eq!(gap_ms(&twice, 5000, 24 * HOUR), 5000);
        assert_eq!(gap_ms(&once, 0, 0), 2000);
        let often = (0..20).fold(HostPace::default(), |pace, _| throttled(&pace, None, 0));
        assert_eq!(gap_ms(&often, 5000, 0), 320_000);
    }

    #[test]
    fn a_crawl_delay_is_kept() {
        let pace = HostPace { crawl_delay_ms: 9000, ..HostPace::default() };
        assert_eq!((gap_ms(&pace, 5000, 0), gap_ms(&pace, 10_000, 0)), (9000, 10_000));
    }
}
