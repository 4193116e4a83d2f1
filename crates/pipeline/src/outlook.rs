//! What a visit begins with and what it means for the next ones: validators sent or held back, the pace
//! learned, the address believed, the host spared.

use crate::read::Read;
use crate::sitemaps::Tombstones;
use crate::visit::Rooms;
use fetch::{Answer, Fetched};
use jiff::Timestamp;
use ledger::FeedState;
use model::settle::Outcome;
use model::{Address, Decision, Failure, FailureClass, Feed, HostPace, Planned, Reason, Validators, Visit};
use record::FeedChange;
use schedule::{Brought, Demand, Led, Plan, Seen};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use url::Url;

/// A visit that is about to be made, and what is remembered of its feed.
pub(crate) struct Begun {
    pub(crate) visit: Visit,
    pub(crate) tombstones: Tombstones,
    state: FeedState,
    /// The validators were held back, to see whether they tell the truth.
    is_canary: bool,
    salt: u64,
}

/// What the answer said beside its body.
#[derive(Default)]
pub(crate) struct Heard {
    answer: Answer,
    retry_after: Option<Duration>,
    /// Validators of the document.
    validators: Validators,
    host: Option<String>,
    pub(crate) took: Duration,
    pub(crate) body_at: Option<Timestamp>,
}

/// What a visit means for the next ones.
pub(crate) struct Outlook {
    pub(crate) planned: Planned,
    pub(crate) demand: Demand,
    pub(crate) moved: Option<String>,
}

impl Heard {
    pub(crate) fn of(fetched: &Result<Fetched, Failure>) -> Self {
        match fetched {
            Ok(Fetched::Document(document, answer)) => Self {
                answer: answer.clone(),
                validators: document.validators.clone(),
                body_at: Some(document.fetched_at),
                ..Self::default()
            },
            Ok(Fetched::NotModified(answer)) => Self { answer: answer.clone(), ..Self::default() },
            Err(failure) => {
                Self { retry_after: failure.retry_after, host: failure.host.clone(), ..Self::default() }
            }
        }
    }
}

/// What the ledger remembers of the feed. One point read, mostly from memory: not worth a thread of its own.
pub(crate) fn begin(rooms: &Rooms, feed: Arc<Feed>) -> Result<Begun, ledger::Error> {
    let mut state = rooms.ledger.feed(&feed.id)?.unwrap_or_default();
    state.address = address_of(&feed, state.address);
    let now = Timestamp::now().as_millisecond();
    let salt = salt(feed.id.as_str(), now);
    let has_validators = state.validators != Validators::default();
    let is_canary = has_validators && schedule::asks_whole(&state.pace, salt, now);
    let validators = if is_canary { Validators::default() } else { state.validators.clone() };
    let kept = state.address.kept.as_deref().and_then(|kept| Url::parse(kept).ok());
    let url = kept.unwrap_or_else(|| feed.url.clone());
    let visit = Visit { url, validators, first: !state.settled_once, failures: state.failures, feed };
    Ok(Begun { visit, tombstones: state.tombstones.clone(), state, is_canary, salt })
}

/// What is known of a feed's address, unless the operator has given it another one.
pub(crate) fn address_of(feed: &Feed, known: Address) -> Address {
    let declared = schedule::hash(&without_credentials(&feed.url));
    if known.declared == declared { known } else { Address { declared, ..Address::default() } }
}

fn without_credentials(url: &Url) -> String {
    let mut url = url.clone();
    // Cannot fail: a feed's URL has a host.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_fragment(None);
    url.into()
}

/// Decides when the feed is due again, and all that a visit teaches beside its articles.
pub(crate) fn plan(
    rooms: &Rooms,
    begun: &Begun,
    outcome: &Outcome,
    read: &Read,
    heard: &Heard,
    now: i64,
) -> Result<Outlook, ledger::Error> {
    let (feed, state) = (&begun.visit.feed, &begun.state);
    let host = host(rooms, begun, outcome, heard, now)?;
    let mut pace = state.pace.clone();
    let document = |items: usize| Seen {
        articles: items as u32,
        new: read.new,
        unseen: read.unseen,
        dates: &read.dates,
    };
    let brought = match outcome {
        Outcome::Document { items, .. } => Brought::Document(document(items.len())),
        Outcome::NotModified => Brought::NotModified,
        Outcome::Failed { class, .. } => {
            let paused = host.as_ref().filter(|_| *class == FailureClass::Throttled);
            let wait = paused.map(|(_, host)| Duration::from_millis((host.until_ms - now).max(0) as u64));
            Brought::Failure(*class, wait.or(heard.retry_after))
        }
    };
    let gap = matches!(&brought, Brought::Document(seen) if seen.is_gap(&pace));
    if let Brought::Document(_) = brought {
        (pace.period_ms, pace.skip_hours) = (read.period_ms, read.skip_hours);
        if begun.is_canary && pace.distrust_until_ms <= now && 0 < read.unseen && is_same(state, heard) {
            schedule::lied(&mut pace, now);
        }
    }
    let plan = Plan {
        floor_ms: u64::try_from(heard.answer.floor.as_millis()).unwrap_or(u64::MAX),
        outage: rooms.outage.load(Ordering::Relaxed),
        salt: begun.salt,
        ..of_feed(rooms, feed)
    };
    let decision = schedule::next_due(&plan, &mut pace, &brought, now);
    let demand = schedule::demand(&plan, &pace, &decision);
    let (address, moved) = address(begun, outcome, read, heard, &decision, now);
    let (new, took_ms) = (read.new, u32::try_from(heard.took.as_millis()).unwrap_or(u32::MAX));
    let tombstones = begun.tombstones.clone();
    let mut planned =
        Planned { pace, decision, address, host, new, took_ms, gap, tombstones, events: Vec::new() };
    planned.events = events(begun, outcome, &planned, moved.is_some());
    Ok(Outlook { planned, demand, moved })
}

