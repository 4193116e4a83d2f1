use super::{Date, Doubt, Habit};
use jiff::Timestamp;
use jiff::tz::Offset;
use proptest::prelude::*;

fn told(date: &Date) -> String {
    match (date.instant, date.date_only) {
        (None, _) => "none".to_owned(),
        (Some(at), true) => at.to_string()[..10].to_owned(),
        (Some(at), false) => at.to_string(),
    }
}

/// `fixtures/dates.tsv`: what is written, and the instant, the day, or none.
#[test]
fn dates_as_publishers_write_them() {
    let rows: Vec<&str> =
        include_str!("../../fixtures/dates.tsv").lines().filter(|row| !row.starts_with('#')).collect();
    assert!(rows.len() > 150, "only {} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        let (raw, expect) = row.split_once('\t').unwrap_or_else(|| panic!("not two cells: {row:?}"));
        let found = told(&Date::read(raw));
        if found != expect {
            wrong.push(format!("{raw:?} is {expect}, read as {found}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn doubts_are_told() {
    let check = |raw: &str, doubt| assert_eq!(Date::read(raw).doubt, doubt, "{raw}");
    check("Wed, 19 Nov 2025 14:05:00 +0000", None);
    check("2025-11-19", None);
    check("2025-11-19 14:05", Some(Doubt::Zone));
    check("19 Nov 2025 14:05 IST", Some(Doubt::ZoneName));
    check("03/04/2025 10:00 GMT", Some(Doubt::Order));
    check("25/04/2025 10:00 GMT", None);
    check("44/44/2025", None);
    check("yesterday", None);
}

#[test]
fn the_words_are_kept() {
    assert_eq!(Date::read("  soon ").raw.as_deref(), Some("soon"));
    assert_eq!(Date::read(" ").raw, None);
    assert_eq!(Date::read(&"é".repeat(500)).raw.map(|raw| raw.len()), Some(128));
}

#[test]
fn habits_settle_what_one_date_leaves_open() {
    let read = |others: &[&str], raw: &str| told(&Date::read_as(raw, &Habit::of(others.iter().copied())));
    let zoned = ["Wed, 19 Nov 2025 14:05:00 +0200", "2025-11-18T10:00:00+02:00", "2025-11-18"];
    assert_eq!(read(&zoned, "2025-11-19 14:05"), "2025-11-19T12:05:00Z");
    let mixed = ["Wed, 19 Nov 2025 14:05:00 +0200", "2025-11-18T10:00:00+01:00"];
    assert_eq!(read(&mixed, "2025-11-19 14:05"), "2025-11-19T14:05:00Z");
    assert_eq!(read(&["25/12/2025"], "03/04/2025"), "2025-04-03");
    assert_eq!(read(&["12/25/2025"], "03/04/2025"), "2025-03-04");
    assert_eq!(read(&["12/25/2025", "25/12/2025"], "03/04/2025"), "none");
}

proptest! {
    #[test]
    fn no_string_makes_it_panic(raw in "\\PC{0,120}", like in "([0-9]{1,4}|[A-Za-zéû年월]{1,9}|[-+:/., ()]){0,30}") {
        let _ = Date::read(&raw);
        let _ = Date::read(&like);
    }

    #[test]
    fn written_dates_are_read_as_written(second in 631_152_000_i64..4_000_000_000, hours in -12_i32..15) {
        let at = Timestamp::from_second(second).unwrap();
        let offset = Offset::from_seconds(hours * 3600).unwrap();
        let local = offset.to_datetime(at);
        let sign = if hours < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}00", hours.abs());
        for form in ["%a, %d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%A, %B %d, %Y %I:%M:%S %p", "%Y年%m月%d日 %H:%M:%S"] {
            let raw = format!("{} {zone}", local.strftime(form));
            let date = Date::read(&raw);
            prop_assert_eq!((date.instant, date.date_only, date.doubt), (Some(at), false, None), "{}", raw);
        }
    }
}
