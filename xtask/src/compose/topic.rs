//! What a reader in another container sees of the topic of articles.

use super::project::Project;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const TOPIC: &str = "wireroom.articles.v1";
const CONSUMER: &str = "/opt/kafka/bin/kafka-console-consumer.sh";

/// One committed record.
pub(super) struct Record {
    pub(super) store: String,
    pub(super) number: u64,
    pub(super) event: String,
    pub(super) article: Value,
}

/// Longest reading of a topic to its end, seconds: more comes all the while.
const READ_MAX: &str = "45";

/// The first `limit` committed records; without a limit all that can be read in a while.
pub(super) fn read(project: &Project, limit: Option<usize>) -> Result<Vec<Record>> {
    let until = match limit {
        Some(limit) => format!("--max-messages {limit} --timeout-ms 120000"),
        None => "--timeout-ms 15000 || true".into(),
    };
    // The consumer ends by itself when nothing more comes, and by `timeout` when something always does.
    let patience = if limit.is_some() { "150" } else { READ_MAX };
    let script = format!(
        "timeout {patience} {CONSUMER} --bootstrap-server kafka:19092 --topic {TOPIC} --from-beginning \
         --isolation-level read_committed --formatter-property print.headers=true {until}"
    );
    let said = project.run("kafka", &["bash", "-c", &script])?;
    let whole = said.rfind('\n').map_or("", |end| &said[..end]);
    whole.lines().filter(|line| line.contains('\t')).map(record).collect()
}

fn record(line: &str) -> Result<Record> {
    let (headers, value) = line.split_once('\t').context("a record without headers")?;
    let header = |name: &str| {
        let found = headers.split(',').find_map(|header| header.strip_prefix(name)?.strip_prefix(':'));
        found.map(str::to_owned).with_context(|| format!("a record without {name}: {headers}"))
    };
    let sequence = header("wireroom_seq")?;
    let (store, number) = sequence.split_once(':').context("a strange wireroom_seq")?;
    Ok(Record {
        store: store.to_owned(),
        number: number.parse()?,
        event: header("ce_id")?,
        article: serde_json::from_str(value).context("a record that is no JSON")?,
    })
}

/// An error unless one store's numbers run from 1 without a gap, each once, and no revision comes twice or
/// before an earlier one.
pub(super) fn check(records: &[Record]) -> Result<()> {
    let stores: BTreeSet<&str> = records.iter().map(|record| record.store.as_str()).collect();
    if stores.len() != 1 {
        bail!("records of {} stores: {stores:?}", stores.len());
    }
    let mut numbers: Vec<u64> = records.iter().map(|record| record.number).collect();
    numbers.sort_unstable();
    if let Some((place, number)) = numbers.iter().enumerate().find(|(place, n)| **n != *place as u64 + 1) {
        bail!("a gap or a repeat: record {} has the number {number} of {}", place + 1, numbers.len());
    }
    let mut revisions: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for record in records {
        let id = record.article["id"].as_str().context("an article without an id")?;
        let revision = record.article["revision"].as_u64().context("an article without a revision")?;
        if record.event != format!("{id}:{revision}") {
            bail!("ce_id {} is not that of {id}:{revision}", record.event);
        }
        revisions.entry(id).or_default().push(revision);
    }
    for (id, seen) in revisions {
        if seen.iter().enumerate().any(|(place, revision)| *revision != place as u64 + 1) {
            bail!("the revisions of {id} come as {seen:?}");
        }
    }
    Ok(())
}
