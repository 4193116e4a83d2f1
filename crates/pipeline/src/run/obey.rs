//! What the desk asks of the event loop while it turns: other feeds, a visit now, other settings.

use super::{Corridor, Place};
use crate::orders::Order;
use crate::outlook::of_feed;
use crate::page::Wishes;
use crate::plan;
use crate::visit::Rooms;
use crate::{Config, Error};
use ledger::FeedState;
use model::Feed;
use schedule::{Budget, Demand};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

impl Corridor {
    pub(super) fn is_current(&self, place: Place) -> bool {
        self.current.get(&self.feeds[place as usize].id) == Some(&place)
    }

    /// Does what the desk asks for; visits under way go on.
    pub(super) fn obey(&mut self, order: Order) -> Result<(), Error> {
        match order {
            Order::Feeds { set, removed } => {
                for id in &removed {
                    if let Some(place) = self.current.remove(id) {
                        self.budget.set(place, Demand::default());
                    }
                }
                for feed in set {
                    let known = self.rooms.ledger.feed(&feed.id)?;
                    let due = plan::due(&feed, known.as_ref(), self.clock.now());
                    self.place(feed, known, due);
                }
            }
            Order::VisitNow(id) => {
                let feed = self.current.get(&id).map(|place| self.feeds[*place as usize].clone());
                if let Some(feed) = feed {
                    let known = self.rooms.ledger.feed(&id)?;
                    self.place(feed, known, self.clock.now());
                }
            }
            Order::Settings(config) => self.settle_in(*config)?,
        }
        Ok(())
    }

    /// Takes over settings that can change; visits under way end as they began.
    fn settle_in(&mut self, config: Config) -> Result<(), Error> {
        let enricher = enrich::Enricher::new(&config.enrich)
            .map_err(|errors| Error::Enrich(errors.first().map(ToString::to_string).unwrap_or_default()))?;
        let Rooms { fetch, ledger, readers, outage, wishes, .. } = &*self.rooms;
        let rooms = Rooms {
            fetch: fetch.clone(),
            ledger: ledger.clone(),
            enricher,
            wishes: Wishes { config: config.pages, ..wishes.clone() },
            readers: readers.clone(),
            k: Default::default(),
            outage: outage.load(Ordering::Relaxed).into(),
            schedule: config.schedule,
        };
        let mut budget = Budget::new(rooms.schedule.budget);
        rooms.k.store(budget.k().to_bits(), Ordering::Relaxed);
        for place in self.current.values() {
            let feed = &self.feeds[*place as usize];
            let state = rooms.ledger.feed(&feed.id)?.unwrap_or_default();
            budget.set(*place, schedule::demand(&of_feed(&rooms, feed), &state.pace, &state.decision));
        }
        (self.rooms, self.budget) = (Arc::new(rooms), budget);
        self.outbox_max = config.outbox.max_bytes.0;
        self.balance_at = Instant::now();
        Ok(())
    }

    /// Gives a feed a place of its own, due at `due`; the one that it had before is not visited again.
    fn place(&mut self, feed: Arc<Feed>, known: Option<FeedState>, due: i64) {
        let place = self.frontier.add(&plan::host(&feed, known.as_ref()), due);
        let state = known.unwrap_or_default();
        let demand = schedule::demand(&of_feed(&self.rooms, &feed), &state.pace, &state.decision);
        self.budget.set(place, demand);
        if let Some(before) = self.current.insert(feed.id.clone(), place) {
            self.budget.set(before, Demand::default());
        }
        self.roster.due(&feed.id, due.max(self.clock.now()));
        self.feeds.push(feed);
    }
}
