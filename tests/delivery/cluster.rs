//! The broker of the tests, topics of one test, and what a reader sees of them.

use deliver::kafka::{Config, Kafka};
use deliver::{Class, Progress, Sink};
use model::{Row, Topic};
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::future::Future;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const TIMEOUT: Duration = Duration::from_secs(10);

/// Where the broker of the tests listens.
pub(crate) fn servers() -> String {
    std::env::var("WIREROOM_TEST_KAFKA")
        .unwrap_or_else(|_| panic!("set WIREROOM_TEST_KAFKA=host:port or run cargo xtask test"))
}

pub(crate) fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Recovers as a daemon does. Topics that were created this moment may have no leader yet, and a registry on a busy
/// machine may take longer than a daemon waits: that asks again, and so do we.
pub(crate) async fn open(sink: &mut Kafka) -> Progress {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match sink.recover().await {
            Err(error) if error.class == Class::Retry && Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            answer => return answer.unwrap(),
        }
    }
}

/// The topics of one test, under a prefix that no other test and no other run has.
pub(crate) struct Topics {
    prefix: String,
}

impl Topics {
    pub(crate) fn new(test: &str) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        Self { prefix: format!("t{now}-{}-{test}", std::process::id()) }
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = Config {
            bootstrap_servers: servers(),
            topic_prefix: self.prefix.clone(),
            transactional_id: self.prefix.clone(),
            ..Config::default()
        };
        config.topics.partitions = 3;
        config
    }

    pub(crate) fn name(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.prefix)
    }

    pub(crate) fn create(&self, suffix: &str, partitions: i32, settings: &[(&str, &str)]) {
        let name = self.name(suffix);
        let fresh = NewTopic::new(&name, partitions, TopicReplication::Fixed(1));
        let topic = settings.iter().fold(fresh, |topic, (name, value)| topic.set(name, value));
        let done = block(admin().create_topics([&topic], &AdminOptions::new())).unwrap();
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        let end = Instant::now() + TIMEOUT;
        while !self.exists(suffix) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Changes one setting; all others that were set for the topic fall back to their defaults.
    pub(crate) fn set(&self, suffix: &str, setting: &str, value: &str) {
        let name = self.name(suffix);
        let change = AlterConfig::new(ResourceSpecifier::Topic(&name)).set(setting, value);
        let options = AdminOptions::new();
        // On a thread of its own: the caller is inside a runtime.
        std::thread::scope(|scope| {
            let done =
                scope.spawn(|| block(admin().alter_configs([&change], &options)).unwrap()).join().unwrap();
            assert!(done.iter().all(Result::is_ok), "{done:?}");
        });
    }

    pub(crate) async fn delete(&self, suffix: &str) {
        let name = self.name(suffix);
        let done = admin().delete_topics(&[&name], &AdminOptions::new()).await.unwrap();
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        while self.exists(suffix) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn settings(&self, suffix: &str) -> BTreeMap<String, String> {
        let name = self.name(suffix);
        let topic = [ResourceSpecifier::Topic(&name)];
        let answer = block(admin().describe_configs(&topic, &AdminOptions::new())).unwrap();
        let entries = answer.into_iter().next().unwrap().unwrap().entries;
        entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect()
    }

    pub(crate) fn partitions(&self, suffix: &str) -> usize {
        let metadata = consumer("read_committed").fetch_metadata(Some(&self.name(suffix)), TIMEOUT).unwrap();
        metadata.topics()[0].partitions().len()
    }

    pub(crate) fn exists(&self, suffix: &str) -> bool {
        let name = self.name(suffix);
        let Ok(metadata) = consumer("read_committed").fetch_metadata(Some(&name), TIMEOUT) else {
            return false;
        };
        metadata.topics().iter().any(|topic| topic.name() == name && !topic.partitions().is_empty())
    }

    /// All committed records, by partition and offset. Waits until no transaction is open.
    pub(crate) fn read(&self, suffix: &str) -> Vec<Seen> {
        let name = self.name(suffix);
        let (all, committed) = (consumer("read_uncommitted"), consumer("read_committed"));
        let mut seen = Vec::new();
        for partition in 0..i32::try_from(self.partitions(suffix)).unwrap() {
            let (_, high) = all.fetch_watermarks(&name, partition, TIMEOUT).unwrap();
            let end = Instant::now() + TIMEOUT;
            while committed.fetch_watermarks(&name, partition, TIMEOUT).unwrap().1 < high {
                assert!(Instant::now() < end, "a transaction stays open in {name}");
                std::thread::sleep(Duration::from_millis(20));
            }
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(&name, partition, Offset::Beginning).unwrap();
            committed.assign(&list).unwrap();
            loop {
                match committed.poll(TIMEOUT) {
                    Some(Ok(message)) => seen.push(Seen::of(&message)),
                    Some(Err(KafkaError::PartitionEOF(_))) => break,
                    other => panic!("{name}: {other:?}"),
                }
            }
        }
        seen
    }
}

fn admin() -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", servers()).create().unwrap()
}

fn consumer(isolation: &str) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", servers())
        .set("group.id", "wireroom-tests")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("fetch.wait.max.ms", "10")
        .set("isolation.level", isolation)
        .create()
        .unwrap()
}

/// A record as a reader sees it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub partition: i32,
    pub key: String,
    pub headers: Vec<(String, String)>,
    pub payload: Option<Vec<u8>>,
    pub timestamp: i64,
}

impl Seen {
    fn of(message: &impl Message) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let headers = message.headers().map(|headers| {
            headers
                .iter()
                .map(|header| (header.key.to_owned(), text(header.value.unwrap_or_default())))
                .collect()
        });
        Self {
            partition: message.partition(),
            key: text(message.key().unwrap_or_default()),
            headers: headers.unwrap_or_default(),
            payload: message.payload().map(<[u8]>::to_vec),
            timestamp: message.timestamp().to_millis().unwrap_or_default(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value.as_str())
    }

    /// The row's place in the outbox, as its own header says.
    pub(crate) fn seq(&self) -> u64 {
        self.header("seq").parse().unwrap()
    }
}

/// A row of an article with a payload of about `size` bytes.
pub(crate) fn row(seq: u64, size: usize) -> Row {
    Row {
        seq,
        topic: Topic::Articles,
        key: format!("article-{seq}"),
        headers: vec![
            ("ce_source".into(), "urn:wireroom:feed:guardian".into()),
            ("seq".into(), seq.to_string()),
        ],
        payload: Some(format!("{{\"seq\":{seq},\"text\":\"{}\"}}", "news ".repeat(size / 5)).into_bytes()),
        settled_at_ms: i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis())
            .unwrap(),
    }
}

pub(crate) fn rows(seqs: RangeInclusive<u64>, size: usize) -> Vec<Row> {
    seqs.map(|seq| row(seq, size)).collect()
}

/// Bytes that no compression makes smaller (xorshift64*).
pub(crate) fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..size)
        .map(|_| {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
        })
        .collect()
}

/// The Java client's hash of keys.
pub(crate) fn murmur2(key: &[u8]) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c_u32 ^ u32::try_from(key.len()).unwrap();
    let mut chunks = key.chunks_exact(4);
    for chunk in &mut chunks {
        let word = u32::from_le_bytes(chunk.try_into().unwrap()).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ (word ^ (word >> 24)).wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    (hash ^ (hash >> 15)).cast_signed()
}

/// A port where nobody listens.
pub(crate) fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
