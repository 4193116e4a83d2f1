//! Delivers rows of 4 KiB to a broker in batches and prints rows a second and the times of a delivery, then
//! reads the topic back and compares.
//!
//! `WIREROOM_TEST_KAFKA=host:port cargo run --release -p deliver --example speed [ROWS [BATCH]]`

use deliver::kafka::{Config, Kafka};
use deliver::{Class, Progress, Sink};
use model::{Row, StoreId, Topic};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const PARTITIONS: i32 = 6;
const WORDS: [&str; 16] = [
    "minister", "harbour", "election", "the", "of", "storm", "and", "court", "said", "market", "river", "on",
    "police", "a", "summit", "league",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().map_or(Ok(50_000), |text| text.parse())?;
    let batch: usize = arguments.next().map_or(Ok(1000), |text| text.parse())?;
    let mut config = Config {
        bootstrap_servers: std::env::var("WIREROOM_TEST_KAFKA")
            .map_err(|_| "set WIREROOM_TEST_KAFKA=host:port")?,
        ..Config::default()
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    config.topic_prefix = format!("speed-{}", now.as_millis());
    config.transactional_id.clone_from(&config.topic_prefix);
    config.topics.partitions = PARTITIONS;
    let servers = config.bootstrap_servers.clone();
    let topic = config.topic("articles.v1");

    let rows: Vec<Row> =
        (1..=count as u64).map(|seq| row(seq, i64::try_from(now.as_millis()).unwrap_or(0))).collect();
    let mut sink = Kafka::new(config, StoreId(*b"speedrun"))?;
    let mut done = recover(&mut sink).await?;
    let (mut times, begun) = (Vec::new(), Instant::now());
    while let Some(next) = rows[done..].chunks(batch).next() {
        let sent = Instant::now();
        match sink.deliver(next.into()).await {
            Ok(receipt) => {
                times.push(sent.elapsed());
                done = usize::try_from(receipt.last_seq)?;
            }
            Err(error) if matches!(error.class, Class::Rebuild | Class::Retry) => {
                writeln!(std::io::stderr(), "{}: {error}", error.class)?;
                done = recover(&mut sink).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let took = begun.elapsed();
    sink.close().await;
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    let rate = count as f64 / took.as_secs_f64();
    let (seen, distinct) = read_back(&servers, &topic)?;
    writeln!(
        std::io::stdout(),
        "{count} rows in batches of {batch}: {rate:.0} rows/s, delivery p50 {:?}, p99 {:?}; read back {seen}, distinct {distinct}",
        at(50),
        at(99)
    )?;
    if (seen, distinct) == (count, count) {
        Ok(())
    } else {
        Err("the topic does not hold each row once".into())
    }
}

/// Opens the sink anew until it answers; the rows that are delivered.
async fn recover(sink: &mut Kafka) -> Result<usize, Box<dyn std::error::Error>> {
    loop {
        match sink.recover().await {
            Ok(Progress::None) => return Ok(0),
            Ok(Progress::Known { last_seq, .. }) => return Ok(usize::try_from(last_seq)?),
            Err(error) if error.class == Class::Retry => {
                writeln!(std::io::stderr(), "recover, {}: {error}", error.class)?;
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A row whose payload is 4 KiB of text.
fn row(seq: u64, settled_at_ms: i64) -> Row {
    let mut state = seq;
    let mut text = format!("{{\"id\":{seq},\"text\":\"");
    while text.len() < 4094 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS[(state >> 60) as usize]);
        text.push(' ');
    }
    text.truncate(4094);
    text.push_str("\"}");
    let headers = [
        ("ce_specversion", "1.0"),
        ("ce_type", "wireroom.article.created.v1"),
        ("ce_source", "urn:wireroom:feed:speed"),
        ("ce_time", "2026-11-24T00:00:00Z"),
        ("ce_dataschema", "urn:wireroom:schema:article:v1"),
        ("content-type", "application/json"),
    ];
    Row {
        seq,
        topic: Topic::Articles,
        key: format!("{seq:026}"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        payload: Some(text.into_bytes()),
        settled_at_ms,
    }
}

/// How many records, and how many different keys, a reader of committed records sees.
fn read_back(servers: &str, topic: &str) -> Result<(usize, usize), Box<dyn std::error::Error>> {
    let reader: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("group.id", "wireroom-speed")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", "read_committed")
        .create()?;
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    reader.assign(&list)?;
    let (mut keys, mut ends) = (BTreeMap::<Vec<u8>, usize>::new(), 0);
    while ends < PARTITIONS {
        match reader.poll(Duration::from_secs(10)) {
            Some(Ok(message)) => *keys.entry(message.key().unwrap_or_default().to_vec()).or_default() += 1,
            Some(Err(KafkaError::PartitionEOF(_))) => ends += 1,
            Some(Err(error)) => return Err(error.into()),
            None => return Err("the topic cannot be read to its end".into()),
        }
    }
    Ok((keys.values().sum(), keys.len()))
}