/// What has happened to the feed that lasts longer than a poll.
fn events(begun: &Begun, outcome: &Outcome, planned: &Planned, moved: bool) -> Vec<(FeedChange, String)> {
    let before = &begun.state;
    let is_out = planned.decision.reason == Reason::Outage;
    let failed = match outcome {
        Outcome::Failed { class, detail, .. } if *class != FailureClass::Internal && !is_out => Some(detail),
        _ => None,
    };
    let answered = !matches!(outcome, Outcome::Failed { .. });
    let gap = || "nothing of its document was known: articles may have been missed".to_owned();
    let recovered = || format!("it answers again after {} failures in a row", before.failures);
    let mut events = Vec::new();
    if planned.gap {
        events.push((FeedChange::PossibleGap, gap()));
    }
    if moved {
        events.push((FeedChange::Moved, "it is asked for where its address has led for days".to_owned()));
    }
    if planned.decision.reason == Reason::Gone {
        events.push((FeedChange::Gone, "the server said 410 for days: it is not polled again".to_owned()));
    }
    if before.pace.distrust_until_ms < planned.pace.distrust_until_ms {
        let why = "its document had changed under validators that had not".to_owned();
        events.push((FeedChange::Distrusted, why));
    }
    if let Some(detail) = failed.filter(|_| before.failures == 0) {
        events.push((FeedChange::Failing, detail.clone()));
    }
    if answered && 0 < before.failures {
        events.push((FeedChange::Recovered, recovered()));
    }
    events
}

/// What planning depends on before anything was heard.
pub(crate) fn of_feed<'a>(rooms: &'a Rooms, feed: &Feed) -> Plan<'a> {
    Plan {
        config: &rooms.schedule,
        k: f32::from_bits(rooms.k.load(Ordering::Relaxed)),
        weight: feed.polling.weight.unwrap_or(1.0),
        interval: feed.interval,
        floor_ms: 0,
        outage: false,
        salt: 0,
    }
}

/// True when the document's validators are those that stood for another one.
fn is_same(state: &FeedState, heard: &Heard) -> bool {
    let (before, now) = (&state.validators, &heard.validators);
    match (&before.etag, &now.etag) {
        (Some(before), Some(now)) => before == now,
        (None, None) => before.last_modified.is_some() && before.last_modified == now.last_modified,
        _ => false,
    }
}

/// What a host asked for with this answer, if anything.
fn host(
    rooms: &Rooms,
    begun: &Begun,
    outcome: &Outcome,
    heard: &Heard,
    now: i64,
) -> Result<Option<(String, HostPace)>, ledger::Error> {
    let own = || fetch::host_key(&begun.visit.url);
    if let Outcome::Failed { class: FailureClass::Throttled, status, .. } = outcome {
        let host = heard.host.clone().unwrap_or_else(own);
        return throttled(rooms, host, *status, heard.retry_after, now).map(Some);
    }
    match heard.answer.crawl_delay {
        Some(delay) => crawl_delay(rooms, own(), delay),
        None => Ok(None),
    }
}

/// How a host that asked for peace is spared.
pub(crate) fn throttled(
    rooms: &Rooms,
    host: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
    now: i64,
) -> Result<(String, HostPace), ledger::Error> {
    let before = rooms.ledger.host(&host)?.unwrap_or_default();
    // Without a status nothing was sent: the host is paused already, and has said nothing new.
    let pace = match status {
        Some(_) => schedule::throttled(&before, retry_after, now),
        None => before,
    };
    Ok((host, pace))
}

/// How a host with a `Crawl-delay` is spared, where that is news.
pub(crate) fn crawl_delay(
    rooms: &Rooms,
    host: String,
    delay: Duration,
) -> Result<Option<(String, HostPace)>, ledger::Error> {
    let crawl_delay_ms = u32::try_from(delay.as_millis()).unwrap_or(u32::MAX);
    let before = rooms.ledger.host(&host)?.unwrap_or_default();
    let is_new = before.crawl_delay_ms != crawl_delay_ms;
    Ok(is_new.then_some((host, HostPace { crawl_delay_ms, ..before })))
}

/// Where the feed is from now on, and its new address if that has just been believed.
fn address(
    begun: &Begun,
    outcome: &Outcome,
    read: &Read,
    heard: &Heard,
    decision: &Decision,
    now: i64,
) -> (Address, Option<String>) {
    let mut address = begun.state.address.clone();
    if let Outcome::Failed { .. } = outcome {
        if decision.reason != Reason::Outage {
            schedule::astray(&mut address, begun.visit.failures.saturating_add(1));
        }
        return (address, None);
    }
    let to = heard.answer.moved.as_ref().map(without_credentials);
    let overlaps = match outcome {
        Outcome::Document { items, .. } => Some((read.unseen as usize) < items.len()),
        // 304 of validators that the target gave: it holds what it held.
        _ => Some(true),
    };
    let is_kept = schedule::led(&mut address, Led { to: to.as_deref(), overlaps }, now);
    let moved = address.kept.clone().filter(|_| is_kept);
    (address, moved)
}

/// Differs between feeds and between visits of one feed.
pub(crate) fn salt(feed: &str, at: i64) -> u64 {
    feed.bytes().fold(at as u64, |salt, byte| salt.rotate_left(7) ^ u64::from(byte))
}
