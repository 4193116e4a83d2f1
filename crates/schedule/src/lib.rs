//! What is due next. Comes in: feeds, the time, and what became of each visit. Goes out: the feed to
//! visit now, or the time to ask again. Pure: it is told the time and never waits, reads no clock and
//! does no IO, so that a test can run a year in a millisecond.

mod config;
mod due;
mod frontier;

pub use config::Config;
pub use due::{Brought, Plan, next_due};
pub use frontier::{Frontier, HostLimits, Next, Place};

/// Milliseconds since 1970, as the caller's clock has it.
pub type Millis = i64;
