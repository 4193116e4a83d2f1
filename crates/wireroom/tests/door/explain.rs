//! `wireroom explain` and the names of one's own.

use crate::support::{HARBOUR, Home, Server, wait_for};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;

fn home(server: &Server, names: &str) -> Home {
    let home = Home::with_feed(server);
    let more = "[sink]\ntype = \"file\"\npath = \"out.ndjson\"\n[enrich]\nnames_file = \"names.tsv\"\n\
                [[enrich.rules]]\nlabel = \"piers\"\nnames = [\"pier\"]\nwhen = 'feed = \"harbour\"'\n";
    fs::write(home.path("wireroom.toml"), home.read("wireroom.toml") + more).unwrap();
    fs::write(home.path("names.tsv"), names).unwrap();
    home
}

/// The id of the article whose title begins so.
fn id(home: &Home, title: &str) -> String {
    let lines = home.read("out.ndjson");
    let mut records = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let record = records.find(|record| record["title"].as_str().unwrap().starts_with(title)).unwrap();
    record["id"].as_str().unwrap().to_owned()
}

#[test]
fn every_tag_is_explained_wherever_the_record_is() {
    let server = Server::new(HARBOUR);
    let home = home(&server, "-\tFerry line\tORG\n");
    home.run(&["validate"]).check(0, "1 feed and 1 name of your own", "");
    home.run(&["once"]).check(0, "", "");
    let (ferry, pier) = (id(&home, "Ferry"), id(&home, "Council"));
    // At rest: from the sink's file.
    let told = home.run(&["explain", &ferry]);
    told.check(0, "entity Ferry line (ORG, no item)", "");
    for part in ["a name of your own file", "revision 1: created", "the publisher's category \"Transport\""] {
        told.check(0, part, "");
    }
    assert!(!told.stdout.contains("not found again"), "{}", told.stdout);
    home.run(&["explain", &pier]).check(0, "label piers\n  feed = \"harbour\"\n  pier", "");
    fs::rename(home.path("out.ndjson"), home.path("old.ndjson")).unwrap();
    let gone = home.run(&["explain", &ferry]);
    gone.check(0, "give it with --record FILE", "out.ndjson: No such file");
    home.run(&["explain", &ferry, "--record", "old.ndjson"]).check(0, "entity Ferry line", "");
    home.pipe(&["explain", &ferry, "--record", "-"], &home.read("old.ndjson")).check(
        0,
        "entity Ferry line",
        "",
    );
    home.run(&["explain", &ferry, "--record", "no.ndjson"]).check(0, "revision 1", "no.ndjson: No such file");
    home.run(&["explain", &"a".repeat(26)]).check(1, "", "no article");
    home.run(&["explain", "nonsense"]).check(2, "", "nonsense");
    // With other names than those of the record, that is told.
    fs::write(home.path("names.tsv"), "").unwrap();
    home.run(&["explain", &ferry, "--record", "old.ndjson"]).check(
        0,
        "the record has the entity \"Ferry line\", which is not found again",
        "",
    );
}

#[test]
fn names_are_taken_over_while_the_daemon_runs_and_its_memory_explains() {
    let server = Server::new(HARBOUR);
    let home = home(&server, "-\tFerry line\tORG\n");
    let daemon = home.start();
    wait_for("two articles", || {
        home.path("out.ndjson").exists() && home.read("out.ndjson").lines().count() == 2
    });
    let ferry = id(&home, "Ferry");
    fs::remove_file(home.path("out.ndjson")).unwrap();
    let told = home.run(&["explain", &ferry, "--json"]);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let tags = told["tags"].as_array().unwrap();
    assert!(
        tags.iter().any(|tag| tag["kind"] == "entity" && tag["because"][1] == "a name of your own file"),
        "{told}"
    );
    assert_eq!((&told["revisions"][0]["revision"], &told["notes"]), (&1.into(), &Value::Array(vec![])));

    fs::write(home.path("names.tsv"), "-\tFerry line\tORG\n-\tHarbour Watch\tORG\n").unwrap();
    home.run(&["reload"]).check(0, "enrich.names_file: 1 name -> 2 names", "");
    home.run(&["reload"]).check(0, "nothing is different", "");
    fs::write(home.path("names.tsv"), "-\tFerry line\tCAT\n").unwrap();
    daemon.signal(Signal::HUP);
    wait_for("the refusal", || home.read("log").contains("names.tsv:1:1: \\\"CAT\\\" is not a type"));
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().0, Some(0));
}
