//! How a command reaches whoever knows: the running daemon over its socket, else the state itself.

use crate::cli::{complain, load};
use crate::config::{Config, Feeds};
use model::desk::{Question, Refusal, RefusalKind};
use pipeline::Desk;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// How long the daemon may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Longest answer that is read, bytes.
const ANSWER_MAX: u64 = 256 << 20;

/// The way to the desk.
pub(crate) enum Link {
    /// A daemon runs.
    Daemon(PathBuf),
    /// None runs: the state is open here, or a new one for the time being.
    State(Box<AtRest>),
}

/// A state that no daemon has open.
pub(crate) struct AtRest {
    runtime: tokio::runtime::Runtime,
    desk: Desk,
    /// Made for a question to a state that does not exist yet.
    passing: Option<PathBuf>,
}

impl Link {
    /// Reads the config and finds whoever knows. The feeds are read only where no daemon knows them.
    pub(crate) fn find(named: Option<&Path>, changes: bool) -> Result<(Self, Config), ExitCode> {
        let config = load(named, Feeds::Skip)?;
        if let Some(daemon) = Self::daemon(&config)? {
            return Ok((daemon, config));
        }
        let config = load(named, Feeds::Read)?;
        Ok((Self::open(&config, changes)?, config))
    }

    /// Reads the config and finds the daemon; without one, that is told.
    pub(crate) fn find_daemon(named: Option<&Path>) -> Result<(Self, Config), ExitCode> {
        let config = load(named, Feeds::Skip)?;
        match Self::daemon(&config)? {
            Some(daemon) => Ok((daemon, config)),
            None => {
                let dir = config.pipeline.state.dir.display();
                Err(told(1, &format!("no daemon runs on the state in {dir}: start one with `wireroom run`")))
            }
        }
    }

    /// Finds the daemon of this config, or opens its state; else the exit code, with the reason told.
    /// `changes` says that the state is to be made if it is not there.
    pub(crate) fn open(config: &Config, changes: bool) -> Result<Self, ExitCode> {
        if let Some(daemon) = Self::daemon(config)? {
            return Ok(daemon);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return Err(told(1, "the runtime cannot start")) };
        let mut settings = config.pipeline.clone();
        let exists = settings.state.dir.join("format").exists();
        let passing = (!changes && !exists)
            .then(|| std::env::temp_dir().join(format!("wireroom-{}", std::process::id())));
        if let Some(passing) = &passing {
            settings.state.dir.clone_from(passing);
        }
        match Desk::open(&settings, &config.feeds) {
            Ok(desk) => Ok(Self::State(Box::new(AtRest { runtime, desk, passing }))),
            Err(error) => {
                forget(passing.as_deref());
                Err(told(error.exit_code(), &error.to_string()))
            }
        }
    }

    /// The running daemon of this config, if there is one.
    pub(crate) fn daemon(config: &Config) -> Result<Option<Self>, ExitCode> {
        let path = config.socket();
        match UnixStream::connect(&path) {
            Ok(_) => Ok(Some(Self::Daemon(path))),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let text = format!("{}: {error}: ask as the user that the daemon runs as", path.display());
                Err(told(1, &text))
            }
            Err(_) => Ok(None),
        }
    }

    /// Asks; a refusal is told and becomes the exit code.
    pub(crate) fn ask<T: DeserializeOwned>(&self, question: Question) -> Result<T, ExitCode> {
        let answer = self.answer(question).and_then(|answer| {
            let unknown =
                |error| Refusal::new(RefusalKind::Failed, format!("the answer is not understood: {error}"));
            serde_json::from_value(answer).map_err(unknown)
        });
        answer.map_err(|refusal| told(1, &refusal.message))
    }

    /// Asks.
    pub(crate) fn answer(&self, question: Question) -> Result<Value, Refusal> {
        match self {
            Self::Daemon(path) => over_socket(path, &question),
            Self::State(state) => state.runtime.block_on(state.desk.answer(question)),
        }
    }

    /// Closes what was opened.
    pub(crate) fn close(self) -> Result<(), ExitCode> {
        let Self::State(state) = self else { return Ok(()) };
        let AtRest { runtime, desk, passing } = *state;
        let closed = desk.close();
        drop(runtime);
        forget(passing.as_deref());
        closed.map_err(|error| told(error.exit_code(), &error.to_string()))
    }
}

fn told(code: u8, text: &str) -> ExitCode {
    complain(&format!("error: {text}"));
    ExitCode::from(code)
}

fn forget(passing: Option<&Path>) {
    if let Some(dir) = passing {
        // It lies among temporary files: if it stays, the system takes it away.
        let _ = std::fs::remove_dir_all(dir);
    }
}

fn over_socket(path: &Path, question: &Question) -> Result<Value, Refusal> {
    let lost = |error: &dyn std::fmt::Display| {
        Refusal::new(
            RefusalKind::Unavailable,
            format!("the daemon does not answer on {}: {error}", path.display()),
        )
    };
    let body = serde_json::to_vec(question).map_err(|error| lost(&error))?;
    let (status, answer) = exchange(path, &body).map_err(|error| lost(&error))?;
    if status == 200 {
        return serde_json::from_slice(&answer).map_err(|error| lost(&error));
    }
    #[derive(Deserialize)]
    struct Refused {
        error: Refusal,
    }
    match serde_json::from_slice::<Refused>(&answer) {
        Ok(refused) => Err(refused.error),
        Err(_) => Err(lost(&String::from_utf8_lossy(&answer).trim())),
    }
}

/// One request and its answer: HTTP/1.1, as little of it as two ends of one program need.
fn exchange(path: &Path, body: &[u8]) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let head = format!(
        "POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
    let broken = || io::Error::other("what answers there is no wireroom");
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").ok_or_else(broken)?;
    let body = answer.split_off(end + 4);
    let head = String::from_utf8_lossy(&answer);
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    Ok((status.ok_or_else(broken)?, body))
}
