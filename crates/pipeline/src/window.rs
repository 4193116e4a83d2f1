//! What can be seen from outside: counters, gauges, and reasons not to be ready.

use crate::desk::Desk;
use crate::freshness::Freshness;
use crate::minutes::Minutes;
use crate::page::PageTally;
use crate::visit::Tally;
use jiff::Timestamp;
use ledger::Ledger;
use model::desk::FeedCounts;
use model::{Reason, Row};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
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
    last_pulse_ms: AtomicU64,
    reasons: Mutex<BTreeMap<&'static str, String>>,
    /// What is odd though nothing stands still for it.
    warnings: Mutex<BTreeMap<&'static str, String>>,
    registry: Registry,
    started_at: Timestamp,
    desk: RwLock<Option<Arc<Desk>>>,
    pub(crate) counts: Counts,
    pub(crate) minutes: Minutes,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    visits: Family<OutcomeLabel, Counter>,
    entries: Family<FateLabel, Counter>,
    pages: Family<OutcomeLabel, Counter>,
    pages_waiting: Gauge,
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
    reloads: Family<ResultLabel, Counter>,
    config_good: Gauge,
    feeds_failing: Gauge,
    outbox_max: Gauge,
    pub(crate) freshness: Freshness,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

/// What the event loop sees when it looks around.
pub(crate) struct Seen {
    pub(crate) feeds: FeedCounts,
    pub(crate) in_flight: usize,
    pub(crate) paused: bool,
    pub(crate) outbox_max: u64,
    pub(crate) pages: usize,
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
        counts.touch();
        let reasons = BTreeMap::from([("start", "starting".to_owned())]);
        Self {
            started: Instant::now(),
            last_turn_ms: AtomicU64::new(0),
            last_pulse_ms: AtomicU64::new(0),
            reasons: Mutex::new(reasons),
            warnings: Mutex::default(),
            registry,
            started_at: Timestamp::now(),
            desk: RwLock::default(),
            counts,
            minutes: Minutes::default(),
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

    /// What is odd though the daemon is ready, a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Notes that the config was read anew, or why the old one holds.
    pub fn reloaded(&self, refused: Option<String>) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        self.counts.reloaded(refused.is_none());
        match refused {
            Some(why) => drop(warnings.insert("config", why)),
            None => drop(warnings.remove("config")),
        }
    }

