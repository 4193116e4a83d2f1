//! One run of the compose file, under a name and on ports of its own.

use super::engine::docker;
use crate::run::{output, run};
use anyhow::{Context, Result, bail};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Long enough for a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the name of a trial's project begins with; the trial's process follows.
const TRIAL: &str = "wireroom-trial-";

/// A project; taken down with its volumes when it is dropped.
pub(super) struct Project {
    name: String,
    lane: &'static str,
    ports: [u16; 3],
    is_up: bool,
}

impl Project {
    /// `lane`: `compiled` or `prebuilt`, the way to the binary. Nothing is started.
    pub(super) fn new(lane: &'static str) -> Result<Self> {
        let listeners = [0; 3].map(|_| TcpListener::bind("127.0.0.1:0"));
        let mut ports = [0; 3];
        for (port, listener) in ports.iter_mut().zip(listeners) {
            *port = listener?.local_addr()?.port();
        }
        Ok(Self { name: format!("{TRIAL}{}", std::process::id()), lane, ports, is_up: false })
    }

    pub(super) fn wireroom_port(&self) -> u16 {
        self.ports[1]
    }

    pub(super) fn prometheus_port(&self) -> u16 {
        self.ports[2]
    }

    /// `docker compose` for this project.
    pub(super) fn compose(&self) -> Command {
        let mut command = docker();
        command
            .args(["compose", "-f", "deploy/compose.yaml"])
            .env("COMPOSE_PROJECT_NAME", &self.name)
            .env("COMPOSE_PROGRESS", "quiet")
            .env("WIREROOM_BIN", self.lane)
            .env("KAFKA_PORT", self.ports[0].to_string())
            .env("WIREROOM_PORT", self.ports[1].to_string())
            .env("PROMETHEUS_PORT", self.ports[2].to_string())
            .stdin(Stdio::null());
        command
    }

    /// Brings the named services up, or those without a profile; waits until they are healthy.
    pub(super) fn up(&mut self, services: &[&str]) -> Result<()> {
        self.is_up = true;
        run(self.compose().args(["up", "-d", "--wait", "--wait-timeout", "240"]).args(services))
    }

    /// What a command in a running service's container prints.
    pub(super) fn exec(&self, service: &str, words: &[&str]) -> Result<String> {
        output(self.compose().args(["exec", "-T", service]).args(words))
    }

    /// What a command in a new container of a service prints.
    pub(super) fn run(&self, service: &str, words: &[&str]) -> Result<String> {
        output(self.compose().args(["run", "--rm", "--no-deps", "-T", service]).args(words))
    }

    /// Does something to a service: pause, unpause, stop, …
    pub(super) fn tell(&self, verb: &str, service: &str) -> Result<()> {
        run(self.compose().args([verb, service]))
    }

    fn inspect(&self, service: &str, format: &str) -> Result<String> {
        let id = output(self.compose().args(["ps", "-aq", service]))?;
        Ok(output(docker().args(["inspect", "-f", format, id.trim()]))?.trim().to_owned())
    }

    /// Kills the first process of a service's container, as a crash would, and waits until the restart
    /// policy has brought it back. (A kill through docker counts as an operator's: it would stay down.)
    pub(super) fn crash(&self, service: &str) -> Result<()> {
        self.crash_then(service, || Ok(()))
    }

    /// The same; `then` is done once the process is gone.
    pub(super) fn crash_then(&self, service: &str, then: impl FnOnce() -> Result<()>) -> Result<()> {
        let before: u32 = self.inspect(service, "{{.RestartCount}}")?.parse()?;
        let pid = self.inspect(service, "{{.State.Pid}}")?;
        run(Command::new("kill").args(["-KILL", &pid]))?;
        then()?;
        let back = format!("healthy {}", before + 1);
        wait(&format!("{service} to be back after a crash"), || {
            Ok(self.inspect(service, "{{.State.Health.Status}} {{.RestartCount}}")? == back)
        })
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if !self.is_up {
            return;
        }
        if std::thread::panicking() {
            let _ = self.compose().args(["logs", "--tail", "40"]).status();
        }
        let _ = run(self.compose().args(["--profile", "*", "down", "-v", "--remove-orphans", "-t", "20"]));
    }
}

/// Takes down what trials that were killed have left: an engine that is started again revives them.
pub(super) fn clear() -> Result<()> {
    let list = output(docker().args(["ps", "-a", "--format", "{{.Label \"com.docker.compose.project\"}}"]))?;
    let mut names: Vec<&str> = list.lines().filter(|name| name.starts_with(TRIAL)).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let process = name.trim_start_matches(TRIAL);
        if !std::path::Path::new("/proc").join(process).exists() {
            run(docker().args(["compose", "-p", name, "down", "-v", "--remove-orphans", "-t", "5"]))?;
        }
    }
    Ok(())
}

/// Waits until something is true; errors on the way count as "not yet".
pub(super) fn wait(what: &str, mut is_true: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    loop {
        let answer = is_true();
        if matches!(answer, Ok(true)) {
            eprintln!("  {what}: {:.1} s", begun.elapsed().as_secs_f32());
            return Ok(());
        }
        if PATIENCE < begun.elapsed() {
            let Err(error) = answer else { bail!("waited in vain for {what}") };
            return Err(error).with_context(|| format!("waited in vain for {what}"));
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}
