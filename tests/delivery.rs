//! Delivery to a real broker: what a reader with `isolation.level=read_committed` sees.
#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of test functions")]

pub(crate) mod cluster;
mod faults;
mod secure;
mod security;

use cluster::{Seen, Topics, block, murmur2, noise, open, row, rows};
use deliver::kafka::{Delivery, Kafka, Manage};
use deliver::{Class, Progress, Sink};
use model::{Row, StoreId, Topic};
use std::sync::Arc;
use std::time::{Duration, Instant};

const STORE: StoreId = StoreId(*b"wireroom");

fn known(last_seq: u64) -> Progress {
    Progress::Known { store: STORE, last_seq }
}

fn sink(topics: &Topics) -> Kafka {
    Kafka::new(topics.config(), STORE).unwrap()
}

#[test]
fn records_arrive_whole_and_in_the_java_clients_partitions() {
    let topics = Topics::new("whole");
    let mut all = rows(1..=40, 300);
    all[3].topic = Topic::Sightings;
    all[7].topic = Topic::Stories;
    all[11].topic = Topic::Feeds;
    all[20].payload = None;
    block(async {
        let mut sink = sink(&topics);
        assert_eq!(open(&mut sink).await, Progress::None);
        let receipt = sink.deliver(all.clone().into()).await.unwrap();
        assert_eq!((receipt.last_seq, receipt.dead), (40, vec![]));
        sink.close().await;
        assert_eq!(open(&mut self::sink(&topics)).await, known(40));
    });
    for topic in [Topic::Articles, Topic::Sightings, Topic::Stories, Topic::Feeds, Topic::Dlq] {
        let sent: Vec<Row> = all.iter().filter(|row| row.topic == topic).cloned().collect();
        let seen = topics.read(topic.suffix());
        assert_eq!(seen.len(), sent.len(), "{topic:?}");
        for row in &sent {
            let found: Vec<&Seen> = seen.iter().filter(|record| record.key == row.key).collect();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].payload, row.payload);
            assert_eq!(found[0].headers, row.headers);
            assert_eq!(found[0].timestamp, row.settled_at_ms);
            assert_eq!(found[0].partition, (murmur2(row.key.as_bytes()) & 0x7fff_ffff) % 3);
        }
    }
}

#[test]
fn rows_of_one_key_keep_their_order() {
    let topics = Topics::new("order");
    let mut all = rows(1..=600, 50);
    for row in &mut all {
        row.key = format!("key-{}", row.seq % 7);
    }
    block(async {
        let mut sink = sink(&topics);
        open(&mut sink).await;
        for batch in all.chunks(130) {
            sink.deliver(batch.into()).await.unwrap();
        }
    });
    let seen = topics.read("articles.v1");
    assert_eq!(seen.len(), 600);
    for key in 0..7 {
        let seqs: Vec<u64> =
            seen.iter().filter(|record| record.key == format!("key-{key}")).map(Seen::seq).collect();
        assert!(seqs.is_sorted(), "{seqs:?}");
    }
}

#[test]
fn topics_are_created_as_they_should_be() {
    let topics = Topics::new("create");
    block(async {
        let mut sink = sink(&topics);
        open(&mut sink).await;
        // Again over topics that are there.
        open(&mut sink).await;
    });
    let articles = topics.settings("articles.v1");
    assert_eq!(articles["cleanup.policy"], "compact,delete");
    assert_eq!(articles["min.compaction.lag.ms"], "86400000");
    assert_eq!(topics.settings("dlq.v1")["cleanup.policy"], "delete");
    assert_eq!(topics.settings("progress.v1")["cleanup.policy"], "compact");
    for (topic, partitions) in
        [("articles.v1", 3), ("sightings.v1", 3), ("stories.v1", 3), ("feeds.v1", 3), ("progress.v1", 1)]
    {
        assert_eq!(topics.partitions(topic), partitions, "{topic}");
    }
}

