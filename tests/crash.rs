//! Nothing is lost and nothing is doubled when the daemon is killed: the short form of `torture`.

use fault::Point;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use std::time::Duration;
use testkit::kafka::{Cluster, View};
use testkit::torture::{Options, run};

const PATIENCE: Duration = Duration::from_secs(10);
/// Random kills beside one at each named point.
const KILLS: u32 = 30;

#[test]
fn every_named_point_and_random_kills_lose_and_double_nothing() {
    let bin = std::env::var_os("WIREROOM_BIN").expect(
        "no daemon to kill: set WIREROOM_BIN to a wireroom built with the feature inject, or run cargo xtask test",
    );
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{}", std::process::id()));
    let options = Options {
        bin: bin.into(),
        run_dir: dir.clone(),
        seed: 20_261_124,
        kills: KILLS,
        points: true,
        broker_faults: false,
        scenario: None,
        mutated: false,
        checker: None,
    };
    let summary = run(&options).expect("the run itself failed");
    assert!(summary.is_good(), "{summary}");
    for point in Point::ALL {
        assert!(summary.kills.contains_key(point.name()), "{} was never reached: {summary}", point.name());
    }
    assert!(summary.kills.values().sum::<u32>() >= KILLS, "{summary}");
    // What failed is kept for whoever looks into it.
    std::fs::remove_dir_all(dir).expect("the run directory can be removed");
}

#[test]
fn a_dump_is_what_a_reader_sees_to_the_true_end() {
    let servers = std::env::var("WIREROOM_TEST_KAFKA")
        .expect("no Kafka to test against: set WIREROOM_TEST_KAFKA=host:port or run cargo xtask test");
    let name = format!("dump-{}-{}", std::process::id(), testkit::history::now());
    let topic = format!("{name}.articles.v1");
    create(&servers, &topic);
    let cluster = Cluster::new(&servers);
    assert_eq!(cluster.dump(&topic, View::Committed, PATIENCE).expect("an empty topic"), []);

    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &servers)
        .set("transactional.id", &name)
        .create()
        .expect("a producer");
    producer.init_transactions(PATIENCE).expect("transactions");
    let send = |keys: std::ops::Range<u32>| {
        producer.begin_transaction().expect("begun");
        for key in keys {
            let (key, value) = (format!("k{key}"), format!("v{key}"));
            producer
                .send(BaseRecord::to(&topic).key(&key).payload(&value))
                .map_err(|(error, _)| error)
                .expect("sent");
        }
        producer.flush(PATIENCE).expect("acknowledged");
    };
    send(0..20);
    producer.commit_transaction(PATIENCE).expect("committed");
    send(20..50);
    producer.abort_transaction(PATIENCE).expect("aborted");
    // The aborted tail and the markers are passed over, and the end is found behind them.
    check(&cluster, &topic, 20, 50);

    send(50..55);
    let open = cluster.dump(&topic, View::Committed, Duration::from_secs(1));
    assert!(open.expect_err("a transaction is open").to_string().contains("open transaction"));
    producer.commit_transaction(PATIENCE).expect("committed");
    check(&cluster, &topic, 25, 55);
    assert_eq!(cluster.dump("no-such-topic", View::Committed, PATIENCE).expect("nothing"), []);
}

fn check(cluster: &Cluster, topic: &str, committed: usize, all: usize) {
    let records = cluster.dump(topic, View::Committed, PATIENCE).expect("a dump");
    assert_eq!(records.len(), committed);
    assert!(records.iter().all(|record| record.value.as_deref() == Some(&record.key.replace('k', "v"))));
    assert_eq!(cluster.dump(topic, View::Uncommitted, PATIENCE).expect("a dump").len(), all);
}

pub(crate) fn create(servers: &str, topic: &str) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", servers).create().expect("an admin client");
    let new = NewTopic::new(topic, 3, TopicReplication::Fixed(1));
    let made = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(admin.create_topics([&new], &AdminOptions::new()))
        .expect("an answer");
    assert!(made.iter().all(Result::is_ok), "{made:?}");
}
