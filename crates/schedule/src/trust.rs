//! Whether a server's 304 is believed: now and then the whole document is asked for, and compared.

use crate::Millis;
use crate::decide::unit;
use crate::profile::DAY_MS;
use model::Pace;

/// Of so many polls, one asks for the whole document for no other reason.
const ONE_IN: f64 = 100.0;
/// Silence this improbable, e^−4.6 being one in a hundred, asks for it, too.
const IMPROBABLE: f32 = 4.6;
/// Validators that lied are not sent for so long, times how often they lied.
const DISTRUST_MS: i64 = 7 * DAY_MS;
const LIES_MOST: u8 = 8;

/// True when a poll is to ask without validators. `salt` is any number that differs between polls.
pub fn asks_whole(pace: &Pace, salt: u64, now: Millis) -> bool {
    let by_chance = 1.0 - 2.0 / ONE_IN <= unit(salt.rotate_left(32));
    now < pace.distrust_until_ms || IMPROBABLE <= pace.unchecked || by_chance
}

/// Takes in that a document had changed under validators that had not.
pub fn lied(pace: &mut Pace, now: Millis) {
    pace.lies = (pace.lies + 1).min(LIES_MOST);
    pace.distrust_until_ms = now + DISTRUST_MS * i64::from(pace.lies);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_a_hundred_and_all_after_improbable_silence_or_lies() {
        let whole = |pace: &Pace| (0..20_000).filter(|salt| asks_whole(pace, *salt << 20, 0)).count();
        assert!((150..250).contains(&whole(&Pace::default())), "{}", whole(&Pace::default()));
        assert_eq!(whole(&Pace { unchecked: 4.7, ..Pace::default() }), 20_000);
        let mut liar = Pace::default();
        lied(&mut liar, 0);
        assert_eq!(whole(&liar), 20_000);
        assert!(!asks_whole(&liar, 0, 8 * DAY_MS));
    }
}
