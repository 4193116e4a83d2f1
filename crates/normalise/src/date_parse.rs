//! Reads dates that the parser could not: RFC 2822 in all its wild forms, ISO 8601 without a zone (taken
//! as UTC), named zones, ordinal days, 12-hour clocks, month names in eight languages, Unix seconds.
//! What could mean two instants (`03/04/2025`, `IST`) means none: no date is better than a wrong one.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

/// Longer strings are no dates.
const LENGTH_MAX: usize = 100;

/// Unix seconds that are taken for a date: 2001-09-09 to 2100, ten digits.
const UNIX_SECONDS: std::ops::Range<i64> = 1_000_000_000..4_102_444_800;

/// The instant that `raw` names, and whether only a day was given.
pub(crate) fn parse(raw: &str) -> Option<(Timestamp, bool)> {
    let raw = raw.trim();
    if raw.is_empty() || raw.len() > LENGTH_MAX {
        return None;
    }
    unix(raw).map(|at| (at, false)).or_else(|| words(raw))
}

fn unix(raw: &str) -> Option<Timestamp> {
    if !raw.bytes().all(|b| b.is_ascii_digit()) || !matches!(raw.len(), 10 | 13) {
        return None;
    }
    let number: i64 = raw.parse().ok()?;
    let seconds = if raw.len() == 13 { number / 1000 } else { number };
    UNIX_SECONDS.contains(&seconds).then(|| Timestamp::from_second(seconds).ok()).flatten()
}

/// What the words of a date have said so far.
#[derive(Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    time: Option<Time>,
    next_day: bool,
    offset: Option<i32>,
}

fn words(raw: &str) -> Option<(Timestamp, bool)> {
    let raw = separated(raw);
    let mut parts = Parts::default();
    let mut tokens = raw.split_whitespace().peekable();
    while let Some(token) = tokens.next() {
        let next = tokens.peek().copied();
        if is_noise(token) || whole_date(token, &mut parts) || month_or_day(token, &mut parts) {
            continue;
        }
        if let Some((time, next_day)) = clock(token, next) {
            if parts.time.replace(time).is_some() {
                return None;
            }
            parts.next_day = next_day;
            continue;
        }
        let meridiem = matches!(token.to_ascii_lowercase().as_str(), "am" | "pm" | "a.m." | "p.m.");
        if meridiem && parts.time.is_some() {
            continue;
        }
        let offset = zone(token)?;
        match parts.offset {
            // "GMT +0100", "+0100 CET": the two must agree, or one of them be UTC's name before an offset.
            Some(known) if known != offset && known != 0 => return None,
            _ => parts.offset = Some(offset),
        }
    }
    parts.instant()
}

impl Parts {
    fn instant(&self) -> Option<(Timestamp, bool)> {
        let mut date = Date::new(self.year?, self.month?, self.day?).ok()?;
        if self.next_day {
            date = date.tomorrow().ok()?;
        }
        let local = date.to_datetime(self.time.unwrap_or_else(Time::midnight));
        let offset = Offset::from_seconds(self.offset.unwrap_or(0)).ok()?;
        Some((offset.to_timestamp(local).ok()?, self.time.is_none()))
    }
}

/// Commas and brackets gone, the `T` of ISO 8601 and the sign of a zone set apart.
fn separated(raw: &str) -> String {
    let chars: Vec<char> = raw.chars().collect();
    let mut out = String::with_capacity(raw.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(at + 1).copied();
        let digits = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let clock_done = out.rsplit(' ').next().is_some_and(|token| token.contains(':'));
        match c {
            ',' | '(' | ')' | ';' => out.push(' '),
            'T' | 't' if digits(before) && digits(after) => out.push(' '),
            '+' | '-' | '\u{2212}' if clock_done && digits(after) => {
                out.extend([' ', if c == '+' { '+' } else { '-' }])
            }
            'Z' | 'z' if clock_done && digits(before) => out.push_str(" Z"),
            _ => out.push(c),
        }
    }
    out
}

/// Names of days and little words; they say nothing that the rest does not.
fn is_noise(token: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const WORDS: [&str; 32] = [
        "-",
        "at",
        "on",
        "of",
        "de",
        "del",
        "um",
        "uhr",
        "le",
        "à",
        "den",
        "der",
        "the",
        "|",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "lunes",
        "martes",
        "jueves",
        "viernes",
    ];
    const SHORT: [&str; 13] =
        ["mo", "di", "mi", "do", "fr", "sa", "so", "lun", "mer", "jeu", "ven", "sam", "dim"];
    let lower = token.trim_end_matches('.').to_lowercase();
    let english = lower.get(..3).is_some_and(|start| DAYS.contains(&start))
        && "sunday monday tuesday wednesday thursday friday saturday tues thurs weds"
            .split(' ')
            .any(|day| day.starts_with(&lower));
    english || WORDS.contains(&lower.as_str()) || SHORT.contains(&lower.as_str())
}