    /// Whoever answers questions, once the state is open.
    pub fn desk(&self) -> Option<Arc<Desk>> {
        self.desk.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn seat(&self, desk: Option<Arc<Desk>>) {
        *self.desk.write().unwrap_or_else(PoisonError::into_inner) = desk;
    }

    /// When the process started.
    pub(crate) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Why nothing is delivered, if so.
    pub(crate) fn sink_trouble(&self) -> Option<String> {
        self.reasons.lock().unwrap_or_else(PoisonError::into_inner).get("sink").cloned()
    }

    /// Takes in what a visit brought.
    pub(crate) fn visited(&self, tally: &Tally) {
        self.counts.visit(tally);
        self.minutes.count(|flow| {
            flow.visits += 1;
            flow.not_modified += u32::from(tally.outcome == "not_modified");
            flow.failed += u32::from(tally.detail.is_some());
            flow.entries += tally.read.entries;
            flow.flawed += tally.read.flawed;
            flow.known += tally.settled.known;
            flow.created += tally.settled.created;
            flow.updated += tally.settled.updated;
            flow.duplicates += tally.settled.copies;
        });
    }

    /// Takes in what a visit of a page brought.
    pub(crate) fn page(&self, tally: &PageTally) {
        self.counts.page(tally.outcome);
        self.minutes.count(|flow| {
            flow.created += tally.settled.created;
            flow.updated += tally.settled.updated;
            flow.duplicates += tally.settled.copies;
        });
    }

    /// Takes in when a sample of what the sink confirmed was published and settled.
    pub(crate) fn fresh(&self, rows: &[Row]) {
        let desk = self.desk();
        self.counts.freshness.confirmed(rows, Timestamp::now(), |feed| desk.as_ref()?.polled_every(feed));
    }

    /// Takes in what the sink confirmed.
    pub(crate) fn delivered(&self, records: usize, dead: usize) {
        self.counts.delivered(records, dead);
        self.minutes.count(|flow| {
            flow.delivered += records as u32;
            flow.dead += dead as u32;
        });
    }

    /// True once the state is open, and so is this process's own.
    pub fn has_started(&self) -> bool {
        !self.reasons.lock().unwrap_or_else(PoisonError::into_inner).contains_key("start")
    }

    /// False when for half a minute the event loop has not turned or the state's writer has not answered.
    pub fn alive(&self) -> bool {
        self.alive_after(self.started.elapsed())
    }

    /// The same, so long after the start.
    fn alive_after(&self, elapsed: Duration) -> bool {
        [&self.last_turn_ms, &self.last_pulse_ms].into_iter().all(|last| {
            let last = Duration::from_millis(last.load(Ordering::Relaxed));
            elapsed.saturating_sub(last) < SILENCE_MAX
        })
    }

    /// Notes that the event loop turns.
    pub(crate) fn turned(&self) {
        self.last_turn_ms.store(self.started.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Notes that the state's writer answers.
    pub(crate) fn pulsed(&self) {
        self.last_pulse_ms.store(self.started.elapsed().as_millis() as u64, Ordering::Relaxed);
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
    /// Makes every family known from the start, so that a rate over it never lacks its zero.
    fn touch(&self) {
        for outcome in ["document", "not_modified"] {
            drop(self.visits.get_or_create(&OutcomeLabel { outcome }));
        }
        drop(self.pages.get_or_create(&OutcomeLabel { outcome: "read" }));
        for fate in ["created", "updated", "known", "flawed"] {
            drop(self.entries.get_or_create(&FateLabel { fate }));
        }
        for result in ["success", "failure"] {
            drop(self.reloads.get_or_create(&ResultLabel { result }));
        }
        drop(self.reasons.get_or_create(&ReasonLabel { reason: model::Reason::Rate.name() }));
        drop(self.delivery_errors.get_or_create(&ClassLabel { class: deliver::Class::Retry.name() }));
        self.freshness.touch();
    }

    fn register(&self, registry: &mut Registry) {
        registry.register("visits", "Visits by outcome", self.visits.clone());
        registry.register("entries", "Entries of documents by what became of them", self.entries.clone());
        registry.register("pages", "Visits of articles' pages by outcome", self.pages.clone());
        registry.register("pages_waiting", "Articles that wait for their page", self.pages_waiting.clone());
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
        registry.register("config_reloads", "Times that the config was read anew", self.reloads.clone());
        let help = "1 while the config file could be taken over when it was last read";
        registry.register("config_last_reload_successful", help, self.config_good.clone());
        self.config_good.set(1);
        let help = "Feeds whose last visit brought nothing usable";
        registry.register("feeds_failing", help, self.feeds_failing.clone());
        let help = "Weight of the outbox at which polling pauses";
        registry.register_with_unit("outbox_max", help, Unit::Bytes, self.outbox_max.clone());
        self.freshness.register(registry);
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
            ("held", settled.held),
            ("waiting", settled.waiting),
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

    fn reloaded(&self, is_good: bool) {
        let result = if is_good { "taken" } else { "refused" };
        self.reloads.get_or_create(&ResultLabel { result }).inc();
        self.config_good.set(i64::from(is_good));
    }

    pub(crate) fn page(&self, outcome: &'static str) {
        self.pages.get_or_create(&OutcomeLabel { outcome }).inc();
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

    pub(crate) fn turn(&self, seen: &Seen, ledger: &Ledger) {
        let Seen { feeds, in_flight, paused, outbox_max, pages } = *seen;
        self.pages_waiting.set(pages as i64);
        self.feeds.set(i64::from(feeds.all));
        self.feeds_failing.set(i64::from(feeds.failing));
        self.outbox_max.set(outbox_max as i64);
        self.in_flight.set(in_flight as i64);
        self.paused.set(i64::from(paused));
        self.outbox_bytes.set(ledger.outbox_bytes() as i64);
        self.outbox_rows.set(ledger.last_seq().saturating_sub(ledger.delivered_seq()) as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_lives_while_both_the_loop_and_the_writer_go_on() {
        let window = Window::default();
        let check = |turn_s: u64, pulse_s: u64, alive: bool| {
            window.last_turn_ms.store(turn_s * 1000, Ordering::Relaxed);
            window.last_pulse_ms.store(pulse_s * 1000, Ordering::Relaxed);
            assert_eq!(window.alive_after(Duration::from_secs(100)), alive, "{turn_s} {pulse_s}");
        };
        check(99, 99, true);
        check(71, 71, true);
        check(70, 99, false);
        check(99, 70, false);
    }

    /// Names as they are exposed, and names as the documentation has them.
    #[test]
    fn every_metric_is_documented_and_every_documented_one_exists() {
        let text = Window::default().metrics();
        let exposed: BTreeSet<&str> =
            text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        let page = include_str!("../../../docs/metrics.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let documented: BTreeSet<&str> =
            rows.map(|name| name.strip_suffix("_total").unwrap_or(name)).collect();
        assert_eq!(exposed, documented);
    }
}
