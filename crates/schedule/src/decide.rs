//! The pure state machine of a feed: what a visit brought goes in, the time of the next one and its reason
//! come out. Strongest first: the operator's stop, the host's wish for peace, the publisher's floor, the
//! coverage guard, the operator's interval or the rate under the budget.

use crate::failing;
use crate::learn::{self, Seen};
use crate::profile::{self, DAY_MS, HOUR_MS, Profile};
use crate::{Config, Demand, Millis};
use model::units::Span;
use model::{Decision, FailureClass, Pace, Reason};
use std::time::Duration;

/// Share of the interval by which a due time is moved, so that feeds do not march in step.
const JITTER: f64 = 0.1;
/// A rate below this, a day, would only be guessed at.
const RATE_LEAST: f32 = 0.02;
/// The guard lets at most this share of a document come between two polls.
const GUARD_SHARE: f32 = 0.5;
/// With so many standard deviations of room for chance.
const GUARD_SIGMA: f32 = 4.0;
/// When less than this share of a document was known, the next poll comes twice as soon.
const OVERLAP_LEAST: f32 = 0.33;
/// A floor longer than this is a mistake.
const FLOOR_MOST_MS: u64 = DAY_MS as u64;
/// A hint may lengthen an interval up to this.
const HINT_MOST_MS: u64 = HOUR_MS as u64;
/// Servers that repeat themselves in more than this share of their answers do not know 304.
const REPEATS_MOST: f32 = 0.6;
/// While our own network is down, feeds are tried again after this.
const OUTAGE_MS: u64 = 60_000;

/// What a visit brought, as far as planning goes.
#[derive(Clone, Copy, Debug)]
pub enum Brought<'a> {
    /// A document.
    Document(Seen<'a>),
    /// 304.
    NotModified,
    /// A failure of this class, with the server's `Retry-After`.
    Failure(FailureClass, Option<Duration>),
}

/// What a due time depends on beside the feed's pace.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The schedule's settings.
    pub config: &'a Config,
    /// What balances the budget, from [`crate::Budget::k`].
    pub k: f32,
    /// What an article of the feed is worth beside others; 1 for most.
    pub weight: f32,
    /// The feed's own interval.
    pub interval: Option<Span>,
    /// The publisher's floor: `max-age` less `Age`, or `Expires` less `Date`, of this answer, milliseconds.
    pub floor_ms: u64,
    /// More than half of all hosts fail: it is we who are cut off.
    pub outage: bool,
    /// Any number that differs between feeds and visits: it moves the due time.
    pub salt: u64,
}

/// Takes in what a visit brought and says when the next one is due.
pub fn next_due(plan: &Plan<'_>, pace: &mut Pace, brought: &Brought<'_>, now: Millis) -> Decision {
    match brought {
        Brought::Document(seen) => {
            learn::document(pace, seen, now);
            let was_failing = failing::over(pace);
            let known = 1.0 - seen.unseen as f32 / seen.articles.max(1) as f32;
            let hurried = 0 < seen.unseen && known < OVERLAP_LEAST;
            answered(plan, pace, now, hurried && pace.silence == 0.0 || was_failing)
        }
        Brought::NotModified => {
            learn::nothing_new(pace, now);
            let was_failing = failing::over(pace);
            answered(plan, pace, now, was_failing)
        }
        Brought::Failure(class, _) if plan.outage && failing::may_be_ours(*class) => {
            let due_ms = now + moved(OUTAGE_MS, plan.salt, 0, u64::MAX) as i64;
            Decision { due_ms, interval_ms: OUTAGE_MS, reason: Reason::Outage }
        }
        Brought::Failure(class, retry_after) => failed(plan, pace, *class, *retry_after, now),
    }
}

/// What the feed will spend of the budget as things stand.
pub fn demand(plan: &Plan<'_>, pace: &Pace, decision: &Decision) -> Demand {
    let days = |ms: u64| (ms as f32 / DAY_MS as f32).max(1e-4);
    let root = (plan.weight * rate(pace)).sqrt() * Profile::of(pace).mean_root();
    let fixed = |ms: u64| Demand { root, least: days(ms), most: days(ms) };
    match decision.reason {
        Reason::Gone => Demand::default(),
        Reason::Backoff | Reason::Host => fixed(decision.interval_ms),
        _ if operators(plan).is_some() => fixed(decision.interval_ms),
        _ => {
            let (least, _) = least_ms(plan, pace);
            let guard = room(pace.window) / pace.flow.max(RATE_LEAST);
            let most = if pace.window == 0.0 { f32::MAX } else { guard };
            let least = days(least);
            Demand { root, least, most: most.min(days(plan.config.max_interval.as_millis())).max(least) }
        }
    }
}

/// Articles a day that the feed is taken to publish.
fn rate(pace: &Pace) -> f32 {
    if pace.counted_ms == 0 { learn::RATE_UNKNOWN } else { pace.rate.max(RATE_LEAST) }
}

fn operators(plan: &Plan<'_>) -> Option<Span> {
    plan.interval.or(plan.config.interval)
}

/// The time after an answer; `hurried`: half of it will do.
fn answered(plan: &Plan<'_>, pace: &Pace, now: Millis, hurried: bool) -> Decision {
    let (mut wait, mut reason) = wanted(plan, pace, now);
    let (mut guard, manual) = (u64::MAX, reason == Reason::Manual);
    if !manual {
        guard = guard_ms(pace, now);
        if hurried {
            guard = guard.min(wait / 2);
        }
        if guard < wait {
            (wait, reason) = (guard, Reason::Guard);
        }
    }
    let (hint, hinted) = hint_ms(pace, wait, now);
    if hinted && reason == Reason::Rate {
        (wait, reason) = (hint, Reason::Hint);
    }
    let (least, why) = least_ms(plan, pace);
    if wait < least {
        (wait, reason) = (least, why);
    }
    let interval_ms = wait.max(1);
    let due_ms = now.saturating_add(moved(interval_ms, plan.salt, least, guard.max(least)) as i64);
    Decision { due_ms, interval_ms, reason }
}

