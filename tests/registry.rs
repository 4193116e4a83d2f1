//! Formats that need a schema registry, against a real one: what wireroom writes, a client of another house
//! reads back, value for value.
#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of test functions")]

use crate::delivery::cluster::{Topics, block, open, row};
use deliver::kafka::{Config, Format, Kafka};
use deliver::{Class, Progress, Sink};
use model::{Row, StoreId};
use serde_json::{Value, json};
use std::process::Command;

const STORE: StoreId = StoreId(*b"registry");

fn given(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run cargo xtask registry or cargo xtask test"))
}

fn config(topics: &Topics, format: Format) -> Config {
    let mut config = Config { format, ..topics.config() };
    config.registry.url = Some(given("WIREROOM_TEST_REGISTRY"));
    config
}

/// Articles that differ in whatever the formats could get wrong.
fn articles() -> Vec<Value> {
    let full: Value =
        serde_json::from_str(include_str!("../crates/record/fixtures/article.v1.json")).unwrap();
    let mut bare = full.clone();
    for field in
        ["url", "title", "text", "language", "published_at", "duplicate", "previous_revision", "guid"]
    {
        bare[field] = Value::Null;
    }
    for field in ["entities", "topics", "keywords", "authors", "media", "categories", "attribution"] {
        bare[field] = json!([]);
    }
    bare["producer"]["models"] = json!({});
    let mut odd = full.clone();
    odd["title"] = json!("Ελλάδα 🚢 \"quoted\" \u{0} \u{2028}");
    odd["text"] = json!("x".repeat(300_000));
    odd["revision"] = json!(u32::MAX);
    odd["change"] = json!("merged");
    odd["language"] = json!({ "code": "el", "confidence": 1 });
    odd["media"] = json!([{ "url": "https://a.example/b", "type": null, "title": null, "width": 0,
        "height": 4_294_967_295_u32, "length": i64::MAX }]);
    odd["rights"]["ai_opt_out"] = json!(false);
    vec![full, bare, odd]
}

/// Numbers compared as numbers: 1 is 1.0.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

/// Delivers articles and an erasure in a format, and has them read.
fn check(test: &str, format: Format, reader: &str, first_byte: Option<u8>) {
    let topics = Topics::new(test);
    let articles = articles();
    let mut rows: Vec<Row> = (1..)
        .zip(&articles)
        .map(|(seq, article)| Row {
            key: "one key, one order".into(),
            payload: Some(serde_json::to_vec(article).unwrap()),
            ..row(seq, 0)
        })
        .collect();
    rows.push(Row { key: "one key, one order".into(), payload: None, ..row(4, 0) });
    block(async {
        let mut sink = Kafka::new(config(&topics, format), STORE).unwrap();
        assert_eq!(open(&mut sink).await, Progress::None);
        let receipt = sink.deliver(rows.clone().into()).await.unwrap();
        assert_eq!((receipt.last_seq, receipt.dead), (4, vec![]));
        // Once more: the schema is there, and has the same id.
        sink.close().await;
        let mut sink = Kafka::new(config(&topics, format), STORE).unwrap();
        assert_eq!(open(&mut sink).await, Progress::Known { store: STORE, last_seq: 4 });
    });
    let seen = topics.read("articles.v1");
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[0].payload.as_ref().and_then(|payload| payload.first()).copied(), first_byte);
    let output = Command::new(given("WIREROOM_TEST_REGISTRY_PYTHON"))
        .arg(given("WIREROOM_TEST_REGISTRY_READER"))
        .args([
            &crate::delivery::cluster::servers(),
            &topics.name("articles.v1"),
            &given("WIREROOM_TEST_REGISTRY"),
        ])
        .args([reader, "4"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read.len(), 4);
    assert_eq!(read[3], Value::Null, "an erasure stays one");
    for (read, article) in read.iter().zip(&articles) {
        assert!(same(read, article), "{read}\nis not\n{article}");
    }
}

#[test]
fn json_names_its_schema_in_a_header() {
    check("registry-json", Format::JsonRegistry, "json", Some(b'{'));
}

#[test]
fn avro_is_read_by_others() {
    check("registry-avro", Format::Avro, "avro", Some(0));
}

#[test]
fn a_registry_that_does_not_help_is_named() {
    let topics = Topics::new("registry-off");
    let open = |change: &dyn Fn(&mut Config)| {
        let mut config = config(&topics, Format::Avro);
        change(&mut config);
        block(async { Kafka::new(config, STORE).unwrap().recover().await.unwrap_err() })
    };
    let unknown = open(&|config| config.registry.register = false);
    assert_eq!(unknown.class, Class::Operator, "{unknown}");
    assert!(unknown.detail.contains("register = true"), "{unknown}");
    let gone = format!("http://127.0.0.1:{}", crate::delivery::cluster::closed_port());
    let down = open(&|config| config.registry.url = Some(gone.clone()));
    assert_eq!(down.class, Class::Retry, "{down}");
    let wrong = open(&|config| {
        config.registry.url = Some(given("WIREROOM_TEST_REGISTRY").replace("ccompat", "nothing"))
    });
    assert_eq!(wrong.class, Class::Operator, "{wrong}");
}

#[test]
fn what_does_not_fit_the_schema_is_a_dead_letter_as_it_was() {
    let topics = Topics::new("registry-dead");
    let article = serde_json::to_vec(&articles()[0]).unwrap();
    let good = |seq| Row { payload: Some(article.clone()), ..row(seq, 0) };
    let bad = Row { payload: Some(b"{\"id\":7}".to_vec()), ..row(2, 0) };
    let rows = vec![good(1), bad.clone(), good(3)];
    block(async {
        let mut sink = Kafka::new(config(&topics, Format::Avro), STORE).unwrap();
        open(&mut sink).await;
        let receipt = sink.deliver(rows.into()).await.unwrap();
        assert_eq!((receipt.last_seq, receipt.dead), (3, vec![2]));
    });
    assert_eq!(topics.read("articles.v1").len(), 2);
    assert_eq!(topics.read("dlq.v1")[0].payload, bad.payload);
}
