//! Zones by the names that publishers write. Where a name follows the clock of a place, the rule of that place is
//! applied; a name that is used for several zones means none.

use jiff::civil::{DateTime, Weekday, date};

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// Seconds east of UTC.
    Fixed(i32),
    /// Minutes east of UTC in winter, by the rule of the European Union.
    Europe(i32),
    /// Minutes east of UTC in winter, by the rule of the United States since 2007.
    America(i32),
    /// A name that several zones have.
    Several,
}

const MINUTE: i32 = 60;

/// Names that mean one offset, minutes east of UTC.
const FIXED: [(&str, i32); 62] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("etc/utc", 0),
    ("etc/gmt", 0),
    ("est", -300),
    ("edt", -240),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("cst", -360),
    ("akst", -540),
    ("akdt", -480),
    ("hst", -600),
    ("brt", -180),
    ("art", -180),
    ("nst", -210),
    ("ndt", -150),
    ("adt", -180),
    ("clt", -240),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("met", 60),
    ("mez", 60),
    ("wat", 60),
    ("cest", 120),
    ("mest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("cat", 120),
    ("sast", 120),
    ("eest", 180),
    ("msk", 180),
    ("eat", 180),
    ("trt", 180),
    ("idt", 180),
    ("pkt", 300),
    ("wib", 420),
    ("ict", 420),
    ("hkt", 480),
    ("sgt", 480),
    ("awst", 480),
    ("jst", 540),
    ("kst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("acst", 570),
    ("nzst", 720),
    ("nzdt", 780),
    ("europe/moscow", 180),
    ("europe/istanbul", 180),
    ("asia/tokyo", 540),
    ("asia/seoul", 540),
    ("asia/shanghai", 480),
    ("asia/singapore", 480),
    ("asia/kolkata", 330),
    ("asia/dubai", 240),
];

/// Places whose clocks follow the rule of the European Union, minutes in winter.
const EUROPE: [(&str, i32); 23] = [
    ("europe/london", 0),
    ("europe/dublin", 0),
    ("europe/lisbon", 0),
    ("europe/amsterdam", 60),
    ("europe/belgrade", 60),
    ("europe/berlin", 60),
    ("europe/brussels", 60),
    ("europe/budapest", 60),
    ("europe/copenhagen", 60),
    ("europe/madrid", 60),
    ("europe/oslo", 60),
    ("europe/paris", 60),
    ("europe/prague", 60),
    ("europe/rome", 60),
    ("europe/stockholm", 60),
    ("europe/vienna", 60),
    ("europe/warsaw", 60),
    ("europe/zurich", 60),
    ("europe/athens", 120),
    ("europe/bucharest", 120),
    ("europe/helsinki", 120),
    ("europe/kyiv", 120),
    ("europe/sofia", 120),
];

/// Places, and short names, whose clocks follow the rule of the United States, minutes in winter.
const AMERICA: [(&str, i32); 9] = [
    ("et", -300),
    ("ct", -360),
    ("mt", -420),
    ("pt", -480),
    ("america/new_york", -300),
    ("america/toronto", -300),
    ("america/chicago", -360),
    ("america/denver", -420),
    ("america/los_angeles", -480),
];

/// India, Israel and Ireland; the Atlantic and Arabia.
const SEVERAL: [&str; 2] = ["ist", "ast"];

impl Zone {
    /// The zone of a name in lower case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let find = |table: &[(&str, i32)]| {
            table.iter().find(|(known, _)| *known == name).map(|(_, minutes)| *minutes)
        };
        find(&FIXED)
            .map(|minutes| Self::Fixed(minutes * MINUTE))
            .or_else(|| find(&EUROPE).map(Self::Europe))
            .or_else(|| find(&AMERICA).map(Self::America))
            .or_else(|| SEVERAL.contains(&name).then_some(Self::Several))
    }

    /// The zone of an offset: `+0100`, `+01:00`, `+1`, without its sign.
    pub(super) fn offset_of(sign: i32, hours: i32, minutes: i32) -> Option<Self> {
        // The easternmost zone is +14:00.
        (hours <= 14 && minutes < 60).then_some(Self::Fixed(sign * (hours * 3600 + minutes * 60)))
    }

    /// Seconds east of UTC at a local time; none when the name leaves it open.
    pub(super) fn offset(self, local: DateTime) -> Option<i32> {
        let summer = |minutes: i32, is_summer: bool| (minutes + if is_summer { 60 } else { 0 }) * MINUTE;
        match self {
            Self::Fixed(seconds) => Some(seconds),
            Self::Europe(minutes) => Some(summer(minutes, is_european_summer(local, minutes)?)),
            Self::America(minutes) => Some(summer(minutes, is_american_summer(local)?)),
            Self::Several => None,
        }
    }
}

/// From the last Sunday of March to that of October, 01:00 UTC.
fn is_european_summer(local: DateTime, minutes: i32) -> Option<bool> {
    let year = local.year();
    let last_sunday = |month| date(year, month, 31).nth_weekday_of_month(-1, Weekday::Sunday).ok();
    let hour = i8::try_from(1 + minutes / 60).ok()?;
    let begin = last_sunday(3)?.at(hour, 0, 0, 0);
    let end = last_sunday(10)?.at(hour + 1, 0, 0, 0);
    Some(begin <= local && local < end)
}

/// From the second Sunday of March to the first of November, 02:00; before 2007 the first of April to the last of
/// October.
fn is_american_summer(local: DateTime) -> Option<bool> {
    let year = local.year();
    let sunday = |month, nth| date(year, month, 1).nth_weekday_of_month(nth, Weekday::Sunday).ok();
    let (begin, end) =
        if year >= 2007 { (sunday(3, 2)?, sunday(11, 1)?) } else { (sunday(4, 1)?, sunday(10, -1)?) };
    Some(begin.at(2, 0, 0, 0) <= local && local < end.at(2, 0, 0, 0))
}
