use super::answer;
use super::client::{Clients, Isolation, Reader};
use super::stop::Stop;
use crate::{Class, Error, Progress};
use model::StoreId;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use serde::Deserialize;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The one partition of the progress topic that is used.
pub(super) const PARTITION: i32 = 0;
/// How far before the end the first look begins, records and markers; the next looks reach back further.
const FIRST_LOOK: i64 = 200;
/// By how much each look reaches back further than the one before.
const REACH: i64 = 16;

/// The value of a progress record; its key is the transactional id.
#[derive(Deserialize)]
struct Words {
    store_id: String,
    last_seq: u64,
}

/// The value that says that all rows of `store` up to `last_seq` are delivered; `ts`, milliseconds since
/// 1970, is for people.
pub(super) fn encode(store: StoreId, last_seq: u64) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ts = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    format!("{{\"store_id\":\"{store}\",\"last_seq\":{last_seq},\"ts\":{ts}}}").into_bytes()
}

fn decode(value: &[u8]) -> Option<Progress> {
    let words: Words = serde_json::from_slice(value).ok()?;
    Some(Progress::Known { store: words.store_id.parse().ok()?, last_seq: words.last_seq })
}

/// Reads the last committed progress record under `key`. To be called after the older owner was fenced:
/// then none of its transactions can still end.
pub(super) fn read(clients: &Clients<'_>, topic: &str, key: &str, stop: &Stop) -> Result<Progress, Error> {
    let timeout = clients.config.request_timeout.0;
    // A read_committed client takes the last stable offset for the end; only the other kind knows the true one.
    let all = clients.reader(Isolation::Uncommitted)?;
    let (low, high) = watermarks(&all, topic, timeout, clients)?;
    let committed = clients.reader(Isolation::Committed)?;
    // The one guarantee that fencing gives is that this wait ends; a build without fencing does not wait.
    if !fault::is(fault::Mutant::NoFencing) {
        wait_until_stable(&committed, topic, high, clients, stop)?;
    }
    let mut reach = FIRST_LOOK;
    loop {
        let start = high.saturating_sub(reach).max(low);
        let found = look(&committed, topic, key, start, clients, stop)?;
        if let Some(value) = found {
            return value.map_or(Ok(Progress::None), |value| {
                let detail =
                    format!("the progress record of `{key}` in {topic} cannot be read: it is not wireroom's");
                decode(&value).ok_or(Error::new(Class::Operator, detail))
            });
        }
        if start == low {
            return Ok(Progress::None);
        }
        reach = reach.saturating_mul(REACH);
    }
}

fn watermarks(
    reader: &Reader,
    topic: &str,
    timeout: Duration,
    clients: &Clients<'_>,
) -> Result<(i64, i64), Error> {
    reader.fetch_watermarks(topic, PARTITION, timeout).map_err(|error| unreadable(topic, &error, clients))
}

/// Waits until no transaction that began before `high` is open.
fn wait_until_stable(
    reader: &Reader,
    topic: &str,
    high: i64,
    clients: &Clients<'_>,
    stop: &Stop,
) -> Result<(), Error> {
    let end = Instant::now() + clients.config.request_timeout.0;
    loop {
        let (_, stable) = watermarks(reader, topic, clients.config.request_timeout.0, clients)?;
        if stable >= high {
            return Ok(());
        }
        if Instant::now() >= end || stop.is_set() {
            let detail = format!("a transaction of another producer is still open in {topic}");
            return Err(Error::new(Class::Retry, detail));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The last value of `key` from `start` on; inner none: a tombstone.
fn look(
    reader: &Reader,
    topic: &str,
    key: &str,
    start: i64,
    clients: &Clients<'_>,
    stop: &Stop,
) -> Result<Option<Option<Vec<u8>>>, Error> {
    let mut list = TopicPartitionList::new();
    let assigned = list
        .add_partition_offset(topic, PARTITION, Offset::Offset(start))
        .and_then(|()| reader.assign(&list));
    assigned.map_err(|error| unreadable(topic, &error, clients))?;
    let mut last = None;
    // Counted anew with each record, so that a long topic on a slow line is read to its end.
    let mut end = Instant::now() + clients.config.request_timeout.0;
    loop {
        match reader.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                end = Instant::now() + clients.config.request_timeout.0;
                if message.key() == Some(key.as_bytes()) {
                    last = Some(message.payload().map(<[u8]>::to_vec));
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => return Ok(last),
            Some(Err(error)) if answer::class(answer::Answer::of(&error).code) == Class::Operator => {
                // No group is used, so a group that may not be read does not matter.
                if answer::Answer::of(&error).code
                    != rdkafka::types::RDKafkaErrorCode::GroupAuthorizationFailed
                {
                    return Err(unreadable(topic, &error, clients));
                }
            }
            Some(Err(_)) | None => {}
        }
        if Instant::now() >= end || stop.is_set() {
            return Err(Error::new(
                Class::Retry,
                clients.heard.explain(format!("{topic} could not be read in time")),
            ));
        }
    }
}

fn unreadable(topic: &str, error: &KafkaError, clients: &Clients<'_>) -> Error {
    let class = if clients.heard.blames_operator() {
        Class::Operator
    } else {
        answer::class(answer::Answer::of(error).code)
    };
    Error::new(class, clients.heard.explain(format!("{topic} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_progress_record_reads_back() {
        let store = StoreId([1; 8]);
        let value = encode(store, 77);
        assert_eq!(decode(&value), Some(Progress::Known { store, last_seq: 77 }));
        assert!(
            String::from_utf8(value)
                .unwrap()
                .starts_with("{\"store_id\":\"0101010101010101\",\"last_seq\":77,\"ts\":")
        );
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        for value in [
            "",
            "{}",
            "7",
            "{\"store_id\":\"x\",\"last_seq\":1,\"ts\":0}",
            "{\"store_id\":\"0101010101010101\"}",
        ] {
            assert_eq!(decode(value.as_bytes()), None, "{value}");
        }
    }
}
