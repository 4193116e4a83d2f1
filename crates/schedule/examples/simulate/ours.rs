//! The schedule itself: `next_due`, `Budget` and nothing of its own.

use crate::world::{HOUR, World};
use crate::{Outcome, Reader};
use model::Pace;
use schedule::{Brought, Budget, Config, Plan, Polls, Seen, demand, next_due};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// All feeds together, in the order of time: they share one budget.
pub(crate) fn replay(world: &World, each: f64) -> Outcome {
    let config = Config { budget: Polls::PerFeedDay(each), ..Config::default() };
    let mut budget = Budget::new(config.budget);
    let mut outcome = Outcome::default();
    let mut feeds = vec![(Pace::default(), Reader::default(), true); world.feeds.len()];
    let mut due: BinaryHeap<_> =
        (0..feeds.len()).map(|at| Reverse((world.start + at as i64 * 1000, at))).collect();
    let mut balance_at = world.start + 10 * 60_000;
    while let Some(Reverse((now, at))) = due.pop() {
        if world.end <= now {
            break;
        }
        if balance_at <= now {
            budget.balance();
            balance_at = now + HOUR / 60;
        }
        let (feed, (pace, reader, first)) = (&world.feeds[at], &mut feeds[at]);
        let (document, new) = reader.read(feed, world, now, *first, &mut outcome);
        let unseen = if *first { document.len() } else { document.end - new } as u32;
        let dates = &feed.times[document.end - unseen as usize..document.end];
        *first = false;
        let brought = match unseen {
            0 => Brought::NotModified,
            _ => Brought::Document(Seen { articles: document.len() as u32, new: unseen, unseen, dates }),
        };
        let plan = Plan {
            config: &config,
            k: budget.k(),
            weight: 1.0,
            interval: None,
            floor_ms: 0,
            outage: false,
            salt: now as u64 ^ (at as u64) << 48,
        };
        let decision = next_due(&plan, pace, &brought, now);
        budget.set(at as u32, demand(&plan, pace, &decision));
        due.push(Reverse((decision.due_ms, at)));
    }
    outcome
}
