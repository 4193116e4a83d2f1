use super::client::{Clients, Producer};
use super::config::{Config, Delivery};
use super::dead::Dead;
use super::heard::Heard;
use super::registry::Codec;
use super::rival::Rivals;
use super::stop::Stop;
use super::topics::Limits;
use super::{answer, dead, progress, topics};
use crate::{Class, Error, Progress};
use model::{Receipt, Row, StoreId, Topic};
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Between two looks at what is still on its way: a tenth of what a commit takes.
const DRAIN_PAUSE: Duration = Duration::from_micros(500);

/// Largest batch for one partition, bytes; librdkafka's own default.
const BATCH_BYTES: usize = 1_000_000;
/// Bytes by which a batch stays below the topic's limit: its frame, and what compression may add.
const BATCH_MARGIN: usize = 4 << 10;
/// What a topic takes when the cluster does not say: the brokers' default, bytes.
const LIMIT: usize = 1_048_588;
/// One call to librdkafka waits no longer than this, so that an end that is asked for is noticed.
pub(super) const SLICE: Duration = Duration::from_millis(500);
/// How long the brokers have to recognise a new producer.
const INIT: Duration = Duration::from_secs(15);

/// All that lives on the sink's one thread: the clients are made, used and dropped there.
#[derive(Debug)]
pub(super) struct Worker {
    pub config: Config,
    pub store: StoreId,
    pub stop: Stop,
    pub heard: Arc<Heard>,
    pub rivals: Rivals,
    /// None before `recover`, and after an error that leads back to it.
    pub producer: Option<Handle>,
    pub limits: Limits,
    /// How values are written; none before the registry was asked.
    codec: Option<Codec>,
    /// Halved when a batch was too large although no record was: then the limits are not known.
    batch_cap: usize,
    /// Without transactions: all rows up to here are acknowledged.
    pub acked: u64,
}

/// A producer; a wrapper, since librdkafka's does not implement `Debug`.
pub(super) struct Handle(pub Producer);

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Producer")
    }
}

impl Worker {
    pub(super) fn new(config: Config, store: StoreId, stop: Stop) -> Self {
        let rivals = Rivals::new(config.transaction_timeout.0);
        Self {
            config,
            store,
            stop,
            heard: Arc::default(),
            rivals,
            producer: None,
            limits: Limits::new(),
            codec: None,
            batch_cap: BATCH_BYTES,
            acked: 0,
        }
    }

    pub(super) fn recover(&mut self) -> Result<Progress, Error> {
        self.producer = None;
        self.heard.clear();
        self.heard.clear_failures();
        self.limits = topics::prepare(&self.clients())?;
        if self.codec.is_none() {
            self.codec = Some(Codec::open(&self.config)?);
        }
        self.open()?;
        if self.config.delivery == Delivery::AtLeastOnce {
            return Ok(Progress::None);
        }
        let topic = self.config.topic(topics::PROGRESS);
        let read = progress::read(&self.clients(), &topic, &self.config.transactional_id, &self.stop);
        read.inspect_err(|_| self.producer = None)
    }

    pub(super) fn deliver(&mut self, rows: &[Row]) -> Result<Receipt, Error> {
        if self.producer.is_none() {
            return Err(Error::new(Class::Rebuild, "the producer is not open"));
        }
        self.heard.clear();
        let done = match self.config.delivery {
            Delivery::ExactlyOnce => self.deliver_once(rows),
            Delivery::AtLeastOnce => self.deliver_acked(rows),
        };
        done.inspect_err(|error| {
            if error.class != Class::Retry {
                self.producer = None;
            }
        })
    }

    /// Makes the producer, and fences whoever used our name before.
    pub(super) fn open(&mut self) -> Result<(), Error> {
        self.producer = None;
        let smallest = self.limits.values().copied().min().unwrap_or(LIMIT);
        let batch = smallest.saturating_sub(BATCH_MARGIN).max(smallest / 2).clamp(1, self.batch_cap);
        let id = self.transactional_id();
        let producer = self.clients().producer(batch, Some(&id))?;
        if self.config.delivery == Delivery::ExactlyOnce {
            self.init(&producer)?;
        }
        self.producer = Some(Handle(producer));
        Ok(())
    }

    fn init(&mut self, producer: &Producer) -> Result<(), Error> {
        let end = Instant::now() + INIT;
        loop {
            let Err(error) = producer.init_transactions(SLICE) else { return Ok(()) };
            producer.poll(Duration::ZERO);
            let answer = answer::Answer::of(&error);
            let again = answer::next(answer::Call::Init, answer) == answer::Next::Again;
            if !again || Instant::now() >= end || self.stop.is_set() {
                let class =
                    if self.heard.blames_operator() { Class::Operator } else { answer::class(answer.code) };
                let id = &self.config.transactional_id;
                let detail = format!("the cluster does not open transactions for `{id}`: {error}");
                return Err(Error::new(class, self.heard.explain(detail)));
            }
        }
    }

    /// The name that fences; a build without fencing makes one up for each process.
    fn transactional_id(&self) -> String {
        if fault::is(fault::Mutant::NoFencing) {
            return format!("{}-{}", self.config.transactional_id, std::process::id());
        }
        self.config.transactional_id.clone()
    }

