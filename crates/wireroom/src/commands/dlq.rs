//! `wireroom dlq …`: what the cluster refused for good.

use crate::cli::{complain, counted, say, say_json};
use crate::kafka::Cluster;
use crate::table::{ago, table, width};
use clap::{Args as ClapArgs, Subcommand};
use deliver::kafka::{Config, Consumer, Delivery, Heading, Kafka, Message, Next};
use deliver::{Error, Sink};
use jiff::Timestamp;
use model::{Row, Topic};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// One poll.
const WAIT: Duration = Duration::from_millis(250);
/// Dead letters that are kept in memory, the newest.
const LETTERS_MAX: usize = 10_000;
/// Polls without anything after which a topic counts as read: its end may be hidden by an open transaction.
const SILENCE_MAX: u32 = 40;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    cluster: Cluster,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List dead letters, the newest first
    List {
        /// Letters that are listed
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Send dead letters to their topic again; one that is there by now, or whose article has a later
    /// revision, is left out, so that it may be done twice
    Replay {
        /// Only records of this key, an article's id; may be given again
        #[arg(long, value_name = "KEY")]
        key: Vec<String>,
        /// Say what would be sent, and send nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// A dead letter, as it is told of.
#[derive(Debug, Serialize)]
struct Letter {
    partition: i32,
    offset: i64,
    at: Timestamp,
    key: String,
    id: String,
    feed: String,
    class: String,
    message: String,
    attempts: String,
    title: Option<String>,
    bytes: Option<usize>,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let config = match args.cluster.config(named) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let done = match &args.what {
        What::List { limit, json } => list(&config, *limit, *json),
        What::Replay { key, dry_run } => replay(&config, key, *dry_run),
    };
    done.unwrap_or_else(|error| {
        complain(&format!("error: {}", error.detail));
        ExitCode::FAILURE
    })
}

/// Reads a topic to its end.
fn read(config: &Config, topic: Topic, mut each: impl FnMut(Message)) -> Result<(), Error> {
    let mut consumer = Consumer::open(config, topic, None, Heading::Beginning)?;
    let mut silence = 0;
    while silence < SILENCE_MAX {
        match consumer.next(WAIT)? {
            Next::Message(message) => {
                silence = 0;
                each(message);
            }
            Next::Nothing => silence += 1,
            Next::End => break,
        }
    }
    Ok(())
}

fn letters(config: &Config) -> Result<Vec<Message>, Error> {
    let mut letters = Vec::new();
    read(config, Topic::Dlq, |message| {
        if letters.len() == LETTERS_MAX {
            letters.remove(0);
        }
        letters.push(message);
    })?;
    letters.sort_by_key(|letter| letter.timestamp_ms);
    Ok(letters)
}

fn header<'a>(message: &'a Message, name: &str) -> &'a str {
    let found = message.headers.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn list(config: &Config, limit: usize, json: bool) -> Result<ExitCode, Error> {
    let letters = letters(config)?;
    let shown: Vec<Letter> = letters.iter().rev().take(limit).map(letter).collect();
    if json {
        return Ok(say_json(&shown));
    }
    if shown.is_empty() {
        return Ok(say("there is no dead letter"));
    }
    let now = Timestamp::now();
    let rows = shown.into_iter().map(|letter| {
        let Letter { at, key, class, feed, title, message, .. } = letter;
        vec![ago(Some(at), now), class, key, feed, title.unwrap_or(message)]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    Ok(say(&table(&["AGO", "CLASS", "KEY", "FEED", "TITLE"], &rows, width())))
}

fn letter(message: &Message) -> Letter {
    let payload = message.payload.as_deref().unwrap_or_default();
    let article: Option<record::Article> = serde_json::from_slice(payload).ok();
    let of = |name: &str| header(message, name).to_owned();
    Letter {
        partition: message.partition,
        offset: message.offset,
        at: Timestamp::from_millisecond(message.timestamp_ms).unwrap_or_default(),
        key: message.key.clone(),
        id: of(record::header::ID),
        feed: of("feed_id"),
        class: of("error_class"),
        message: of("error_message"),
        attempts: of("attempts"),
        title: article.and_then(|article| article.title),
        bytes: message.payload.as_ref().map(Vec::len),
    }
}

fn replay(config: &Config, keys: &[String], dry_run: bool) -> Result<ExitCode, Error> {
    let wanted = letters(config)?.into_iter().filter(|letter| keys.is_empty() || keys.contains(&letter.key));
    let (cut, wanted): (Vec<_>, Vec<_>) =
        wanted.partition(|letter| !header(letter, "error_payload_bytes").is_empty());
    for letter in &cut {
        complain(&format!("{}: left out: the letter holds only a part of the record", letter.key));
    }
    let there = last_revisions(config, &wanted)?;
    let is_missing = |letter: &Message| {
        let revision = revision(letter);
        there.get(&letter.key).is_none_or(|last| *last < revision)
    };
    let mut rows: Vec<Row> = wanted.iter().filter(|letter| is_missing(letter)).map(restored).collect();
    // What was refused again has a letter more: one is enough, wherever in the topic they are.
    let mut seen = HashSet::new();
    rows.retain(|row| seen.insert((row.key.clone(), row.headers.clone())));
    let left_out = wanted.len() - rows.len();
    rows.iter_mut().zip(1..).for_each(|(row, seq)| row.seq = seq);
    let told = |verb: &str, count: usize| {
        format!(
            "{} {verb}, {} left out: there by now, or superseded",
            counted(count as u64, "record"),
            counted(left_out as u64, "letter")
        )
    };
    if dry_run || rows.is_empty() {
        return Ok(say(&told("would be sent", rows.len())));
    }
    let count = rows.len();
    let dead = send(config, rows)?;
    if 0 < dead {
        complain(&format!("{} refused again: see `wireroom dlq list`", counted(dead as u64, "record")));
    }
    say(&told("sent", count - dead));
    Ok(if dead == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The last revision that the articles' topic holds of each letter's key.
fn last_revisions(config: &Config, letters: &[Message]) -> Result<HashMap<String, u32>, Error> {
    let mut there: HashMap<String, u32> = HashMap::new();
    if letters.is_empty() {
        return Ok(there);
    }
    read(config, Topic::Articles, |message| {
        if letters.iter().any(|letter| letter.key == message.key) {
            let last = there.entry(message.key.clone()).or_default();
            *last = (*last).max(revision(&message));
        }
    })?;
    Ok(there)
}

/// From the CloudEvents id, `<article>:<revision>`.
fn revision(message: &Message) -> u32 {
    let id = header(message, record::header::ID);
    id.rsplit_once(':').and_then(|(_, revision)| revision.parse().ok()).unwrap_or_default()
}

/// The record that the letter is about.
fn restored(letter: &Message) -> Row {
    let ours = |name: &str| !name.starts_with("error_") && !["feed_id", "attempts"].contains(&name);
    Row {
        seq: 0,
        topic: Topic::Articles,
        key: letter.key.clone(),
        headers: letter.headers.iter().filter(|(name, _)| ours(name)).cloned().collect(),
        payload: letter.payload.clone(),
        settled_at_ms: letter.timestamp_ms,
    }
}

/// Sends rows without transactions, so that a running daemon is not shut out; says how many are refused.
fn send(config: &Config, rows: Vec<Row>) -> Result<usize, Error> {
    let config = Config { delivery: Delivery::AtLeastOnce, ..config.clone() };
    let store = model::StoreId([0; 8]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::new(deliver::Class::Operator, error.to_string()))?;
    runtime.block_on(async {
        let mut sink = Kafka::new(config, store)?;
        sink.recover().await?;
        let mut dead = 0;
        for portion in rows.chunks(1000) {
            dead += sink.deliver(portion.to_vec().into()).await?.dead.len();
        }
        sink.close().await;
        Ok(dead)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_becomes_its_record_again() {
        let headers = [
            ("ce_id", "abc:3"),
            ("error_stage", "deliver"),
            ("error_class", "too_large"),
            ("feed_id", "harbour"),
            ("attempts", "3"),
        ];
        let letter = Message {
            partition: 0,
            offset: 7,
            timestamp_ms: 5,
            key: "abc".into(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            payload: Some(b"{}".to_vec()),
        };
        assert_eq!(revision(&letter), 3);
        assert_eq!(super::letter(&letter).class, "too_large");
        let row = restored(&letter);
        assert_eq!(row.headers, [("ce_id".to_owned(), "abc:3".to_owned())]);
        assert_eq!(row.payload.as_deref(), Some(&b"{}"[..]));
    }
}
