//! The integration suite: every module one promise.

mod consumers;
mod crash;
mod delivery;
mod file_sink;
mod forty_feeds;
mod registry;
mod ssrf;
mod tidy;
