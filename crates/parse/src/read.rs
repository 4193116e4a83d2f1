//! feed-rs, kept at arm's length: a fresh reader for each text, its panics caught, nothing of its own added.

use chrono::{DateTime, Utc};
use feed_rs::model::Feed;
use feed_rs::parser::Builder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// Longest date that is kept, bytes.
const MAX_DATE: usize = 128;

/// What feed-rs made of a text.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) feed: Feed,
    dates: Vec<String>,
    base: Option<Url>,
}

impl Read {
    /// A link as feed-rs would resolve it.
    pub(crate) fn resolve(&self, link: &str) -> String {
        let resolved = match &self.base {
            Some(base) => base.join(link),
            None => Url::parse(link),
        };
        resolved.map_or_else(|_| link.to_owned(), String::from)
    }

    /// The words of a date that feed-rs gave back.
    pub(crate) fn date(&self, token: Option<DateTime<Utc>>) -> Option<&str> {
        let index = usize::try_from(token?.timestamp()).ok()?;
        self.dates.get(index).map(String::as_str)
    }
}

/// Reads a guarded text. `base` resolves relative links. `Err` says why feed-rs could not.
pub(crate) fn feed(text: &str, base: Option<&str>) -> Result<Read, String> {
    let dates = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&dates);
    // feed-rs would keep the instant and drop the words. It is handed the number of the words instead.
    let timestamps = move |raw: &str| {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(crate::sniff::head(raw.trim(), MAX_DATE).to_owned());
        DateTime::from_timestamp(i64::try_from(seen.len() - 1).ok()?, 0)
    };
    let parser = Builder::new()
        .base_uri(base)
        .sanitize_content(false)
        // An item without an id stays without one.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(timestamps)
        .build();
    let outcome = catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes())));
    let feed = match outcome {
        Ok(Ok(feed)) => feed,
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err("the reader panicked".to_owned()),
    };
    let dates = std::mem::take(&mut *dates.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Read { feed, dates, base: base.and_then(|base| Url::parse(base).ok()) })
}
