use crate::kafka::registry::{Format, Registry};
use crate::kafka::security::Security;
use model::units::{Size, Span};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// `[kafka]`: the cluster, the topics and the promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Brokers to ask first: host:port, separated by commas. Default kafka:9092.
    pub bootstrap_servers: String,
    /// Every topic is `<topic_prefix>.<name>`. Default wireroom.
    pub topic_prefix: String,
    /// What a reader with `isolation.level=read_committed` sees. Default exactly_once.
    pub delivery: Delivery,
    /// How an article's value is written. Default json.
    pub format: Format,
    /// Names this daemon to the cluster, for fencing and for its progress record; one for each state
    /// directory. Default wireroom.
    pub transactional_id: String,
    /// Most records in one transaction. Default 1000; 1 to 100000.
    pub batch_records: u32,
    /// Most bytes in one transaction, keys, headers and payloads before compression. Default 8MiB.
    pub batch_bytes: Size,
    /// How long a record waits for others that go to the same partition. Default 5ms; at most 1s.
    pub linger: Span,
    /// A record that the cluster has not taken after this long fails its batch, which is tried again.
    /// Default 15s; 1s or more, less than `transaction_timeout`.
    pub message_timeout: Span,
    /// The cluster aborts a transaction that stays open longer: how long a dead daemon can hold back
    /// readers. Default 30s; at most what the brokers allow (15m).
    pub transaction_timeout: Span,
    /// How long one question to the cluster (metadata, settings) may take. Default 5s; 100ms to 60s.
    pub request_timeout: Span,
    /// Whether topics are created, and how.
    pub topics: Topics,
    /// The schema registry, where `format` asks for one.
    pub registry: Registry,
    /// Encryption and who we are.
    pub security: Security,
    /// Settings handed to librdkafka as they are; those that wireroom sets itself are refused. Default
    /// none.
    pub librdkafka: PassThrough,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            bootstrap_servers: "kafka:9092".into(),
            topic_prefix: "wireroom".into(),
            delivery: Delivery::default(),
            format: Format::default(),
            transactional_id: "wireroom".into(),
            batch_records: 1000,
            batch_bytes: Size(8 << 20),
            linger: Span::from_millis(5),
            message_timeout: Span::from_secs(15),
            transaction_timeout: Span::from_secs(30),
            request_timeout: Span::from_secs(5),
            topics: Topics::default(),
            registry: Registry::default(),
            security: Security::default(),
            librdkafka: PassThrough::default(),
        }
    }
}

/// What is promised of the articles in the topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Every revision once, through crashes: transactions.
    #[default]
    ExactlyOnce,
    /// Every revision, after a crash perhaps twice: no transactions.
    AtLeastOnce,
}

/// `[kafka.topics]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Topics {
    /// What is done about topics at start. Default create.
    pub manage: Manage,
    /// Partitions of a topic that is created; -1: the brokers' default. Default 6.
    pub partitions: i32,
    /// Replicas of a topic that is created; -1: the brokers' default. Default 1.
    pub replication_factor: i32,
}

impl Default for Topics {
    fn default() -> Self {
        Self { manage: Manage::default(), partitions: 6, replication_factor: 1 }
    }
}

/// What is done about topics at start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manage {
    /// Missing ones are created.
    #[default]
    Create,
    /// A missing one is an error.
    Check,
    /// Nothing.
    Off,
}

/// Settings for librdkafka itself: name to value. Shown without the values that may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PassThrough(BTreeMap<String, String>);

/// Names, or the beginnings of names, that follow from other settings or carry the promise; with where to
/// say it instead.
const OWNED: [(&str, &str); 28] = [
    ("bootstrap.servers", "bootstrap_servers"),
    ("metadata.broker.list", "bootstrap_servers"),
    ("transactional.id", "transactional_id"),
    ("transaction.timeout.ms", "transaction_timeout"),
    ("message.timeout.ms", "message_timeout"),
    ("delivery.timeout.ms", "message_timeout"),
    ("linger.ms", "linger"),
    ("queue.buffering.max.ms", "linger"),
    ("security.protocol", "security.protocol"),
    ("sasl.mechanism", "security.sasl.mechanism"),
    ("sasl.mechanisms", "security.sasl.mechanism"),
    ("sasl.username", "security.sasl.username"),
    ("sasl.password", "security.sasl.password"),
    ("ssl.ca.location", "security.tls.ca_file"),
    ("ssl.certificate.location", "security.tls.cert_file"),
    ("ssl.key.location", "security.tls.key_file"),
    ("ssl.key.password", "security.tls.key_password"),
    ("enable.idempotence", "delivery"),
    ("acks", "delivery"),
    ("request.required.acks", "delivery"),
    ("isolation.level", ""),
    ("partitioner", ""),
    ("batch.size", ""),
    ("message.max.bytes", ""),
    ("group.id", ""),
    ("enable.partition.eof", ""),
    ("auto.offset.reset", ""),
    ("allow.auto.create.topics", ""),
];

