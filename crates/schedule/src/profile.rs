//! When in the week a feed publishes: counts by hour and by day become factors around 1.

use crate::Millis;
use model::Pace;

pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
/// Articles that must have been seen at an hour, or on a day, before they say as much as "like any other".
const HOUR_PRIOR: f32 = 2.0;
const DAY_PRIOR: f32 = 10.0;
/// No hour counts less or more than this, whatever was seen of it.
const LEAST: f32 = 0.1;
const MOST: f32 = 4.0;
/// An hour lends its neighbours this part of what was seen in it.
const BLUR: f32 = 0.25;
/// What was seen is forgotten over this many days.
const MEMORY_DAYS: f32 = 28.0;

/// Factors of a feed's rate by hour of day and day of week, each with mean 1.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    hours: [f32; 24],
    days: [f32; 7],
}

impl Profile {
    pub(crate) fn of(pace: &Pace) -> Self {
        let seen = &pace.hours;
        let blurred = std::array::from_fn(|hour| {
            let neighbours = seen[(hour + 23) % 24] + seen[(hour + 1) % 24];
            seen[hour] * (1.0 - 2.0 * BLUR) + neighbours * BLUR
        });
        Self { hours: factors(blurred, HOUR_PRIOR), days: factors(pace.days, DAY_PRIOR) }
    }

    /// The factor at a time.
    pub(crate) fn at(&self, at: Millis) -> f32 {
        self.hours[hour(at)] * self.days[weekday(at)]
    }

    /// Days of average business between two times; the work is bounded by the hours of two weeks.
    pub(crate) fn business(&self, from: Millis, to: Millis) -> f32 {
        if to <= from {
            return 0.0;
        }
        let weeks = (to - from) / (7 * DAY_MS);
        let mut at = from + weeks * 7 * DAY_MS;
        let mut days = weeks as f32 * 7.0;
        while at < to {
            let next = (at.div_euclid(HOUR_MS) + 1) * HOUR_MS;
            days += self.at(at) * (next.min(to) - at) as f32 / DAY_MS as f32;
            at = next;
        }
        days
    }

    /// Mean of the factors' square roots over a week, at most 1.
    pub(crate) fn mean_root(&self) -> f32 {
        let mean = |factors: &[f32]| factors.iter().map(|f| f.sqrt()).sum::<f32>() / factors.len() as f32;
        mean(&self.hours) * mean(&self.days)
    }

    /// The factors by hour of day.
    pub(crate) fn hours(&self) -> &[f32; 24] {
        &self.hours
    }
}

fn factors<const N: usize>(seen: [f32; N], prior: f32) -> [f32; N] {
    let mean = seen.iter().sum::<f32>() / N as f32;
    let factors = seen.map(|count| ((count + prior) / (mean + prior)).clamp(LEAST, MOST));
    let scale = N as f32 / factors.iter().sum::<f32>();
    factors.map(|factor| factor * scale)
}

/// Adds `count` articles that came between two times to what was seen; `days` have passed since the last.
pub(crate) fn note(pace: &mut Pace, dates: &[Millis], undated: f32, from: Millis, to: Millis) {
    let days = (to - from).max(0) as f32 / DAY_MS as f32;
    let kept = (-days / MEMORY_DAYS).exp();
    pace.hours.iter_mut().chain(&mut pace.days).for_each(|count| *count *= kept);
    for date in dates {
        pace.hours[hour(*date)] += 1.0;
        pace.days[weekday(*date)] += 1.0;
    }
    // Without a date, an article may have come at any hour since the last poll: beyond half a day that
    // says nothing any more.
    if 0.0 < undated && 0.0 < days && days <= 0.5 {
        let hours = (to.div_euclid(HOUR_MS) - from.div_euclid(HOUR_MS) + 1) as f32;
        for step in 0..hours as i64 {
            let at = from + step * HOUR_MS;
            pace.hours[hour(at)] += undated / hours;
            pace.days[weekday(at)] += undated / hours;
        }
    }
}

/// Hour of the day, UTC.
pub(crate) fn hour(at: Millis) -> usize {
    at.rem_euclid(DAY_MS) as usize / HOUR_MS as usize
}

/// Day of the week, Monday 0; the first of January 1970 was a Thursday.
fn weekday(at: Millis) -> usize {
    (at.div_euclid(DAY_MS) + 3).rem_euclid(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tuesday, 24 November 2026, 00:00 UTC.
    const TUESDAY: Millis = 1_795_478_400_000;

    #[test]
    fn the_week_is_read_as_people_read_it() {
        assert_eq!((weekday(TUESDAY), hour(TUESDAY)), (1, 0));
        assert_eq!((weekday(TUESDAY - 1), hour(TUESDAY - 1)), (0, 23));
        assert_eq!((weekday(0), weekday(-1)), (3, 2));
    }

    #[test]
    fn what_was_seen_at_an_hour_raises_it_and_a_little_its_neighbours() {
        let mut pace = Pace::default();
        note(&mut pace, &[TUESDAY + 9 * HOUR_MS; 40], 0.0, TUESDAY, TUESDAY + DAY_MS);
        let profile = Profile::of(&pace);
        let [quiet, before, busy] = [3, 8, 9].map(|hour| profile.hours()[hour]);
        assert!(quiet < 0.6 && quiet < before && before < busy && 3.0 < busy, "{:?}", profile.hours());
        assert!(profile.at(TUESDAY + 9 * HOUR_MS) > profile.at(TUESDAY + DAY_MS + 9 * HOUR_MS));
    }

    proptest! {
        #[test]
        fn a_week_of_business_is_a_week(
            hours in prop::array::uniform24(0_f32..500.0),
            days in prop::array::uniform7(0_f32..500.0),
            from in 0_i64..2_000_000_000_000,
            weeks in 1_i64..60,
        ) {
            let pace = Pace { hours, days, ..Pace::default() };
            let profile = Profile::of(&pace);
            let business = profile.business(from, from + weeks * 7 * DAY_MS);
            prop_assert!((business / (7.0 * weeks as f32) - 1.0).abs() < 0.01, "{business}");
            let one = profile.business(from, from + 5 * HOUR_MS) + profile.business(from + 5 * HOUR_MS, from + DAY_MS);
            prop_assert!((one - profile.business(from, from + DAY_MS)).abs() < 0.001);
            prop_assert!(profile.mean_root() <= 1.001);
        }
    }
}
