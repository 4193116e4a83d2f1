//! From the words of a date to what they name.

use super::month::{is_noise, month};
use super::zone::Zone;

/// What the words of a date name.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) day: Option<Day>,
    pub(super) clock: Option<Clock>,
    pub(super) zone: Option<Zone>,
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Day {
    /// Nothing is open.
    Named { year: i16, month: i8, day: i8 },
    /// The day of a year, from 1.
    Ordinal { year: i16, day: i16 },
    /// Two numbers of which nobody knows which is the month, and the year.
    Digits(i8, i8, i16),
}

/// A time of day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Clock {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) second: i8,
    pub(super) nanosecond: i32,
}

/// The forms that nearly all feeds write: `Tue, 24 Nov 2026 10:30:00 +0000` and `2026-11-24T10:30:00Z`.
pub(super) fn quick(raw: &str) -> Option<Parts> {
    let b = raw.as_bytes();
    let two = |at: usize| -> Option<i8> {
        let [tens, ones] = *b.get(at..at + 2)? else { return None };
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| ((tens - b'0') * 10 + (ones - b'0')) as i8)
    };
    let year = |at: usize| Some(i16::from(two(at)?) * 100 + i16::from(two(at + 2)?));
    let clock = |at: usize| {
        let colons = b.get(at + 2) == Some(&b':') && b.get(at + 5) == Some(&b':');
        colons
            .then(|| {
                Some(Clock { hour: two(at)?, minute: two(at + 3)?, second: two(at + 6)?, nanosecond: 0 })
            })
            .flatten()
    };
    let offset = |text: &str| match text {
        "Z" | "GMT" | "+0000" | "+00:00" => Some(Zone::Fixed(0)),
        _ => numeric(text),
    };
    if b.get(4) == Some(&b'-') && b.get(7) == Some(&b'-') && matches!(b.get(10), Some(b'T')) {
        let day = Day::Named { year: year(0)?, month: two(5)?, day: two(8)? };
        return Some(Parts { day: Some(day), clock: Some(clock(11)?), zone: Some(offset(raw.get(19..)?)?) });
    }
    if b.get(3) == Some(&b',')
        && b.len() > 26
        && b[25] == b' '
        && b[4] == b' '
        && b[7] == b' '
        && b[16] == b' '
    {
        let month = match b.get(8..12)? {
            b"Jan " => 1,
            b"Feb " => 2,
            b"Mar " => 3,
            b"Apr " => 4,
            b"May " => 5,
            b"Jun " => 6,
            b"Jul " => 7,
            b"Aug " => 8,
            b"Sep " => 9,
            b"Oct " => 10,
            b"Nov " => 11,
            b"Dec " => 12,
            _ => return None,
        };
        let day = Day::Named { year: year(12)?, month, day: two(5)? };
        return Some(Parts { day: Some(day), clock: Some(clock(17)?), zone: Some(offset(raw.get(26..)?)?) });
    }
    None
}

/// A zone by its offset, sign first: `+0100`, `-07:00`, `+1`.
fn numeric(text: &str) -> Option<Zone> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((hours, minutes)), _) if (1..=2).contains(&hours.len()) && minutes.len() == 2 => {
            (hours, minutes)
        }
        (None, 3 | 4) => digits.split_at_checked(digits.len() - 2)?,
        (None, 1 | 2) => (digits, "0"),
        _ => return None,
    };
    if !hours.bytes().chain(minutes.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    Zone::offset_of(sign, hours.parse().ok()?, minutes.parse().ok()?)
}

/// Reads any form, word by word; none when a word means nothing in a date, or two things say the same.
pub(super) fn words(raw: &str) -> Option<Parts> {
    let mut reader = Reader::default();
    let text = separated(&raw.to_lowercase());
    text.split_whitespace().try_for_each(|word| reader.word(word))?;
    reader.parts()
}

