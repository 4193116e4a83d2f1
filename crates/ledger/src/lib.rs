//! The floor.

mod config;

pub use config::{Config, OutboxConfig};
