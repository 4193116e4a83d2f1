//! `Retry-After` (RFC 9110 section 10.2.3): seconds or an HTTP date.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::time::Duration;

/// A server that says 0, or a date in the past, gets at least this; one that says a year, at most that.
const LEAST: Duration = Duration::from_secs(60);
const MOST: Duration = Duration::from_secs(24 * 3600);
/// The three forms of an HTTP date (RFC 9110 section 5.6.7), after the day of the week, which says nothing.
const FORMS: [&str; 3] = ["%d %b %Y %H:%M:%S GMT", "%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y"];

/// How long to wait, clamped to 1 minute to 24 hours; none when the words mean nothing.
pub(crate) fn retry_after(value: &[u8], now: Timestamp) -> Option<Duration> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let asked = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        Duration::from_secs(u64::try_from(date(text)?.as_second() - now.as_second()).unwrap_or(0))
    };
    Some(asked.clamp(LEAST, MOST))
}

pub(crate) fn date(text: &str) -> Option<Timestamp> {
    let (_, rest) = text.split_once([',', ' '])?;
    let read = |form| DateTime::strptime(form, rest.trim_start()).ok();
    TimeZone::UTC.to_timestamp(FORMS.into_iter().find_map(read)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(value: &str, seconds: Option<u64>) {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        assert_eq!(retry_after(value.as_bytes(), now).map(|wait| wait.as_secs()), seconds, "{value}");
    }

    #[test]
    fn seconds_dates_and_nonsense() {
        check("120", Some(120));
        check(" 3600 ", Some(3600));
        check("0", Some(60));
        check("99999999999999999999999", Some(86_400));
        check("Tue, 24 Nov 2026 12:10:00 GMT", Some(600));
        check("Tuesday, 24-Nov-26 12:10:00 GMT", Some(600));
        check("Tue Nov 24 12:10:00 2026", Some(600));
        check("Tue Dec  1 12:10:00 2026", Some(86_400));
        check("Mon, 24 Nov 2026 12:10:00 GMT", Some(600));
        check("Tue, 24 Nov 2026 11:00:00 GMT", Some(60));
        check("Wed, 24 Nov 2027 11:00:00 GMT", Some(86_400));
        check("soon", None);
        check("-5", None);
        check("1.5", None);
        check("Tue, 31 Feb 2026 12:10:00 GMT", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn any_bytes_give_nothing_or_a_wait_within_bounds(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(wait) = retry_after(&bytes, Timestamp::UNIX_EPOCH) {
                prop_assert!((LEAST..=MOST).contains(&wait));
            }
        }
    }
}
