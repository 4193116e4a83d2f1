//! The real binary from outside: exit codes, what it says where, and its life as a daemon.

#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod commands;
mod daemon;
mod demo;
mod discover;
mod explain;
mod filters;
mod pages;
mod secrets;
mod support;
mod terminal;

use expect_test::expect_file;
use std::fs;
use std::io::Read;
use std::process::Stdio;
use support::{HARBOUR, Home, Server};

#[test]
fn usage_is_told() {
    let home = Home::new("");
    home.run(&[]).check(2, "", "Usage: wireroom");
    home.run(&["run", "--no-such-flag"]).check(2, "", "--no-such-flag");
    home.run(&["no-such-command"]).check(2, "", "no-such-command");
    home.run(&["try"]).check(2, "", "<URL>");
    home.run(&["try", "ftp://h.example/"]).check(2, "", "the URL's scheme is ftp");
    home.run(&["--help"]).check(0, "75 already running, 78 bad", "");
    home.run(&["--version"]).check(0, env!("CARGO_PKG_VERSION"), "");
}

#[test]
fn a_bad_config_is_told_in_full() {
    let home = Home::new(include_str!("../../fixtures/mistakes.toml"));
    for command in ["validate", "run", "once"] {
        let ended = home.run(&[command, "--config", "wireroom.toml"]);
        ended.check(78, "", "14 mistakes");
        expect_file!["../../fixtures/mistakes.txt"].assert_eq(&ended.stderr);
    }
    // These need no feeds, so mistakes in feeds do not stop them; others do.
    home.run(&["health"]).check(78, "", "10 mistakes");
}

#[test]
fn a_missing_config_is_named() {
    let home = Home::new("");
    home.run(&["run", "--config", "gone.toml"]).check(78, "", "gone.toml: No such file");
    fs::remove_file(home.path("wireroom.toml")).unwrap();
    let ended = home.run(&["validate"]);
    // On a machine with a config of its own in /etc, that one is found.
    assert!(
        ended.code == Some(0) || ended.stderr.contains("no config: neither ./wireroom.toml nor"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_good_config_is_told_so() {
    let home = Home::new("[[feed]]\nurl = \"https://h.example/rss\"\n");
    home.run(&["validate"]).check(
        0,
        "the config is good: 1 feed, sink stdout, state in /var/lib/wireroom",
        "",
    );
    Home::new("").run(&["validate"]).check(0, "0 feeds", "warning: no feed is declared");
    let mut command = home.command(&["validate"]);
    command.env("WIREROOM__SINK__TYPE", "kafak");
    let stderr = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(
        stderr.contains("the variable WIREROOM__SINK__TYPE: unknown value `kafak`: did you mean `kafka`?"),
        "{stderr}"
    );
}

#[test]
fn the_schema_is_json_and_a_closed_pipe_is_quiet() {
    let home = Home::new("");
    let ended = home.run(&["schema", "article"]);
    let schema: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(schema["title"], "wireroom article, v1");

    let mut child =
        home.command(&["schema", "article"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn one_feed_can_be_tried() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let url = format!("http://{}/rss", server.address);
    let ended = home.run(&["try", &url]);
    ended.check(0, "Ferry line reopens after storm & repairs", "");
    ended.check(0, "78 characters of the summary\nlanguage   en\ntopics     ", "");
    let topics = ended.stdout.lines().find(|line| line.starts_with("topics")).unwrap_or_default();
    assert!(topics.contains("transport"), "{topics}");
    let ended = home.run(&["try", "--json", &url]);
    ended.check(0, "\"title\":\"Council votes on new pier\"", "");
    assert!(ended.stdout.lines().all(|line| serde_json::from_str::<record::Article>(line).is_ok()));
    assert!(!home.path("state").exists(), "trying a feed leaves nothing behind");

    fs::write(home.path("wireroom.toml"), "").unwrap();
    home.run(&["try", &url]).check(1, "", "forbidden_address");
    assert_eq!(server.asked(), 2);
}
