//! Whole topics as a consumer sees them, read to their true end.

use crate::history::Record;
use anyhow::{Context, Result, bail};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How long one question to the broker may take.
const ASK: Duration = Duration::from_secs(10);

/// Which records a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Of committed transactions only.
    Committed,
    /// All, the aborted ones too.
    Uncommitted,
}

/// A client of one cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    bootstrap: String,
}

/// First and next offset of each partition.
pub type Ends = BTreeMap<i32, (i64, i64)>;

impl Cluster {
    /// `bootstrap`: host:port.
    pub fn new(bootstrap: &str) -> Self {
        Self { bootstrap: bootstrap.to_owned() }
    }

    /// A consumer that belongs to no group's assignment and commits nothing.
    ///
    /// # Errors
    /// When librdkafka refuses the settings.
    pub fn consumer(&self, view: View) -> Result<BaseConsumer> {
        let level = if view == View::Committed { "read_committed" } else { "read_uncommitted" };
        ClientConfig::new()
            .set("bootstrap.servers", &self.bootstrap)
            .set("group.id", "wireroom-testkit")
            .set("isolation.level", level)
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "earliest")
            .set("fetch.wait.max.ms", "20")
            .set("fetch.queue.backoff.ms", "5")
            .set("reconnect.backoff.max.ms", "500")
            .create()
            .context("no Kafka consumer can be made")
    }

    /// First and next offsets of a topic; empty when the topic does not exist. With
    /// [`View::Committed`] the end is the last stable offset.
    ///
    /// # Errors
    /// When the broker does not answer in time.
    pub fn ends(&self, topic: &str, view: View) -> Result<Ends> {
        let deadline = Instant::now() + ASK;
        loop {
            // A broker that has just come back may still drop a connection or two.
            match ends(&self.consumer(view)?, topic) {
                Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(200)),
                answer => return answer,
            }
        }
    }

    /// Waits until no transaction is open in a topic, so that the committed view is whole.
    ///
    /// # Errors
    /// When one is still open at the end of `patience`.
    pub fn wait_until_stable(&self, topic: &str, patience: Duration) -> Result<Ends> {
        let (all, committed) = (self.consumer(View::Uncommitted)?, self.consumer(View::Committed)?);
        let deadline = Instant::now() + patience;
        loop {
            let true_ends = ends(&all, topic)?;
            if ends(&committed, topic)? == true_ends {
                return Ok(true_ends);
            }
            if Instant::now() >= deadline {
                bail!("{topic} still has an open transaction after {} s", patience.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Every record of a topic, by partition and offset; none when the topic does not exist.
    /// Control records and, in the committed view, aborted records are passed over.
    ///
    /// # Errors
    /// When a transaction stays open for `patience`, or the topic cannot be read to its end in that time.
    pub fn dump(&self, topic: &str, view: View, patience: Duration) -> Result<Vec<Record>> {
        let ends = match view {
            View::Committed => self.wait_until_stable(topic, patience)?,
            View::Uncommitted => self.ends(topic, view)?,
        };
        let consumer = self.consumer(view)?;
        let mut list = TopicPartitionList::new();
        for (partition, (low, _)) in &ends {
            list.add_partition_offset(topic, *partition, Offset::Offset(*low))?;
        }
        consumer.assign(&list)?;
        let mut open: BTreeSet<i32> =
            ends.iter().filter(|(_, (low, high))| low < high).map(|(number, _)| *number).collect();
        let mut records = Vec::new();
        let mut deadline = Instant::now() + patience;
        while !open.is_empty() {
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    deadline = Instant::now() + patience;
                    records.push(record(&message));
                }
                // Said when nothing is left to fetch: also behind an aborted tail and control records.
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.remove(&partition);
                }
                Some(Err(error)) if is_passing(&error) => {}
                Some(Err(error)) => return Err(error).with_context(|| format!("{topic} cannot be read")),
                None => {}
            }
            if Instant::now() >= deadline {
                bail!("{topic} could not be read to its end: partitions {open:?} are open");
            }
        }
        records.sort_by_key(|record| (record.partition, record.offset));
        Ok(records)
    }
}

fn is_passing(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::AllBrokersDown
                | Code::BrokerTransportFailure
                | Code::OperationTimedOut
                | Code::NotLeaderForPartition
                | Code::LeaderNotAvailable
        )
    )
}

fn ends(consumer: &BaseConsumer, topic: &str) -> Result<Ends> {
    let metadata =
        consumer.fetch_metadata(Some(topic), ASK).with_context(|| format!("{topic} is not answered for"))?;
    let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
    partitions
        .map(|partition| {
            let ends = consumer.fetch_watermarks(topic, partition.id(), ASK);
            Ok((partition.id(), ends.with_context(|| format!("the ends of {topic} are not known"))?))
        })
        .collect()
}

pub(crate) fn record(message: &BorrowedMessage<'_>) -> Record {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = message.headers().map(|headers| {
        headers.iter().map(|header| (header.key.to_owned(), text(header.value.unwrap_or_default()))).collect()
    });
    Record {
        topic: message.topic().to_owned(),
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis().unwrap_or_default(),
        key: text(message.key().unwrap_or_default()),
        headers: headers.unwrap_or_default(),
        value: message.payload().map(text),
    }
}
