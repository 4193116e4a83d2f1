//! feed-rs, kept at arm's length: a fresh reader for each text, its panics caught, nothing of its own added.

use crate::limits::MAX_DATE;
use chrono::{DateTime, Utc};
use feed_rs::model::Feed;
use feed_rs::parser::Builder;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// What feed-rs made of a text.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) feed: Feed,
    dates: Vec<String>,
}

impl Read {
    /// The words of a date that feed-rs gave back.
    pub(crate) fn date(&self, token: Option<DateTime<Utc>>) -> Option<&str> {
        let index = usize::try_from(token?.timestamp()).ok()?;
        self.dates.get(index).map(String::as_str)
    }
}

/// Reads a JSON Feed. `Err` says why feed-rs could not.
pub(crate) fn feed(text: &str) -> Result<Read, String> {
    let dates = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&dates);
    // feed-rs would keep the instant and drop the words. It is handed the number of the words instead.
    let timestamps = move |raw: &str| {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push(crate::sniff::head(raw.trim(), MAX_DATE).to_owned());
        DateTime::from_timestamp(i64::try_from(seen.len() - 1).ok()?, 0)
    };
    let parser = Builder::new()
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
    Ok(Read { feed, dates })
}