/// `2025-11-19`, `2025/11/19`, `20251119`, `19.11.2025`, `19-Nov-2025`.
fn whole_date(token: &str, parts: &mut Parts) -> bool {
    let found = (|| {
        if token.len() == 8 && token.bytes().all(|b| b.is_ascii_digit()) {
            return Some((token[..4].parse().ok()?, token[4..6].parse().ok()?, token[6..].parse().ok()?));
        }
        let separator = ['-', '/', '.'].into_iter().find(|c| token.matches(*c).count() == 2)?;
        let cells: Vec<&str> = token.split(separator).collect();
        let [a, b, c] = cells[..] else { return None };
        let number = |cell: &str| cell.parse::<i8>().ok().filter(|_| cell.len() <= 2);
        let year = |cell: &str| cell.parse::<i16>().ok().filter(|_| cell.len() == 4);
        match (year(a), month(b)) {
            (Some(year), _) => Some((year, number(b).or(month(b))?, number(c)?)),
            (None, Some(month)) => Some((year(c)?, month, number(a)?)),
            // Dots are written day first everywhere; slashes and hyphens are not.
            (None, None) if separator == '.' => Some((year(c)?, number(b)?, number(a)?)),
            _ => None,
        }
    })();
    let Some((year, month, day)) = found else { return false };
    let free = parts.year.is_none() && parts.month.is_none() && parts.day.is_none();
    if free {
        (parts.year, parts.month, parts.day) = (Some(year), Some(month), Some(day));
    }
    free
}

/// A month's name, a day with or without its ordinal, a year of four digits, or of two behind day and month.
fn month_or_day(token: &str, parts: &mut Parts) -> bool {
    if let Some(month) = month(token) {
        return parts.month.replace(month).is_none();
    }
    let digits = token.trim_end_matches(|c: char| c.is_alphabetic() || matches!(c, '.' | 'º' | '°'));
    let ordinal = matches!(
        token[digits.len()..].to_lowercase().as_str(),
        "" | "." | "st" | "nd" | "rd" | "th" | "er" | "º" | "°"
    );
    if !ordinal || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let Ok(number) = digits.parse::<i16>() else { return false };
    match digits.len() {
        1 | 2 if parts.day.is_none() && (1..=31).contains(&number) => parts.day = Some(number as i8),
        // RFC 2822 §4.3: two digits below 50 are of this century.
        2 if parts.day.is_some() && parts.month.is_some() && parts.year.is_none() => {
            parts.year = Some(number + if number < 50 { 2000 } else { 1900 });
        }
        4 if parts.year.is_none() => parts.year = Some(number),
        _ => return false,
    }
    true
}

/// A month by its name in English, German, French, Spanish, Portuguese, Italian, Dutch or Swedish;
/// whole, or cut to three letters or more where that names one month only.
fn month(token: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january januar jänner janvier enero janeiro gennaio januari",
        "february februar février fevrier febrero fevereiro febbraio februari",
        "march märz maerz mars marzo março maart mrz mär",
        "april avril abril aprile",
        "may mai mayo maio maggio mei maj",
        "june juni juin junio junho giugno",
        "july juli juillet julio julho luglio",
        "august août aout agosto augustus augusti",
        "september septembre septiembre setembro settembre",
        "october oktober octobre octubre outubro ottobre",
        "november novembre noviembre novembro",
        "december dezember décembre decembre diciembre dezembro dicembre",
    ];
    let lower = token.trim_end_matches('.').to_lowercase();
    if lower.chars().count() < 3 || lower.chars().any(|c| !c.is_alphabetic()) {
        return None;
    }
    let fits = |names: &&str| names.split(' ').any(|name| name.starts_with(&lower));
    let mut found = (1..).zip(&NAMES).filter(|(_, names)| fits(names)).map(|(month, _)| month);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// `14:05`, `14:05:09.123`, `2:05pm`; the word after it may be `am` or `pm`. The flag is for 24:00.
