//! A visit comes in, a document goes out: conditional, capped and polite HTTP behind a guard. It never
//! speaks to an address that is not on the public internet or allowed by the operator, on any hop, by any
//! spelling; never reads a body beyond its cap; never judges what a body says, and never retries: the
//! schedule is the retry policy.

mod address;
mod body;
mod budget;
mod client;
mod config;
mod failure;
mod fresh;
mod get;
mod hosts;
mod own;
mod page;
mod resolve;
mod retry_after;
mod robots;
mod target;
#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError};
pub use get::{Answer, Fetch, Fetched};
pub use hosts::host_key;
pub use own::check_request;
pub use page::{Page, page};
