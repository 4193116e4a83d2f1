//! `Retry-After` (RFC 9110 section 10.2.3): seconds or an HTTP date.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// A server that says 0, or a date in the past, gets at least this; one that says a year, at most that.
const LEAST: Duration = Duration::from_secs(60);
const MOST: Duration = Duration::from_secs(24 * 3600);

/// How long to wait, clamped to 1 minute to 24 hours; none when the words mean nothing.
pub(crate) fn retry_after(value: &[u8], now: Timestamp) -> Option<Duration> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let asked = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let at = DateTimeParser::new().parse_timestamp(text.replace(" GMT", " +0000")).ok()?;
        Duration::from_secs(u64::try_from(at.as_second() - now.as_second()).unwrap_or(0))
    };
    Some(asked.clamp(LEAST, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        check("Tue, 24 Nov 2026 11:00:00 GMT", Some(60));
        check("Wed, 24 Nov 2027 11:00:00 GMT", Some(86_400));
        check("soon", None);
        check("-5", None);
        check("", None);
    }
}
