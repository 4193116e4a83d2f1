use super::*;
use proptest::prelude::*;

const MINUTE: i64 = 60_000;
const NOW: Millis = 1_795_478_400_000;
const DAY: f32 = 1440.0;

fn plan(config: &Config) -> Plan<'_> {
    Plan { config, k: 0.1, weight: 1.0, interval: None, floor_ms: 0, outage: false, salt: 0 }
}

/// A feed of so many articles a day in documents of so many.
fn pace(rate: f32, window: f32) -> Pace {
    Pace { rate, flow: rate, window, counted_ms: NOW, ..Pace::default() }
}

fn document(articles: u32, unseen: u32) -> Brought<'static> {
    Brought::Document(Seen { articles, new: unseen, unseen, dates: &[] })
}

/// The interval in minutes, and its reason.
fn check(change: impl FnOnce(&mut Plan<'_>, &mut Pace), brought: &Brought<'_>, expect: (f32, Reason)) {
    let config = Config::default();
    let (mut plan, mut pace) = (plan(&config), pace(16.0, 100.0));
    change(&mut plan, &mut pace);
    let decision = next_due(&plan, &mut pace, brought, NOW);
    let minutes = decision.interval_ms as f32 / MINUTE as f32;
    assert_eq!(decision.reason, expect.1, "{decision:?}");
    assert!((minutes / expect.0 - 1.0).abs() < 0.02, "{minutes} min, not {}", expect.0);
    let due = (decision.due_ms - NOW) as f32 / MINUTE as f32;
    assert!((0.89 * expect.0..1.11 * expect.0).contains(&due), "due after {due} min");
}

#[test]
fn intervals_go_by_the_square_root_of_weight_and_rate() {
    let none = Brought::NotModified;
    check(|_, _| {}, &none, (DAY * 0.1 / 4.0, Reason::Rate));
    check(|_, pace| *pace = self::pace(4.0, 100.0), &none, (DAY * 0.1 / 2.0, Reason::Rate));
    check(|plan, _| plan.weight = 4.0, &none, (DAY * 0.1 / 8.0, Reason::Rate));
    check(|plan, _| plan.k = 0.001, &none, (2.0, Reason::Least));
    check(|plan, _| plan.k = 100.0, &none, (720.0, Reason::Most));
}

#[test]
fn a_busy_morning_is_polled_more_often_than_the_night() {
    let mut pace = pace(16.0, 1000.0);
    (0..24).for_each(|hour| pace.hours[hour] = if (8..20).contains(&hour) { 60.0 } else { 3.0 });
    let config = Config::default();
    let wait = |hour: i64| {
        let mut pace = pace.clone();
        pace.counted_ms = NOW + hour * HOUR_MS;
        next_due(&plan(&config), &mut pace, &Brought::NotModified, NOW + hour * HOUR_MS).interval_ms
    };
    assert!(2 * wait(10) < wait(1), "{} {}", wait(10), wait(1));
    // A poll planned late in the night comes when the morning's business is due, not a night's length later.
    assert!(wait(7) < wait(1));
}

#[test]
fn nothing_may_leave_a_document_unseen() {
    // Ten articles: three may come between two polls.
    check(|_, pace| (pace.window, pace.flow) = (10.0, 288.0), &Brought::NotModified, (15.1, Reason::Guard));
    // Two thirds of the document are new: twice as soon.
    let full = DAY * 0.1 / 4.0;
    let config = Config { min_interval: Span::from_secs(1), ..Config::default() };
    let mut much = pace(16.0, 1000.0);
    much.counted_ms -= HOUR_MS;
    let decision = next_due(&plan(&config), &mut much, &document(1000, 700), NOW);
    assert_eq!(decision.reason, Reason::Guard);
    assert!((decision.interval_ms as f32) < 0.6 * full * MINUTE as f32);
}

#[test]
fn the_publishers_floor_is_stronger_than_rate_and_guard() {
    let none = Brought::NotModified;
    check(|plan, _| plan.floor_ms = 50 * 60_000, &none, (50.0, Reason::Floor));
    check(|plan, _| plan.floor_ms = u64::MAX, &none, (DAY, Reason::Floor));
    check(|plan, _| plan.floor_ms = 10_000, &none, (36.0, Reason::Rate));
    let guarded = |plan: &mut Plan<'_>, pace: &mut Pace| {
        (pace.window, pace.flow, plan.floor_ms) = (10.0, 288.0, 40 * 60_000);
    };
    check(guarded, &none, (40.0, Reason::Floor));
    let manual = |plan: &mut Plan<'_>, _: &mut Pace| {
        (plan.interval, plan.floor_ms) = (Some(Span::from_secs(600)), 20 * 60_000);
    };
    check(manual, &none, (20.0, Reason::Floor));
}

