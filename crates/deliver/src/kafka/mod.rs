//! Kafka: the topics, the transactions and the one thread that talks to librdkafka.

mod config;
mod security;

pub use config::{Config, Delivery, Manage, PassThrough, Topics};
pub use security::{Mechanism, Protocol, Sasl, Security, Tls};