    pub(super) fn clients(&self) -> Clients<'_> {
        Clients { config: &self.config, heard: &self.heard }
    }

    /// The dead letter of a row that is refused.
    pub(super) fn letter(&self, row: &Row, dead: Dead) -> Row {
        let topic = self.config.topic(row.topic.suffix());
        let limit = self.limits.get(&self.config.topic(Topic::Dlq.suffix())).copied().unwrap_or(LIMIT);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // The time of this letter, not the row's: that may be what is refused.
        let settled_at_ms = i64::try_from(now.as_millis()).unwrap_or(row.settled_at_ms);
        Row { settled_at_ms, ..dead::letter(row, dead, &topic, limit) }
    }

    /// Hands one row to librdkafka under a number of its own; waits while its queue is full.
    pub(super) fn send(&self, producer: &Producer, row: &Row, number: usize) -> Result<(), Code> {
        let topic = self.config.topic(row.topic.suffix());
        let codec = self.codec.as_ref().ok_or(Code::State)?;
        let value = codec.value(row)?;
        let mut record = BaseRecord::with_opaque_to(&topic, number)
            .key(row.key.as_bytes())
            .timestamp(row.settled_at_ms)
            .headers(headers(&codec.headers(row)));
        record.payload = value.as_deref();
        self.enqueue(producer, record)
    }

    /// Hands one record to librdkafka; waits while its queue is full.
    pub(super) fn enqueue(
        &self,
        producer: &Producer,
        mut record: BaseRecord<'_, [u8], [u8], usize>,
    ) -> Result<(), Code> {
        let end = Instant::now() + self.drain_time();
        loop {
            let Err((error, back)) = producer.send(record) else { return Ok(()) };
            match answer::Answer::of(&error).code {
                Code::QueueFull if Instant::now() < end && !self.stop.is_set() => {
                    producer.poll(Duration::from_millis(5));
                    record = back;
                }
                code => return Err(code),
            }
        }
    }

    /// Waits until each record is acknowledged or has failed. Short polls: one of librdkafka's flushes
    /// costs 100 ms.
    pub(super) fn drain(&self, producer: &Producer) {
        self.drain_while(producer, || true);
    }

    /// The same, but only until the first record has failed: a transaction is lost then, and records that
    /// were not sent yet would wait for nothing.
    pub(super) fn drain_or_fail(&self, producer: &Producer) {
        self.drain_while(producer, || !self.heard.has_failures());
    }

    fn drain_while(&self, producer: &Producer, wanted: impl Fn() -> bool) {
        let end = Instant::now() + self.drain_time();
        while producer.in_flight_count() > 0 && wanted() && Instant::now() < end && !self.stop.is_set() {
            // A poll with a time to wait spins through librdkafka's event queue; sleeping costs no CPU.
            producer.poll(Duration::ZERO);
            std::thread::sleep(DRAIN_PAUSE);
        }
    }

    /// How long records may be on their way: librdkafka itself gives up earlier.
    fn drain_time(&self) -> Duration {
        self.config.message_timeout.0 + Duration::from_secs(5)
    }

    /// An error for records that failed with `code`; `usable`: the producer can go on.
    pub(super) fn refused(&mut self, code: Code, usable: bool) -> Error {
        if answer::is_fence(code) {
            return self.fenced();
        }
        let detail = self.heard.explain(format!("the cluster did not take the records: {code}"));
        if self.stop.is_set() {
            return Error::new(Class::Rebuild, "stopped before the records were taken");
        }
        if self.heard.blames_operator() {
            return Error::new(Class::Operator, detail);
        }
        if answer::may_be_missing(code)
            && let Some(absence) = topics::absence(&self.clients())
        {
            return absence;
        }
        match answer::class(code) {
            // Records at fault were looked for before: this is the progress record or a dead letter.
            _ if usable && answer::is_poison(code) => Error::new(Class::Operator, detail),
            Class::Retry if !usable => Error::new(Class::Rebuild, detail),
            class => Error::new(class, detail),
        }
    }

    pub(super) fn fenced(&mut self) -> Error {
        let id = &self.config.transactional_id;
        if self.rivals.fenced(Instant::now()) {
            let detail = format!(
                "another daemon delivers as `{id}` and fences this one again and again: give each its own `kafka.transactional_id`"
            );
            return Error::new(Class::Rival, detail);
        }
        Error::new(
            Class::Rebuild,
            format!("fenced as `{id}`: a new owner, or a transaction that outlived its timeout"),
        )
    }

    /// A batch was too large although none of its records was: the limits are not what was read.
    pub(super) fn batch_too_large(&mut self, code: Code) -> Error {
        self.batch_cap = (self.batch_cap / 2).max(1);
        let detail = format!(
            "a batch was refused ({code}) though none of its records is: reading the topics' limits again"
        );
        Error::new(Class::Rebuild, detail)
    }
}

fn headers(given: &[(&str, &[u8])]) -> OwnedHeaders {
    let empty = OwnedHeaders::new_with_capacity(given.len());
    given.iter().fold(empty, |headers, (key, value)| headers.insert(Header { key, value: Some(*value) }))
}
