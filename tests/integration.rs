//! The integration suite: every module one promise.

mod consumers;
mod crash;
mod delivery;
mod file_sink;
mod forty_feeds;
mod page;
mod reading;
mod readme;
mod registry;
mod ssrf;
mod tidy;
