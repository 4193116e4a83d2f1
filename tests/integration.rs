//! The integration suite: every module one promise.

mod crash;
mod delivery;
mod ssrf;
mod tidy;
