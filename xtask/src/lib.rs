//! The project's own commands, and what they share with the tests: where the workspace is, and a real
//! Apache Kafka. No C dependency, so it builds on any machine that has a Rust toolchain.

#![expect(clippy::print_stderr, reason = "a command line tool tells what it does")]

pub mod kafka;
pub mod workspace;
