//! The commands that read a cluster, run as people run them, against a real broker: `consume`, `dlq`, and where
//! `explain` finds a record that only Kafka still has.
#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of test functions")]

use crate::consumers::{given, name, serve, serve_items};
use crate::delivery::cluster::{Topics, noise};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A directory with a daemon's config, and the topics that it fills.
struct Home {
    dir: TempDir,
    prefix: String,
}

impl Home {
    fn new(prefix: &str, feed: &str, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = format!(
            "[state]\ndir = \"state\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n[sink]\ntype = \"kafka\"\n\
             [kafka]\nbootstrap_servers = \"{}\"\ntopic_prefix = \"{prefix}\"\ntransactional_id = \"{prefix}\"\n{more}\n\
             [[feed]]\nid = \"harbour\"\nurl = \"{feed}\"\nfirst_poll = \"publish\"\n",
            given("WIREROOM_TEST_KAFKA")
        );
        std::fs::write(dir.path().join("wireroom.toml"), config).unwrap();
        Self { dir, prefix: prefix.to_owned() }
    }

    /// What the binary prints, once it has ended well.
    fn run(&self, args: &[&str]) -> String {
        let (code, out, err) = self.ended(args);
        assert_eq!(code, Some(0), "{args:?}: {out}\n{err}");
        out
    }

