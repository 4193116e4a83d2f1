//! Dev only: what the proofs need. Comes in: a seed and the binary to be tried. Goes out: a run
//! directory with everything that a scripted feed server said, every kill, and dumps of the topics;
//! and a verdict by a checker that knows the daemon only through these files. It never looks into the
//! daemon's state or code.

pub mod bench;
pub mod check;
pub mod daemon;
pub mod feeds;
pub mod history;
pub mod kafka;
pub mod rng;
pub mod text;
pub mod torture;
