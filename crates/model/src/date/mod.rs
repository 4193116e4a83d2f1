//! Dates as publishers write them: RFC 2822 in all its wild forms, ISO 8601, asctime, ordinal days, 12-hour
//! clocks, month names in a dozen languages, East Asian dates, Unix seconds.
//!
//! What could mean two instants means none and says so: no date is better than a wrong one.

mod month;
mod scan;
mod zone;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::Offset;
use scan::{Clock, Day, Parts};

/// Longer strings are no dates, bytes.
const LENGTH_MAX: usize = 128;

/// Unix seconds that are taken for a date: 2001-09-09 to 2100, ten digits.
const UNIX_SECONDS: std::ops::Range<i64> = 1_000_000_000..4_102_444_800;

/// A date as claimed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Date {
    /// The words, where they are known.
    pub raw: Option<String>,
    /// The instant, where the words name one.
    pub instant: Option<Timestamp>,
    /// True when only a day was given; the instant is its first, in the zone given, else UTC.
    pub date_only: bool,
    /// What the words leave open.
    pub doubt: Option<Doubt>,
}

/// What the words of a date leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No zone is named: UTC, or the zone that the feed's other dates name, is taken.
    Zone,
    /// The zone's name is used for several zones (`IST`); there is no instant.
    ZoneName,
    /// Day and month could change places (`03/04/2026`); there is no instant unless the feed's other dates tell.
    Order,
}

/// What the dates of one feed have in common: it settles what one of them leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    /// Seconds east of UTC that all dates with a zone name.
    pub offset: Option<i32>,
    /// True when days stand before months in dates of digits, false when after.
    pub day_first: Option<bool>,
}

impl Date {
    /// Reads a date. `raw` is kept; there is no instant when it is no date, or could mean two.
    pub fn read(raw: &str) -> Self {
        Self::read_as(raw, &Habit::default())
    }

    /// Reads a date of a feed whose dates have `habit` in common.
    pub fn read_as(raw: &str, habit: &Habit) -> Self {
        let trimmed = raw.trim();
        let kept = trimmed.get(..trimmed.floor_char_boundary(LENGTH_MAX)).unwrap_or_default();
        let date = Self { raw: (!kept.is_empty()).then(|| kept.to_owned()), ..Self::default() };
        if trimmed.len() > LENGTH_MAX {
            return date;
        }
        if let Some(instant) = unix(trimmed) {
            return Self { instant: Some(instant), ..date };
        }
        let Some(parts) = scan::quick(trimmed).or_else(|| scan::words(trimmed)) else { return date };
        let (instant, doubt) = settle(&parts, habit);
        let date_only = parts.clock.is_none() && instant.is_some();
        Self { instant, date_only, doubt, ..date }
    }
}

impl Habit {
    /// What the dates written as `raws` have in common.
    pub fn of<'a>(raws: impl Iterator<Item = &'a str>) -> Self {
        let mut offsets = Common::default();
        let mut orders = Common::default();
        for raw in raws.map(str::trim).filter(|raw| raw.len() <= LENGTH_MAX) {
            let Some(parts) = scan::quick(raw).or_else(|| scan::words(raw)) else { continue };
            if let (Some(zone), Some((date, clock))) = (parts.zone, parts.local(None)) {
                offsets.add(zone.offset(date.to_datetime(clock)));
            }
            if let Some(Day::Digits(first, second, _)) = parts.day
                && (first > 12) != (second > 12)
            {
                orders.add(Some(first > 12));
            }
        }
        Self { offset: offsets.value(), day_first: orders.value() }
    }
}

/// A value that all agree on.
#[derive(Default)]
struct Common<T> {
    value: Option<T>,
    split: bool,
}

impl<T: PartialEq> Common<T> {
    fn add(&mut self, value: Option<T>) {
        let Some(value) = value else { return };
        match &self.value {
            Some(known) => self.split |= *known != value,
            None => self.value = Some(value),
        }
    }

    fn value(self) -> Option<T> {
        self.value.filter(|_| !self.split)
    }
}

fn unix(raw: &str) -> Option<Timestamp> {
    if !raw.bytes().all(|b| b.is_ascii_digit()) || !matches!(raw.len(), 10 | 13) {
        return None;
    }
    let number: i64 = raw.parse().ok()?;
    let seconds = if raw.len() == 13 { number / 1000 } else { number };
    UNIX_SECONDS.contains(&seconds).then(|| Timestamp::from_second(seconds).ok()).flatten()
}

fn settle(parts: &Parts, habit: &Habit) -> (Option<Timestamp>, Option<Doubt>) {
    let Some((date, clock)) = parts.local(habit.day_first) else {
        let open = matches!(parts.day, Some(Day::Digits(first, second, _)) if first <= 12 && second <= 12);
        return (None, open.then_some(Doubt::Order));
    };
    let local = date.to_datetime(clock);
    let (offset, doubt) = match parts.zone {
        Some(zone) => match zone.offset(local) {
            Some(offset) => (offset, None),
            None => return (None, Some(Doubt::ZoneName)),
        },
        // A day alone is a day, wherever it is.
        None if parts.clock.is_none() => (0, None),
        None => (habit.offset.unwrap_or(0), Some(Doubt::Zone)),
    };
    let instant = Offset::from_seconds(offset).and_then(|offset| offset.to_timestamp(local));
    (instant.ok(), doubt)
}

impl Parts {
    /// The day and the time of day that the words name; none when they name none, or two.
    fn local(&self, day_first: Option<bool>) -> Option<(civil::Date, civil::Time)> {
        let (year, month, day) = match self.day? {
            Day::Named { year, month, day } => (year, month, day),
            Day::Ordinal { year, day } => {
                let first = civil::Date::new(year, 1, 1).ok()?;
                let date = first.with().day_of_year(day).build().ok()?;
                (date.year(), date.month(), date.day())
            }
            Day::Digits(first, second, year) => match (first, second) {
                (same, other) if same == other => (year, same, other),
                (13.., 1..=12) => (year, second, first),
                (1..=12, 13..) => (year, first, second),
                _ => {
                    let (day, month) = if day_first? { (first, second) } else { (second, first) };
                    (year, month, day)
                }
            },
        };
        let date = civil::Date::new(year, month, day).ok()?;
        let Clock { hour, minute, second, nanosecond } = self.clock.unwrap_or_default();
        if (hour, minute, second) == (24, 0, 0) {
            return Some((date.tomorrow().ok()?, civil::Time::midnight()));
        }
        // A leap second is the last one that clocks can show.
        let second = if second == 60 { 59 } else { second };
        Some((date, civil::Time::new(hour, minute, second, nanosecond).ok()?))
    }
}

#[cfg(test)]
mod tests;
