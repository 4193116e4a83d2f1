//! What makes two articles the same. Comes in: an article, and what the ledger knows under its keys.
//! Goes out: its keys and fingerprint, and a verdict: known, a revision, new, or a copy. Pure: it
//! remembers nothing and decides only what it is shown; the sequencer in the ledger calls it.

mod fold;
mod judge;
mod names;

pub use judge::judge;
pub use names::{name, sighting};
