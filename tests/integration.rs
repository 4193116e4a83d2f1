//! The integration suite: every module one promise.

mod consumers;
mod crash;
mod delivery;
mod registry;
mod ssrf;
mod tidy;