fn clock(token: &str, next: Option<&str>) -> Option<(Time, bool)> {
    if !token.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let lower = token.to_ascii_lowercase();
    let joined = ["am", "pm", "a.m.", "p.m."].into_iter().find(|suffix| lower.ends_with(suffix));
    let digits = lower.trim_end_matches(joined.unwrap_or("")).to_owned();
    let next = next.map(str::to_ascii_lowercase);
    let meridiem = joined
        .map(str::to_owned)
        .or(next.filter(|word| matches!(word.as_str(), "am" | "pm" | "a.m." | "p.m.")));
    let mut cells = digits.split(':');
    let hour: i8 = cells.next()?.parse().ok()?;
    let minute: i8 = cells.next().filter(|cell| cell.len() == 2)?.parse().ok()?;
    let second = cells.next().unwrap_or("00").split(['.', ',']).next()?;
    let second: i8 = second.parse().ok().filter(|_| second.len() == 2)?;
    if cells.next().is_some() {
        return None;
    }
    let hour = match meridiem.as_deref().map(|word| word.starts_with('p')) {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    if (hour, minute, second) == (24, 0, 0) {
        return Some((Time::midnight(), true));
    }
    // A leap second is the last one that clocks can show.
    Some((Time::new(hour, minute, second.min(59), 0).ok().filter(|_| second <= 60)?, false))
}

/// Seconds east of Greenwich. Names that are used for several zones (IST, AST, ET) are not known.
fn zone(token: &str) -> Option<i32> {
    const NAMED: [(&str, i32); 34] = [
        ("z", 0),
        ("ut", 0),
        ("utc", 0),
        ("gmt", 0),
        ("wet", 0),
        ("etc/utc", 0),
        ("etc/gmt", 0),
        ("est", -300),
        ("edt", -240),
        ("cst", -360),
        ("cdt", -300),
        ("mst", -420),
        ("mdt", -360),
        ("pst", -480),
        ("pdt", -420),
        ("akst", -540),
        ("akdt", -480),
        ("hst", -600),
        ("west", 60),
        ("bst", 60),
        ("cet", 60),
        ("met", 60),
        ("mez", 60),
        ("cest", 120),
        ("mest", 120),
        ("mesz", 120),
        ("eet", 120),
        ("eest", 180),
        ("msk", 180),
        ("jst", 540),
        ("kst", 540),
        ("aest", 600),
        ("aedt", 660),
        ("nzst", 720),
    ];
    let lower = token.to_ascii_lowercase();
    if let Some((_, minutes)) = NAMED.iter().find(|(name, _)| *name == lower) {
        return Some(minutes * 60);
    }
    let number = ["gmt", "utc"].into_iter().find_map(|name| lower.strip_prefix(name)).unwrap_or(&lower);
    let (sign, digits) = match number.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((hours, minutes)), _) if hours.len() <= 2 && minutes.len() == 2 => (hours, minutes),
        (None, 4) => digits.split_at_checked(2)?,
        (None, 1 | 2) => (digits, "0"),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    // The easternmost zone is +14:00.
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(raw: &str, expect: &str) {
        let found = match parse(raw) {
            None => "none".to_owned(),
            Some((at, false)) => at.to_string(),
            Some((at, true)) => at.to_string()[..10].to_owned(),
        };
        assert_eq!(found, expect, "{raw:?}");
    }

    /// `fixtures/dates.tsv`: what is written, and the instant, the day, or none.
    #[test]
    fn dates_as_publishers_write_them() {
        let rows: Vec<&str> =
            include_str!("../fixtures/dates.tsv").lines().filter(|row| !row.starts_with('#')).collect();
        assert!(rows.len() > 60, "only {} rows", rows.len());
        for row in rows {
            let (raw, expect) = row.split_once('\t').unwrap_or_else(|| panic!("not two cells: {row:?}"));
            check(raw, expect);
        }
    }

    proptest! {
        #[test]
        fn no_string_makes_it_panic(raw in "\\PC{0,120}", like in "([0-9]{1,4}|[A-Za-zéû]{1,9}|[-+:/., ()]){0,30}") {
            let _ = parse(&raw);
            let _ = parse(&like);
        }

        #[test]
        fn written_dates_are_read_as_written(second in 631_152_000_i64..4_000_000_000, hours in -12_i32..15) {
            let at = Timestamp::from_second(second).unwrap();
            let offset = Offset::from_seconds(hours * 3600).unwrap();
            let local = offset.to_datetime(at);
            let sign = if hours < 0 { '-' } else { '+' };
            let zone = format!("{sign}{:02}00", hours.abs());
            for form in ["%a, %d %b %Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%A, %B %d, %Y %I:%M:%S %p"] {
                let raw = format!("{} {zone}", local.strftime(form));
                prop_assert_eq!(parse(&raw), Some((at, false)), "{}", raw);
            }
        }
    }
}