#[test]
fn hints_are_weak() {
    let hint = |pace: &mut Pace, minutes: u32, skip_hours| {
        (pace.period_ms, pace.skip_hours) = (minutes * 60_000, skip_hours);
    };
    let none = Brought::NotModified;
    check(|_, pace| hint(pace, 50, 0), &none, (50.0, Reason::Hint));
    check(|_, pace| hint(pace, 9999, 0), &none, (60.0, Reason::Hint));
    check(|_, pace| hint(pace, 10, 0), &none, (36.0, Reason::Rate));
    // A feed that says hourly and publishes every quarter of an hour does not mean it.
    let busy = |_: &mut Plan<'_>, pace: &mut Pace| {
        hint(pace, 60, 0);
        pace.flow = 96.0;
    };
    check(busy, &none, (36.0, Reason::Rate));
    // An hour that may be skipped, and in which nothing was ever seen.
    let skips = |plan: &mut Plan<'_>, pace: &mut Pace| {
        hint(pace, 0, 1);
        (1..24).for_each(|hour| pace.hours[hour] = 100.0);
        plan.k = 0.04;
    };
    check(skips, &none, (60.0, Reason::Hint));
}

#[test]
fn servers_that_repeat_themselves_are_asked_less() {
    check(|plan, pace| (plan.k, pace.repeats) = (0.005, 1.0), &document(100, 0), (15.0, Reason::Repeats));
    check(|plan, pace| (plan.k, pace.repeats) = (0.01, 0.1), &document(100, 0), (3.6, Reason::Rate));
}

#[test]
fn the_operators_interval_is_kept() {
    let manual = |plan: &mut Plan<'_>, _: &mut Pace| plan.interval = Some(Span::from_secs(600));
    check(manual, &Brought::NotModified, (10.0, Reason::Manual));
    check(manual, &document(100, 90), (10.0, Reason::Manual));
}

#[test]
fn failures_wait_longer_by_their_weight() {
    let failed = |class| Brought::Failure(class, None);
    let base = 36.0;
    for (class, factor) in [
        (FailureClass::Internal, 1.0),
        (FailureClass::Dns, 1.19),
        (FailureClass::ServerError, 1.414),
        (FailureClass::Denied, 2.0),
    ] {
        check(|_, _| {}, &failed(class), (base * factor, Reason::Backoff));
    }
    check(|_, pace| pace.strikes = 3.0, &failed(FailureClass::Denied), (base * 16.0, Reason::Backoff));
    check(|_, pace| pace.strikes = 30.0, &failed(FailureClass::Denied), (DAY, Reason::Backoff));
    let long = |_: &mut Plan<'_>, pace: &mut Pace| {
        (pace.strikes, pace.failing_since_ms) = (30.0, NOW - 15 * DAY_MS);
    };
    check(long, &failed(FailureClass::Denied), (7.0 * DAY, Reason::Backoff));
    let asked = Brought::Failure(FailureClass::Throttled, Some(Duration::from_secs(7200)));
    check(|_, _| {}, &asked, (120.0, Reason::Host));
}

