//! The commands that look into a state, or ask the daemon that has it.

use crate::support::{HARBOUR, Home, Server, wait_for};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::process::Stdio;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn feeds_are_added_listed_and_taken_back_without_a_daemon() {
    let home = Home::new("[state]\ndir = \"state\"\n[[feed]]\nid = \"a\"\nurl = \"https://a.example/rss\"\n");
    home.run(&["feeds", "list"]).check(0, "a   new", "");
    assert!(!home.path("state").exists(), "looking leaves nothing behind");
    let add = ["feeds", "add", "https://b.example/rss?key=hidden", "--id", "b", "--label", "World"];
    home.run(&add).check(0, "b is added", "");
    home.run(&add).check(1, "", "b: the feed b has the same URL");
    home.run(&["feeds", "add", "https://c.example/", "--id", "a"]).check(
        1,
        "",
        "there is a feed of this id already",
    );
    home.run(&["feeds", "add", "https://c.example/", "--interval", "soon"]).check(2, "", "soon");
    home.run(&["feeds", "add", "ftp://c.example/"]).check(2, "", "http and https");
    let list = home.run(&["feeds", "list", "--json", "--sort", "id"]);
    let list = json(&list.stdout);
    assert_eq!(list["total"], 2);
    assert_eq!(list["feeds"][1]["url"], "https://b.example/rss?key=***");
    assert_eq!(list["feeds"][1]["origin"], "added");
    home.run(&["feeds", "list", "--search", "world"]).check(0, "b", "");
    home.run(&["feeds", "list", "--search", "nothing"]).check(0, "no feed fits", "");
    home.run(&["feeds", "show", "b"]).check(0, "labels       World", "");
    home.run(&["feeds", "show", "x"]).check(1, "", "there is no feed x");
    home.run(&["feeds", "export"]).check(0, "xmlUrl=\"https://b.example/rss?key=hidden\"", "");
    let toml = home.run(&["feeds", "export", "--format", "toml"]);
    toml.check(0, "id = \"b\"", "");
    home.run(&["feeds", "remove", "b"]).check(0, "b is removed", "");
    home.run(&["feeds", "remove", "a"]).check(1, "", "it is declared in the config or a feed file");

    fs::write(home.path("list.toml"), toml.stdout).unwrap();
    home.run(&["feeds", "import", "list.toml", "--dry-run"]).check(0, "list.toml holds 2 feeds", "");
    home.run(&["feeds", "import", "list.toml"]).check(
        0,
        "1 feed added, 1 left out",
        "a: the feed a has the same URL",
    );
    home.run(&["feeds", "import", "gone.opml"]).check(1, "", "gone.opml: No such file");
    fs::write(home.path("broken.opml"), include_str!("../../fixtures/broken.opml")).unwrap();
    home.run(&["feeds", "import", "broken.opml"]).check(0, "7 feeds added, 0 left out", "outline 7");
    home.run(&["state", "check"]).check(0, "subscriptions  8", "");
}

#[test]
fn a_daemon_answers_commands_and_takes_feeds_in() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    home.run(&["tap"]).check(1, "", "no daemon runs");
    home.run(&["reload"]).check(1, "", "no daemon runs");
    let daemon = home.start();
    wait_for("two articles", || home.read("out").lines().count() == 2);
    let tap = home.run(&["tap", "--last", "5", "--limit", "2"]);
    tap.check(0, "\"title\":\"Council votes on new pier\"", "");
    assert_eq!(tap.stdout.lines().count(), 2);
    let tap = home.run(&["tap", "--last", "5", "--limit", "1", "--topic", "transport", "--language", "en"]);
    tap.check(0, "Ferry line reopens", "");
    home.run(&["outbox"]).check(0, "0 records (0B) wait for delivery, after ", "");
    home.run(&["feeds", "list"]).check(0, "harbour  good", "");
    let report = json(&home.run(&["feeds", "show", "harbour", "--json"]).stdout);
    assert_eq!(report["fetches"][0]["outcome"], "document");
    assert_eq!(report["articles"], 2);

    let url = format!("http://{}/other", server.address);
    home.run(&["feeds", "add", &url, "--id", "other", "--first-poll", "publish"]).check(
        0,
        "other is added",
        "",
    );
    wait_for("a visit of the new feed", || {
        home.run(&["feeds", "show", "other"]).stdout.contains("state        good")
    });
    home.run(&["feeds", "remove", "other"]).check(0, "other is removed", "");
    home.run(&["feeds", "show", "other"]).check(1, "", "there is no feed other");
    home.run(&["feeds", "add", &url, "--id", "kept"]).check(0, "kept is added", "");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().0, Some(0));
    assert!(!home.path("state/wireroom.sock").exists());
    home.run(&["feeds", "list", "--sort", "id"]).check(0, "kept", "");
}

