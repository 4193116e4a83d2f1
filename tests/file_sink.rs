//! The file sink under kill -9: whoever reads the one file finds every revision that was offered, once, in
//! order, and never a torn line that stays.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Kills.
const KILLS: u64 = 25;
/// Longest life of a daemon before it is killed, milliseconds.
const LIFE_MS: u64 = 400;
const PATIENCE: Duration = Duration::from_secs(60);

/// A feed that grows by an item with each request, and shows the last fifty.
fn growing_feed(asked: Arc<AtomicU64>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let last = asked.fetch_add(1, Ordering::SeqCst) + 1;
            let items: String = (last.saturating_sub(49).max(1)..=last).rev().map(|number| format!(
                "<item><title>Story number {number}</title><guid isPermaLink=\"false\">g{number}</guid><link>https://harbour.example/{number}</link><description>Text of story {number}, which nobody else tells.</description></item>"
            )).collect();
            let body = format!(
                "<rss version=\"2.0\"><channel><title>T</title><link>https://harbour.example/</link><description>d</description>{items}</channel></rss>"
            );
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    address
}

fn start(dir: &Path) -> Child {
    let bin = std::env::var_os("WIREROOM_BIN")
        .expect("no daemon to kill: set WIREROOM_BIN, or run cargo xtask test");
    let log = std::fs::OpenOptions::new().create(true).append(true).open(dir.join("log")).unwrap();
    let mut command = Command::new(bin);
    command.args(["run", "--config", "wireroom.toml"]).current_dir(dir).stdin(Stdio::null()).stderr(log);
    command.env_remove("WIREROOM_CRASH_AT").env_remove("WIREROOM_MUTANT").spawn().unwrap()
}

#[test]
fn kills_at_any_moment_lose_double_and_tear_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let asked = Arc::new(AtomicU64::new(0));
    let feed = growing_feed(asked.clone());
    let config = format!(
        "[state]\ndir = \"state\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n[schedule]\nmin_interval = \"5ms\"\nmin_interval_unconditional = \"5ms\"\n[sink]\ntype = \"file\"\npath = \"out.ndjson\"\n[http]\nlisten = \"127.0.0.1:0\"\n[[feed]]\nid = \"f\"\nurl = \"http://{feed}/f\"\ninterval = \"10ms\"\nfirst_poll = \"publish\"\n"
    );
    std::fs::write(dir.path().join("wireroom.toml"), config).unwrap();
    let out = dir.path().join("out.ndjson");
    let settled_before = |kill: u64| kill * 7919 % LIFE_MS;
    for kill in 0..KILLS {
        let mut daemon = start(dir.path());
        // Every other life begins to count with the first new line, so that kills hit delivery, too.
        let length = || std::fs::metadata(&out).map_or(0, |file| file.len());
        let (before, began) = (length(), Instant::now());
        while kill % 2 == 0 && length() == before && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(settled_before(kill)));
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }
    // A last life, to deliver what is left; then an orderly end.
    let offered = asked.load(Ordering::SeqCst);
    let mut daemon = start(dir.path());
    let began = Instant::now();
    let has_all = || {
        let text = std::fs::read_to_string(&out).unwrap_or_default();
        text.contains(&format!("\"title\":\"Story number {offered}\""))
    };
    while !has_all() {
        assert!(began.elapsed() < PATIENCE, "story {offered} never came: {}", log(dir.path()));
        std::thread::sleep(Duration::from_millis(20));
    }
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    check(&out, offered);
}

fn log(dir: &Path) -> String {
    std::fs::read_to_string(dir.join("log")).unwrap_or_default()
}

fn check(out: &Path, offered: u64) {
    let text = std::fs::read_to_string(out).unwrap();
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    for (number, line) in text[..whole].lines().enumerate() {
        let record: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("line {}: {error}: {line}", number + 1));
        *times.entry(format!("{}:{}", record["id"].as_str().unwrap(), record["revision"])).or_default() += 1;
    }
    let doubled: Vec<_> = times.iter().filter(|(_, times)| 1 < **times).collect();
    assert!(doubled.is_empty(), "written more than once: {doubled:?}");
    let missing: Vec<u64> = (1..=offered)
        .filter(|number| !text.contains(&format!("\"title\":\"Story number {number}\"")))
        .collect();
    assert!(missing.is_empty(), "of {offered} stories these are lost: {missing:?}");
    assert!(20 < offered, "only {offered} stories were offered");
}
