//! The example consumers, each in its language, against a real broker: they print the same, see only what is
//! committed, and notice what is missing and what comes twice.
#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of test functions")]

use rdkafka::config::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use testkit::kafka::{Cluster, View};

const PATIENCE: Duration = Duration::from_secs(20);
/// A JVM compiles its consumer first, on a machine that may have other things to do.
const CONSUMER_MAX: Duration = Duration::from_secs(300);
const LANGUAGES: [&str; 4] = ["rust", "python", "java", "javascript"];
const HINT: &str = "run cargo xtask consumers or cargo xtask test";

pub(crate) fn given(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: {HINT}"))
}

fn command(language: &str) -> Command {
    let home = PathBuf::from(given("WIREROOM_CONSUMERS"));
    let run = |program: PathBuf, file: &str| {
        let mut command = Command::new(program);
        command.arg(home.join(file));
        command
    };
    match language {
        "rust" => Command::new(env!("CARGO_BIN_EXE_consumer")),
        "python" => run(home.join("venv/bin/python"), "consumer.py"),
        "javascript" => run("node".into(), "node/consumer.mjs"),
        _ => {
            let mut java = Command::new("java");
            java.arg("-cp").arg(format!("{}/*", given("WIREROOM_TEST_KAFKA_LIBS")));
            java.arg(home.join("Consumer.java"));
            java
        }
    }
}

/// What a consumer prints of the first records of a topic, its lines in order.
fn consume(language: &str, topic: &str, records: usize) -> Vec<String> {
    let servers = given("WIREROOM_TEST_KAFKA");
    let mut command = command(language);
    command.args([&servers, topic, &records.to_string()]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        text
    });
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if CONSUMER_MAX < begun.elapsed() {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let text = reader.join().unwrap();
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert!(status.is_some_and(|status| status.success()), "{language}: {status:?}\n{text}\n{complaint}");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Runs all four at once: each must print these lines.
fn check(topic: &str, records: usize, mut expect: Vec<String>) {
    expect.sort();
    std::thread::scope(|scope| {
        for language in LANGUAGES {
            let expect = &expect;
            scope.spawn(move || assert_eq!(&consume(language, topic, records), expect, "{language}"));
        }
    });
}

fn line(article: &Value) -> String {
    let entities: Vec<String> = article["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {}", e["name"].as_str().unwrap(), e["wikidata"].as_str().unwrap_or("-")))
        .collect();
    format!("{} [{}]", article["title"].as_str().unwrap_or_default(), entities.join(", "))
}

pub(crate) fn name(test: &str) -> String {
    format!("{test}-{}-{}", std::process::id(), testkit::history::now())
}

/// Answers every request with one feed of `items` items.
pub(crate) fn serve(items: usize) -> String {
    let items: String = (1..=items)
        .map(|n| {
            format!(
                "<item><title>Storm &amp; ferry, part {n}</title><link>http://harbour.example/{n}</link>\
                 <guid>g{n}</guid><description>Angela Merkel met the port authority of Rotterdam on day {n} \
                 of the storm that closed the ferry line.</description></item>"
            )
        })
        .collect();
    serve_items(&items)
}

/// Answers every request with one feed of these items.
pub(crate) fn serve_items(items: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = format!("<rss version=\"2.0\"><channel><title>Harbour</title>{items}</channel></rss>");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/rss+xml\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    format!("http://{address}/rss")
}

#[test]
fn every_language_reads_what_the_daemon_writes() {
    let (dir, prefix) = (tempfile::tempdir().unwrap(), name("consume"));
    let config = format!(
        "[state]\ndir = \"state\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n[sink]\ntype = \"kafka\"\n\
         [kafka]\nbootstrap_servers = \"{}\"\ntopic_prefix = \"{prefix}\"\ntransactional_id = \"{prefix}\"\n\
         [kafka.topics]\npartitions = 3\n[[feed]]\nid = \"harbour\"\nurl = \"{}\"\nfirst_poll = \"publish\"\n",
        given("WIREROOM_TEST_KAFKA"),
        serve(25)
    );
    std::fs::write(dir.path().join("wireroom.toml"), config).unwrap();
    let ended = Command::new(given("WIREROOM_BIN"))
        .args(["once", "--config"])
        .arg(dir.path().join("wireroom.toml"))
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let topic = format!("{prefix}.articles.v1");
    let records =
        Cluster::new(&given("WIREROOM_TEST_KAFKA")).dump(&topic, View::Committed, PATIENCE).unwrap();
    assert_eq!(records.len(), 25);
    let expect: Vec<String> = records
        .iter()
        .map(|record| line(&serde_json::from_str(record.value.as_ref().unwrap()).unwrap()))
        .collect();
    assert!(expect.iter().any(|line| line.starts_with("Storm & ferry, part 25 [")), "{expect:?}");
    check(&topic, 25, expect);
}

#[test]
fn every_language_notices_what_is_missing_and_what_comes_twice() {
    let topic = format!("{}.articles.v1", name("damaged"));
    crate::crash::create(&given("WIREROOM_TEST_KAFKA"), &topic);
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", given("WIREROOM_TEST_KAFKA"))
        .set("transactional.id", &topic)
        .set("compression.type", "zstd")
        .create()
        .unwrap();
    producer.init_transactions(PATIENCE).unwrap();
    let fixture: Value =
        serde_json::from_str(include_str!("../crates/record/fixtures/article.v1.json")).unwrap();
    let send = |number: u64, title: &str, is_erased: bool| {
        let mut article = fixture.clone();
        article["title"] = json!(title);
        article["entities"][0]["wikidata"] = json!("Q129610");
        let (key, value) = (format!("k{number}"), serde_json::to_vec(&article).unwrap());
        let sequence = format!("c0ffee:{number}");
        let headers =
            OwnedHeaders::new().insert(Header { key: "wireroom_seq", value: Some(sequence.as_bytes()) });
        let mut record = BaseRecord::<[u8], [u8]>::to(&topic).key(key.as_bytes()).headers(headers);
        record.payload = (!is_erased).then_some(value.as_slice());
        producer.send(record).map_err(|(error, _)| error).unwrap();
        line(&article)
    };
    producer.begin_transaction().unwrap();
    let mut expect: Vec<String> = [7, 8, 9, 11, 12, 12, 13, 16].map(|n| send(n, "kept", false)).into();
    send(17, "erased", true);
    producer.flush(PATIENCE).unwrap();
    producer.commit_transaction(PATIENCE).unwrap();
    producer.begin_transaction().unwrap();
    send(18, "aborted", false);
    producer.flush(PATIENCE).unwrap();
    producer.abort_transaction(PATIENCE).unwrap();
    producer.begin_transaction().unwrap();
    expect.push(send(18, "after the abort", false));
    producer.flush(PATIENCE).unwrap();
    producer.commit_transaction(PATIENCE).unwrap();
    expect.extend(
        ["missing c0ffee:10", "missing c0ffee:14", "missing c0ffee:15", "repeated c0ffee:12"]
            .map(str::to_owned),
    );
    check(&topic, 10, expect);
}
