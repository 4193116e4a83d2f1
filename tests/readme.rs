//! What the README tells people to type, typed: every command in it runs here as it stands there, or is named
//! with the test that runs it.
#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of test functions")]

use crate::consumers::{given, name};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const README: &str = include_str!("../README.md");
/// The publisher of the README's examples; here a server on loopback speaks for it.
const PUBLISHER: &str = "https://www.theguardian.com";
const PATIENCE: Duration = Duration::from_secs(120);

/// Commands that are not run here, and the file and the words that show where they are.
const ELSEWHERE: [(&str, &str, &str); 4] = [
    ("cargo xtask demo", "crates/wireroom/tests/door/demo.rs", "fn the_demo_shows_everything"),
    ("cargo xtask test", ".ci/run", "cargo xtask test"),
    ("cargo xtask torture", "tests/crash.rs", "fn every_named_point_and_random_kills"),
    ("wireroom run --config wireroom.toml", "tests/readme.rs", "fn the_configs_run_as_they_stand"),
];
/// Commands that go on until they are told to stop: for a while is enough.
const ENDLESS: [&str; 2] = ["wireroom tap", "wireroom consume --group"];
/// Commands that ask a daemon, and commands that want none.
const ASKING: [&str; 3] = ["wireroom tap", "wireroom reload", "wireroom health"];
const AT_REST: [&str; 2] = ["wireroom once", "wireroom state"];

/// Every command, in order: lines of blocks, and words in between that begin like one.
fn commands() -> Vec<String> {
    let blocks = README.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap().trim().to_owned());
    // Inline code may be wrapped; blocks are no inline code.
    let prose: String = README.split("```").step_by(2).collect();
    let inline: Vec<String> = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|code| {
            let word = code.strip_prefix("wireroom ").or_else(|| code.strip_prefix("cargo xtask "));
            word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        })
        .collect();
    let mut all: Vec<String> = Vec::new();
    for command in lines.chain(inline).filter(|line| !line.is_empty()) {
        if !all.contains(&command) {
            all.push(command);
        }
    }
    all
}

fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("```{kind}\n");
    README.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// Answers every path with a feed of its own: a dozen articles of this minute.
fn publisher() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let now = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]).output().unwrap();
    let now = String::from_utf8(now.stdout).unwrap().trim().to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
            let entries: String = (1..=12)
                .map(|n| {
                    format!(
                        "<entry><id>{path}-{n}</id><title>Ferry {n} of {path} reopens</title>\
                         <link href=\"http://harbour.example{path}/{n}\"/><updated>{now}</updated>\
                         <summary>The ferry between London and the islands runs again, the port authority \
                         said on day {n} of the storm that closed {path}.</summary></entry>"
                    )
                })
                .collect();
            let body = format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>{path}</title><id>{path}</id>\
                 <updated>{now}</updated>{entries}</feed>"
            );
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/atom+xml\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    address
}

