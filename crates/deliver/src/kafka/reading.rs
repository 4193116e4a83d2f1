//! The other end: a topic read back as its consumers read it, only what is committed. For commands; the
//! sink itself never needs it.

use super::client::{Clients, Reader};
use super::config::Config;
use super::heard::Heard;
use crate::{Class, Error};
use model::Topic;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Headers, Message as _};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Where reading begins; of a group only where it has never read before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// The oldest record that is kept.
    Beginning,
    /// What comes from now on.
    End,
    /// The first record settled at or after this time, milliseconds since 1970; groups cannot.
    Time(i64),
}

/// One record of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
    /// The record's timestamp, milliseconds since 1970; 0: none.
    pub timestamp_ms: i64,
    /// Key, lossily decoded.
    pub key: String,
    /// Headers, in order, lossily decoded.
    pub headers: Vec<(String, String)>,
    /// Value; none: a tombstone.
    pub payload: Option<Vec<u8>>,
}

/// What reading brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A record.
    Message(Message),
    /// Nothing in this time.
    Nothing,
    /// Every partition has been read to its end, as it was a moment ago.
    End,
}

/// Reads one topic. Blocks; must not be dropped on a runtime's thread.
pub struct Consumer {
    reader: Reader,
    heard: Arc<Heard>,
    topic: String,
    in_group: bool,
    partitions: BTreeSet<i32>,
    ended: BTreeSet<i32>,
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consumer").field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl Consumer {
    /// Begins to read a topic; as a member of `group`, where one is named.
    ///
    /// # Errors
    /// When no broker answers, the topic is missing, or a setting is refused.
    pub fn open(config: &Config, topic: Topic, group: Option<&str>, from: Heading) -> Result<Self, Error> {
        let heard = Arc::new(Heard::default());
        let clients = Clients { config, heard: &heard };
        let mut settings = clients.common()?;
        settings
            .set("group.id", group.unwrap_or("wireroom-consume"))
            .set("enable.auto.commit", if group.is_some() { "true" } else { "false" })
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            .set("allow.auto.create.topics", "false")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", if from == Heading::End { "latest" } else { "earliest" });
        let reader: Reader = clients.create(&settings)?;
        let topic = config.topic(topic.suffix());
        let timeout = config.request_timeout.0;
        let partitions =
            partitions(&reader, &topic, timeout).map_err(|error| trouble(&heard, &topic, &error))?;
        if partitions.is_empty() {
            let detail = format!("the topic {topic} does not exist at {}", config.bootstrap_servers);
            return Err(Error::new(Class::Operator, detail));
        }
        let mut consumer =
            Self { reader, heard, topic, in_group: group.is_some(), partitions, ended: BTreeSet::new() };
        consumer.begin(from, timeout).map_err(|error| trouble(&consumer.heard, &consumer.topic, &error))?;
        Ok(consumer)
    }

    /// How many partitions the topic has.
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    fn begin(&mut self, from: Heading, timeout: Duration) -> Result<(), KafkaError> {
        if self.in_group {
            return self.reader.subscribe(&[&self.topic]);
        }
        let offset = match from {
            Heading::Beginning => Offset::Beginning,
            Heading::End => Offset::End,
            Heading::Time(ms) => Offset::Offset(ms),
        };
        let mut list = TopicPartitionList::new();
        for partition in &self.partitions {
            list.add_partition_offset(&self.topic, *partition, offset)?;
        }
        if matches!(from, Heading::Time(_)) {
            list = self.reader.offsets_for_times(list, timeout)?;
        }
        self.reader.assign(&list)
    }

    /// The next record, waiting for it at most `wait`.
    ///
    /// # Errors
    /// What the cluster says; what waiting mends is no error.
    pub fn next(&mut self, wait: Duration) -> Result<Next, Error> {
        match self.reader.poll(wait) {
            None => Ok(Next::Nothing),
            Some(Ok(message)) => {
                self.ended.remove(&message.partition());
                Ok(Next::Message(taken(&message)))
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                self.ended.insert(partition);
                let is_end = !self.in_group && self.ended == self.partitions;
                Ok(if is_end { Next::End } else { Next::Nothing })
            }
            Some(Err(error)) => match error.rdkafka_error_code() {
                // librdkafka goes on by itself.
                Some(Code::AllBrokersDown | Code::BrokerTransportFailure | Code::OperationTimedOut)
                    if !self.heard.blames_operator() =>
                {
                    Ok(Next::Nothing)
                }
                _ => Err(trouble(&self.heard, &self.topic, &error)),
            },
        }
    }

    /// Notes that the group has dealt with a record.
    ///
    /// # Errors
    /// When the partition was given to another member.
    pub fn done(&self, message: &Message) -> Result<(), Error> {
        if !self.in_group {
            return Ok(());
        }
        let stored = self.reader.store_offset(&self.topic, message.partition, message.offset);
        stored.map_err(|error| trouble(&self.heard, &self.topic, &error))
    }
}

fn partitions(reader: &Reader, topic: &str, timeout: Duration) -> Result<BTreeSet<i32>, KafkaError> {
    let metadata = reader.fetch_metadata(Some(topic), timeout)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic && found.error().is_none());
    Ok(found.map(|found| found.partitions().iter().map(|one| one.id()).collect()).unwrap_or_default())
}

fn taken(message: &BorrowedMessage<'_>) -> Message {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = message.headers().map(|headers| {
        headers
            .iter()
            .map(|header| (header.key.to_owned(), header.value.map(text).unwrap_or_default()))
            .collect()
    });
    Message {
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms: message.timestamp().to_millis().unwrap_or_default(),
        key: message.key().map(text).unwrap_or_default(),
        headers: headers.unwrap_or_default(),
        payload: message.payload().map(<[u8]>::to_vec),
    }
}

fn trouble(heard: &Heard, topic: &str, error: &KafkaError) -> Error {
    Error::new(Class::Operator, heard.explain(format!("{topic} cannot be read: {error}")))
}
