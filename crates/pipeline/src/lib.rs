//! The corridor: the only crate that knows the order of the rooms. Two straight lines around one
//! ledger: [`visit`](visit/index.html) carries one poll of one feed from the network to the ledger,
//! `deliver` carries the outbox from the ledger to the sink, and `run` is the only event loop. It
//! holds no rule of its own: what a word means is said in the rooms.

mod compose;
mod config;
mod deliver;
mod desk;
mod discover;
mod error;
mod freshness;
mod lane;
mod minutes;
#[cfg(test)]
mod monitoring;
mod orders;
mod outlook;
mod page;
mod plan;
mod read;
mod roster;
mod rules;
mod run;
mod sift;
mod sitemaps;
mod trial;
pub mod visit;
mod window;

pub use compose::RECORD_BYTES_MAX;
pub use config::{Config, Pages};
pub use desk::{Desk, Explained, Reload};
pub use discover::{Found, discover};
pub use error::Error;
pub use rules::RULES;
pub use run::{Mode, Summary, run};
pub use sift::Sift;
pub use trial::{Trial, try_feed};
pub use window::Window;
