//! Entry to Article. Comes in: one entry as its publisher wrote it. Goes out: what we take it to mean,
//! in the record's terms: one canonical URL, dates with a measure of trust, plain text without
//! boilerplate, names without e-mail addresses. Pure: no network, no disk, no clock; the same entry
//! always gives the same article. It invents nothing: what is missing or cannot be read is none.

#[cfg(test)]
extern crate self as normalise;

mod article;
mod boilerplate;
mod dates;
mod language;
mod limits;
pub mod page;
mod people;
mod text;
mod trackers;
mod url;

pub use article::{Context, Unusable, normalise};
pub use limits::{LIMITS, Limits};
pub use text::{to_safe_html, to_text};
pub use url::{canonical, registered_domain};

#[cfg(test)]
mod tests;
