//! Feeds: how one stands, and the list's changes.

use super::{Answer, Desk, failed, why};
use crate::orders::Order;
use jiff::Timestamp;
use model::desk::{Change, FEEDS_MAX, FeedReport, FetchReport, Origin, Refusal, RefusalKind};
use model::units::Span;
use model::{Feed, FeedId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Desk {
    /// How often a feed is polled, as it was last decided.
    pub(crate) fn polled_every(&self, id: &FeedId) -> Option<Span> {
        let state = self.ledger.feed(id).ok()??;
        Some(Span::from_millis(state.decision.interval_ms))
    }

    pub(crate) fn feed(&self, id: &FeedId) -> Answer<FeedReport> {
        let (feed, brief) = self.roster.get(id).ok_or_else(|| unknown(id))?;
        let state = self.ledger.feed(id).map_err(|error| failed(&error))?.unwrap_or_default();
        let notes = self.ledger.history(id).map_err(|error| failed(&error))?;
        let why = why::sentences(&state, &notes);
        let fetches = notes.into_iter().rev().map(|note| FetchReport {
            at: Timestamp::from_millisecond(note.at_ms).unwrap_or_default(),
            outcome: note.outcome,
            status: note.status,
            articles: note.articles,
            new: note.new,
            took_ms: note.took_ms,
            detail: note.detail,
        });
        Ok(FeedReport {
            country: feed.country.clone(),
            interval: feed.interval.map(|interval| interval.to_string()),
            first_poll: feed.first_poll.to_string(),
            fulltext: feed.polling.fulltext.to_string(),
            waiting: self.ledger.count_waiting(id).map_err(|error| failed(&error))?,
            conditional: state.validators.etag.is_some() || state.validators.last_modified.is_some(),
            why,
            fetches: fetches.collect(),
            brief,
        })
    }

    /// Adds what is not there yet; what cannot be added is left out and told.
    pub(crate) async fn add_feeds(&self, feeds: Vec<Feed>) -> Answer<Change> {
        few(feeds.len())?;
        let known = self.roster.all();
        let mut ids: HashSet<FeedId> = known.iter().map(|feed| feed.id.clone()).collect();
        let mut urls: HashMap<String, FeedId> =
            known.iter().map(|feed| (address(feed), feed.id.clone())).collect();
        let (mut added, mut change) = (Vec::new(), Change::default());
        for feed in feeds {
            if !matches!(feed.url.scheme(), "http" | "https") || feed.url.host().is_none() {
                change.left_out.push(format!("{}: feeds are fetched by http and https", feed.id));
            } else if let Some(same) = urls.get(&address(&feed)) {
                change.left_out.push(format!("{}: the feed {same} has the same URL", feed.id));
            } else if !ids.insert(feed.id.clone()) {
                change.left_out.push(format!("{}: there is a feed of this id already", feed.id));
            } else {
                urls.insert(address(&feed), feed.id.clone());
                added.push(feed);
            }
        }
        if !added.is_empty() {
            self.ledger.subscribe(added.clone(), Vec::new()).await.map_err(|error| failed(&error))?;
            let set: Vec<Arc<Feed>> = added.into_iter().map(Arc::new).collect();
            change.done = set.iter().map(|feed| feed.id.to_string()).collect();
            self.roster.add(&self.ledger, &set, Origin::Added).map_err(|error| failed(&error))?;
            self.tell(Order::Feeds { set, removed: Vec::new() }).await?;
        }
        Ok(change)
    }

    /// Takes back what was added; what is remembered of a feed stays, should it come again.
    pub(crate) async fn remove_feeds(&self, ids: Vec<FeedId>) -> Answer<Change> {
        few(ids.len())?;
        let (mut removed, mut change) = (Vec::new(), Change::default());
        for id in ids {
            match self.roster.origin(&id) {
                Some(Origin::Added) => removed.push(id),
                Some(Origin::Declared) => change.left_out.push(format!(
                    "{id}: it is declared in the config or a feed file: take it out there, then `wireroom reload`"
                )),
                None => change.left_out.push(unknown(&id).message),
            }
        }
        if !removed.is_empty() {
            self.ledger.subscribe(Vec::new(), removed.clone()).await.map_err(|error| failed(&error))?;
            removed.iter().for_each(|id| self.roster.remove(id));
            change.done = removed.iter().map(ToString::to_string).collect();
            self.tell(Order::Feeds { set: Vec::new(), removed }).await?;
        }
        Ok(change)
    }

    /// The config's feeds are these now.
    pub(crate) async fn redeclare(&self, declared: Vec<Arc<Feed>>) -> Answer<Vec<String>> {
        let before = self.roster.of(Origin::Declared);
        let now: HashSet<&FeedId> = declared.iter().map(|feed| &feed.id).collect();
        let removed: Vec<FeedId> =
            before.iter().map(|feed| feed.id.clone()).filter(|id| !now.contains(id)).collect();
        let before: HashMap<&FeedId, &Arc<Feed>> = before.iter().map(|feed| (&feed.id, feed)).collect();
        let mut lines: Vec<String> = removed.iter().map(|id| format!("feed {id} is gone")).collect();
        let mut set = Vec::new();
        for feed in &declared {
            match before.get(&feed.id) {
                Some(known) if *known == feed => continue,
                Some(_) => lines.push(format!("feed {} is different", feed.id)),
                None => lines.push(format!("feed {} is new", feed.id)),
            }
            set.push(feed.clone());
        }
        if set.is_empty() && removed.is_empty() {
            return Ok(lines);
        }
        removed.iter().for_each(|id| self.roster.remove(id));
        self.roster.add(&self.ledger, &set, Origin::Declared).map_err(|error| failed(&error))?;
        // What was added by command under the id of one that is no longer declared counts again.
        let added = self.ledger.subscriptions().map_err(|error| failed(&error))?.into_iter().map(Arc::new);
        let back: Vec<Arc<Feed>> = added.filter(|feed| removed.contains(&feed.id)).collect();
        self.roster.add(&self.ledger, &back, Origin::Added).map_err(|error| failed(&error))?;
        set.extend(back);
        self.tell(Order::Feeds { set, removed }).await?;
        Ok(lines)
    }

    pub(crate) async fn visit_now(&self, id: FeedId) -> Answer<Change> {
        if self.roster.origin(&id).is_none() {
            return Err(unknown(&id));
        }
        if self.orders.is_none() {
            return Err(Refusal::new(RefusalKind::Unavailable, "no daemon runs: use `wireroom once`"));
        }
        let done = vec![id.to_string()];
        self.tell(Order::VisitNow(id)).await?;
        Ok(Change { done, left_out: Vec::new() })
    }
}

fn few(count: usize) -> Answer<()> {
    if (1..=FEEDS_MAX as usize).contains(&count) {
        return Ok(());
    }
    Err(Refusal::new(RefusalKind::Invalid, format!("name 1 to {FEEDS_MAX} feeds at once, not {count}")))
}

fn unknown(id: &FeedId) -> Refusal {
    Refusal::new(RefusalKind::NotFound, format!("there is no feed {id}: `wireroom feeds list` shows all"))
}

/// What makes two feeds the same.
fn address(feed: &Feed) -> String {
    feed.url.as_str().split('#').next().unwrap_or_default().to_owned()
}
