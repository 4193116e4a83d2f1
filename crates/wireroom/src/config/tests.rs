mod enrichment;

use super::*;
use expect_test::{Expect, expect, expect_file};
use proptest::prelude::*;
use std::fs;

/// Loads `text` as a config with `files` beside it.
fn load_with(
    text: &str,
    env: &[(&str, &str)],
    files: &[(&str, &str)],
) -> (tempfile::TempDir, Result<Config, Problems>) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let path = dir.path().join("wireroom.toml");
    fs::write(&path, text).unwrap();
    let env = env.iter().map(|(name, value)| (name.into(), value.into()));
    let loaded = load(&path, env.collect::<Vec<_>>().into_iter(), Feeds::Read);
    (dir, loaded)
}

fn good(text: &str, env: &[(&str, &str)]) -> Config {
    load_with(text, env, &[]).1.unwrap_or_else(|problems| panic!("{problems}"))
}

/// The mistakes of a config, as they are printed.
fn check_all(text: &str, env: &[(&str, &str)], files: &[(&str, &str)], expect: Expect) {
    let (dir, loaded) = load_with(text, env, files);
    let said = loaded.unwrap_err().to_string() + "\n";
    expect.assert_eq(&said.replace(&format!("{}/", dir.path().display()), ""));
}

fn check(text: &str, expect: Expect) {
    check_all(text, &[], &[], expect);
}

const ANNOTATED: &str = include_str!("../../../../config/wireroom.toml");

#[test]
fn the_annotated_file_says_the_defaults() {
    let (_dir, loaded) = load_with(ANNOTATED, &[], &[]);
    let warnings = vec!["no feed is declared: add [[feed]] or sources.files".to_owned()];
    let loaded = loaded.unwrap();
    let from = loaded.from.clone();
    assert_eq!(loaded, Config { warnings, from, ..Config::default() });
}

#[test]
fn the_readme_s_configs_are_good() {
    let readme = include_str!("../../../../README.md");
    let mut blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let (first, kafka) = (blocks.next().unwrap(), blocks.next().unwrap());
    assert_eq!(good(first, &[]).feeds.len(), 1);
    assert_eq!(good(&format!("{kafka}{first}"), &[]).sink_name(), "kafka");
}

/// Every key of a section, optional ones too: what serde would have accepted instead of a wrong one.
fn keys<T: serde::de::DeserializeOwned + std::fmt::Debug>(section: &str, inside: &str) -> Vec<String> {
    let text = format!("{inside}.no_such_key = 1").trim_start_matches('.').to_owned();
    let message = toml::from_str::<T>(&text).unwrap_err().message().to_owned();
    let known = message.split('`').skip(3).step_by(2);
    let table = [section, inside].join(".");
    known.map(|key| format!("{}.{key}", table.trim_end_matches('.'))).collect()
}

#[test]
fn the_annotated_file_names_every_key() {
    let mut all = keys::<ledger::Config>("state", "");
    all.extend(keys::<ledger::DedupConfig>("dedup", ""));
    all.extend(keys::<Sources>("sources", ""));
    all.extend(keys::<fetch::Config>("fetch", ""));
    all.extend(keys::<pipeline::Pages>("pages", ""));
    all.extend(keys::<schedule::Config>("schedule", ""));
    all.extend(keys::<enrich::Config>("enrich", "").into_iter().filter(|key| key != "enrich.rules"));
    for inside in ["", "topics", "security", "security.sasl", "security.tls"] {
        all.extend(keys::<deliver::kafka::Config>("kafka", inside));
    }
    all.extend(keys::<ledger::OutboxConfig>("outbox", ""));
    all.extend(keys::<Http>("http", ""));
    all.extend(keys::<Log>("log", ""));
    all.extend(keys::<feeds::Typed>("[feed]", ""));
    all.extend(keys::<request::Typed>("feed.request", ""));
    all.extend(["sink.type".to_owned(), "sink.path".to_owned()]);
    assert!(60 < all.len(), "{all:?}");

    let mut named = Vec::new();
    let mut section = String::new();
    for line in ANNOTATED.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if let Some(name) = line.strip_prefix('[') {
            let name = name.rsplit_once(']').map_or(name, |(name, _)| name);
            section = name.trim_end_matches(']').to_owned() + if name.starts_with('[') { "]" } else { "" };
            named.push(section.clone());
        } else if let Some((key, _)) = line.split_once(" = ") {
            named.push(format!("{section}.{key}"));
        }
    }
    let missing: Vec<&String> = all.iter().filter(|key| !named.contains(key)).collect();
    assert!(missing.is_empty(), "config/wireroom.toml does not name {missing:?}; it names {named:?}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let (dir, loaded) = load_with(include_str!("../../fixtures/mistakes.toml"), &[], &[]);
    let said = loaded.unwrap_err().to_string() + "\n";
    expect_file!["../../fixtures/mistakes.txt"]
        .assert_eq(&said.replace(&format!("{}/", dir.path().display()), ""));
}