/// The words set apart: commas and brackets gone, the `t` of ISO 8601, signs of zones, and the units of East Asian
/// dates read as what they stand for.
fn separated(lower: &str) -> String {
    let chars: Vec<char> = lower.chars().collect();
    let mut out = String::with_capacity(lower.len() + 8);
    let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    for (at, &c) in chars.iter().enumerate() {
        let (before, after) = (digit(at.checked_sub(1)), digit(Some(at + 1)));
        let clock = out.rsplit(' ').next().is_some_and(|word| word.contains(':'));
        match c {
            ',' | '(' | ')' | ';' | '|' | '\u{a0}' | '、' => out.push(' '),
            't' if before && after => out.push(' '),
            '年' | '년' | '月' | '월' if before => out.push('-'),
            '日' | '일' if before => out.push(' '),
            '+' | '-' | '\u{2212}' if clock && after => {
                out.extend([' ', if c == '+' { '+' } else { '-' }]);
            }
            '\u{2212}' => out.push('-'),
            'z' if clock && before => out.push_str(" z"),
            ' ' if out.ends_with('-')
                && after
                && at > 0
                && matches!(chars[at - 1], '年' | '년' | '月' | '월') => {}
            _ => out.push(c),
        }
    }
    out
}

#[derive(Default)]
struct Reader {
    parts: Parts,
    year: Option<i16>,
    month: Option<i8>,
    /// The month may be a Tuesday: "mar" is both.
    month_or_day: bool,
    day: Option<i8>,
    /// The half of the day, where it stands before the clock.
    half: Option<bool>,
}

impl Reader {
    fn word(&mut self, word: &str) -> Option<()> {
        if let Some(afternoon) = meridiem(word) {
            return self.meridiem(afternoon);
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number(word);
        }
        if let Some(zone) = numeric(word).or_else(|| named(word)) {
            return self.zone(zone);
        }
        let name = word.trim_end_matches('.');
        if let Some(month) = month(name)
            && (self.month.is_none() || self.month_or_day)
        {
            self.month = Some(month);
            self.month_or_day = name == "mar" && self.day.is_none();
            return Some(());
        }
        // What follows an offset only repeats it in words.
        let repeats = matches!(self.parts.zone, Some(Zone::Fixed(_)));
        (is_noise(name) || repeats || name.chars().all(|c| matches!(c, '-' | '/'))).then_some(())
    }

    fn meridiem(&mut self, afternoon: bool) -> Option<()> {
        match &mut self.parts.clock {
            Some(clock) => *clock = halved(*clock, afternoon)?,
            None => self.half = Some(afternoon),
        }
        Some(())
    }

    fn zone(&mut self, zone: Zone) -> Option<()> {
        match self.parts.zone {
            // "GMT +0100": UTC's name before an offset. "+0530 (IST)": the offset says which.
            None | Some(Zone::Fixed(0) | Zone::Several) => self.parts.zone = Some(zone),
            Some(known) if known == zone || zone == Zone::Several || !matches!(zone, Zone::Fixed(_)) => {}
            Some(_) => return None,
        }
        Some(())
    }

    /// A word that begins with a digit.
    fn number(&mut self, word: &str) -> Option<()> {
        if let Some((clock, afternoon)) = clock(word) {
            let clock = match afternoon.or(self.half) {
                Some(afternoon) => halved(clock, afternoon)?,
                None => clock,
            };
            return self.parts.clock.replace(clock).is_none().then_some(());
        }
        if let Some(day) = whole_day(word) {
            let free = self.year.is_none() && self.day.is_none();
            return (self.parts.day.replace(day).is_none() && free).then_some(());
        }
        let word = word.trim_end_matches('.');
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (number, suffix) = word.split_at(digits);
        if self.parts.day.is_some() {
            return self.compact_clock(number, suffix);
        }
        if !matches!(suffix, "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "°" | "ª" | "e") {
            return None;
        }
        let value: i16 = number.parse().ok()?;
        match digits {
            1 | 2 if self.day.is_none() && (1..=31).contains(&value) => self.day = i8::try_from(value).ok(),
            // RFC 2822 §4.3: two digits below 50 are of this century.
            2 if self.month.is_some() && self.year.is_none() => {
                self.year = Some(value + if value < 50 { 2000 } else { 1900 });
            }
            4 if self.year.is_none() => self.year = Some(value),
            _ => return None,
        }
        Some(())
    }

    /// `103000` or `1030` behind a day, perhaps with a `z`.
    fn compact_clock(&mut self, digits: &str, suffix: &str) -> Option<()> {
        if !matches!(digits.len(), 4 | 6) || self.parts.clock.is_some() {
            return None;
        }
        let cell = |at: usize| digits.get(at..at + 2).map_or(Some(0), |cell| cell.parse().ok());
        let (hour, minute, second) = (cell(0)?, cell(2)?, cell(4)?);
        self.parts.clock = Some(Clock { hour, minute, second, nanosecond: 0 });
        match suffix {
            "" => Some(()),
            "z" => self.zone(Zone::Fixed(0)),
            offset => self.zone(numeric(offset)?),
        }
    }