/// Where the commands are typed: `wireroom` is on the path, and what they name is there.
struct Place {
    dir: TempDir,
    publisher: SocketAddr,
    topics: String,
    daemon: Option<Child>,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            dir: tempfile::tempdir().unwrap(),
            publisher: publisher(),
            topics: name("readme"),
            daemon: None,
        };
        let dir = place.dir.path();
        std::fs::create_dir(dir.join("bin")).unwrap();
        std::os::unix::fs::symlink(given("WIREROOM_BIN"), dir.join("bin/wireroom")).unwrap();
        std::fs::create_dir(dir.join("feeds")).unwrap();
        let feed = include_str!("../crates/wireroom/fixtures/harbour.xml");
        for name in ["feeds/a.xml", "feeds/b.xml"] {
            std::fs::write(dir.join(name), feed).unwrap();
        }
        let opml = format!(
            "<opml version=\"2.0\"><body><outline text=\"One\" xmlUrl=\"http://{}/one\"/></body></opml>",
            place.publisher
        );
        std::fs::write(dir.join("subscriptions.opml"), opml).unwrap();
        place
    }

    /// The README's configs, the last one first, for the publisher on loopback; its feed is another one than
    /// that which is added later.
    fn configure(&self, configs: &[&str]) {
        let text: String = configs.iter().rev().copied().collect();
        let text = self.here(&text).replace("/world/rss", "/declared");
        std::fs::write(self.dir.path().join("wireroom.toml"), text).unwrap();
    }

    /// A text with the publisher of loopback in place of the one in the world.
    fn here(&self, text: &str) -> String {
        let host = PUBLISHER.trim_start_matches("https://www.");
        let text = text.replace(PUBLISHER, &format!("http://{}", self.publisher));
        text.replace(host, "127.0.0.1").replace("target/release/wireroom", "wireroom").replace("DIR", "dir")
    }

    fn shell(&self, script: &str) -> Command {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .current_dir(self.dir.path())
            .env("PATH", format!("{}:{path}", self.dir.path().join("bin").display()))
            .env("WIREROOM__FETCH__ALLOW", "[\"127.0.0.0/8\"]")
            .env("WIREROOM__FETCH__PER_HOST_GAP", "0ms")
            .env("WIREROOM__HTTP__LISTEN", "127.0.0.1:0")
            .env("WIREROOM__KAFKA__BOOTSTRAP_SERVERS", given("WIREROOM_TEST_KAFKA"))
            .env("WIREROOM__KAFKA__TOPIC_PREFIX", &self.topics)
            .env("WIREROOM__KAFKA__TRANSACTIONAL_ID", &self.topics)
            .stdin(Stdio::null());
        command
    }

    fn start(&mut self) {
        let file = |name: &str| std::fs::File::create(self.dir.path().join(name)).unwrap();
        let mut command = self.shell("exec wireroom run --config wireroom.toml");
        self.daemon = Some(command.stdout(file("out")).stderr(file("log")).spawn().unwrap());
        let begun = Instant::now();
        while !self.shell("wireroom health --ready").output().unwrap().status.success() {
            assert!(begun.elapsed() < PATIENCE, "not ready: {}", self.read("log"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(&mut self) {
        let Some(mut daemon) = self.daemon.take() else { return };
        let told = Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
        assert!(told.success() && daemon.wait().unwrap().success(), "{}", self.read("log"));
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
    }

    /// Types one command, with or without a daemon as it needs it.
    fn type_in(&mut self, command: &str) -> Output {
        let is_one_of = |all: &[&str]| all.iter().any(|one| command.starts_with(one));
        if is_one_of(&ASKING) && self.daemon.is_none() {
            self.start();
        }
        if is_one_of(&AT_REST) {
            self.stop();
        }
        if command.starts_with("wireroom state restore") {
            std::fs::rename(self.dir.path().join("state"), self.dir.path().join("lost")).unwrap();
        }
        let script = self.here(command);
        let script = match is_one_of(&ENDLESS) {
            true => format!("timeout --preserve-status -s KILL 5 {script}; test $? = 137"),
            false => format!("set -o pipefail; {script}"),
        };
        self.shell(&script).output().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

#[test]
fn every_command_runs_or_is_run_elsewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (command, file, words) in ELSEWHERE {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(words), "{command} is not run by {file}, which lacks {words:?}");
    }
    let all = commands();
    let ours: Vec<&String> =
        all.iter().filter(|line| !ELSEWHERE.iter().any(|(command, ..)| line == command)).collect();
    assert!(25 < ours.len(), "only {} commands were found: {ours:?}", ours.len());
    let (demo, ours): (Vec<_>, Vec<_>) = ours.into_iter().partition(|line| line.starts_with("timeout"));
    std::thread::scope(|scope| {
        scope.spawn(|| the_demo_keeps_its_word(&demo));
        let mut place = Place::new();
        place.configure(&blocks("toml"));
        place.start();
        for line in ours {
            let ended = place.type_in(line);
            assert!(ended.status.success(), "{line}: {ended:?}\n{}", place.read("log"));
            let is_silent =
                ENDLESS.iter().any(|one| line.starts_with(one)) || ended.stdout.trim_ascii().is_empty();
            let may_be_silent = ["wireroom tap", "wireroom consume --group", "wireroom once"];
            assert!(
                !is_silent || may_be_silent.iter().any(|one| line.starts_with(one)),
                "{line} says nothing"
            );
        }
        place.stop();
    });
}

/// The README's pipe, for as long as it says: enough of everything, and every record as it was promised.
fn the_demo_keeps_its_word(lines: &[&String]) {
    let [line] = lines else { panic!("one command of the README runs the demo, not {lines:?}") };
    let place = Place::new();
    let ended = place.shell(&place.here(line)).output().unwrap();
    let told = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success() && told.contains(", 0 of them faulty: "), "{told}");
    let number = |word: &str| -> u32 {
        let before = told.split(word).next().unwrap().trim_end();
        before.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(20 <= number("records") && 1 <= number("updated") && 1 <= number("duplicate"), "{told}");
}

#[test]
fn the_configs_run_as_they_stand() {
    let (first, kafka) = match blocks("toml")[..] {
        [first, kafka] => (first, kafka),
        ref other => panic!("{other:?}"),
    };
    let mut place = Place::new();
    place.configure(&[first]);
    place.start();
    let begun = Instant::now();
    while place.read("out").lines().count() < 12 {
        assert!(begun.elapsed() < PATIENCE, "{}", place.read("log"));
        std::thread::sleep(Duration::from_millis(50));
    }
    place.stop();
    assert!(place.read("out").lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    // Stop it and start it again: nothing comes twice.
    let again = place.type_in("wireroom once");
    assert!(again.status.success() && again.stdout.is_empty(), "{again:?}");
    // And then to Kafka: what was printed stays printed, what is new goes there.
    place.configure(&[first, kafka]);
    place.start();
    let added = place.type_in(&format!("wireroom feeds add {PUBLISHER}/more"));
    assert!(added.status.success(), "{added:?}");
    let read = place.type_in("wireroom consume --from beginning --limit 12 --json");
    let text = String::from_utf8(read.stdout).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("/more")).count(), 12, "{text}");
    place.stop();
}