#[test]
fn our_own_outage_counts_against_nobody() {
    let config = Config::default();
    let mut feed = pace(16.0, 100.0);
    let plan = Plan { outage: true, ..plan(&config) };
    let decision = next_due(&plan, &mut feed, &Brought::Failure(FailureClass::Dns, None), NOW);
    assert_eq!((decision.reason, feed.strikes), (Reason::Outage, 0.0));
    let decision = next_due(&plan, &mut feed, &Brought::Failure(FailureClass::NotFound, None), NOW);
    assert_eq!((decision.reason, feed.strikes), (Reason::Backoff, 0.5));
}

#[test]
fn what_is_gone_is_not_polled_again_and_costs_no_budget() {
    let config = Config::default();
    let (plan, mut feed) = (plan(&config), pace(16.0, 100.0));
    let gone = Brought::Failure(FailureClass::Gone, None);
    for day in 0..3 {
        assert_ne!(next_due(&plan, &mut feed, &gone, NOW + day * DAY_MS).due_ms, Millis::MAX);
    }
    let last = next_due(&plan, &mut feed, &gone, NOW + 3 * DAY_MS);
    assert_eq!((last.due_ms, last.reason), (Millis::MAX, Reason::Gone));
    assert_eq!(demand(&plan, &feed, &last), Demand::default());
}

#[test]
fn an_answer_after_failures_is_followed_up_soon() {
    let failing = |_: &mut Plan<'_>, pace: &mut Pace| pace.strikes = 4.0;
    check(failing, &document(100, 1), (18.0, Reason::Guard));
}

#[test]
fn jitter_uses_its_whole_range() {
    let units: Vec<f64> = (0..1000).map(unit).collect();
    assert!(units.iter().all(|u| (-1.0..1.0).contains(u)));
    assert!(units.iter().any(|u| *u < -0.9) && units.iter().any(|u| *u > 0.9));
}

proptest! {
    /// Whatever came before: never sooner than the minimum or the floor, never later than promised.
    #[test]
    fn due_times_keep_their_bounds(
        visits in prop::collection::vec((0_u8..8, 0_u32..200, any::<u32>(), 0_i64..3 * DAY_MS, any::<u64>()), 1..30),
        floor_ms in 0_u64..200_000_000, k in 1e-4_f32..10.0, manual in prop::option::of(1_u64..10_000_000),
    ) {
        let config = Config::default();
        let (mut pace, mut now) = (Pace::default(), NOW);
        for (kind, articles, unseen, wait, salt) in visits {
            now += wait;
            (pace.period_ms, pace.skip_hours) = ((floor_ms / 3) as u32, salt as u32);
            let interval = manual.map(Span::from_millis);
            let plan = Plan { k, interval, floor_ms, salt, ..self::plan(&config) };
            let unseen = unseen % (articles + 1);
            let seen = Seen { articles, new: unseen, unseen, dates: &[now] };
            let retry_after = (kind == 7).then(|| Duration::from_secs(u64::from(articles) * 60));
            let brought = match kind {
                0..3 => Brought::Document(seen),
                3..6 => Brought::NotModified,
                6 => Brought::Failure(FailureClass::Connect, None),
                _ => Brought::Failure(FailureClass::Throttled, retry_after),
            };
            let decision = next_due(&plan, &mut pace, &brought, now);
            let wait = u64::try_from(decision.due_ms - now).unwrap();
            prop_assert!(config.min_interval.as_millis() <= wait);
            prop_assert!(floor_ms.min(DAY_MS as u64) <= wait, "{decision:?}");
            prop_assert!(retry_after.is_none_or(|asked| asked.as_millis() as u64 <= wait));
            prop_assert!(wait <= 8 * DAY_MS as u64, "{decision:?}");
            let demand = demand(&plan, &pace, &decision);
            prop_assert!(demand.root.is_finite() && 0.0 < demand.least && demand.least <= demand.most, "{demand:?}");
        }
    }
}
