//! How long the publisher says that an answer stays good (RFC 9111 section 4.2, for a cache of one).

use crate::retry_after::date;
use jiff::Timestamp;
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName};
use std::time::Duration;

/// `max-age` less `Age`, else `Expires` less `Date`; nothing where the answer must not be kept.
pub(crate) fn floor(headers: &HeaderMap, now: Timestamp) -> Duration {
    let mut max_age = None;
    for directive in all(headers, CACHE_CONTROL).flat_map(|value| value.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Duration::ZERO,
            "max-age" => max_age = max_age.or_else(|| seconds(value.trim().trim_matches('"'))),
            _ => {}
        }
    }
    if let Some(max_age) = max_age {
        let age = all(headers, AGE).next().and_then(seconds).unwrap_or(0);
        return Duration::from_secs(max_age.saturating_sub(age));
    }
    let Some(expires) = all(headers, EXPIRES).next().and_then(date) else { return Duration::ZERO };
    let sent = all(headers, DATE).next().and_then(date).unwrap_or(now);
    Duration::from_secs(u64::try_from(expires.as_second() - sent.as_second()).unwrap_or(0))
}

fn all(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
}

fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)], expect: u64) {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let map = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        assert_eq!(floor(&map.collect(), now).as_secs(), expect, "{headers:?}");
    }

    #[test]
    fn answers_stay_good_as_long_as_they_say() {
        check(&[], 0);
        check(&[("cache-control", "max-age=600")], 600);
        check(&[("cache-control", "public, Max-Age=\"600\""), ("age", "250")], 350);
        check(&[("cache-control", "max-age=600"), ("age", "9999")], 0);
        check(&[("cache-control", "max-age=600, no-cache")], 0);
        check(&[("cache-control", "s-maxage=600")], 0);
        check(&[("cache-control", "max-age=-1")], 0);
        check(&[("cache-control", "max-age=99999999999999999999")], u64::MAX);
        let expires = ("expires", "Tue, 24 Nov 2026 12:30:00 GMT");
        check(&[expires], 1800);
        check(&[expires, ("date", "Tue, 24 Nov 2026 12:20:00 GMT")], 600);
        check(&[expires, ("cache-control", "max-age=60")], 60);
        check(&[("expires", "0")], 0);
        check(&[("expires", "Tue, 24 Nov 2020 12:30:00 GMT")], 0);
    }
}
