//! What can be seen from outside: counters, gauges, and reasons not to be ready.

use crate::visit::Tally;
use ledger::Ledger;
use model::Reason;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The event loop turns at least this often; a longer silence means that it hangs.
pub(crate) const TURN_MAX: Duration = Duration::from_secs(5);
/// Silence of the event loop after which the process is called dead.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Shared observations of one daemon.
#[derive(Debug)]
pub struct Window {
    started: Instant,
    last_turn_ms: AtomicU64,
    reasons: Mutex<BTreeMap<&'static str, String>>,
    registry: Registry,
    pub(crate) counts: Counts,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    visits: Family<OutcomeLabel, Counter>,
    entries: Family<FateLabel, Counter>,
    disagreements: Counter,
    gaps: Counter,
    gone: Counter,
    reasons: Family<ReasonLabel, Counter>,
    planned: Gauge<f64, AtomicU64>,
    outage: Gauge,
    panics: Counter,
    delivered: Counter,
    dead: Counter,
    delivery_errors: Family<ClassLabel, Counter>,
    outbox_bytes: Gauge,
    outbox_rows: Gauge,
    feeds: Gauge,
    in_flight: Gauge,
    paused: Gauge,
    sink_ready: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FateLabel {
    fate: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClassLabel {
    class: &'static str,
}

impl Default for Window {
    fn default() -> Self {
        let counts = Counts::default();
        let mut registry = Registry::with_prefix("wireroom");
        counts.register(&mut registry);
        let reasons = BTreeMap::from([("start", "starting".to_owned())]);
        Self {
            started: Instant::now(),
            last_turn_ms: AtomicU64::new(0),
            reasons: Mutex::new(reasons),
            registry,
            counts,
        }
    }
}

impl Window {
    /// All metrics, in the OpenMetrics text format.
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }

    /// Why the daemon is not ready, a sentence each; empty when it is.
    pub fn unready(&self) -> Vec<String> {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// True once the state is open, and so is this process's own.
    pub fn has_started(&self) -> bool {
        !self.reasons.lock().unwrap_or_else(PoisonError::into_inner).contains_key("start")
    }

    /// False when the event loop has not turned for half a minute.
    pub fn alive(&self) -> bool {
        let last = Duration::from_millis(self.last_turn_ms.load(Ordering::Relaxed));
        self.started.elapsed().saturating_sub(last) < SILENCE_MAX
    }

    pub(crate) fn turned(&self) {
        self.last_turn_ms.store(self.started.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Notes a reason under a name; true when that name had none before.
    pub(crate) fn not_ready(&self, name: &'static str, reason: String) -> bool {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner).insert(name, reason).is_none()
    }

    /// Takes a reason back; true when there was one.
    pub(crate) fn ready(&self, name: &'static str) -> bool {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner).remove(name).is_some()
    }
}

impl Counts {
    fn register(&self, registry: &mut Registry) {
        registry.register("visits", "Visits by outcome", self.visits.clone());
        registry.register("entries", "Entries of documents by what became of them", self.entries.clone());
        let help = "Articles whose guid and URL named different articles";
        registry.register("identity_disagreements", help, self.disagreements.clone());
        let help = "Polls that overlapped nothing: articles may have been missed";
        registry.register("possible_gaps", help, self.gaps.clone());
        registry.register("feeds_gone", "Feeds stopped after a confirmed 410", self.gone.clone());
        registry.register("decisions", "Due times by what set them", self.reasons.clone());
        registry.register("planned_polls_per_day", "Polls of all feeds, as planned", self.planned.clone());
        let help = "1 while most hosts give no answer";
        registry.register("own_outage", help, self.outage.clone());
        registry.register("visit_panics", "Visits that ended in a panic", self.panics.clone());
        registry.register("records_delivered", "Records that the sink confirmed", self.delivered.clone());
        registry.register("records_dead", "Records that the broker refused for good", self.dead.clone());
        registry.register("delivery_errors", "Failed deliveries by class", self.delivery_errors.clone());
        let help = "Weight of what waits for delivery";
        registry.register_with_unit("outbox", help, Unit::Bytes, self.outbox_bytes.clone());
        registry.register("outbox_rows", "Records that wait for delivery", self.outbox_rows.clone());
        registry.register("feeds", "Feeds in the schedule", self.feeds.clone());
        registry.register("visits_in_flight", "Visits under way", self.in_flight.clone());
        registry.register("polling_paused", "1 while polling waits for the outbox", self.paused.clone());
        registry.register("sink_ready", "1 while the sink takes records", self.sink_ready.clone());
    }

    pub(crate) fn visit(&self, tally: &Tally) {
        self.visits.get_or_create(&OutcomeLabel { outcome: tally.outcome }).inc();
        self.reasons.get_or_create(&ReasonLabel { reason: tally.reason.name() }).inc();
        self.gaps.inc_by(u64::from(tally.gap));
        self.gone.inc_by(u64::from(tally.reason == Reason::Gone));
        let settled = &tally.settled;
        let fates = [
            ("flawed", tally.read.flawed),
            ("created", settled.created),
            ("updated", settled.updated),
            ("known", settled.known),
            ("marked_seen", settled.marked_seen),
            ("stale", settled.stale),
        ];
        for (fate, count) in fates.into_iter().filter(|(_, count)| 0 < *count) {
            self.entries.get_or_create(&FateLabel { fate }).inc_by(u64::from(count));
        }
        self.disagreements.inc_by(u64::from(settled.disagreements));
    }

    pub(crate) fn budget(&self, planned: f64, outage: bool) {
        self.planned.set(planned);
        self.outage.set(i64::from(outage));
    }

    pub(crate) fn panicked(&self) {
        self.panics.inc();
    }

    pub(crate) fn delivered(&self, records: usize, dead: usize) {
        self.delivered.inc_by(records as u64);
        self.dead.inc_by(dead as u64);
        self.sink_ready.set(1);
    }

    pub(crate) fn delivery_failed(&self, class: &'static str) {
        self.delivery_errors.get_or_create(&ClassLabel { class }).inc();
        self.sink_ready.set(0);
    }

    pub(crate) fn turn(&self, feeds: usize, in_flight: usize, paused: bool, ledger: &Ledger) {
        self.feeds.set(feeds as i64);
        self.in_flight.set(in_flight as i64);
        self.paused.set(i64::from(paused));
        self.outbox_bytes.set(ledger.outbox_bytes() as i64);
        self.outbox_rows.set(ledger.last_seq().saturating_sub(ledger.delivered_seq()) as i64);
    }
}
