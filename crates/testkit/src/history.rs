//! What a run writes down, one JSON object a line. Times are milliseconds since 1970 on the clock of
//! the one machine that runs everything.

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The feed server's ledger.
pub const FEEDS: &str = "feeds.jsonl";
/// Starts, kills and faults.
pub const PROCESS: &str = "process.jsonl";
/// Calls of fsync and fdatasync by the daemon; only in runs that trace them.
pub const SYNCS: &str = "syncs.jsonl";
/// The read_committed view of `<prefix>.articles.v1`.
pub const ARTICLES: &str = "articles.jsonl";
/// The read_committed view of `<prefix>.progress.v1`.
pub const PROGRESS: &str = "progress.jsonl";
/// The read_committed view of `<prefix>.dlq.v1`.
pub const DLQ: &str = "dlq.jsonl";
/// The read_uncommitted view of `<prefix>.articles.v1`, for people who look into a failure.
pub const ARTICLES_RAW: &str = "articles.uncommitted.jsonl";

/// One line of the feed server's ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Served {
    /// A revision was published by its outlet.
    Article {
        /// The article's number.
        article: u32,
        /// From 1.
        rev: u32,
        /// Canonical URL: the article's name in every feed.
        url: String,
        /// The feeds that carry it.
        feeds: Vec<String>,
        /// When it became visible.
        visible_from: u64,
        /// [`crate::text::digest`] of its body.
        digest: String,
    },
    /// A document of a feed, made when it was first asked for.
    Version {
        /// The feed.
        feed: String,
        /// Counts the feed's documents from 1.
        version: u32,
        /// When it was made.
        at: u64,
        /// Article and revision of each item.
        items: Vec<(u32, u32)>,
    },
    /// A request and its answer.
    Request {
        /// The feed.
        feed: String,
        /// When the head was read.
        start: u64,
        /// When the last piece of the answer was about to be handed to the kernel.
        end: u64,
        /// `If-None-Match` as sent.
        etag: Option<String>,
        /// `If-Modified-Since` as sent.
        since: Option<String>,
        /// The version that the validators name; none: none were sent, or nonsense.
        claims: Option<u32>,
        /// The answer; 0: none was given.
        status: u16,
        /// The version in a 200.
        version: Option<u32>,
        /// The answer was sent whole: handed to the kernel, which takes it for a dead client, too.
        completed: bool,
        /// The life of the daemon that asked, where it says so.
        life: Option<u32>,
    },
}

/// One line about the processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Process {
    /// The daemon was started.
    Started {
        /// When.
        at: u64,
        /// Counts the starts from 1; the daemon tells it with each request ([`contact`]).
        life: u32,
    },
    /// The daemon is gone: killed at a point or at random, or ended by itself.
    Ended {
        /// When this was seen.
        at: u64,
        /// `random`, a point's name, `term`, or how it ended by itself.
        how: String,
    },
    /// The daemon stood still from `at` to `until`.
    Paused {
        /// When.
        at: u64,
        /// Until when.
        until: u64,
    },
    /// Something was done to the broker.
    Broker {
        /// When.
        at: u64,
        /// `kill`, `pause`, `resume`, `restart`.
        what: String,
    },
}

/// One call of fsync or fdatasync.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sync {
    /// When it was called.
    pub start: u64,
    /// When it came back.
    pub end: u64,
    /// It succeeded.
    pub ok: bool,
}

/// One record of a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The topic's full name.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// The record's timestamp.
    pub timestamp: i64,
    /// The record's key.
    pub key: String,
    /// Headers; the last of a name counts.
    pub headers: BTreeMap<String, String>,
    /// The record's value as text; none: a tombstone.
    pub value: Option<String>,
}

/// The contact by which a daemon tells, in its User-Agent, which life of it asks.
pub fn contact(life: u32) -> String {
    format!("mailto:life-{life}@example.org")
}

/// The life in a User-Agent.
pub fn life(agent: &str) -> Option<u32> {
    agent.split("mailto:life-").nth(1)?.split('@').next()?.parse().ok()
}

/// Now, in the history's unit.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Appends lines to a file of the run directory.
#[derive(Debug)]
pub struct Log(BufWriter<File>);

impl Log {
    /// Makes the file anew.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("{} cannot be created", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    /// Appends one line; it is on disk after [`Log::flush`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, line: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.0, line)?;
        self.0.write_all(b"\n")?;
        Ok(())
    }

    /// Hands all lines to the file.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.0.flush()?)
    }
}

/// Reads a file of the run directory.
///
/// # Errors
/// When it is missing, or names the line that cannot be read.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    let mut lines = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let parsed = serde_json::from_str(&line?)
            .with_context(|| format!("{}:{} cannot be read", path.display(), number + 1))?;
        lines.push(parsed);
    }
    Ok(lines)
}

/// Writes a whole file of the run directory.
///
/// # Errors
/// When it cannot be written.
pub fn write<T: Serialize>(path: &Path, lines: &[T]) -> Result<()> {
    let mut log = Log::create(path)?;
    for line in lines {
        log.add(line)?;
    }
    log.flush()
}
