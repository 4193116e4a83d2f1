//! A real Apache Kafka: fetched from Maven Central, checked against a list of sums, started on free
//! ports of loopback. The settings stand in `xtask/kafka/server.properties`, each with its reason.

mod broker;
mod jars;
mod node;

pub use broker::{Broker, Options};
pub use jars::{VERSION, fetch, libs, versions};
