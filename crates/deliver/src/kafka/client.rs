use super::config::{Config, Delivery};
use super::heard::{Context, Heard};
use super::security::Security;
use crate::{Class, Error};
use model::Secret;
use rdkafka::admin::AdminClient;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::producer::BaseProducer;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The producer of a sink.
pub(super) type Producer = BaseProducer<Context>;
/// A consumer that reads metadata, watermarks and the progress topic.
pub(super) type Reader = BaseConsumer<Context>;
/// The client that creates and describes topics.
pub(super) type Admin = AdminClient<Context>;

/// What librdkafka may queue, KiB: 32 MiB. Rows wait in the outbox, not here.
const QUEUE_KIB: &str = "32768";
/// Largest single message that librdkafka accepts, bytes; the topic's own limit is the broker's to say.
const MAX_MESSAGE: &str = "16000000";
/// Most bytes of a secret's file.
const MAX_SECRET: u64 = 64 << 10;

/// What a reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isolation {
    Committed,
    Uncommitted,
}

/// Makes clients; secrets are read from their files each time, so that a changed one is found.
#[derive(Debug)]
pub(super) struct Clients<'a> {
    pub config: &'a Config,
    pub heard: &'a Arc<Heard>,
}

impl Clients<'_> {
    /// A producer; `transactional_id` where it is to have transactions.
    pub(super) fn producer(
        &self,
        batch_bytes: usize,
        transactional_id: Option<&str>,
    ) -> Result<Producer, Error> {
        let config = self.config;
        let mut settings = ClientConfig::new();
        settings.set("compression.type", "zstd").set("queue.buffering.max.kbytes", QUEUE_KIB);
        let mut settings = self.common_over(settings)?;
        settings
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .set("linger.ms", config.linger.as_millis().to_string())
            .set("message.timeout.ms", config.message_timeout.as_millis().to_string())
            .set("message.max.bytes", MAX_MESSAGE)
            .set("batch.size", batch_bytes.to_string());
        if let (Some(id), Delivery::ExactlyOnce) = (transactional_id, config.delivery) {
            settings
                .set("transactional.id", id)
                .set("transaction.timeout.ms", config.transaction_timeout.as_millis().to_string());
        }
        self.create(&settings)
    }

    /// A reader that sees what `isolation` lets it see, and nothing of which is ever committed.
    pub(super) fn reader(&self, isolation: Isolation) -> Result<Reader, Error> {
        let mut settings = self.common()?;
        settings
            .set("group.id", format!("{}-progress", self.config.transactional_id))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "true")
            // The end of a topic is only told by an answer without records, for which brokers wait 500 ms.
            .set("fetch.wait.max.ms", "10")
            .set("auto.offset.reset", "earliest")
            .set("allow.auto.create.topics", "false")
            .set(
                "isolation.level",
                match isolation {
                    Isolation::Committed => "read_committed",
                    Isolation::Uncommitted => "read_uncommitted",
                },
            );
        self.create(&settings)
    }

    /// A client that creates and describes topics.
    pub(super) fn admin(&self) -> Result<Admin, Error> {
        self.create(&self.common()?)
    }

    pub(super) fn create<T: FromClientConfigAndContext<Context>>(
        &self,
        settings: &ClientConfig,
    ) -> Result<T, Error> {
        settings.create_with_context(Context(Arc::clone(self.heard))).map_err(|error| {
            // The value is left out: it may be a secret.
            let detail = match error {
                KafkaError::ClientConfig(_, what, key, _) => {
                    format!("librdkafka refuses the setting `{key}`: {what}")
                }
                other => format!("librdkafka refuses the settings: {other}"),
            };
            Error::new(Class::Operator, detail)
        })
    }

    pub(super) fn common(&self) -> Result<ClientConfig, Error> {
        self.common_over(ClientConfig::new())
    }

    /// What all clients have in common, over defaults that `[kafka.librdkafka]` may replace.
    fn common_over(&self, mut settings: ClientConfig) -> Result<ClientConfig, Error> {
        settings
            .set("client.id", "wireroom")
            .set("reconnect.backoff.max.ms", "2000")
            .set("socket.keepalive.enable", "true")
            .set("log.connection.close", "false");
        for (name, value) in self.config.librdkafka.iter() {
            settings.set(name, value);
        }
        settings.set("bootstrap.servers", &self.config.bootstrap_servers);
        secure(&mut settings, &self.config.security)?;
        Ok(settings)
    }
}

fn secure(settings: &mut ClientConfig, security: &Security) -> Result<(), Error> {
    let Security { protocol, sasl, tls } = security;
    settings.set("security.protocol", protocol.name());
    if protocol.has_sasl() {
        settings.set("sasl.mechanisms", sasl.mechanism.name());
        settings.set("sasl.username", sasl.username.as_deref().unwrap_or_default());
        if let Some(password) = secret(sasl.password.as_ref(), sasl.password_file.as_deref())? {
            settings.set("sasl.password", password.expose());
        }
    }
    if protocol.has_tls() {
        let files = [
            ("ssl.ca.location", &tls.ca_file),
            ("ssl.certificate.location", &tls.cert_file),
            ("ssl.key.location", &tls.key_file),
        ];
        for (name, file) in files {
            if let Some(file) = file {
                settings.set(name, readable(file)?);
            }
        }
        if let Some(password) = secret(tls.key_password.as_ref(), tls.key_password_file.as_deref())? {
            settings.set("ssl.key.password", password.expose());
        }
    }
    Ok(())
}

/// The path as librdkafka takes it, once it is known that the file can be read.
fn readable(file: &PathBuf) -> Result<&str, Error> {
    std::fs::File::open(file).map_err(|error| unreadable(file, &error))?;
    file.to_str().ok_or_else(|| Error::new(Class::Operator, format!("{} is not UTF-8", file.display())))
}

/// The secret: as given, or what its file holds.
pub(super) fn secret(value: Option<&Secret>, file: Option<&Path>) -> Result<Option<Secret>, Error> {
    let Some(file) = file else {
        return Ok(value.cloned());
    };
    let size = std::fs::metadata(file).map_err(|error| unreadable(file, &error))?.len();
    if size > MAX_SECRET {
        let detail = format!("{} holds {size} bytes: too many for a password", file.display());
        return Err(Error::new(Class::Operator, detail));
    }
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
}

fn unreadable(file: &Path, error: &std::io::Error) -> Error {
    Error::new(Class::Operator, format!("{} cannot be read: {error}", file.display()))
}
