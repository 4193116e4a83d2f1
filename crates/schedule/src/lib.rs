//! What is due next. Comes in: feeds, the time, and what became of each visit. Goes out: the feed to
//! visit now, or the time to ask again. Pure: it is told the time and never waits, reads no clock and
//! does no IO, so that a test can run a year in a millisecond.

mod config;

pub use config::Config;
