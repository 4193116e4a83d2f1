//! What a poll teaches: how much the feed publishes, when, and how much of it a document holds.

use crate::Millis;
use crate::profile::{self, DAY_MS, HOUR_MS, Profile};
use model::Pace;

/// Rates are forgotten over this many days of average business.
const MEMORY_DAYS: f32 = 3.0;
/// A feed that says nothing of itself is taken to publish this much a day.
pub(crate) const RATE_UNKNOWN: f32 = 4.0;
/// Beyond this, a rate is somebody's mistake.
const RATE_MOST: f32 = 100_000.0;
/// Dates up to this far ahead of our clock are taken for now.
const AHEAD_MS: i64 = HOUR_MS;
/// Older dates say nothing of the week as it is now.
const OLD_MS: i64 = 28 * DAY_MS;
/// Weight of the newest document in what is remembered of their length.
const WINDOW_GAIN: f32 = 0.3;
/// Weight of the newest answer in the share of useless ones.
const REPEATS_GAIN: f32 = 0.2;
/// Silence grows by no more than this many days of business with one poll, so that an outage of ours is
/// not taken for the feed's.
const SILENCE_DAYS: f32 = 1.0;

/// A document, as far as planning goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// Articles in it.
    pub articles: u32,
    /// Of these, such that nobody had brought before.
    pub new: u32,
    /// Of these, such that the feed itself had not shown before.
    pub unseen: u32,
    /// When the latter were published, where they say so with a time of day.
    pub dates: &'a [Millis],
}

impl Seen<'_> {
    /// True when nothing of the document was known: what stood between it and the last one may be lost.
    /// Only a feed that was read before can have such a gap.
    pub fn is_gap(&self, pace: &Pace) -> bool {
        pace.counted_ms != 0 && 0.0 < pace.window && 0 < self.articles && self.unseen == self.articles
    }
}

/// Takes in a document.
pub(crate) fn document(pace: &mut Pace, seen: &Seen<'_>, now: Millis) {
    let from = pace.counted_ms;
    let oldest = now - OLD_MS;
    let mut dates: Vec<Millis> = seen.dates.iter().copied().filter(|at| *at <= now + AHEAD_MS).collect();
    if from == 0 {
        seed(pace, seen, &dates, now);
        dates.retain(|at| oldest < *at);
        profile::note(pace, &dates, 0.0, now, now);
        pace.window = seen.articles as f32;
        pace.counted_ms = now;
        return;
    }
    count(pace, seen.new as f32, seen.unseen as f32, now);
    pace.unchecked = 0.0;
    // Of a date only the hour is believed, and only if the article can have come then.
    dates.retain(|at| from - HOUR_MS < *at);
    let undated = seen.unseen as f32 - dates.len() as f32;
    profile::note(pace, &dates, undated, from, now);
    if 0 < seen.articles {
        let articles = seen.articles as f32;
        pace.window += if pace.window == 0.0 { articles } else { WINDOW_GAIN * (articles - pace.window) };
    }
    let is_repeat = if 0 < seen.unseen { 0.0 } else { 1.0 };
    pace.repeats += REPEATS_GAIN * (is_repeat - pace.repeats);
}

/// Takes in a 304.
pub(crate) fn nothing_new(pace: &mut Pace, now: Millis) {
    let from = pace.counted_ms;
    if from != 0 {
        count(pace, 0.0, 0.0, now);
        profile::note(pace, &[], 0.0, from, now);
    }
    pace.repeats -= REPEATS_GAIN * pace.repeats;
}

/// The first document is a sample of the past: so many articles since its oldest one.
fn seed(pace: &mut Pace, seen: &Seen<'_>, dates: &[Millis], now: Millis) {
    let oldest = dates.iter().min();
    let rate = match oldest {
        Some(oldest) if 2 <= dates.len() => {
            let days = (now - oldest).max(HOUR_MS) as f32 / DAY_MS as f32;
            (seen.articles as f32 - 1.0).max(1.0) / days
        }
        _ => RATE_UNKNOWN,
    };
    pace.rate = rate.min(RATE_MOST);
    pace.flow = pace.rate;
}

