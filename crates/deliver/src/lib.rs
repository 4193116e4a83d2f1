//! Outbox rows in, receipt out: Kafka, file, stdout.
//!
//! Rows come in the outbox's order, complete; they are sent byte for byte. A [`Sink`] says what became of
//! them, and after an outcome that is not known for certain what is already there. It never changes a
//! record, never skips one, and never trims the outbox: that is for the caller, once it has the receipt.

mod aside;
mod config;
mod error;
pub mod file;
pub mod kafka;
mod lines;
mod sink;
pub mod stdout;

pub use config::SinkConfig;
pub use error::{Class, Error};
pub use sink::{AnySink, Progress, Sink};
