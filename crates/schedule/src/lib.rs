//! What is due next. Comes in: feeds, the time, and what became of each visit. Goes out: the feed to
//! visit now, or the time to ask again. Pure: it is told the time and never waits, reads no clock and
//! does no IO, so that a test can run a year in a millisecond.

mod address;
mod budget;
mod config;
mod decide;
mod failing;
mod frontier;
mod host;
mod learn;
mod profile;
mod tell;
mod trust;

pub use address::{Led, astray, hash, led};
pub use budget::{Budget, Demand, Polls};
pub use config::Config;
pub use decide::{Brought, Plan, demand, next_due};
pub use failing::{Outage, may_be_ours, weight};
pub use frontier::{Frontier, HostLimits, Next, PageNumber, Place};
pub use host::{gap_ms, slowness, throttled};
pub use learn::Seen;
pub use tell::{Need, Told, need, tell};
pub use trust::{asks_whole, lied};

/// Milliseconds since 1970, as the caller's clock has it.
pub type Millis = i64;