/// An exponentially weighted mean over business time, so that a quiet night is no evidence against a
/// busy morning: `rate ← rate·e^(−Δ/τ) + (n/Δ)·(1 − e^(−Δ/τ))`.
fn count(pace: &mut Pace, new: f32, unseen: f32, now: Millis) {
    let business = Profile::of(pace).business(pace.counted_ms, now);
    if business <= 0.0 {
        return;
    }
    let kept = (-business / MEMORY_DAYS).exp();
    let gain = (1.0 - kept) / business;
    let expected = pace.flow * business.min(SILENCE_DAYS);
    pace.silence = if 0.0 < unseen { 0.0 } else { pace.silence + expected };
    pace.unchecked += expected;
    pace.rate = (pace.rate * kept + new * gain).min(RATE_MOST);
    pace.flow = (pace.flow * kept + unseen * gain).min(RATE_MOST);
    pace.counted_ms = now;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Millis = 1_795_478_400_000;

    fn seen(articles: u32, unseen: u32, dates: &[Millis]) -> Seen<'_> {
        Seen { articles, new: unseen, unseen, dates }
    }

    #[test]
    fn the_first_document_tells_the_rate() {
        let dates: Vec<Millis> = (0..25).map(|n| NOW - n * HOUR_MS).collect();
        let mut pace = Pace::default();
        document(&mut pace, &seen(25, 25, &dates), NOW);
        assert_eq!((pace.rate, pace.flow, pace.window), (24.0, 24.0, 25.0));
        let mut mute = Pace::default();
        document(&mut mute, &seen(10, 10, &[]), NOW);
        assert_eq!(mute.rate, RATE_UNKNOWN);
        let mut all_now = Pace::default();
        document(&mut all_now, &seen(10, 10, &[NOW; 10]), NOW);
        assert_eq!(all_now.rate, 9.0 * 24.0);
    }

    #[test]
    fn rates_follow_what_comes_however_often_it_is_asked() {
        for every_hours in [1, 6] {
            let mut pace = Pace { rate: 1.0, flow: 1.0, window: 30.0, counted_ms: NOW, ..Pace::default() };
            let per_poll = every_hours as u32 * 2;
            for step in 1..=30 * 24 / every_hours {
                let now = NOW + step * every_hours * HOUR_MS;
                document(&mut pace, &seen(30, per_poll, &[]), now);
            }
            assert!((46.0..50.0).contains(&pace.rate), "{}", pace.rate);
            for step in 1..=30 {
                nothing_new(&mut pace, NOW + (30 + step) * DAY_MS);
            }
            assert!(pace.rate < 0.1 && 48.0 < pace.silence, "{pace:?}");
        }
    }

    #[test]
    fn what_nobody_knows_is_a_gap_only_where_something_was_known() {
        let known = Pace { counted_ms: NOW, window: 20.0, ..Pace::default() };
        assert!(seen(20, 20, &[]).is_gap(&known));
        assert!(!seen(20, 19, &[]).is_gap(&known));
        assert!(!seen(0, 0, &[]).is_gap(&known));
        assert!(!seen(20, 20, &[]).is_gap(&Pace::default()));
    }

    proptest! {
        /// Whatever polls bring and whatever dates claim, all numbers stay numbers, in their ranges.
        #[test]
        fn no_history_breaks_the_numbers(
            polls in prop::collection::vec((0_i64..40 * DAY_MS, 0_u32..20_000, any::<u32>(), any::<i32>()), 1..40),
        ) {
            let (mut pace, mut now) = (Pace::default(), NOW);
            for (wait, articles, unseen, date) in polls {
                now += wait;
                let unseen = unseen % (articles + 1);
                let dates = [now + i64::from(date), now - i64::from(date) * 1000];
                let seen = Seen { articles, new: unseen / 2, unseen, dates: &dates };
                if articles == 0 { nothing_new(&mut pace, now) } else { document(&mut pace, &seen, now) }
                for number in [pace.rate, pace.flow, pace.window, pace.silence, pace.repeats] {
                    prop_assert!(number.is_finite() && 0.0 <= number, "{pace:?}");
                }
                prop_assert!(pace.rate <= pace.flow * 1.001 + 0.001 && pace.repeats <= 1.0);
                let profile = Profile::of(&pace);
                prop_assert!(profile.hours().iter().all(|factor| factor.is_finite() && 0.0 < *factor));
            }
        }
    }
}
