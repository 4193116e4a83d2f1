//! The real binary, a directory of its own, and a feed server that knows one body.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const HARBOUR: &str = include_str!("../../fixtures/harbour.xml");

/// A directory with a config in it.
pub(crate) struct Home {
    pub(crate) dir: TempDir,
}

impl Home {
    pub(crate) fn new(config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("wireroom.toml"), config).unwrap();
        Self { dir }
    }

    /// A daemon's config: its own state, any port, and one feed on loopback.
    pub(crate) fn with_feed(feed: &Server) -> Self {
        Self::new(&format!(
            "[state]\ndir = \"state\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n\
             [http]\nlisten = \"127.0.0.1:0\"\n[[feed]]\nid = \"harbour\"\nurl = \"http://{}/rss\"\n\
             first_poll = \"publish\"\n",
            feed.address
        ))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The binary, in this directory and with nothing of ours in its environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wireroom"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("WIREROOM") {
                command.env_remove(name);
            }
        }
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        ended(self.command(args).output().unwrap())
    }

    /// Runs a filter.
    pub(crate) fn pipe(&self, args: &[&str], input: &str) -> Ended {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
        let ended = ended(child.wait_with_output().unwrap());
        let _ = writer.join().unwrap();
        ended
    }

    /// Starts `wireroom run` and waits until it can be asked.
    pub(crate) fn start(&self) -> Daemon {
        self.start_with(&[])
    }

    /// The same, with more in its environment.
    pub(crate) fn start_with(&self, environment: &[(&str, &str)]) -> Daemon {
        let log = fs::File::create(self.path("log")).unwrap();
        let mut command = self.command(&["run"]);
        command.envs(environment.iter().copied());
        command.stdout(fs::File::create(self.path("out")).unwrap()).stderr(log);
        let daemon = Daemon { child: command.spawn().unwrap() };
        wait_for("the address", || self.path("state/http.address").exists());
        daemon
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Checks the exit code and that both outputs hold what they must.
    #[track_caller]
    pub(crate) fn check(&self, code: i32, stdout: &str, stderr: &str) {
        let Self { stdout: out, stderr: err, .. } = self;
        assert_eq!(self.code, Some(code), "stdout: {out}\nstderr: {err}");
        assert!(out.contains(stdout), "stdout lacks {stdout:?}: {out}\nstderr: {err}");
        assert!(err.contains(stderr), "stderr lacks {stderr:?}: {err}");
    }
}

fn ended(output: Output) -> Ended {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A running daemon; killed when dropped.
pub(crate) struct Daemon {
    child: Child,
}

impl Daemon {
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Its exit code, and how long that took.
    pub(crate) fn end(mut self) -> (Option<i32>, Duration) {
        let started = Instant::now();
        wait_for("the end", || self.child.try_wait().unwrap().is_some());
        (self.child.wait().unwrap().code(), started.elapsed())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
pub(crate) fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_there() {
        assert!(started.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A server that answers every request with the same body.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn new(body: &'static str) -> Self {
        Self::start(move |_, mut stream: TcpStream| {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        })
    }

    /// A site: what stands at a path, given the path and the site's `host:port`; else 404.
    pub(crate) fn pages(page: fn(&str, &str) -> Option<String>) -> Self {
        Self::start(move |head, mut stream| {
            let path = head.split(' ').nth(1).unwrap_or_default();
            let host = stream.local_addr().unwrap().to_string();
            let (status, body) =
                page(path, &host).map_or(("404 Not Found", String::new()), |body| ("200 OK", body));
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// Takes requests and says nothing, for a minute.
    pub(crate) fn silent() -> Self {
        Self::start(|_, _stream| thread::sleep(Duration::from_secs(60)))
    }

    /// Answers each path with what `body` says; none: nothing, for a minute.
    pub(crate) fn site(body: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::start(move |head, mut stream| {
            let Some(body) = body(head.split(' ').nth(1).unwrap_or_default()) else {
                return thread::sleep(Duration::from_secs(60));
            };
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all((head + &body).as_bytes());
        })
    }

    fn start(answer: impl Fn(&str, TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (counter, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, answer) = (stream.unwrap(), answer.clone());
                counter.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || {
                    let mut head = [0; 4096];
                    let read = stream.read(&mut head).unwrap_or(0);
                    answer(&String::from_utf8_lossy(&head[..read]), stream);
                });
            }
        });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Everything under a directory, as text.
pub(crate) fn all_text(dir: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &all_text(&path);
        } else {
            text += &String::from_utf8_lossy(&fs::read(path).unwrap());
        }
    }
    text
}
