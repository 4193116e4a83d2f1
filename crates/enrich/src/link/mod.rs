//! Names to Wikidata ids: the packed base, the user's own file on top, and the rule when to stay silent.

mod base;
pub(crate) mod build;
mod key;
mod own;

pub(crate) use base::Base;
pub(crate) use base::Item;
pub(crate) use key::key;
pub(crate) use own::WORDS_MAX;
pub use own::{OwnNames, OwnNamesError};

/// Prior from which on a place is a country, which no one else is named after without more words.
pub(crate) const COUNTRY: f32 = 0.9;
