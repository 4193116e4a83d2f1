//! Dates as publishers write them: RFC 3339, RFC 2822 and their many misspellings.
//!
//! A date that could mean two instants is none: a wrong date is worse than a missing one. Without a zone
//! UTC is meant.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// Longest text that is looked at, bytes.
const MAX_LEN: usize = 128;

/// The instant that `raw` names, and whether it only names a day (then: its first instant, UTC).
pub(crate) fn read(raw: &str) -> (Option<Timestamp>, bool) {
    let raw = raw.trim();
    if raw.len() > MAX_LEN || raw.is_empty() {
        return (None, false);
    }
    if raw.bytes().all(|b| b.is_ascii_digit()) && raw.len() != 8 && raw.len() != 4 {
        return (unix(raw), false);
    }
    match iso(raw).or_else(|| words(raw)) {
        Some(parts) => (parts.instant(), parts.time.is_none()),
        None => (None, false),
    }
}

fn unix(raw: &str) -> Option<Timestamp> {
    let value = raw.parse().ok()?;
    match raw.len() {
        9 | 10 => Timestamp::from_second(value).ok(),
        12 | 13 => Timestamp::from_millisecond(value).ok(),
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    time: Option<(i8, i8, i8, i32)>,
    /// Seconds east of UTC.
    offset: i32,
}

impl Parts {
    fn instant(self) -> Option<Timestamp> {
        let date = Date::new(self.year, self.month, self.day).ok()?;
        let (hour, minute, second, nanos) = self.time.unwrap_or_default();
        // 24:00 is how some write the day's first instant; a leap second is its last.
        let (hour, second) = (if hour == 24 { 0 } else { hour }, second.min(59));
        let time = Time::new(hour, minute, second, nanos).ok()?;
        let offset = Offset::from_seconds(self.offset).ok()?;
        offset.to_timestamp(DateTime::from_parts(date, time)).ok()
    }
}

/// Digits at the start of `text`, at least `min` and at most `max`, and the rest.
fn digits(text: &str, min: usize, max: usize) -> Option<(i64, &str)> {
    let len = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    (len >= min).then(|| (text[..len].parse().unwrap_or(0), &text[len..]))
}

fn two(text: &str) -> Option<(i8, &str)> {
    digits(text, 1, 2).map(|(value, rest)| (i8::try_from(value).unwrap_or(0), rest))
}

/// `2026-11-24T10:30:00.5+01:00` and what is near it.
fn iso(raw: &str) -> Option<Parts> {
    let (year, rest) = digits(raw, 4, 4)?;
    let mut parts = Parts { year: i16::try_from(year).ok()?, month: 1, day: 1, ..Parts::default() };
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'));
    let rest = rest.trim_start_matches(['-', '/', '.']);
    if rest.is_empty() {
        return Some(parts);
    }
    let (month, rest) = digits(rest, if separator.is_some() { 1 } else { 2 }, 2)?;
    parts.month = i8::try_from(month).ok()?;
    let rest = rest.trim_start_matches(['-', '/', '.']);
    if rest.is_empty() {
        return separator.map(|_| parts);
    }
    let (day, rest) = two(rest)?;
    parts.day = day;
    let rest = rest.trim_start_matches([' ', 't', 'T', ',', '-']);
    if rest.is_empty() {
        return Some(parts);
    }
    if let Some((time, rest)) = clock(rest) {
        parts.time = Some(time);
        parts.offset = zone(rest.trim())?;
        return Some(parts);
    }
    // A day with a zone, as XML Schema allows.
    parts.offset = zone(rest.trim())?;
    Some(parts)
}

type Clock = (i8, i8, i8, i32);

/// `10:30`, `10:30:05`, `10:30:05.25`, `103005`, and the rest.
fn clock(text: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = two(text)?;
    let colon = rest.strip_prefix([':', '.', 'h']);
    let (minute, rest) = two(colon.unwrap_or(rest))?;
    let seconds = match colon {
        Some(_) => rest.strip_prefix([':', '.']).and_then(two),
        None => two(rest),
    };
    let Some((second, rest)) = seconds else {
        return colon.map(|_| ((hour, minute, 0, 0), rest));
    };
    let fraction =
        rest.strip_prefix(['.', ',']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let Some(fraction) = fraction else {
        return Some(((hour, minute, second, 0), rest));
    };
    let len = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let nanos = format!("{:0<9.9}", &fraction[..len]).parse().unwrap_or(0);
    Some(((hour, minute, second, nanos), &fraction[len..]))
}

/// Seconds east of UTC; 0 for an empty text.
fn zone(text: &str) -> Option<i32> {
    let text = text.trim().trim_start_matches('(').trim_end_matches(')');
    let (name, offset) = match text.find(['+', '-', '\u{2212}']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let base = named_zone(name.trim())?;
    if offset.is_empty() {
        return Some(base);
    }
    let sign = if offset.starts_with('+') { 1 } else { -1 };
    let digits: String = offset.chars().skip(1).take_while(|c| c.is_ascii_digit() || *c == ':').collect();
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((hours, minutes)), _) => (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?),
        (None, 1 | 2) => (digits.parse().ok()?, 0),
        (None, 3 | 4) => {
            let all: i32 = digits.parse().ok()?;
            (all / 100, all % 100)
        }
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then(|| base + sign * (hours * 3600 + minutes * 60))
}

/// Zones by the names that feeds use; ambiguous ones (IST, BST in Asia) have the meaning that RFC 2822 or
/// the largest press writes them in.
fn named_zone(name: &str) -> Option<i32> {
    const HOUR: i32 = 3600;
    Some(match name.to_ascii_uppercase().as_str() {
        "" | "Z" | "UT" | "UTC" | "GMT" | "WET" | "ETC/GMT" | "ETC/UTC" | "0" => 0,
        "EST" | "CDT" => -5 * HOUR,
        "EDT" | "AST" => -4 * HOUR,
        "CST" | "MDT" => -6 * HOUR,
        "MST" | "PDT" => -7 * HOUR,
        "PST" | "AKDT" => -8 * HOUR,
        "AKST" => -9 * HOUR,
        "HST" => -10 * HOUR,
        "ADT" | "BRT" | "ART" => -3 * HOUR,
        "BST" | "CET" | "MET" | "MEZ" | "WEST" | "WAT" => HOUR,
        "CEST" | "MEST" | "MESZ" | "EET" | "SAST" | "CAT" => 2 * HOUR,
        "EEST" | "MSK" | "EAT" | "TRT" => 3 * HOUR,
        "PKT" => 5 * HOUR,
        "IST" => 5 * HOUR + HOUR / 2,
        "WIB" | "ICT" => 7 * HOUR,
        "HKT" | "SGT" | "AWST" | "PHT" => 8 * HOUR,
        "JST" | "KST" => 9 * HOUR,
        "AEST" => 10 * HOUR,
        "AEDT" => 11 * HOUR,
        "NZST" => 12 * HOUR,
        "NZDT" => 13 * HOUR,
        _ => return None,
    })
}

/// `Tue, 24 Nov 2026 10:30:00 GMT`, `November 24th, 2026 3:07pm`, `Tue Nov 24 10:30:00 UTC 2026` and the like.
fn words(raw: &str) -> Option<Parts> {
    let mut parts = Parts::default();
    let mut numbers: [Option<(i64, usize)>; 3] = [None; 3];
    let mut zone_text = String::new();
    for word in
        raw.split(|c: char| c.is_whitespace() || matches!(c, ',' | '/')).filter(|word| !word.is_empty())
    {
        word_of(word, &mut parts, &mut numbers, &mut zone_text)?;
    }
    let mut given = numbers.iter().flatten();
    let (first, first_len) = *given.next()?;
    let (second, second_len) = *given.next()?;
    // A third number would be a month in digits, of which nobody knows the place.
    if given.next().is_some() || parts.month == 0 {
        return None;
    }
    let (day, year, year_len) =
        if first_len == 4 { (second, first, first_len) } else { (first, second, second_len) };
    parts.day = i8::try_from(day).ok()?;
    parts.year = match (year_len, year) {
        (4, year) => i16::try_from(year).ok()?,
        (2, 0..=68) => i16::try_from(2000 + year).ok()?,
        (2, _) => i16::try_from(1900 + year).ok()?,
        _ => return None,
    };
    parts.offset = zone(&zone_text)?;
    Some(parts)
}

/// Takes in one word of a date; none when it cannot be one.
fn word_of(
    word: &str,
    parts: &mut Parts,
    numbers: &mut [Option<(i64, usize)>; 3],
    zone_text: &mut String,
) -> Option<()> {
    let lower = word.to_lowercase();
    let mut put = |value: i64, len: usize| {
        *numbers.iter_mut().find(|slot| slot.is_none())? = Some((value, len));
        Some(())
    };
    if parts.time.is_none()
        && word.contains([':', 'h'])
        && let Some((mut time, rest)) = clock(word)
    {
        if let Some(half) =
            rest.get(..2).filter(|half| half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm"))
        {
            time.0 = noon(time.0, half);
        } else {
            zone_text.push_str(rest);
        }
        parts.time = Some(time);
        return Some(());
    }
    if matches!(lower.trim_matches('.'), "am" | "pm" | "a.m" | "p.m") {
        let time = parts.time.as_mut()?;
        time.0 = noon(time.0, lower.get(..1)?);
        return Some(());
    }
    // 24-Nov-2026, and a dash on its own.
    if word.contains('-') && !word.starts_with(['-', '+']) && parts.time.is_none() {
        return word
            .split('-')
            .filter(|part| !part.is_empty())
            .try_for_each(|part| word_of(part, parts, numbers, zone_text));
    }
    if word == "-" {
        return Some(());
    }
    if let Some((value, rest)) = digits(word, 1, 4).filter(|_| !word.starts_with('+')) {
        let suffix = rest.trim_end_matches('.').to_lowercase();
        if matches!(suffix.as_str(), "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "ª") {
            return put(value, word.len() - rest.len());
        }
        return None;
    }
    if let Some(month) = month(&lower) {
        parts.month = month;
        return Some(());
    }
    if parts.time.is_some()
        && (word.starts_with(['+', '-', '(']) || named_zone(word).is_some() || zone(word).is_some())
    {
        // A comment after an offset repeats it.
        if zone_text.is_empty() || word.starts_with(['+', '-']) {
            zone_text.push_str(word);
        }
        return Some(());
    }
    // Days of the week and filler: letters only.
    word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '(' | ')')).then_some(())
}

fn noon(hour: i8, half: &str) -> i8 {
    match (hour, half.to_ascii_lowercase().starts_with('p')) {
        (12, false) => 0,
        (1..=11, true) => hour + 12,
        _ => hour,
    }
}

/// Month names of the languages that feeds are dated in, by the letters that tell them apart.
fn month(word: &str) -> Option<i8> {
    const STARTS: [(&str, i8); 50] = [
        ("jan", 1),
        ("gen", 1),
        ("ene", 1),
        ("янв", 1),
        ("sty", 1),
        ("oca", 1),
        ("feb", 2),
        ("fév", 2),
        ("fev", 2),
        ("фев", 2),
        ("lut", 2),
        ("şub", 2),
        ("mar", 3),
        ("mär", 3),
        ("maa", 3),
        ("mrt", 3),
        ("мар", 3),
        ("apr", 4),
        ("avr", 4),
        ("abr", 4),
        ("апр", 4),
        ("kwi", 4),
        ("nis", 4),
        ("may", 5),
        ("mai", 5),
        ("mag", 5),
        ("mei", 5),
        ("maj", 5),
        ("май", 5),
        ("мая", 5),
        ("jun", 6),
        ("juin", 6),
        ("giu", 6),
        ("июн", 6),
        ("cze", 6),
        ("jul", 7),
        ("juil", 7),
        ("lug", 7),
        ("июл", 7),
        ("lip", 7),
        ("aug", 8),
        ("aoû", 8),
        ("ago", 8),
        ("авг", 8),
        ("sep", 9),
        ("set", 9),
        ("сен", 9),
        ("oct", 10),
        ("okt", 10),
        ("ott", 10),
    ];
    const LATE: [(&str, i8); 11] = [
        ("out", 10),
        ("окт", 10),
        ("paź", 10),
        ("nov", 11),
        ("ноя", 11),
        ("lis", 11),
        ("dec", 12),
        ("dez", 12),
        ("dic", 12),
        ("déc", 12),
        ("дек", 12),
    ];
    // "mar" is also a day of the week in French, Spanish and Italian, but then the month follows, and the last
    // month of a date is the one that is taken.
    STARTS.iter().chain(&LATE).find(|(start, _)| word.starts_with(start)).map(|(_, month)| *month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn dates_as_publishers_write_them() {
        let cases = [
            "2026-11-24T10:30:00Z",
            "2026-11-24T10:30:00.25+01:00",
            "2026-11-24 10:30:00 +0200",
            "2026-11-24",
            "2026-11",
            "20261124",
            "20261124T103000Z",
            "2026-11-24T10:30",
            "Tue, 24 Nov 2026 10:30:00 GMT",
            "24 Nov 26 10:30 EST",
            "Tue, 24 Nov 2026",
            "Tuesday, November 24, 2026 - 3:07pm",
            "November 24th, 2026 12:05 am",
            "Tue Nov 24 10:30:00 UTC 2026",
            "mar., 24 novembre 2026 10:30:00 +0100",
            "24. Mai 2026 08:00",
            "24-Nov-2026 10:30:00",
            "Tue, 24 Nov 2026 24:00:00 GMT",
            "Tue, 24 Nov 2026 10:30:00 GMT+2",
            "Tue, 24 Nov 2026 10:30:00 -0800 (PST)",
            "1795516200",
            "1795516200000",
            "03/04/2026",
            "soon",
            "",
            "2026-13-45",
            "Tue, 31 Feb 2026 10:00:00 GMT",
            "99999999999999999999",
            "2026-11-24T10:30:00+99:00",
        ];
        let table: String = cases
            .map(|raw| match read(raw) {
                (Some(instant), day) => format!("{raw} = {instant}{}\n", if day { " (day)" } else { "" }),
                (None, _) => format!("{raw} = none\n"),
            })
            .concat();
        expect![[r#"
            2026-11-24T10:30:00Z = 2026-11-24T10:30:00Z
            2026-11-24T10:30:00.25+01:00 = 2026-11-24T09:30:00.25Z
            2026-11-24 10:30:00 +0200 = 2026-11-24T08:30:00Z
            2026-11-24 = 2026-11-24T00:00:00Z (day)
            2026-11 = 2026-11-01T00:00:00Z (day)
            20261124 = 2026-11-24T00:00:00Z (day)
            20261124T103000Z = 2026-11-24T10:30:00Z
            2026-11-24T10:30 = 2026-11-24T10:30:00Z
            Tue, 24 Nov 2026 10:30:00 GMT = 2026-11-24T10:30:00Z
            24 Nov 26 10:30 EST = 2026-11-24T15:30:00Z
            Tue, 24 Nov 2026 = 2026-11-24T00:00:00Z (day)
            Tuesday, November 24, 2026 - 3:07pm = 2026-11-24T15:07:00Z
            November 24th, 2026 12:05 am = 2026-11-24T00:05:00Z
            Tue Nov 24 10:30:00 UTC 2026 = 2026-11-24T10:30:00Z
            mar., 24 novembre 2026 10:30:00 +0100 = 2026-11-24T09:30:00Z
            24. Mai 2026 08:00 = 2026-05-24T08:00:00Z
            24-Nov-2026 10:30:00 = 2026-11-24T10:30:00Z
            Tue, 24 Nov 2026 24:00:00 GMT = 2026-11-24T00:00:00Z
            Tue, 24 Nov 2026 10:30:00 GMT+2 = 2026-11-24T08:30:00Z
            Tue, 24 Nov 2026 10:30:00 -0800 (PST) = 2026-11-24T18:30:00Z
            1795516200 = 2026-11-24T10:30:00Z
            1795516200000 = 2026-11-24T10:30:00Z
            03/04/2026 = none
            soon = none
             = none
            2026-13-45 = none
            Tue, 31 Feb 2026 10:00:00 GMT = none
            99999999999999999999 = none
            2026-11-24T10:30:00+99:00 = none
        "#]]
        .assert_eq(&table);
    }
}
