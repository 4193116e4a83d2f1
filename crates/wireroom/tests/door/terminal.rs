//! Terminals: narrow ones, ones without colour, and ones that have gone.

use crate::support::{HARBOUR, Home, Server, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::Read;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A terminal of so many columns: our end, and the program's.
fn terminal(columns: u16) -> (File, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = File::options().read(true).write(true).open(name).unwrap();
    (File::from(ours), theirs)
}

/// Starts a command whose standard output and error are the terminal, with one more variable.
fn start(home: &Home, args: &[&str], theirs: File, (name, value): (&str, &str)) -> Child {
    let mut command = home.command(args);
    command.env_remove("NO_COLOR").env_remove("COLUMNS").env("TERM", "xterm-256color").env(name, value);
    command.stdin(Stdio::null()).stdout(theirs.try_clone().unwrap()).stderr(theirs);
    command.spawn().unwrap()
}

/// What a command shows on a terminal of so many columns.
fn shown(home: &Home, args: &[&str], columns: u16, variable: (&str, &str)) -> String {
    let (mut ours, theirs) = terminal(columns);
    let mut child = start(home, args, theirs, variable);
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    // A terminal that nobody has open any more ends with an error.
    while let Ok(length @ 1..) = ours.read(&mut part) {
        bytes.extend_from_slice(&part[..length]);
    }
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {text}");
    text
}

/// The text of a line, without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once('m').map_or("", |(_, text)| text)).collect::<String>()
}

const COLOUR: (&str, &str) = ("TERM", "xterm-256color");

#[test]
fn lines_fit_and_colours_can_be_refused() {
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let long = format!("http://{}/{}", server.address, "a-long-way/".repeat(20));
    let daemon = home.start();
    wait_for("two articles", || home.read("out").lines().count() == 2);
    home.run(&["feeds", "add", &long, "--id", "far"]).check(0, "", "");
    for columns in [80, 40] {
        for args in [&["feeds", "list"][..], &["tap", "--last", "2", "--limit", "2"]] {
            let text = shown(&home, args, columns, COLOUR);
            assert!(text.lines().count() >= 2, "{args:?}: {text}");
            for line in text.lines() {
                let length = plain(line).chars().count();
                assert!(length <= usize::from(columns), "{args:?} at {columns}: {length} in {line:?}");
            }
        }
    }
    let tap = ["tap", "--last", "2", "--limit", "2"];
    assert!(shown(&home, &tap, 80, COLOUR).contains('\u{1b}'));
    for refused in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let text = shown(&home, &tap, 80, refused);
        assert!(text.contains("Ferry line reopens") && !text.contains('\u{1b}'), "{refused:?}: {text:?}");
    }
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end().0, Some(0));
    // The daemon's own log, too.
    for (variable, coloured) in [(COLOUR, true), (("NO_COLOR", "1"), false), (("TERM", "dumb"), false)] {
        let text = shown(&home, &["once"], 80, variable);
        assert!(text.contains("wireroom starts with 1 feed"), "{text:?}");
        assert_eq!(text.contains('\u{1b}'), coloured, "{variable:?}: {text:?}");
    }
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn a_terminal_that_has_gone_ends_the_demo_and_not_the_daemon() {
    let home = Home::new("");
    let (ours, theirs) = terminal(80);
    let mut demo = start(&home, &["demo", "--every", "100ms", "--http", "127.0.0.1:0"], theirs, COLOUR);
    let (mut ours, mut text) = (ours, String::new());
    let mut part = [0; 4096];
    while !text.contains(" · ") {
        let length = ours.read(&mut part).unwrap();
        text.push_str(&String::from_utf8_lossy(&part[..length]));
    }
    drop(ours);
    signal(&demo, Signal::HUP);
    let begun = Instant::now();
    let code = loop {
        if let Some(status) = demo.try_wait().unwrap() {
            break status.code();
        }
        if Duration::from_secs(30) < begun.elapsed() {
            demo.kill().unwrap();
            demo.wait().unwrap();
            panic!("the demo goes on for nobody");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(code.is_some(), "it was killed");

    // A daemon whose articles go elsewhere goes on without anybody to tell.
    let server = Server::new(HARBOUR);
    let home = Home::with_feed(&server);
    let more = "[sink]\ntype = \"file\"\npath = \"out.ndjson\"\n[log]\nlevel = \"debug\"\n[schedule]\n\
                min_interval = \"100ms\"\nmin_interval_unconditional = \"100ms\"\ninterval = \"100ms\"\n";
    std::fs::write(home.path("wireroom.toml"), home.read("wireroom.toml") + more).unwrap();
    let (ours, theirs) = terminal(80);
    let mut daemon = start(&home, &["run"], theirs, COLOUR);
    wait_for("two articles", || {
        home.path("out.ndjson").exists() && home.read("out.ndjson").lines().count() == 2
    });
    drop(ours);
    signal(&daemon, Signal::HUP);
    let asked = server.asked();
    wait_for("more visits", || asked + 5 < server.asked());
    home.run(&["health"]).check(0, "alive", "");
    let metrics = home.run(&["feeds", "show", "harbour"]);
    metrics.check(0, "state        good", "");
    signal(&daemon, Signal::TERM);
    assert_eq!(daemon.wait().unwrap().code(), Some(0));
}
