//! Times and sizes as people say them.

use jiff::Timestamp;

/// `3 min ago`, `in 2 h`, `never`.
pub(super) fn when(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return "never".into() };
    let seconds = at.as_second() - now.as_second();
    match seconds {
        1.. => format!("in {}", span(seconds.unsigned_abs())),
        _ => format!("{} ago", span(seconds.unsigned_abs())),
    }
}

/// When something is due: what is past is due now.
pub(super) fn due(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        None => "not planned".into(),
        Some(at) if at <= now => "now".into(),
        at => when(at, now),
    }
}

/// `12 s`, `3 min`, `2 h`, `5 days`.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `12 B`, `3.4 MiB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while 1024.0 <= value && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_words() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).ok();
        assert_eq!(when(at(-5), now), "5 s ago");
        assert_eq!(when(at(7300), now), "in 2 h");
        assert_eq!(when(None, now), "never");
        assert_eq!(due(at(-5), now), "now");
        assert_eq!(due(at(90), now), "in 1 min");
        assert_eq!(
            (size(512), size(1536), size(5 << 30)),
            ("512 B".into(), "1.5 KiB".into(), "5.0 GiB".into())
        );
    }
}
