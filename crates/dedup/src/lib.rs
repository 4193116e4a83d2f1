//! What makes two articles the same. Comes in: an article, and what the ledger knows under its keys.
//! Goes out: its keys and fingerprint, and a verdict: known, a revision, new, or a copy. Pure: it
//! remembers nothing and decides only what it is shown; the sequencer in the ledger calls it.

mod body;
mod fold;
mod hash;
mod judge;
mod names;
mod near;
mod retract;
mod sketch;
mod terms;

pub use body::paragraphs;
pub use judge::judge;
pub use names::{name, sighting};
pub use near::{bands, compare};
pub use retract::is_retraction;
pub use sketch::{gist, sketch};
pub use terms::terms;
