use crate::support::{Daemon, HARBOUR, Home, Server, wait_for};
use rustix::process::Signal;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn stop(daemon: Daemon) -> Duration {
    daemon.signal(Signal::TERM);
    let (code, took) = daemon.end();
    assert_eq!(code, Some(0));
    took
}

#[test]
fn a_feed_is_visited_once_and_its_articles_come_once() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let first = home.run(&["once"]);
    first.check(0, "\"change\":\"created\"", "\"created\":2");
    assert_eq!(first.stdout.lines().count(), 2, "{}", first.stdout);
    let second = home.run(&["once"]);
    second.check(0, "", "\"created\":0");
    assert_eq!(second.stdout, "");
    assert_eq!(server.asked(), 2);
    home.run(&["state", "check"]).check(0, "every value could be read", "");
}

#[test]
fn once_fails_when_no_feed_can_be_read() {
    let server = Server::new("<html><body>Please log in</body></html>");
    Home::with_feed(&server).run(&["once"]).check(1, "", "no feed could be read: 1 visit failed");
}

#[test]
fn a_daemon_lives_and_ends() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    home.run(&["health"]).check(1, "", "no daemon answers");
    let daemon = home.start();
    let address: SocketAddr = home.read("state/http.address").trim().parse().unwrap();
    assert_ne!(address.port(), 0);
    home.run(&["health"]).check(0, "alive", "");
    wait_for("ready", || home.run(&["health", "--ready"]).code == Some(0));
    wait_for("two articles", || home.read("out").lines().count() == 2);
    assert!(get(address, "/readyz").contains(r#"{"ready":true,"reasons":[],"warnings":[]}"#));
    let metrics = get(address, "/metrics");
    assert!(metrics.contains("wireroom_feeds 1\n") && metrics.trim_end().ends_with("# EOF"), "{metrics}");

    home.run(&["run"]).check(75, "", "in use by another wireroom");
    home.run(&["once"]).check(75, "", "in use by another wireroom");
    home.run(&["state", "check"]).check(75, "", "in use by another wireroom");
    assert_eq!(
        home.read("state/http.address").trim(),
        address.to_string(),
        "the note is still the first one's"
    );

    assert!(stop(daemon) < Duration::from_secs(10));
    assert!(!home.path("state/http.address").exists());
    let log = home.read("log");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let start = &lines[0];
    assert_eq!(start["message"], "wireroom starts with 1 feed", "{log}");
    assert_eq!((&start["sink"], &start["feeds"]), (&"stdout".into(), &1.into()), "{log}");
    assert_eq!(start["http"], address.to_string(), "{log}");
    assert!(lines.iter().all(|line| line["level"] == "INFO"), "{log}");
}

#[test]
fn a_taken_address_is_told_and_a_second_daemon_on_it_is_known() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let daemon = home.start();
    let address = home.read("state/http.address");
    let taken = format!("listen = \"{}\"", address.trim());
    let config = home.read("wireroom.toml").replace("listen = \"127.0.0.1:0\"", &taken);
    fs::write(home.path("wireroom.toml"), &config).unwrap();
    home.run(&["run"]).check(75, "", "in use by another wireroom");
    fs::write(home.path("wireroom.toml"), config.replace("dir = \"state\"", "dir = \"other\"")).unwrap();
    home.run(&["run"]).check(1, "", "cannot be bound: Address already in use");
    stop(daemon);
}

#[test]
fn it_ends_in_time_while_a_server_says_nothing_and_at_once_when_told_twice() {
    let server = Server::silent();
    let home = Home::with_feed(&server);
    let daemon = home.start();
    wait_for("a visit", || server.asked() == 1);
    assert!(stop(daemon) < Duration::from_secs(10));

    let daemon = home.start();
    wait_for("a visit", || server.asked() == 2);
    daemon.signal(Signal::INT);
    wait_for("the first signal's line", || home.read("log").contains("told to stop"));
    daemon.signal(Signal::TERM);
    let (code, took) = daemon.end();
    assert_eq!(code, Some(1));
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn state_is_checked_copied_and_adopted() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    home.run(&["state", "check"]).check(1, "", "holds no state");
    home.run(&["once"]).check(0, "", "");
    home.run(&["state", "backup", "copy"]).check(0, "is copied to copy", "");
    home.run(&["state", "backup", "copy"]).check(1, "", "copy is not empty");
    fs::remove_dir_all(home.path("state")).unwrap();
    home.run(&["state", "restore", "nowhere"]).check(1, "", "nowhere is not a backup");
    home.run(&["state", "restore", "copy"]).check(0, "run `wireroom state adopt` next", "");
    home.run(&["state", "adopt"]).check(0, "is store", "");
    let again = home.run(&["once"]);
    again.check(0, "", "\"created\":0");
    fs::write(home.path("state/format"), "{}").unwrap();
    home.run(&["once"]).check(65, "", "the file `format` is unreadable");
}

#[test]
fn a_disk_that_refuses_is_told() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let config = home.read("wireroom.toml").replace("dir = \"state\"", "dir = \"wireroom.toml/state\"");
    fs::write(home.path("wireroom.toml"), config).unwrap();
    home.run(&["once"]).check(74, "", "wireroom.toml/state cannot be used: Not a directory");
}

#[test]
fn a_service_manager_is_told() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let path = home.path("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut heard = Vec::new();
    let mut until = |word: &str, times: usize| {
        while heard.iter().filter(|line| *line == word).count() < times {
            let mut bytes = [0; 4096];
            let length = manager.recv(&mut bytes).unwrap();
            heard.extend(String::from_utf8(bytes[..length].to_vec()).unwrap().lines().map(str::to_owned));
        }
        heard.clone()
    };
    let daemon = home.start_with(&[("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "400000")]);
    let first = until("WATCHDOG=1", 3);
    assert_eq!(first[0], "READY=1", "ready before anything else: {first:?}");
    assert!(first.iter().any(|line| line.starts_with("STATUS=")), "{first:?}");
    daemon.signal(Signal::TERM);
    until("STOPPING=1", 1);
    assert_eq!(daemon.end().0, Some(0));
}