#[test]
fn syntax_is_told_with_its_place() {
    check(
        "[log]\nlevel = debug\n[state\ndir = \"/x\"\n",
        expect![[r#"
            error: wireroom.toml:2:9: string values must be quoted, expected literal string
              |
            2 | level = debug
              |         ^^^^^

            error: wireroom.toml:3:7: unclosed table, expected `]`
              |
            3 | [state
              |       ^

            2 mistakes in the config
        "#]],
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let problems = load(Path::new("/nowhere/w.toml"), std::iter::empty(), Feeds::Read).unwrap_err();
    let said = problems.to_string();
    assert!(said.starts_with("error: /nowhere/w.toml: No such file"), "{said}");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.toml");
    fs::write(&path, b"[log]\nlevel = \"\xff\"\n").unwrap();
    let said = load(&path, std::iter::empty(), Feeds::Read).unwrap_err().to_string();
    assert!(said.contains("w.toml:2: this is not UTF-8"), "{said}");
}

#[test]
fn variables_override_the_file() {
    let env = [
        ("WIREROOM__STATE__RETENTION", "30d"),
        ("WIREROOM__FETCH__CONCURRENCY", "8"),
        ("WIREROOM__FETCH__ALLOW", "[\"127.0.0.0/8\"]"),
        ("WIREROOM__KAFKA__TOPICS__PARTITIONS", "12"),
        ("WIREROOM__KAFKA__TRANSACTIONAL_ID", "2024"),
        ("WIREROOM__KAFKA__LIBRDKAFKA", "{ \"compression.type\" = \"zstd\" }"),
        ("WIREROOM__SINK__TYPE", "file"),
        ("WIREROOM__SINK__PATH", "/out.ndjson"),
        ("WIREROOM__HTTP__LISTEN", "127.0.0.1:0"),
    ];
    let text = "[kafka]\ntopics = { partitions = 3, manage = \"check\" }\n[sink]\ntype = \"kafka\"\n";
    let config = good(text, &env);
    assert_eq!(config.pipeline.state.retention.to_string(), "30d");
    assert_eq!(config.pipeline.fetch.concurrency, 8);
    assert_eq!(config.pipeline.fetch.allow, ["127.0.0.0/8"]);
    assert_eq!(config.pipeline.kafka.topics.partitions, 12);
    assert_eq!(config.pipeline.kafka.topics.manage, deliver::kafka::Manage::Check);
    assert_eq!(config.pipeline.kafka.transactional_id, "2024");
    assert_eq!(config.pipeline.kafka.librdkafka.iter().next(), Some(("compression.type", "zstd")));
    assert_eq!(config.pipeline.sink, deliver::SinkConfig::File { path: "/out.ndjson".into() });
    assert_eq!(config.http.listen.port(), 0);
}

#[test]
fn mistakes_in_variables_name_the_variable() {
    check_all(
        "[fetch]\nconcurrency = 9\n",
        &[
            ("WIREROOM__FETCH__CONCURRENCY", "many"),
            ("WIREROOM__FETCH__CONCURENCY", "8"),
            ("WIREROOM__FETCH__MAX_BODY", "1B"),
            ("WIREROOM__KAFKAA__X", "8"),
            ("WIREROOM__KAFKA__SECURITY__SASL__PASSWORD", "hunter2"),
            ("WIREROOM__KAFKA__SECURITY__SASL__PASWORD", "hunter2"),
            ("WIREROOM__SINK__TYPE", "kafka"),
            ("WIREROOM__OUTBOX__MAX_BYTES", "[1, 2"),
        ],
        &[],
        expect![[r#"
            error: the variable WIREROOM__OUTBOX__MAX_BYTES: "[1, 2" is not a size such as "64KiB", "16MiB" or "4GiB"

            error: the variable WIREROOM__FETCH__CONCURENCY: unknown key `concurency`: did you mean `concurrency`?

            error: the variable WIREROOM__FETCH__CONCURRENCY: invalid type: string "many", expected usize

            error: the variable WIREROOM__KAFKA__SECURITY__SASL__PASWORD: unknown key `pasword`: did you mean `password`?

            error: the variable WIREROOM__KAFKAA__X: unknown section `kafkaa`: did you mean `kafka`?

            error: the variable WIREROOM__FETCH__MAX_BODY: `fetch.max_body` must be 1KiB to 1GiB

            error: the variable WIREROOM__KAFKA__SECURITY__SASL__PASSWORD: `kafka.security.sasl` is set but `kafka.security.protocol` is not sasl_plaintext or sasl_ssl

            7 mistakes in the config
        "#]],
    );
}

#[test]
fn what_pages_cannot_be_is_told() {
    let text = "[pages]\ndeadline = \"2d\"\nconcurrency = 0\n[[feed]]\nurl = \"https://h.example/\"\nfulltext = \"often\"\n";
    let (_dir, loaded) = load_with(text, &[], &[]);
    let said = loaded.unwrap_err().to_string();
    let expect = ["`pages.deadline` must be 1s to 1d", "`pages.concurrency` must be 1 to 1000", "often"];
    assert!(expect.iter().all(|words| said.contains(words)), "{said}");
}

#[test]
fn feeds_come_from_the_config_and_from_files() {
    let text = r#"
sources.files = ["more.toml", "list.opml"]
sources.first_poll = "mark_seen"
sources.fulltext = "when_short"
[[feed]]
id = "harbour"
url = "https://harbour.example/rss"
title = "Harbour"
labels = ["world"]
country = "GB"
interval = "15m"
first_poll = "publish"
fulltext = "always"
"#;
    let files = [
        ("more.toml", "[[feed]]\nurl = \"https://tide.example/rss\"\n"),
        (
            "list.opml",
            "<opml><outline text='L'><outline text='Lantern' xmlUrl='https://lantern.example/rss'/>\
             <outline text='Again' xmlUrl='https://harbour.example/rss'/></outline></opml>",
        ),
    ];
    let (dir, loaded) = load_with(text, &[], &files);
    let config = loaded.unwrap_or_else(|problems| panic!("{problems}"));
    let seen: Vec<String> = config
        .feeds
        .iter()
        .map(|feed| {
            let (first_poll, fulltext) = (feed.first_poll, feed.polling.fulltext);
            format!("{} {} {:?} {:?} {first_poll} {fulltext}", feed.id, feed.url, feed.title, feed.labels)
        })
        .collect();
    expect![[r#"
        [
            "harbour https://harbour.example/rss Some(\"Harbour\") [\"world\"] publish always",
            "tide.example https://tide.example/rss None [] mark_seen when_short",
            "lantern.example https://lantern.example/rss Some(\"Lantern\") [\"L\"] mark_seen when_short",
        ]
    "#]]
    .assert_debug_eq(&seen);
    let place = format!("{}/", dir.path().display());
    let warnings: Vec<String> = config.warnings.iter().map(|warning| warning.replace(&place, "")).collect();
    expect![[r#"
        [
            "list.opml: this feed has the same URL as the one at wireroom.toml:5; it is left out",
        ]
    "#]]
    .assert_debug_eq(&warnings);
}

#[test]
fn feeds_that_clash_are_told_with_both_places() {
    check_all(
        "sources.files = [\"a.toml\", \"b.txt\", \"gone.toml\", \"page.opml\"]\n\n[[feed]]\nid = \"a\"\nurl = \"https://h.example/1\"\n",
        &[],
        &[
            (
                "a.toml",
                "[[feed]]\nid = \"b\"\nurl = \"https://h.example/1#frag\"\n\n[[feed]]\nid = \"a\"\nurl = \"https://h.example/2\"\n[fetch]\nconcurrency = 1\n",
            ),
            ("b.txt", "x"),
            ("page.opml", "<html></html>"),
        ],
        expect![[r#"
            error: a.toml:8:2: unknown section `fetch`, expected one of `feed`
              |
            8 | [fetch]
              |  ^^^^^

            error: `sources.files`: b.txt: the name must end in .toml or .opml

            error: `sources.files`: gone.toml: No such file or directory (os error 2)

            error: `sources.files`: page.opml: this is not OPML: it holds no outline

            error: a.toml:1: this feed has the same URL as the one at wireroom.toml:3

            error: a.toml:5: the feed id `a` is already given at wireroom.toml:3

            6 mistakes in the config
        "#]],
    );
}

#[test]
fn feeds_are_checked_one_by_one() {
    check(
        r#"
[[feed]]
url = "https://h.example/1"
country = "gb"
labels = ["", "x"]
interval = "0s"
title = "two\nlines"
[[feed]]
url = "not a url"
[[feed]]
url = "https://h.example/3"
first_poll = "sometimes"
"#,
        expect![[r#"
            error: wireroom.toml:4:11: a country is two capital letters of ISO 3166-1, such as "GB"
              |
            4 | country = "gb"
              |           ^^^^

            error: wireroom.toml:5:10: labels are at most 32 words of 1 to 64 characters
              |
            5 | labels = ["", "x"]
              |          ^^^^^^^^^

            error: wireroom.toml:6:12: an interval is more than 0s and at most 30d
              |
            6 | interval = "0s"
              |            ^^^^

            error: wireroom.toml:7:9: a title is one line of 1 to 300 characters
              |
            7 | title = "two\nlines"
              |         ^^^^^^^^^^^^

            error: wireroom.toml:9:7: this is not a URL: relative URL without a base
              |
            9 | url = "not a url"
              |       ^^^^^^^^^^^

            error: wireroom.toml:12:14: "sometimes" is none of "publish", "mark_seen" and "since:72h"
               |
            12 | first_poll = "sometimes"
               |              ^^^^^^^^^^^

            6 mistakes in the config
        "#]],
    );
}

#[test]
fn secrets_come_from_files_and_are_in_no_message() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    fs::write(&file, "s3cret\n").unwrap();
    let text = format!("[http]\nlisten = \"0.0.0.0:8480\"\ntoken_file = {file:?}\n");
    let config = good(&text, &[]);
    assert_eq!(config.http.token.as_ref().map(Secret::expose), Some("s3cret"));
    assert!(!format!("{config:?}").contains("s3cret"));

    fs::write(&file, "\n").unwrap();
    let said = load_with(&text, &[], &[]).1.unwrap_err().to_string();
    assert!(said.contains("`http.token_file` names a file that holds no token"), "{said}");
    check(
        &text.replace(&format!("{file:?}"), "\"token\""),
        expect![[r#"
        error: wireroom.toml:3:14: `http.token_file` cannot be read: No such file or directory (os error 2)
          |
        3 | token_file = "token"
          |              ^^^^^^^

        1 mistake in the config
    "#]],
    );
    check(
        "[http]\ntoken = \"a b\"\ntoken_file = \"x\"\n",
        expect![[r#"
        error: wireroom.toml:2:9: give `http.token` or `http.token_file`, not both
          |
        2 | token = ***
          |         ^^^

        1 mistake in the config
    "#]],
    );
    check(
        "[http]\ntoken = 12345\n[kafka.security.sasl]\npassword = [\"hunter2\"]\n",
        expect![[r#"
        error: wireroom.toml:2:9: invalid type, expected a string
          |
        2 | token = ***
          |         ^^^

        error: wireroom.toml:4:12: invalid type, expected a string
          |
        4 | password = ***
          |            ^^^

        2 mistakes in the config
    "#]],
    );
}

#[test]
fn kafka_is_checked_when_it_is_the_sink() {
    let kafka = "[kafka]\nbatch_records = 0\nlibrdkafka = { \"bootstrap.servers\" = \"x\" }\n";
    check(
        &format!("sink.type = \"kafka\"\n{kafka}"),
        expect![[r#"
            error: wireroom.toml:3:17: `kafka.batch_records` must be 1 to 100000
              |
            3 | batch_records = 0
              |                 ^

            error: wireroom.toml:4:16: `bootstrap.servers` is set by wireroom itself: say it in `kafka.bootstrap_servers`
              |
            4 | librdkafka = { "bootstrap.servers" = "x" }
              |                ^^^^^^^^^^^^^^^^^^^

            2 mistakes in the config
        "#]],
    );
    check(
        "sink.type = \"kafka\"\n[kafka]\nbatch_records = 0\n[kafka.security]\nprotocol = \"ssl\"\ntls.ca_file = \"gone.pem\"\n",
        expect![[r#"
            error: wireroom.toml:3:17: `kafka.batch_records` must be 1 to 100000
              |
            3 | batch_records = 0
              |                 ^

            error: wireroom.toml:6:15: `kafka.security.tls.ca_file` cannot be read: No such file or directory (os error 2)
              |
            6 | tls.ca_file = "gone.pem"
              |               ^^^^^^^^^^

            2 mistakes in the config
        "#]],
    );
}

#[test]
fn relative_paths_begin_at_the_config() {
    let (dir, loaded) =
        load_with("state.dir = \"state\"\nsink = { type = \"file\", path = \"out\" }\n", &[], &[]);
    let config = loaded.unwrap();
    assert_eq!(config.pipeline.state.dir, dir.path().join("state"));
    assert_eq!(config.pipeline.sink, deliver::SinkConfig::File { path: dir.path().join("out") });
    assert_eq!(config.address_file(), dir.path().join("state/http.address"));
}

#[test]
fn many_feeds_are_read_in_seconds() {
    let feed = |n: usize| format!("[[feed]]\nid = \"f{n}\"\nurl = \"https://h{n}.example/rss\"\n");
    let text: String = (0..20_000).map(feed).collect();
    let started = std::time::Instant::now();
    assert_eq!(good(&text, &[]).feeds.len(), 20_000);
    let (_dir, loaded) =
        load_with("sources.files = [\"f.toml\"]", &[], &[("f.toml", &format!("# list\n\n{text}"))]);
    assert_eq!(loaded.unwrap().feeds.len(), 20_000);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever stands in a config or a variable, it is read or refused, and no secret is shown.
    #[test]
    fn any_text_is_survived(
        text in "(\\[|\\]|\\[\\[feed\\]\\]\n|\\[kafka\\]\n|\\[fetch\\]|\n|\"|\"\"\"|'|=| = |\\{|\\}|,|\\.|é|1|true|url|id|password|\ntokn = \"pl4nted\"|token|sasl|security|#|https://h\\.example/|\r\n){0,40}",
        value in "(\\[|\\]|\"|=|\\{|a|1|é|,|pl4nted){0,8}",
    ) {
        let (_dir, loaded) = load_with(&text, &[("WIREROOM__HTTP__TOKEN", &value), ("WIREROOM__FETCH__ALLOW", &value.replace("pl4nted", "b"))], &[]);
        let said = loaded.map_or_else(|problems| problems.to_string(), |config| format!("{config:?}"));
        prop_assert!(!said.contains("pl4nted"), "{said}");
    }
}
