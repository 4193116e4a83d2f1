//! Owners that die, hang and fight.

use super::cluster::{Seen, Topics, block, open, row, rows, servers};
use super::{known, sink};
use deliver::{Class, Progress, Sink};
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An owner that dies in the middle of a transaction: records sent, nothing ended, nothing cleaned up.
fn die_in_transaction(topics: &Topics) {
    let config = topics.config();
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", servers())
        .set("transactional.id", config.transactional_id)
        .set("transaction.timeout.ms", "60000")
        .create()
        .unwrap();
    producer.init_transactions(Duration::from_secs(20)).unwrap();
    producer.begin_transaction().unwrap();
    for topic in ["articles.v1", "progress.v1"] {
        let name = topics.name(topic);
        let partition = if topic == "progress.v1" { 0 } else { 1 };
        producer
            .send(BaseRecord::to(&name).key("phantom").payload("{}").partition(partition))
            .map_err(|(error, _)| error)
            .unwrap();
    }
    producer.flush(Duration::from_secs(10)).unwrap();
    // Not dropped: dropping would not abort either, but would end its connections in good order.
    std::mem::forget(producer);
}

#[test]
fn a_dead_owners_transaction_is_ended_and_leaves_nothing() {
    let topics = Topics::new("dead");
    block(async {
        let mut first = sink(&topics);
        open(&mut first).await;
        first.deliver(rows(1..=10, 20).into()).await.unwrap();
        first.close().await;
        die_in_transaction(&topics);
        let begun = Instant::now();
        let mut second = sink(&topics);
        assert_eq!(open(&mut second).await, known(10));
        second.deliver(rows(11..=20, 20).into()).await.unwrap();
        // The dead transaction would have held readers back for a minute.
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    });
    let mut seen: Vec<u64> = topics.read("articles.v1").iter().map(Seen::seq).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());
}

#[test]
fn deliveries_left_alone_at_any_moment_make_no_repeat_and_no_loss() {
    let topics = Topics::new("alone");
    let all = rows(1..=400, 500);
    let (mut left, mut done) = (0, 0_u64);
    block(async {
        let mut sink = sink(&topics);
        assert_eq!(open(&mut sink).await, Progress::None);
        for round in 0_u64.. {
            let from = usize::try_from(done).unwrap();
            let Some(batch) = all[from..].chunks(20).next() else { break };
            // From "at once" to "after the commit", over and over.
            let patience = Duration::from_micros(round * 1_700 % 40_000);
            match tokio::time::timeout(patience, sink.deliver(batch.into())).await {
                Ok(receipt) => done = receipt.unwrap().last_seq,
                Err(_) => {
                    left += 1;
                    assert_eq!(sink.deliver(batch.into()).await.unwrap_err().class, Class::Rebuild);
                    if round % 3 == 0 {
                        sink = super::sink(&topics);
                    }
                    match open(&mut sink).await {
                        Progress::None => assert_eq!(done, 0),
                        Progress::Known { last_seq, .. } => {
                            assert!(
                                last_seq == done || last_seq == done + batch.len() as u64,
                                "{last_seq} after {done}"
                            );
                            done = last_seq;
                        }
                    }
                }
            }
        }
    });
    assert!(left >= 5, "only {left} deliveries were left alone");
    let mut seen: Vec<u64> = topics.read("articles.v1").iter().map(Seen::seq).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=400).collect::<Vec<_>>());
}

#[test]
fn two_owners_fence_each_other_and_a_rival_is_concluded() {
    let topics = Topics::new("rival");
    block(async {
        let (mut ours, mut theirs) = (sink(&topics), sink(&topics));
        open(&mut ours).await;
        let mut classes = Vec::new();
        let mut done = 0;
        for _ in 0..3 {
            open(&mut theirs).await;
            let error = ours.deliver(Arc::new([row(done + 1, 10)])).await.unwrap_err();
            classes.push(error.class);
            // Fenced, but not gone: reading progress again is what makes it safe.
            match open(&mut ours).await {
                Progress::None => {}
                Progress::Known { last_seq, .. } => done = last_seq,
            }
            done = ours.deliver(Arc::new([row(done + 1, 10)])).await.unwrap().last_seq;
        }
        assert_eq!(classes, [Class::Rebuild, Class::Rebuild, Class::Rival]);
        assert_eq!(done, 3);
    });
    let mut seen: Vec<u64> = topics.read("articles.v1").iter().map(Seen::seq).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3]);
}

#[test]
fn a_topic_that_is_deleted_is_named_and_delivery_goes_on_when_it_is_back() {
    let topics = Topics::new("deleted");
    let mut config = topics.config();
    config.message_timeout = model::units::Span::from_secs(3);
    config.topics.manage = deliver::kafka::Manage::Check;
    block(async { open(&mut sink(&topics)).await });
    block(async {
        let mut sink = deliver::kafka::Kafka::new(config, super::STORE).unwrap();
        open(&mut sink).await;
        sink.deliver(rows(1..=5, 10).into()).await.unwrap();
        topics.delete("articles.v1").await;
        let error = sink.deliver(rows(6..=10, 10).into()).await.unwrap_err();
        assert_eq!(error.class, Class::Operator, "{error}");
        assert!(error.detail.contains(&topics.name("articles.v1")), "{error}");
        open(&mut super::sink(&topics)).await;
        assert_eq!(open(&mut sink).await, known(5));
        sink.deliver(rows(6..=10, 10).into()).await.unwrap();
    });
    assert_eq!(topics.read("articles.v1").len(), 5);
}

#[test]
fn closing_in_the_middle_of_a_delivery_frees_the_readers() {
    let topics = Topics::new("closing");
    block(async {
        let mut sink = sink(&topics);
        open(&mut sink).await;
        sink.deliver(rows(1..=5, 10).into()).await.unwrap();
        let mut config = topics.config();
        // Records linger, so that the end comes while the transaction is open.
        config.linger = model::units::Span::from_millis(900);
        let mut slow = deliver::kafka::Kafka::new(config, super::STORE).unwrap();
        assert_eq!(open(&mut slow).await, known(5));
        let _ = tokio::time::timeout(Duration::from_millis(200), slow.deliver(rows(6..=10, 10).into())).await;
        let begun = Instant::now();
        slow.close().await;
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    });
    // Nobody has to wait for the transaction's timeout of 30 s.
    assert_eq!(topics.read("articles.v1").len(), 5);
}