#[test]
fn missing_topics_are_named() {
    let topics = Topics::new("check");
    let mut config = topics.config();
    config.topics.manage = Manage::Check;
    block(async {
        let mut sink = Kafka::new(config, STORE).unwrap();
        let error = sink.recover().await.unwrap_err();
        assert_eq!(error.class, Class::Operator);
        for name in ["articles.v1", "dlq.v1", "progress.v1"] {
            assert!(error.detail.contains(&topics.name(name)), "{error}");
        }
        // Once they are there, it goes on.
        open(&mut self::sink(&topics)).await;
        assert_eq!(open(&mut sink).await, Progress::None);
    });
}

#[test]
fn an_unmanaged_missing_topic_is_named_too() {
    let topics = Topics::new("off");
    topics.create("progress.v1", 1, &[("cleanup.policy", "compact")]);
    let mut config = topics.config();
    config.topics.manage = Manage::Off;
    config.message_timeout = model::units::Span::from_secs(2);
    block(async {
        let mut sink = Kafka::new(config, STORE).unwrap();
        open(&mut sink).await;
        let error = sink.deliver(rows(1..=3, 10).into()).await.unwrap_err();
        assert_eq!(error.class, Class::Operator, "{error}");
        assert!(error.detail.contains(&topics.name("articles.v1")), "{error}");
    });
}

#[test]
fn progress_that_would_be_deleted_is_refused() {
    let topics = Topics::new("policy");
    topics.create("progress.v1", 1, &[("cleanup.policy", "delete")]);
    let error = block(async { sink(&topics).recover().await.unwrap_err() });
    assert_eq!(error.class, Class::Operator);
    assert!(error.detail.contains("cleanup.policy=delete"), "{error}");
}

#[test]
fn progress_is_found_behind_many_others() {
    let topics = Topics::new("behind");
    block(async {
        let mut ours = sink(&topics);
        open(&mut ours).await;
        ours.deliver(rows(1..=5, 10).into()).await.unwrap();
        // Another daemon with a name of its own shares the topics.
        let mut config = topics.config();
        config.transactional_id = topics.name("other");
        let mut other = Kafka::new(config, StoreId([9; 8])).unwrap();
        assert_eq!(open(&mut other).await, Progress::None);
        for seq in 1..=130 {
            other.deliver(Arc::new([row(seq, 1)])).await.unwrap();
        }
        assert_eq!(open(&mut ours).await, known(5));
        assert_eq!(open(&mut other).await, Progress::Known { store: StoreId([9; 8]), last_seq: 130 });
    });
}

#[test]
fn a_poison_record_goes_to_the_dead_letters_with_the_rest() {
    let topics = Topics::new("poison");
    topics.create("articles.v1", 3, &[("max.message.bytes", "20000")]);
    let mut all = rows(1..=60, 200);
    // In all partitions, so that they are not all found at once.
    let poison = [3, 18, 19, 20, 42, 59];
    for seq in poison {
        all[seq as usize - 1].payload = Some(noise(25_000, seq));
    }
    all[17].payload = Some(noise(60_000, 1));
    block(async {
        let mut sink = sink(&topics);
        open(&mut sink).await;
        let receipt = sink.deliver(all.clone().into()).await.unwrap();
        assert_eq!((receipt.last_seq, receipt.dead), (60, poison.to_vec()));
        // The producer goes on, and progress is whole.
        sink.deliver(Arc::new([row(61, 10)])).await.unwrap();
        assert_eq!(open(&mut sink).await, known(61));
    });
    let mut seen: Vec<u64> = topics.read("articles.v1").iter().map(Seen::seq).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=61).filter(|seq| !poison.contains(seq)).collect::<Vec<_>>());
    let mut dead = topics.read("dlq.v1");
    dead.retain(|record| record.seq() == 18);
    assert_eq!((dead.len(), topics.read("dlq.v1").len()), (1, poison.len()));
    assert_eq!(dead[0].payload, all[17].payload);
    assert_eq!(dead[0].header("error_stage"), "deliver");
    assert_eq!(dead[0].header("error_class"), "too_large");
    assert_eq!(dead[0].header("error_topic"), topics.name("articles.v1"));
    assert_eq!(dead[0].header("feed_id"), "guardian");
    assert!(dead[0].header("attempts").parse::<u32>().unwrap() >= 2);
    assert!(!dead[0].header("error_message").is_empty());
}

