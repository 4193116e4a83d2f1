//! Which of an entry's dates to publish, and how far to trust it.

use jiff::{SignedDuration, Timestamp};
use model::Date;
use record::PublishedQuality;

/// Clocks of publishers and ours may differ by this much before a date counts as future.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// 1990-01-01T00:00:00Z: no news on the web is older; what claims to be is a default value.
const ANCIENT_SECOND: i64 = 631_152_000;

/// What an entry says of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Times {
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) quality: PublishedQuality,
    pub(crate) modified_at: Option<Timestamp>,
}

/// Chooses. An entry with only a date of change (many Atom feeds) is taken to be published then. A
/// change is published only when it is later than the publication: feeds fill in both alike. A claim
/// is kept even when it cannot be true, and flagged.
pub(crate) fn choose(published: Option<&Date>, updated: Option<&Date>, fetched_at: Timestamp) -> Times {
    let (published, updated) = (published.and_then(read), updated.and_then(read));
    let Some((at, date_only)) = published.or(updated) else {
        return Times { published_at: None, quality: PublishedQuality::Missing, modified_at: None };
    };
    let quality = if at.as_second() < ANCIENT_SECOND {
        PublishedQuality::Ancient
    } else if at.duration_since(fetched_at) > SKEW {
        PublishedQuality::Future
    } else if date_only {
        PublishedQuality::DateOnly
    } else {
        PublishedQuality::Claimed
    };
    let modified_at = updated.map(|(changed, _)| changed).filter(|changed| *changed > at);
    Times { published_at: Some(at), quality, modified_at }
}

fn read(date: &Date) -> Option<(Timestamp, bool)> {
    match date.instant {
        Some(instant) => Some((instant, date.date_only)),
        None => {
            let read = Date::read(date.raw.as_deref()?);
            Some((read.instant?, read.date_only))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(published: &str, updated: &str, expect: &str) {
        let date = |raw: &str| (!raw.is_empty()).then(|| Date { raw: Some(raw.into()), ..Date::default() });
        let fetched_at = "2025-11-19T14:09:31Z".parse().unwrap();
        let times = choose(date(published).as_ref(), date(updated).as_ref(), fetched_at);
        let show = |at: Option<Timestamp>| at.map_or("-".into(), |at| at.to_string());
        let found = format!("{} {:?} {}", show(times.published_at), times.quality, show(times.modified_at));
        assert_eq!(found, expect, "{published:?} {updated:?}");
    }

    #[test]
    fn times() {
        check("Wed, 19 Nov 2025 14:05:00 +0000", "", "2025-11-19T14:05:00Z Claimed -");
        check("2025-11-19T14:05:00Z", "2025-11-19T14:05:00Z", "2025-11-19T14:05:00Z Claimed -");
        check(
            "2025-11-19T14:05:00Z",
            "2025-11-19T14:06:00Z",
            "2025-11-19T14:05:00Z Claimed 2025-11-19T14:06:00Z",
        );
        check("2025-11-19T14:05:00Z", "2025-11-18T14:06:00Z", "2025-11-19T14:05:00Z Claimed -");
        check("", "2025-11-19T14:06:00Z", "2025-11-19T14:06:00Z Claimed -");
        check("2025-11-19", "", "2025-11-19T00:00:00Z DateOnly -");
        check("2025-11-19T15:09:31Z", "", "2025-11-19T15:09:31Z Claimed -");
        check("2025-11-19T15:09:32Z", "", "2025-11-19T15:09:32Z Future -");
        check("1970-01-01T00:00:00Z", "", "1970-01-01T00:00:00Z Ancient -");
        check("yesterday", "", "- Missing -");
        check("", "", "- Missing -");
    }

    #[test]
    fn what_the_parser_read_is_believed() {
        let instant = "2025-11-19T14:05:00Z".parse().ok();
        let date = Date { raw: Some("2024-01-01".into()), instant, ..Date::default() };
        assert_eq!(choose(Some(&date), None, Timestamp::MAX).published_at, instant);
    }
}
