//! The real binary: its config, its start, its end.

use crate::feeds::Feed;
use crate::history::Sync;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a config is made of; all else has its default or is fixed by [`Settings::write`].
#[derive(Clone, Debug)]
pub struct Settings {
    /// The state directory.
    pub state: PathBuf,
    /// host:port of the broker.
    pub bootstrap: String,
    /// The feeds.
    pub feeds: Vec<Feed>,
    /// Time between two polls of a feed.
    pub interval: String,
    /// `[kafka] transaction_timeout`.
    pub transaction_timeout: String,
    /// Further lines by table, for example `("fetch", "concurrency = 256")`.
    pub more: Vec<(&'static str, String)>,
    /// Feeds in files beside the config.
    pub files: Vec<PathBuf>,
}

impl Settings {
    /// Writes the config file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut tables: BTreeMap<&str, String> = BTreeMap::new();
        let state = self.state.display();
        tables.insert("state", format!("dir = \"{state}\"\n"));
        tables.insert(
            "fetch",
            "contact = \"mailto:ops@example.org\"\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n"
                .into(),
        );
        let interval = &self.interval;
        tables.insert("schedule", format!("interval = \"{interval}\"\nmin_interval = \"100ms\"\n"));
        tables.insert("sink", "type = \"kafka\"\n".into());
        tables.insert(
            "kafka",
            format!(
                "bootstrap_servers = \"{}\"\ntopic_prefix = \"wireroom\"\ntransactional_id = \"wireroom\"\n\
                 transaction_timeout = \"{}\"\nmessage_timeout = \"5s\"\nrequest_timeout = \"3s\"\n\
                 topics = {{ manage = \"create\", partitions = 4, replication_factor = 1 }}\n",
                self.bootstrap, self.transaction_timeout
            ),
        );
        tables.insert("http", "listen = \"127.0.0.1:0\"\n".into());
        tables.insert("log", "level = \"info\"\n".into());
        if !self.files.is_empty() {
            tables.insert("sources", format!("files = {:?}\n", self.files));
        }
        for (table, line) in &self.more {
            let _ = writeln!(tables.entry(table).or_default(), "{line}");
        }
        let mut text = String::new();
        for (table, lines) in tables {
            let _ = writeln!(text, "[{table}]\n{lines}");
        }
        for feed in &self.feeds {
            let _ = writeln!(
                text,
                "[[feed]]\nid = \"{}\"\nurl = \"{}\"\nfirst_poll = \"publish\"\n",
                feed.id, feed.url
            );
        }
        fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// How a daemon is started.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The binary; built with the feature `inject` where points or mutants are asked for.
    pub bin: PathBuf,
    /// Its config.
    pub config: PathBuf,
    /// Its standard output and error are appended here.
    pub log: PathBuf,
    /// More of its environment.
    pub environment: Vec<(&'static str, String)>,
    /// Trace its syncs into this file; with an expression for strace's `inject=`, fail some.
    pub trace: Option<(PathBuf, Option<String>)>,
}

/// A running daemon; killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    /// When it was started.
    pub started: Instant,
}

impl Daemon {
    /// Starts `wireroom run`.
    ///
    /// # Errors
    /// When the binary, or strace where it is needed, cannot be started.
    pub fn start(setup: &Setup) -> Result<Self> {
        let output = append(&setup.log)?;
        let mut command = match &setup.trace {
            None => Command::new(&setup.bin),
            Some((file, inject)) => traced(setup, file, inject.as_deref()),
        };
        let child = command
            .args(["run", "--config"])
            .arg(&setup.config)
            .env_remove("WIREROOM_CRASH_AT")
            .env_remove("WIREROOM_MUTANT")
            .envs(setup.environment.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("{} cannot be started", setup.bin.display()))?;
        Ok(Self { child, started: Instant::now() })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal; one that has ended takes none.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Kills it with -9 and waits for the end.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::KILL);
        Ok(self.child.wait()?)
    }

    /// Waits for its end; none: it still runs after `patience`.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn wait(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        let end = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.kill();
        }
    }
}

fn append(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.with_context(|| format!("{} cannot be opened", path.display()))
}

/// strace as a grandchild, so that the process that is started stays the daemon itself.
fn traced(setup: &Setup, file: &Path, inject: Option<&str>) -> Command {
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "--seccomp-bpf", "-ttt", "-T", "-y", "-e", "trace=fsync,fdatasync", "-o"]);
    command.arg(file);
    if let Some(inject) = inject {
        command.args(["-e", &format!("inject={inject}")]);
    }
    command.arg(&setup.bin);
    command
}

/// The last lines of a log, for a report.
pub fn tail(path: &Path, lines: usize) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Reads what strace wrote.
///
/// # Errors
/// When the file cannot be read, or holds no line that strace would write.
pub fn read_trace(path: &Path) -> Result<Vec<Sync>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    if text.contains("Operation not permitted") && !text.contains("sync(") {
        bail!("strace may not trace here: {}", text.lines().next().unwrap_or_default());
    }
    let mut begun: BTreeMap<&str, u64> = BTreeMap::new();
    let mut syncs = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(pid), Some(at)) = (words.next(), words.next().and_then(milliseconds)) else { continue };
        if line.contains("<unfinished ...>") {
            begun.insert(pid, at);
            continue;
        }
        let Some((call, result)) = line.rsplit_once(" = ") else { continue };
        if !call.contains("sync") {
            continue;
        }
        let took = result.rsplit_once('<').and_then(|(_, took)| milliseconds(took.trim_end_matches('>')));
        let start = begun.remove(pid).filter(|_| call.contains("resumed>")).unwrap_or(at);
        // Rounded up: a sync must not seem to have ended before it did.
        let end = start + took.map_or(0, |took| took + 1);
        syncs.push(Sync { start, end, ok: result.starts_with("0 ") });
    }
    Ok(syncs)
}

/// `1764000000.123456`, seconds, as milliseconds.
fn milliseconds(text: &str) -> Option<u64> {
    let (seconds, fraction) = text.split_once('.')?;
    let millis: u64 = fraction.get(..3)?.parse().ok()?;
    Some(seconds.parse::<u64>().ok()? * 1000 + millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trace");
        let text = "\
7 1764000000.100200 fdatasync(9</s/journal>) = 0 <0.002100>
8 1764000000.200000 fsync(11</s> <unfinished ...>
7 1764000000.200500 fdatasync(9</s/journal>) = -1 EIO (Input/output error) (INJECTED) <0.000100>
8 1764000000.207000 <... fsync resumed>) = 0 <0.007000>
7 1764000001.000000 +++ exited with 74 +++
";
        fs::write(&path, text).unwrap();
        let sync = |start: u64, end: u64, ok| Sync {
            start: 1_764_000_000_000 + start,
            end: 1_764_000_000_000 + end,
            ok,
        };
        let read = read_trace(&path).unwrap();
        assert_eq!(read, [sync(100, 103, true), sync(200, 201, false), sync(200, 208, true)]);
    }

    #[test]
    fn a_config_is_toml_with_every_feed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("wireroom.toml");
        let settings = Settings {
            state: "/s".into(),
            bootstrap: "127.0.0.1:9".into(),
            feeds: vec![Feed { id: "f00".into(), url: "http://127.0.0.1:1/f/f00".into() }],
            interval: "1s".into(),
            transaction_timeout: "10s".into(),
            more: vec![("fetch", "concurrency = 9".into())],
            files: vec![],
        };
        settings.write(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("[fetch]\ncontact"), "{text}");
        assert!(text.contains("concurrency = 9\n"));
        assert!(text.contains("[[feed]]\nid = \"f00\""));
    }
}