    fn ended(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(given("WIREROOM_BIN")).args(args).current_dir(self.dir.path()).output();
        let output = output.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// The ids of what `consume` prints with these flags.
    fn consume(&self, flags: &[&str]) -> Vec<String> {
        let out = self.run(&[&["consume"], flags].concat());
        let read =
            |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
        out.lines().map(read).collect()
    }
}

#[test]
fn consume_reads_what_is_asked_for_and_a_group_goes_on_where_it_was() {
    let home = Home::new(&name("reading"), &serve(25), "topics.partitions = 3");
    home.run(&["once"]);
    let whole = ["--from", "beginning", "--until-end"];
    let all: BTreeSet<String> = home.consume(&whole).into_iter().collect();
    assert_eq!(all.len(), 25);
    let with = |flags: &[&str]| home.consume(&[&whole[..], flags].concat()).len();
    assert_eq!(with(&["--language", "en", "--feed", "harbour", "--entity", "Q567"]), 25);
    assert_eq!(with(&["--entity", "angela merkel", "--limit", "4"]), 4);
    assert_eq!(with(&["--feed", "another"]), 0);
    assert_eq!(with(&["--language", "fr"]), 0);
    assert_eq!(with(&["--topic", "no such topic"]), 0);
    assert_eq!(home.consume(&["--from", "2026-01-01T00:00:00Z", "--until-end"]).len(), 25);
    assert_eq!(home.consume(&["--from", "2999-01-01T00:00:00Z", "--until-end"]).len(), 0);
    // Without a config, by flags alone, from elsewhere.
    let servers = given("WIREROOM_TEST_KAFKA");
    let elsewhere = tempfile::tempdir().unwrap();
    let output = Command::new(given("WIREROOM_BIN"))
        .args(["consume", "--brokers", &servers, "--topic-prefix", &home.prefix, "--limit", "1"])
        .args(["--from", "beginning"])
        .current_dir(elsewhere.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1, "{output:?}");
    // Two members of a group, one after the other: together everything, nothing twice.
    let group = ["--group", home.prefix.as_str(), "--from", "beginning", "--limit"];
    let first = home.consume(&[&group[..], &["10"]].concat());
    let second = home.consume(&[&group[..], &["15"]].concat());
    assert_eq!((first.len(), second.len()), (10, 15));
    assert_eq!(first.into_iter().chain(second).collect::<BTreeSet<_>>(), all);
    // A reader that has gone is the end, and no failure.
    let line = format!("{} consume --from beginning | head -n 3", given("WIREROOM_BIN"));
    let script = format!("set -o pipefail; {line}");
    let output = Command::new("bash").args(["-c", &script]).current_dir(home.dir.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 3, "{output:?}");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");

    let (code, _, said) = home.ended(&["consume", "--topic-prefix", "nothing-here", "--until-end"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the topic nothing-here.articles.v1 does not exist at"), "{said}");
}

#[test]
fn explain_reads_the_record_back_from_the_topic() {
    let home = Home::new(&name("explained"), &serve(25), "topics.partitions = 3");
    home.run(&["once"]);
    let ids = home.consume(&["--from", "beginning", "--until-end"]);
    let told = home.run(&["explain", &ids[12]]);
    assert!(told.contains("revision 1: created"), "{told}");
    assert!(told.contains("entity Angela Merkel (PER, Q567)"), "{told}");
    assert!(told.contains("linked by the name \"Angela Merkel\" to \"Angela Merkel\""), "{told}");
    assert!(!told.contains("not found again") && !told.contains("--record"), "{told}");
}

#[test]
fn dead_letters_are_listed_and_replayed_once() {
    let topics = Topics::new("dead");
    topics.create("articles.v1", 3, &[("max.message.bytes", "20000")]);
    let item = |number: u64| {
        // Words that no compression makes smaller than the limit.
        let bytes = noise(40_000, number);
        let words = bytes
            .chunks_exact(8)
            .map(|bytes| bytes.iter().fold(0, |all: u64, byte| all << 8 | u64::from(*byte)));
        let text: String = words.map(|word| format!("{word:x} ")).collect();
        format!(
            "<item><title>Storm &amp; ferry {number}</title><guid>g{number}</guid><description>{text}</description></item>"
        )
    };
    let home = Home::new(topics.prefix(), &serve_items(&(1..=7).map(item).collect::<String>()), "");
    assert_eq!(home.run(&["--config", "wireroom.toml", "once"]), "");
    // Every article is larger than the topic allows.
    let letters: Value = serde_json::from_str(&home.run(&["dlq", "list", "--json"])).unwrap();
    let letters = letters.as_array().unwrap();
    assert_eq!(letters.len(), 7);
    assert!(
        letters.iter().all(|letter| letter["class"] == "too_large" && letter["feed"] == "harbour"),
        "{letters:?}"
    );
    assert!(letters[0]["title"].as_str().unwrap().starts_with("Storm & ferry"), "{letters:?}");
    let table = home.run(&["dlq", "list", "--limit", "2"]);
    assert!(table.starts_with("AGO") && table.lines().count() == 3, "{table}");
    assert!(home.run(&["dlq", "replay", "--dry-run"]).starts_with("7 records would be sent"));
    let (code, _, said) = home.ended(&["dlq", "replay"]);
    assert_eq!((code, said.contains("7 records refused again")), (Some(1), true), "{said}");

    topics.set("articles.v1", "max.message.bytes", "900000");
    let one = letters[0]["key"].as_str().unwrap();
    let sent = home.run(&["dlq", "replay", "--key", one]);
    assert!(sent.starts_with("1 record sent"), "{sent}");
    let sent = home.run(&["dlq", "replay"]);
    assert!(sent.starts_with("6 records sent"), "{sent}");
    let sent = home.run(&["dlq", "replay"]);
    assert!(sent.starts_with("0 records would be sent"), "{sent}");
    let there = home.consume(&["--from", "beginning", "--until-end"]);
    assert_eq!(there.len(), 7);
    assert_eq!(there.iter().collect::<BTreeSet<_>>().len(), 7, "each once: {there:?}");
}

#[test]
fn the_demo_fills_a_broker() {
    let home = Home::new(&name("demo"), "http://127.0.0.1:1/", "");
    let (servers, bin) = (given("WIREROOM_TEST_KAFKA"), given("WIREROOM_BIN"));
    let mut demo = Command::new("timeout")
        .args(["-s", "INT", "120", &bin, "demo", "--every", "200ms", "--http", "127.0.0.1:0"])
        .args(["--kafka", &servers, "--topic-prefix", &home.prefix])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut printed: Vec<String> = lines.by_ref().take(21).collect();
    // `timeout` hands it on.
    assert!(Command::new("kill").args(["-INT", &demo.id().to_string()]).status().unwrap().success());
    printed.extend(lines);
    let told = demo.wait_with_output().unwrap().stderr;
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("records in") && 20 < printed.len(), "{told}");
    let there: BTreeSet<String> = home.consume(&["--from", "beginning", "--until-end"]).into_iter().collect();
    let printed = printed.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    // What was settled in the last moments may still have been on its way.
    let missing = printed.filter(|article| !there.contains(article["id"].as_str().unwrap())).count();
    assert!(missing < 5, "{missing} records are not in the topic, which has {}", there.len());
}