/// The least time between two polls, milliseconds, and what asks for it.
fn least_ms(plan: &Plan<'_>, pace: &Pace) -> (u64, Reason) {
    let mut least = (plan.config.min_interval.as_millis().max(1), Reason::Least);
    let whole = plan.config.min_interval_unconditional.as_millis();
    if REPEATS_MOST < pace.repeats && least.0 < whole && operators(plan).is_none() {
        least = (whole, Reason::Repeats);
    }
    let floor = plan.floor_ms.min(FLOOR_MOST_MS);
    if least.0 < floor { (floor, Reason::Floor) } else { least }
}

/// What the operator, or the rate under the budget, asks for.
fn wanted(plan: &Plan<'_>, pace: &Pace, now: Millis) -> (u64, Reason) {
    if let Some(interval) = operators(plan) {
        return (interval.as_millis(), Reason::Manual);
    }
    let most = plan.config.max_interval.as_millis();
    let root = (plan.weight * rate(pace)).sqrt();
    let rate = until(pace, now, plan.k / root, f32::sqrt, most);
    if rate < most { (rate, Reason::Rate) } else { (most, Reason::Most) }
}

/// How long until `goal` days of business, each hour taken at `worth` of its factor; milliseconds, at
/// most `most`.
fn until(pace: &Pace, now: Millis, goal: f32, worth: fn(f32) -> f32, most: u64) -> u64 {
    let profile = Profile::of(pace);
    let most = i64::try_from(most).unwrap_or(i64::MAX).min(30 * DAY_MS);
    let (mut at, mut left, end) = (now, goal, now + most);
    while at < end {
        let next = ((at.div_euclid(HOUR_MS) + 1) * HOUR_MS).min(end);
        let worth = worth(profile.at(at));
        let business = worth * (next - at) as f32 / DAY_MS as f32;
        if left <= business {
            return (at - now + (left / worth * DAY_MS as f32) as i64) as u64;
        }
        left -= business;
        at = next;
    }
    most as u64
}

/// Articles that may come between two polls of a document that holds `window`.
fn room(window: f32) -> f32 {
    let with_chance = ((GUARD_SIGMA * GUARD_SIGMA / 4.0 + window).sqrt() - GUARD_SIGMA / 2.0).powi(2);
    (GUARD_SHARE * window).min(with_chance)
}

/// The longest time in which, at the highest rate within it, no article can leave the document unseen.
fn guard_ms(pace: &Pace, now: Millis) -> u64 {
    if pace.window == 0.0 {
        return u64::MAX;
    }
    let profile = Profile::of(pace);
    let allowed = room(pace.window) / pace.flow.max(RATE_LEAST);
    let (mut peak, mut next) = (0_f32, now);
    while next < now + 2 * DAY_MS {
        peak = peak.max(profile.at(next));
        next = (next.div_euclid(HOUR_MS) + 1) * HOUR_MS;
        let most = (allowed / peak * DAY_MS as f32) as i64;
        if most < next - now {
            return most as u64;
        }
    }
    u64::MAX
}

/// What the publisher would like, where nothing speaks against it: that a feed is said to change hourly
/// is the default of the most common software, and says nothing.
fn hint_ms(pace: &Pace, wait: u64, now: Millis) -> (u64, bool) {
    let profile = Profile::of(pace);
    let period = u64::from(pace.period_ms).min(HINT_MOST_MS);
    let expected = pace.flow * profile.at(now) * period as f32 / DAY_MS as f32;
    let mut hint = if expected < 1.0 { wait.max(period) } else { wait };
    let due = now + hint as i64;
    let hour = profile::hour(due);
    let is_silent = profile.hours()[hour] < 0.75;
    if pace.skip_hours & (1 << hour) != 0 && is_silent {
        hint += (HOUR_MS - due.rem_euclid(HOUR_MS)) as u64;
    }
    (hint, wait < hint)
}

fn failed(
    plan: &Plan<'_>,
    pace: &mut Pace,
    class: FailureClass,
    retry_after: Option<Duration>,
    now: Millis,
) -> Decision {
    if failing::note(pace, class, now) {
        return Decision { due_ms: Millis::MAX, interval_ms: 0, reason: Reason::Gone };
    }
    let (least, _) = least_ms(plan, pace);
    let (wanted, _) = wanted(plan, pace, now);
    let backoff = failing::backoff(wanted.max(least), pace, class, now);
    let asked = retry_after.map_or(0, |wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
    let (interval_ms, reason) =
        if backoff < asked { (asked, Reason::Host) } else { (backoff, Reason::Backoff) };
    let due_ms = now.saturating_add(moved(interval_ms, plan.salt, asked.max(least), u64::MAX) as i64);
    Decision { due_ms, interval_ms, reason }
}

/// A time moved by up to a tenth either way, within bounds.
fn moved(wait: u64, salt: u64, least: u64, most: u64) -> u64 {
    ((wait as f64 * (1.0 + JITTER * unit(salt))) as u64).max(least).min(most.max(least))
}

/// A number in -1..1 from a salt (the finaliser of `SplitMix64`, Steele, Lea and Flood 2014).
pub(crate) fn unit(salt: u64) -> f64 {
    let mut z = salt.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests;
