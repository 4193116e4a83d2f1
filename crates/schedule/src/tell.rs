//! A decision in sentences for people.

use crate::Millis;
use crate::profile::DAY_MS;
use jiff::Timestamp;
use model::{Decision, FetchNote, Pace, Reason};

/// Articles that must have been seen before anything is said of their hours.
const HOURS_KNOWN: f32 = 20.0;
/// "Mostly" is this share of the articles, in at most so many hours.
const MOSTLY: f32 = 0.85;
const MOSTLY_HOURS: usize = 18;
/// A feed that fails for longer needs a person.
const FAILING_MS: i64 = 3 * DAY_MS;
/// A feed that should have shown so many articles and showed none is suspicious.
const SILENCE: f32 = 10.0;

/// What there is to tell of a feed.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// How it publishes.
    pub pace: &'a Pace,
    /// The last decision.
    pub decision: Decision,
    /// Its last fetches, oldest first.
    pub notes: &'a [FetchNote],
    /// When something of it may have been missed, milliseconds since 1970; 0: never.
    pub gap_ms: Millis,
    /// Now.
    pub now: Millis,
}

/// A feed that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Lower is more urgent.
    pub rank: u8,
    /// One sentence.
    pub why: String,
}

/// Says how often a feed is polled and why, for example "Polled every 42 min: 19 articles a day, mostly
/// 06–22 UTC. Next poll 16:20 UTC."
pub fn tell(told: &Told<'_>) -> String {
    let Told { pace, decision, now, .. } = *told;
    let every = length(decision.interval_ms);
    let publishes = publishes(pace);
    let next = || format!("next try {}.", clock(decision.due_ms, now));
    match decision.reason {
        Reason::First => "Not polled yet.".into(),
        Reason::Gone => {
            let (polls, since) = pace.gone;
            let polls = number(u32::from(polls));
            format!(
                "Stopped: the server answered {polls} times since {} that it is gone (410).",
                clock(since, now)
            )
        }
        Reason::Backoff | Reason::Host => {
            let was = pace.counted_ms != 0;
            let publishes = if was { format!("Publishes {publishes}. ") } else { String::new() };
            format!("{publishes}Slowed to {every} after {}; {}", failures(told.notes), next())
        }
        Reason::Outage => format!("Our own network seems to be down, so nothing is counted; {}", next()),
        reason => {
            let because = because(reason, pace);
            format!("Polled every {every}: {publishes}{because}. Next poll {}.", clock(decision.due_ms, now))
        }
    }
}

/// Says why a feed needs a person, if it does.
pub fn need(told: &Told<'_>) -> Option<Need> {
    let Told { pace, decision, now, .. } = *told;
    let last = || told.notes.last().map_or("", |note| note.outcome.as_str());
    let lasting = pace.failing_since_ms != 0 && FAILING_MS <= now - pace.failing_since_ms;
    let need = |rank, why| Some(Need { rank, why });
    match () {
        () if decision.reason == Reason::Gone => need(0, tell(told)),
        () if lasting || 4.0 <= pace.strikes => {
            need(1, format!("Has failed since {} ({}).", clock(pace.failing_since_ms, now), last()))
        }
        () if told.gap_ms != 0 && now - told.gap_ms < 7 * DAY_MS => {
            need(2, format!("Articles may have been missed before {}.", clock(told.gap_ms, now)))
        }
        () if SILENCE <= pace.silence => {
            need(3, format!("Silent where {:.0} articles were to be expected.", pace.silence))
        }
        () if now < pace.distrust_until_ms => {
            need(4, "Its server said that nothing had changed when something had.".into())
        }
        () if 0.0 < pace.strikes => need(5, format!("Failed last time ({}).", last())),
        () => None,
    }
}

fn because(reason: Reason, pace: &Pace) -> String {
    match reason {
        Reason::Guard => format!(", and its document holds {:.0}", pace.window),
        Reason::Floor => ", but the publisher asks for so much time (Cache-Control, Expires)".into(),
        Reason::Hint => ", and the publisher suggests it (ttl, sy:updatePeriod, skipHours)".into(),
        Reason::Least => ", and no feed is polled more often (schedule.min_interval)".into(),
        Reason::Most => ", and no feed is polled less often (schedule.max_interval)".into(),
        Reason::Repeats => {
            ", but its server sends everything each time (schedule.min_interval_unconditional)".into()
        }
        Reason::Manual => ", and the operator has set the interval".into(),
        _ => String::new(),
    }
}

fn publishes(pace: &Pace) -> String {
    let rate = match pace.flow {
        rate if 9.5 <= rate => format!("{rate:.0} articles a day"),
        rate if 0.95 <= rate => format!("{rate:.1} articles a day"),
        rate if 0.95 <= 7.0 * rate => format!("{:.1} articles a week", 7.0 * rate),
        _ => "less than an article a week".into(),
    };
    match busy_hours(&pace.hours) {
        Some((from, to)) => format!("{rate}, mostly {from:02}–{to:02} UTC"),
        None => rate,
    }
}

/// The shortest stretch of hours in which most articles come; from its first hour to the one after it.
fn busy_hours(hours: &[f32; 24]) -> Option<(usize, usize)> {
    let all: f32 = hours.iter().sum();
    if all < HOURS_KNOWN {
        return None;
    }
    let within = |from: usize, length: usize| (from..from + length).map(|hour| hours[hour % 24]).sum::<f32>();
    (1..=MOSTLY_HOURS).find_map(|length| {
        let best = (0..24).max_by(|a, b| within(*a, length).total_cmp(&within(*b, length)))?;
        (MOSTLY * all <= within(best, length)).then_some((best, (best + length) % 24))
    })
}