#[test]
fn a_record_with_an_impossible_time_is_poison_too() {
    let topics = Topics::new("time");
    topics.create("articles.v1", 3, &[("message.timestamp.before.max.ms", "3600000")]);
    let mut all = rows(1..=20, 50);
    all[4].settled_at_ms = 1_000_000_000_000;
    block(async {
        let mut sink = sink(&topics);
        open(&mut sink).await;
        assert_eq!(sink.deliver(all.into()).await.unwrap().dead, [5]);
        // All of many: that is not the records' fault.
        let mut all = rows(21..=60, 50);
        all.iter_mut().for_each(|row| row.settled_at_ms = 1_000_000_000_000);
        let error = sink.deliver(all.into()).await.unwrap_err();
        assert_eq!(error.class, Class::Operator, "{error}");
        assert!(error.detail.contains("every record is refused"), "{error}");
        assert_eq!(open(&mut sink).await, known(20));
    });
    assert_eq!(topics.read("dlq.v1")[0].header("error_class"), "invalid_timestamp");
    assert_eq!(topics.read("articles.v1").len(), 19);
}

#[test]
fn batches_stay_below_the_topics_limit() {
    let topics = Topics::new("limit");
    topics.create("articles.v1", 1, &[("max.message.bytes", "12000")]);
    let all: Vec<Row> = (1..=200).map(|seq| Row { payload: Some(noise(1000, seq)), ..row(seq, 1) }).collect();
    block(async {
        let mut sink = sink(&topics);
        open(&mut sink).await;
        assert_eq!(sink.deliver(all.clone().into()).await.unwrap().dead, [] as [u64; 0]);
        // The limit sinks while the sink is open: the batch is at fault, no record is.
        topics.set("articles.v1", "max.message.bytes", "3000");
        let more: Vec<Row> = all.iter().map(|row| Row { seq: row.seq + 200, ..row.clone() }).collect();
        let error = sink.deliver(more.clone().into()).await.unwrap_err();
        assert_eq!(error.class, Class::Rebuild, "{error}");
        assert_eq!(open(&mut sink).await, known(200));
        assert_eq!(sink.deliver(more.into()).await.unwrap().dead, [] as [u64; 0]);
    });
    assert_eq!(topics.read("articles.v1").len(), 400);
}

#[test]
fn at_least_once_delivers_in_order_and_buries_poison() {
    let topics = Topics::new("acked");
    topics.create("articles.v1", 1, &[("max.message.bytes", "20000")]);
    let mut config = topics.config();
    config.delivery = Delivery::AtLeastOnce;
    let mut all = rows(1..=60, 100);
    all[30].payload = Some(noise(50_000, 7));
    block(async {
        let mut sink = Kafka::new(config, STORE).unwrap();
        assert_eq!(open(&mut sink).await, Progress::None);
        let receipt = sink.deliver(all.into()).await.unwrap();
        assert_eq!((receipt.last_seq, receipt.dead), (60, vec![31]));
        sink.close().await;
    });
    let last: Vec<u64> = topics.read("articles.v1").iter().map(Seen::seq).collect();
    assert_eq!(last.last(), Some(&60));
    assert!((1..=60).filter(|seq| *seq != 31).all(|seq| last.contains(&seq)));
    assert_eq!(topics.read("dlq.v1")[0].seq(), 31);
    assert!(!topics.exists("progress.v1"));
}

#[test]
fn nobody_at_home_is_no_operators_fault_and_holds_up_nothing() {
    let mut config = Topics::new("home").config();
    config.bootstrap_servers = format!("127.0.0.1:{}", cluster::closed_port());
    config.request_timeout = model::units::Span::from_secs(1);
    block(async {
        let mut sink = Kafka::new(config.clone(), STORE).unwrap();
        let error = sink.recover().await.unwrap_err();
        assert_eq!(error.class, Class::Retry, "{error}");
        assert!(error.detail.contains(&config.bootstrap_servers), "{error}");
        assert_eq!(sink.deliver(Arc::new([row(1, 1)])).await.unwrap_err().class, Class::Rebuild);
        let begun = Instant::now();
        let _ = tokio::time::timeout(Duration::from_millis(300), sink.recover()).await;
        sink.close().await;
        assert!(begun.elapsed() < Duration::from_millis(3500), "{:?}", begun.elapsed());
    });
}