    fn parts(self) -> Option<Parts> {
        if self.parts.day.is_some() {
            return (self.month.is_none() || self.month_or_day).then_some(self.parts);
        }
        let day = Day::Named { year: self.year?, month: self.month?, day: self.day? };
        Some(Parts { day: Some(day), ..self.parts })
    }
}

/// Whether a word says that it is after noon, or before.
fn meridiem(word: &str) -> Option<bool> {
    match word {
        "am" | "a.m." | "a.m" | "오전" | "上午" | "午前" | "πμ" | "π.μ." => Some(false),
        "pm" | "p.m." | "p.m" | "오후" | "下午" | "午後" | "μμ" | "μ.μ." => Some(true),
        _ => None,
    }
}

fn halved(clock: Clock, afternoon: bool) -> Option<Clock> {
    if !(1..=12).contains(&clock.hour) {
        return None;
    }
    Some(Clock { hour: clock.hour % 12 + if afternoon { 12 } else { 0 }, ..clock })
}

/// `etc/gmt`, `gmt+2`, `utc-07:00`.
fn named(word: &str) -> Option<Zone> {
    let word = word.trim_end_matches('.');
    if let Some(zone) = Zone::named(word) {
        return Some(zone);
    }
    let offset = ["gmt", "utc"].into_iter().find_map(|name| word.strip_prefix(name))?;
    numeric(offset)
}

/// `14:05`, `14:05:09.123`, `9:15`, `14h05`, `2:05pm`.
fn clock(word: &str) -> Option<(Clock, Option<bool>)> {
    let suffix = word.find(|c: char| c.is_alphabetic() && c != 'h').unwrap_or(word.len());
    let (cells, suffix) = word.split_at(suffix);
    let half = if suffix.is_empty() { None } else { Some(meridiem(suffix)?) };
    let colons = if cells.contains(':') { ':' } else { 'h' };
    let (cells, fraction) = match cells.split_once(['.', ',']) {
        Some((cells, fraction)) => (cells, fraction),
        None => (cells, ""),
    };
    let mut cells = cells.split(colons);
    let cell = |cell: &str| cell.parse::<i8>().ok().filter(|_| matches!(cell.len(), 1 | 2));
    let hour = cell(cells.next()?)?;
    let minute = cells.next().filter(|minute| minute.len() == 2).and_then(cell)?;
    let second = cells.next().map_or(Some(0), cell)?;
    if cells.next().is_some() || minute > 59 || second > 60 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanosecond = format!("{fraction:0<9.9}").parse().unwrap_or(0);
    Some((Clock { hour, minute, second, nanosecond }, half))
}

/// `2025-11-19`, `2025/11/19`, `20251119`, `2003-335`, `19.11.2025`, `19-nov-2025`, `03/04/2026`.
fn whole_day(word: &str) -> Option<Day> {
    let word = word.trim_end_matches(['-', '.']);
    let all_digits = word.bytes().all(|b| b.is_ascii_digit());
    if all_digits && word.len() == 8 {
        let (year, month, day) = (word[..4].parse().ok()?, word[4..6].parse().ok()?, word[6..].parse().ok()?);
        return Some(Day::Named { year, month, day });
    }
    let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let cells: Vec<&str> = word.split(separator).collect();
    let year = |cell: &str| cell.parse::<i16>().ok().filter(|_| cell.len() == 4);
    let number = |cell: &str| cell.parse::<i8>().ok().filter(|_| matches!(cell.len(), 1 | 2));
    match cells[..] {
        [first, days] if days.len() == 3 => {
            Some(Day::Ordinal { year: year(first)?, day: days.parse().ok()? })
        }
        [first, middle, last] => match (year(first), month(middle)) {
            (Some(year), named) => {
                Some(Day::Named { year, month: named.or_else(|| number(middle))?, day: number(last)? })
            }
            (None, Some(month)) => {
                let short = number(last).filter(|_| last.len() == 2).map(i16::from);
                let year = year(last).or(short.map(|year| year + if year < 50 { 2000 } else { 1900 }))?;
                Some(Day::Named { year, month, day: number(first)? })
            }
            // Dots are written day first everywhere; slashes and hyphens are not.
            (None, None) if separator == '.' => {
                Some(Day::Named { year: year(last)?, month: number(middle)?, day: number(first)? })
            }
            (None, None) => Some(Day::Digits(number(first)?, number(middle)?, year(last)?)),
        },
        _ => None,
    }
}