/// "three 429" or "two failures (dns, then timeout)".
fn failures(notes: &[FetchNote]) -> String {
    let is_answer = |note: &FetchNote| matches!(note.outcome.as_str(), "document" | "not_modified");
    let row = notes.iter().rev().take_while(|note| !is_answer(note)).count();
    let row = &notes[notes.len() - row..];
    let Some(last) = row.last() else { return "a failure".into() };
    let alike = row.iter().rev().take_while(|note| note.outcome == last.outcome).count();
    let name = last.status.filter(|status| 400 <= *status).map_or(last.outcome.clone(), |s| s.to_string());
    if alike == row.len() {
        return format!("{} {name}", number(row.len() as u32));
    }
    format!("{} failures, lately {name}", number(row.len() as u32))
}

fn number(n: u32) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    WORDS.get(n as usize).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// A length of time as people say it.
fn length(ms: u64) -> String {
    let seconds = ms as f64 / 1000.0;
    match seconds {
        s if s < 1.0 => format!("{ms} ms"),
        s if s < 99.5 => format!("{s:.0} s"),
        s if s < 99.5 * 60.0 => format!("{:.0} min", s / 60.0),
        s if s < 48.0 * 3600.0 => {
            let hours = s / 3600.0;
            let rounded = (hours * 10.0).round() / 10.0;
            if rounded.fract() == 0.0 { format!("{rounded:.0} h") } else { format!("{rounded:.1} h") }
        }
        s => format!("{:.0} d", s / 86_400.0),
    }
}

/// A time as people say it: today's without the date.
fn clock(at: Millis, now: Millis) -> String {
    let Ok(time) = Timestamp::from_millisecond(at) else { return "never".into() };
    let is_today = at.div_euclid(DAY_MS) == now.div_euclid(DAY_MS);
    time.strftime(if is_today { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday, 24 November 2026, 10:00 UTC.
    const NOW: Millis = 1_795_514_400_000;
    const MINUTE: i64 = 60_000;

    fn note(outcome: &str, status: Option<u16>) -> FetchNote {
        let (articles, new, took_ms, detail, next) = (0, 0, 0, None, Decision::default());
        FetchNote { at_ms: NOW, outcome: outcome.into(), status, articles, new, took_ms, detail, next }
    }

    fn check(pace: &Pace, reason: Reason, minutes: i64, notes: &[FetchNote], expect: &str) {
        let interval_ms = (minutes * MINUTE) as u64;
        let decision = Decision { due_ms: NOW + minutes * MINUTE, interval_ms, reason };
        assert_eq!(tell(&Told { pace, decision, notes, gap_ms: 0, now: NOW }), expect);
    }

    fn busy() -> Pace {
        let mut pace = Pace { flow: 19.2, rate: 19.2, window: 30.0, counted_ms: NOW, ..Pace::default() };
        (6..22).for_each(|hour| pace.hours[hour] = 10.0);
        pace
    }

    #[test]
    fn decisions_are_told_in_sentences() {
        let mostly = "19 articles a day, mostly 08–22 UTC";
        check(
            &busy(),
            Reason::Rate,
            42,
            &[],
            &format!("Polled every 42 min: {mostly}. Next poll 10:42 UTC."),
        );
        check(
            &busy(),
            Reason::Guard,
            7,
            &[],
            &format!("Polled every 7 min: {mostly}, and its document holds 30. Next poll 10:07 UTC."),
        );
        let slow = Pace { flow: 0.3, counted_ms: NOW, ..Pace::default() };
        check(
            &slow,
            Reason::Most,
            720,
            &[],
            "Polled every 12 h: 2.1 articles a week, and no feed is polled less often (schedule.max_interval). Next poll 22:00 UTC.",
        );
        let throttled = [
            note("document", None),
            note("throttled", Some(429)),
            note("throttled", Some(429)),
            note("throttled", Some(429)),
        ];
        check(
            &slow,
            Reason::Host,
            380,
            &throttled,
            "Publishes 2.1 articles a week. Slowed to 6.3 h after three 429; next try 16:20 UTC.",
        );
        check(
            &Pace::default(),
            Reason::Backoff,
            1440,
            &[note("timeout", None), note("dns", None)],
            "Slowed to 24 h after two failures, lately dns; next try 2026-11-25 10:00 UTC.",
        );
        check(&Pace::default(), Reason::First, 0, &[], "Not polled yet.");
        let gone = Pace { gone: (3, NOW - 3 * DAY_MS), ..Pace::default() };
        check(
            &gone,
            Reason::Gone,
            0,
            &[],
            "Stopped: the server answered three times since 2026-11-21 10:00 UTC that it is gone (410).",
        );
    }

    #[test]
    fn who_needs_a_person_most_comes_first() {
        let need = |pace: &Pace, gap_ms| {
            let decision = Decision { reason: Reason::Rate, ..Decision::default() };
            super::need(&Told { pace, decision, notes: &[], gap_ms, now: NOW })
        };
        assert_eq!(need(&Pace::default(), 0), None);
        let failing = Pace { failing_since_ms: NOW - 4 * DAY_MS, strikes: 2.0, ..Pace::default() };
        let silent = Pace { silence: 12.0, ..Pace::default() };
        let ranks =
            [need(&failing, 0), need(&Pace::default(), NOW - 1), need(&silent, 0)].map(|n| n.unwrap().rank);
        assert_eq!(ranks, [1, 2, 3]);
        assert_eq!(need(&silent, 0).unwrap().why, "Silent where 12 articles were to be expected.");
    }
}
