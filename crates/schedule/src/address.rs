//! When a lasting redirect is believed: not at once, since they are given by mistake, and never when it
//! leads to a front page.

use crate::Millis;
use crate::profile::DAY_MS;
use model::Address;

/// A redirect is kept when it was seen so often in a row, over so long.
const SIGHTINGS: u16 = 5;
const SEEN_MS: i64 = 3 * DAY_MS;

/// What a visit says of a feed's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Led<'a> {
    /// Where 301 and 308, and nothing else, led; none: nowhere else.
    pub to: Option<&'a str>,
    /// The document there holds articles that the feed had shown before; none: there was no document.
    pub overlaps: Option<bool>,
}

/// Takes in where a visit was led; true when the new address is kept from now on.
pub fn led(address: &mut Address, led: Led<'_>, now: Millis) -> bool {
    let Some(to) = led.to.filter(|to| !is_front_page(to)) else {
        (address.seen, address.sightings, address.since_ms) = (None, 0, 0);
        return false;
    };
    if address.seen != Some(hash(to)) {
        (address.seen, address.sightings, address.since_ms) = (Some(hash(to)), 0, now);
    }
    match led.overlaps {
        Some(true) => address.sightings = address.sightings.saturating_add(1),
        // Another feed, or an empty one: start again.
        Some(false) => (address.sightings, address.since_ms) = (0, now),
        None => {}
    }
    let is_kept = SIGHTINGS <= address.sightings && SEEN_MS <= now - address.since_ms;
    if is_kept {
        address.kept = Some(to.to_owned());
        (address.seen, address.sightings) = (None, 0);
    }
    is_kept
}

/// A kept address that fails is given up after so many failures in a row.
const FAILURES: u32 = 3;

/// Takes in a failure, the `failures`-th in a row; true when the declared address is asked for again.
pub fn astray(address: &mut Address, failures: u32) -> bool {
    FAILURES <= failures && address.kept.take().is_some()
}

/// What an address is known by where it must not be shown; stable across versions (FNV-1a, 64 bits; Fowler,
/// Noll and Vo).
pub fn hash(url: &str) -> u64 {
    url.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// True for an address without a path of its own.
fn is_front_page(url: &str) -> bool {
    let after_host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_host.split_once('/').map_or("", |(_, path)| path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    query.is_empty() && matches!(path, "" | "index.html" | "index.php" | "home" | "home/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: &str = "https://example.org/new/feed";

    fn polls(to: &str, overlaps: Option<bool>, polls: u16, every: i64) -> (Address, usize) {
        let mut address = Address::default();
        let seen = Led { to: Some(to), overlaps };
        let kept = (0..polls).filter(|poll| led(&mut address, seen, i64::from(*poll) * every)).count();
        (address, kept)
    }

    #[test]
    fn a_redirect_is_kept_after_five_sightings_and_three_days() {
        let (address, kept) = polls(THERE, Some(true), 5, DAY_MS);
        assert_eq!((address.kept.as_deref(), kept), (Some(THERE), 1));
        assert_eq!(polls(THERE, Some(true), 4, DAY_MS).1, 0);
        assert_eq!(polls(THERE, Some(true), 70, DAY_MS / 24).1, 0);
        assert_eq!(polls(THERE, Some(true), 73, DAY_MS / 24).1, 1);
    }

    #[test]
    fn not_to_a_front_page_nor_to_something_else_nor_without_a_document() {
        for front in ["https://example.org/", "https://example.org", "https://example.org/index.html"] {
            assert_eq!(polls(front, Some(true), 50, DAY_MS).1, 0);
        }
        assert_eq!(polls("https://example.org/?feed=rss2", Some(true), 5, DAY_MS).1, 1);
        assert_eq!(polls(THERE, Some(false), 50, DAY_MS).1, 0);
        assert_eq!(polls(THERE, None, 50, DAY_MS).1, 0);
    }

    #[test]
    fn one_answer_without_it_starts_the_count_again() {
        let (mut address, _) = polls(THERE, Some(true), 4, DAY_MS);
        led(&mut address, Led::default(), 4 * DAY_MS);
        assert!(!led(&mut address, Led { to: Some(THERE), overlaps: Some(true) }, 5 * DAY_MS));
        assert_eq!(address.sightings, 1);
    }

    #[test]
    fn an_address_that_fails_is_given_up() {
        let (mut address, _) = polls(THERE, Some(true), 5, DAY_MS);
        assert!(!astray(&mut address, 2) && astray(&mut address, 3) && !astray(&mut address, 4));
        assert_eq!(address.kept, None);
    }
}