impl PassThrough {
    /// The settings, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds one setting.
    ///
    /// # Errors
    /// One sentence, when wireroom sets `name` itself.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match OWNED.iter().find(|(owned, _)| *owned == name) {
            Some((_, "")) => Err(format!("`{name}` is set by wireroom itself and cannot be changed")),
            Some((_, instead)) => {
                Err(format!("`{name}` is set by wireroom itself: say it in `kafka.{instead}`"))
            }
            None => {
                self.0.insert(name.to_owned(), value.to_owned());
                Ok(())
            }
        }
    }
}

impl PassThrough {
    fn shown(&self) -> impl Iterator<Item = (&str, &str)> {
        let secret =
            |name: &str| ["password", "secret", "pem", "jaas"].iter().any(|word| name.contains(word));
        self.iter().map(move |(name, value)| (name, if secret(name) { "***" } else { value }))
    }
}

impl fmt::Debug for PassThrough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.shown()).finish()
    }
}

impl Serialize for PassThrough {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.shown())
    }
}

impl<'de> Deserialize<'de> for PassThrough {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Settings;

        impl<'de> Visitor<'de> for Settings {
            type Value = PassThrough;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of librdkafka settings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PassThrough, A::Error> {
                let mut settings = PassThrough::default();
                while let Some((name, Scalar(value))) = map.next_entry::<String, Scalar>()? {
                    settings.set(&name, &value).map_err(A::Error::custom)?;
                }
                Ok(settings)
            }
        }

        deserializer.deserialize_map(Settings)
    }
}

/// A setting's value: librdkafka takes all of them as text.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;

        impl Visitor<'_> for Value {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a number, true or false")
            }

            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar(value.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
        }

        deserializer.deserialize_any(Value)
    }
}

impl Config {
    /// All that is wrong with the settings taken together, a sentence each; reads no file.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut need = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        need(!self.bootstrap_servers.trim().is_empty(), "`kafka.bootstrap_servers` is empty");
        need(
            is_topic_name(&self.topic_prefix),
            "`kafka.topic_prefix` must be 1 to 200 of letters, digits, `.`, `_` and `-`",
        );
        need(
            !self.transactional_id.is_empty() && self.transactional_id.len() <= 255,
            "`kafka.transactional_id` must be 1 to 255 bytes long",
        );
        need((1..=100_000).contains(&self.batch_records), "`kafka.batch_records` must be 1 to 100000");
        need(
            (64 << 10..=64 << 20).contains(&self.batch_bytes.0),
            "`kafka.batch_bytes` must be 64KiB to 64MiB",
        );
        need(self.linger.0 <= Duration::from_secs(1), "`kafka.linger` must be at most 1s");
        need(self.message_timeout.0 >= Duration::from_secs(1), "`kafka.message_timeout` must be at least 1s");
        need(
            self.message_timeout < self.transaction_timeout,
            "`kafka.message_timeout` must be less than `kafka.transaction_timeout`",
        );
        need(self.linger < self.message_timeout, "`kafka.linger` must be less than `kafka.message_timeout`");
        need(
            self.transaction_timeout.0 <= Duration::from_secs(900),
            "`kafka.transaction_timeout` must be at most 15m",
        );
        need(
            (100..=60_000).contains(&self.request_timeout.as_millis()),
            "`kafka.request_timeout` must be 100ms to 60s",
        );
        need(
            self.topics.partitions == -1 || (1..=10_000).contains(&self.topics.partitions),
            "`kafka.topics.partitions` must be 1 to 10000, or -1 for the brokers' default",
        );
        need(
            self.topics.replication_factor == -1 || (1..=100).contains(&self.topics.replication_factor),
            "`kafka.topics.replication_factor` must be 1 to 100, or -1 for the brokers' default",
        );
        faults.extend(self.registry.faults(self.format));
        faults.extend(self.security.faults());
        faults
    }

    /// The full name of a topic.
    pub fn topic(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.topic_prefix)
    }
}

fn is_topic_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=200).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
