//! Where an article's record still is: the evidence for its tags is found again from its text, which the
//! state does not keep.

use crate::config::Config;
use deliver::SinkConfig;
use deliver::kafka::{Consumer, Format, Heading, Next};
use jiff::Timestamp;
use ledger::Trace;
use model::{ArticleId, Topic};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, Instant};

/// One poll of the broker.
const WAIT: Duration = Duration::from_millis(250);
/// Longest search at the broker.
const SEARCH_MAX: Duration = Duration::from_secs(20);
/// Longest line, bytes.
const LINE_MAX: u64 = 64 << 20;

/// Looks where the sink of the config puts articles; none where they cannot be read back from there, or are gone.
pub(super) fn in_sink(config: &Config, id: ArticleId, trace: &Trace) -> Result<Option<Value>, String> {
    match &config.pipeline.sink {
        SinkConfig::Kafka {} => in_kafka(&config.pipeline.kafka, id, trace),
        SinkConfig::File { path } => in_file(path, id, trace.revision),
        SinkConfig::Stdout {} => Ok(None),
    }
}

/// Reads the topic from the revision's time on: a record's timestamp is the time of its settling.
fn in_kafka(config: &deliver::kafka::Config, id: ArticleId, trace: &Trace) -> Result<Option<Value>, String> {
    if config.format == Format::Avro {
        return Err("the topic holds Avro, which this command does not read".into());
    }
    let failed = |error: deliver::Error| error.detail;
    let mut consumer =
        Consumer::open(config, Topic::Articles, None, Heading::Time(trace.at_ms)).map_err(failed)?;
    let (key, begun) = (id.to_string(), Instant::now());
    let mut passed = BTreeSet::new();
    while begun.elapsed() < SEARCH_MAX && passed.len() < consumer.partitions() {
        match consumer.next(WAIT).map_err(failed)? {
            Next::Nothing => {}
            Next::End => break,
            Next::Message(message) if trace.at_ms < message.timestamp_ms => {
                passed.insert(message.partition);
            }
            Next::Message(message) => {
                let payload = message.payload.filter(|_| message.key == key);
                let record = payload.and_then(|payload| serde_json::from_slice::<Value>(&payload).ok());
                if let Some(record) = record.filter(|record| record["revision"] == trace.revision) {
                    return Ok(Some(record));
                }
            }
        }
    }
    Ok(None)
}

/// Looks through a file of articles, one a line, or standard input.
pub(super) fn in_file(file: &Path, id: ArticleId, revision: u32) -> Result<Option<Value>, String> {
    let failed = |error: io::Error| format!("{}: {error}", file.display());
    if file == Path::new("-") {
        return search(io::stdin().lock(), id, revision).map_err(failed);
    }
    search(BufReader::new(File::open(file).map_err(failed)?), id, revision).map_err(failed)
}

/// The last line that holds this revision.
fn search(mut lines: impl BufRead, id: ArticleId, revision: u32) -> io::Result<Option<Value>> {
    let key = id.to_string();
    let finder = memchr::memmem::Finder::new(&key);
    let (mut line, mut found) = (Vec::new(), None);
    loop {
        line.clear();
        if (&mut lines).take(LINE_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(found);
        }
        if finder.find(&line).is_none() {
            continue;
        }
        // A line that only names the article, or is torn, is another's matter.
        let record: Option<Value> = serde_json::from_slice(&line).ok();
        let is_it = |record: &Value| record["id"] == key.as_str() && record["revision"] == revision;
        found = record.filter(is_it).or(found);
    }
}

/// Where it was looked for, for people.
pub(super) fn place(config: &Config, at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    match &config.pipeline.sink {
        SinkConfig::Kafka {} => format!("{} at {at}", config.pipeline.kafka.topic(Topic::Articles.suffix())),
        SinkConfig::File { path } => path.display().to_string(),
        SinkConfig::Stdout {} => "standard output, which keeps nothing".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_the_revision_counts() {
        let id = ArticleId([7; 16]);
        let line = |revision: u32, title: &str| {
            format!("{{\"id\":\"{id}\",\"revision\":{revision},\"title\":\"{title}\"}}\n")
        };
        let other = format!("{{\"id\":\"other\",\"revision\":1,\"duplicate\":{{\"of\":\"{id}\"}}}}\n");
        let text =
            [line(1, "one"), line(2, "two"), other, line(1, "one again"), line(2, "torn")[..20].to_owned()];
        let title = |revision| {
            let found = search(text.concat().as_bytes(), id, revision).unwrap();
            found.map(|record| record["title"].as_str().unwrap().to_owned())
        };
        assert_eq!(title(1).as_deref(), Some("one again"));
        assert_eq!(title(2).as_deref(), Some("two"));
        assert_eq!(title(3), None);
    }
}
