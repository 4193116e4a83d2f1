//! The integration suite: every module one promise.

mod delivery;