#[test]
fn a_reload_changes_what_can_change_and_a_mistake_changes_nothing() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let daemon = home.start();
    wait_for("two articles", || home.read("out").lines().count() == 2);
    let config = home.read("wireroom.toml");
    home.run(&["reload"]).check(0, "nothing is different", "");
    let url = format!("http://{}/more", server.address);
    let more = format!(
        "{config}[[feed]]\nid = \"more\"\nurl = \"{url}\"\n[schedule]\ninterval = \"1h\"\n[outbox]\nmax_bytes = \"1GiB\"\n[kafka]\nbatch_records = 7\n"
    );
    fs::write(home.path("wireroom.toml"), &more).unwrap();
    let reloaded = home.run(&["reload"]);
    reloaded.check(0, "schedule.interval: unset -> \"1h\"", "");
    reloaded.check(0, "feed more is new", "");
    reloaded.check(0, "needs a restart: kafka.batch_records: 1000 -> 7", "");
    wait_for("the new feed's visit", || {
        home.run(&["feeds", "show", "more"]).stdout.contains("state        good")
    });

    fs::write(home.path("wireroom.toml"), format!("{more}nonsense = 1\n")).unwrap();
    let refused = server.asked();
    // The command reads the same file and finds the mistake itself; the signal shows what the daemon says.
    daemon.signal(Signal::HUP);
    wait_for("the refusal", || home.read("log").contains("the config was not taken over, the old one holds"));
    fs::write(home.path("wireroom.toml"), config).unwrap();
    home.run(&["health", "--ready"]).check(0, "the config file has a mistake, the old one holds", "");
    assert_eq!(server.asked(), refused, "a refused config starts nothing");
    let reloaded = home.run(&["reload"]);
    reloaded.check(0, "feed more is gone", "");
    home.run(&["feeds", "show", "more"]).check(1, "", "there is no feed more");
    let ready = home.run(&["health", "--ready"]);
    ready.check(0, "\"warnings\":[]", "");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().0, Some(0));
}

#[test]
fn settings_are_shown_with_their_sources() {
    let home = Home::new("[http]\ntoken = \"s3cret-token\"\n[fetch]\nconcurrency = 8\n");
    let mut command = home.command(&["config", "show", "--given"]);
    command.env("WIREROOM__KAFKA__TOPIC_PREFIX", "news");
    let shown = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(shown.contains("fetch.concurrency   8"), "{shown}");
    assert!(shown.contains("wireroom.toml:4"), "{shown}");
    assert!(shown.contains("\"news\"  WIREROOM__KAFKA__TOPIC_PREFIX"), "{shown}");
    assert!(shown.contains("\"***\"") && !shown.contains("s3cret"), "{shown}");
    assert!(!shown.contains("default"), "{shown}");
    let all = json(&home.run(&["config", "show", "--json"]).stdout);
    let all = all.as_array().unwrap();
    assert!(40 < all.len(), "{}", all.len());
    assert!(all.iter().any(|one| one["key"] == "outbox.max_bytes" && one["source"] == "default"));
}

#[test]
fn completions_pages_and_schemas_are_written() {
    let home = Home::new("");
    for shell in ["bash", "zsh", "fish"] {
        home.run(&["completions", shell]).check(0, "wireroom", "");
    }
    home.run(&["completions", "cmd"]).check(2, "", "possible values");
    home.run(&["man", "pages"]).check(0, "wireroom.1", "");
    assert!(home.read("pages/wireroom-feeds-list.1").contains("search"));
    assert_eq!(json(&home.run(&["schema", "config"]).stdout)["title"], "wireroom config");
    home.run(&["schema", "asyncapi"]).check(0, "asyncapi: \"3.0.0\"", "");
    assert_eq!(json(&home.run(&["schema", "avro"]).stdout)["name"], "Article");

    let server = Server::new(HARBOUR);
    let records = Home::with_feed(&server).run(&["once"]).stdout;
    home.pipe(&["schema", "check"], &records).check(0, "2 records, 0 of them faulty: 2 created", "");
    let spoilt = records.replacen("\"revision\":1", "\"revision\":\"one\"", 1);
    home.pipe(&["schema", "check"], &spoilt).check(1, "1 of them faulty", "-:1: /revision");
    home.pipe(&["schema", "check"], "{").check(1, "", "this is not JSON");
    home.pipe(&["schema", "check"], "").check(1, "0 records", "");
}

#[test]
fn wrong_words_are_told_with_the_way_out() {
    let home = Home::new("");
    for (args, code, said) in [
        (&["consume", "--brokers", "localhost"][..], 2, "HOST:PORT"),
        (&["consume", "--from", "yesterday"], 2, "beginning, end, or a time"),
        (&["consume", "--group", "g", "--from", "2026-01-01T00:00:00Z"], 2, "do not go together"),
        (&["demo", "--kafka", "nowhere"], 2, "HOST:PORT"),
        (&["demo", "--every", "1ms"], 2, "50ms to 1h"),
        (&["feeds", "show", "Not an id"], 2, "cannot name a feed"),
        (&["feeds", "remove"], 2, "<IDS>"),
        (&["outbox", "--limit", "9999"], 2, "9999"),
        (&["feeds"], 2, "Usage"),
    ] {
        home.run(args).check(code, "", said);
    }
    // Nobody listens there: one sentence, and no hanging.
    let ended = home.run(&["consume", "--brokers", "127.0.0.1:1", "--until-end"]);
    ended.check(1, "", "wireroom.articles.v1 cannot be read");
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn odd_surroundings_are_borne() {
    let home = Home::new(
        "[state]\ndir = \"/proc/no-state-here\"\n[[feed]]\nid = \"a\"\nurl = \"https://a.example/rss\"\n",
    );
    // A disk that takes nothing.
    home.run(&["feeds", "add", "https://b.example/"]).check(74, "", "/proc/no-state-here cannot be used");
    // Output that takes nothing.
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for args in
        [&["schema", "article"][..], &["feeds", "list"], &["config", "show"], &["completions", "bash"]]
    {
        let code = home.command(args).stdout(full()).status().unwrap().code();
        assert_eq!(code, Some(74), "{args:?}");
    }
    // A reader that has gone.
    for args in
        [&["feeds", "export"][..], &["config", "show"], &["completions", "bash"], &["schema", "config"]]
    {
        let mut child = home.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0), "{args:?}");
    }
    // No HOME, no TERM, no standard input, a terminal of no width.
    let mut command = home.command(&["feeds", "list"]);
    command.env_clear().env("COLUMNS", "0");
    assert!(command.output().unwrap().status.success());
}
