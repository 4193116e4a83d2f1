//! The day by which keys expire. It follows the clock, but does not believe a leap: a clock that is set a year
//! ahead for an hour would make every article new again, and its keys would be gone for good.

use crate::codec::{Day, day};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;
/// A clock that is further ahead of the last settlement has leapt, or we were off for as long.
const LEAP_MS: i64 = 7 * DAY_MS;
/// So long after a leap nothing expires: feeds show again what they still have, which renews its keys.
const GRACE_MS: i64 = 2 * DAY_MS;

/// Times are milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calendar {
    /// The last time that is believed; 0: none yet.
    believed_ms: i64,
    /// When the clock was first seen after a leap that is not believed yet; 0: it has not leapt.
    leapt_ms: i64,
}

impl Calendar {
    /// Takes in what the clock says.
    pub(crate) fn tick(&mut self, now_ms: i64) {
        let is_back = now_ms < self.leapt_ms;
        if self.leapt_ms != 0 && !is_back && now_ms - self.leapt_ms < GRACE_MS {
            return;
        }
        let was_waiting = self.leapt_ms != 0 && !is_back;
        if self.believed_ms != 0 && !was_waiting && LEAP_MS < now_ms - self.believed_ms {
            let days = (now_ms - self.believed_ms) / DAY_MS;
            tracing::warn!(
                "the clock is {days} days ahead of the last settlement: no key expires for two days"
            );
            self.leapt_ms = now_ms;
        } else {
            (self.believed_ms, self.leapt_ms) = (now_ms, 0);
        }
    }

    /// The last time that is believed, seconds since 1970.
    pub(crate) fn seconds(&self) -> u32 {
        u32::try_from((self.believed_ms / 1000).max(0)).unwrap_or(u32::MAX)
    }

    /// The day by which keys expire; 0, by which none does, before the first tick.
    pub(crate) fn day(&self) -> Day {
        day(self.believed_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(days: &[(i64, Day)]) {
        let mut calendar = Calendar::default();
        assert_eq!(calendar.day(), 0);
        for (at, (now, expect)) in days.iter().enumerate() {
            calendar.tick(now * DAY_MS + 1);
            assert_eq!(calendar.day(), *expect, "step {at} of {days:?}");
        }
    }

    #[test]
    fn days_follow_the_clock() {
        check(&[(20_000, 20_000), (20_001, 20_001), (20_008, 20_008), (20_007, 20_007)]);
    }

    #[test]
    fn a_leap_is_believed_after_two_days_and_forgotten_when_it_is_taken_back() {
        check(&[(20_000, 20_000), (20_400, 20_000), (20_401, 20_000), (20_402, 20_402), (20_403, 20_403)]);
        check(&[(20_000, 20_000), (20_400, 20_000), (20_000, 20_000), (20_001, 20_001)]);
        check(&[(20_000, 20_000), (20_400, 20_000), (20_300, 20_000), (20_302, 20_302)]);
        check(&[(20_000, 20_000), (3, 3), (20_000, 3), (20_003, 20_003)]);
    }
}
