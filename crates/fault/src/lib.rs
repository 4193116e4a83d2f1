//! Crash points and mutants, for the proofs only.
//!
//! Without the feature `inject` every call here is an empty inline function, so the shipped binary
//! holds none of it. With it, `WIREROOM_CRASH_AT=<point>:<n>` kills the process with SIGKILL when the
//! n-th visit to a point is reached, and `WIREROOM_MUTANT=<name>` turns one guarantee off, so that
//! the checker can be shown to notice.

/// A place where the process may be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A body was received whole.
    BodyReceived,
    /// The new articles are enriched.
    Enriched,
    /// The sequencer has decided, nothing is written.
    BeforeBatch,
    /// The batch is written, not yet synced.
    BatchWritten,
    /// The batch is synced.
    AfterFsync,
    /// A Kafka transaction is begun.
    TransactionBegun,
    /// Half of its records are sent.
    HalfProduced,
    /// All records are acknowledged.
    BeforeCommit,
    /// The transaction is committed, the outbox not yet trimmed.
    AfterCommit,
    /// The outbox is being read back at start.
    Recovery,
}

impl Point {
    /// All points, in the order of the flow.
    pub const ALL: [Self; 10] = [
        Self::BodyReceived,
        Self::Enriched,
        Self::BeforeBatch,
        Self::BatchWritten,
        Self::AfterFsync,
        Self::TransactionBegun,
        Self::HalfProduced,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::Recovery,
    ];

    /// The point's name, as `WIREROOM_CRASH_AT` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BodyReceived => "body_received",
            Self::Enriched => "enriched",
            Self::BeforeBatch => "before_batch",
            Self::BatchWritten => "batch_written",
            Self::AfterFsync => "after_fsync",
            Self::TransactionBegun => "transaction_begun",
            Self::HalfProduced => "half_produced",
            Self::BeforeCommit => "before_commit",
            Self::AfterCommit => "after_commit",
            Self::Recovery => "recovery",
        }
    }
}

/// A guarantee that a build with the feature can turn off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// The batch is never synced.
    NoFsync,
    /// The feed's validators are saved before its articles.
    ValidatorsFirst,
    /// The outbox is trimmed before the commit.
    TrimFirst,
    /// A commit of unknown outcome is retried without rebuilding the producer.
    RetryUnknown,
    /// A random transactional id, so that nothing fences.
    NoFencing,
    /// The sequencer's recheck is left out: the visit's own lookup decides.
    NoSequencer,
    /// The progress record is sent outside the transaction.
    ProgressOutside,
}

impl Mutant {
    /// All mutants.
    pub const ALL: [Self; 7] = [
        Self::NoFsync,
        Self::ValidatorsFirst,
        Self::TrimFirst,
        Self::RetryUnknown,
        Self::NoFencing,
        Self::NoSequencer,
        Self::ProgressOutside,
    ];

    /// The mutant's name, as `WIREROOM_MUTANT` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoFsync => "no_fsync",
            Self::ValidatorsFirst => "validators_first",
            Self::TrimFirst => "trim_first",
            Self::RetryUnknown => "retry_unknown",
            Self::NoFencing => "no_fencing",
            Self::NoSequencer => "no_sequencer",
            Self::ProgressOutside => "progress_outside",
        }
    }
}

#[cfg(feature = "inject")]
mod inject {
    use super::{Mutant, Point};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static CRASH_AT: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static REACHED: AtomicU32 = AtomicU32::new(0);
    static MUTANT: OnceLock<Option<String>> = OnceLock::new();

    /// Kills the process with SIGKILL at the chosen visit to `at`.
    pub fn point(at: Point) {
        let chosen = CRASH_AT.get_or_init(|| {
            let value = std::env::var("WIREROOM_CRASH_AT").ok()?;
            let (name, count) = value.split_once(':').unwrap_or((&value, "1"));
            Some((name.to_owned(), count.parse().unwrap_or(1)))
        });
        let Some((name, count)) = chosen else { return };
        if name == at.name() && REACHED.fetch_add(1, Ordering::SeqCst) + 1 == *count {
            kill();
        }
    }

    fn kill() -> ! {
        let pid = std::process::id().to_string();
        // A real SIGKILL: no destructor, no flush, no exit handler runs.
        let _ = std::process::Command::new("kill").args(["-KILL", &pid]).status();
        loop {
            std::thread::park();
        }
    }

    /// True when `mutant` is chosen.
    pub fn is(mutant: Mutant) -> bool {
        MUTANT.get_or_init(|| std::env::var("WIREROOM_MUTANT").ok()).as_deref() == Some(mutant.name())
    }
}

#[cfg(not(feature = "inject"))]
mod inject {
    use super::{Mutant, Point};

    /// Nothing, in this build.
    #[inline(always)]
    pub fn point(_at: Point) {}

    /// False, in this build.
    #[inline(always)]
    pub fn is(_mutant: Mutant) -> bool {
        false
    }
}

pub use inject::{is, point};
