//! One JVM: a controller, a broker, or both in one.

use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROPERTIES: &str = include_str!("../../kafka/server.properties");
/// Any 16 bytes in base64url.
const CLUSTER: &str = "AAAAAAAAAAAAAAAAAAAAAQ";
/// Small, one compiler only, one collector: ready in half the time.
const FLAGS: [&str; 4] = ["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
const READY_MAX: Duration = Duration::from_secs(300);
const STOP_MAX: Duration = Duration::from_secs(15);

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Combined,
    Controller,
    Broker,
}

#[derive(Debug)]
pub(super) struct Node {
    role: Role,
    libs: PathBuf,
    dir: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Combined => "broker,controller",
            Self::Controller => "controller",
            Self::Broker => "broker",
        }
    }

    fn file(self) -> &'static str {
        if self == Self::Controller { "controller" } else { "broker" }
    }
}

impl Node {
    /// Writes a node's settings and formats its storage, if that was not done before.
    pub(super) fn prepare(
        role: Role,
        libs: &Path,
        dir: &Path,
        ports: (u16, u16),
        more: &str,
    ) -> Result<Self> {
        let (port, controller_port) = ports;
        let plain = format!("PLAINTEXT://127.0.0.1:{port}");
        let control = format!("CONTROLLER://127.0.0.1:{controller_port}");
        let (listeners, node_id) = match role {
            Role::Combined => (format!("{plain},{control}"), "1"),
            Role::Broker => (plain.clone(), "1"),
            Role::Controller => (control, "100"),
        };
        let advertised = format!("advertised.listeners={plain}\ninter.broker.listener.name=PLAINTEXT");
        let data = dir.join(format!("data-{}", role.file()));
        let (session, heartbeat) = if role == Role::Combined { ("2000", "500") } else { ("1000", "250") };
        let mut text = PROPERTIES
            .replace("@ROLES@", role.name())
            .replace("@NODE@", node_id)
            .replace("@LISTENERS@", &listeners)
            .replace("@ADVERTISED@", if role == Role::Controller { "" } else { &advertised })
            .replace("@CONTROLLER_PORT@", &controller_port.to_string())
            .replace("@DATA@", &data.display().to_string())
            .replace("@SESSION_MS@", session)
            .replace("@HEARTBEAT_MS@", heartbeat);
        text.push_str(more);
        fs::create_dir_all(dir)?;
        let own_port = if role == Role::Controller { controller_port } else { port };
        let node = Self { role, libs: libs.to_owned(), dir: dir.to_owned(), port: own_port, child: None };
        fs::write(node.properties(), text)?;
        fs::write(node.path("log4j2.properties"), node.log_settings())?;
        if !data.join("meta.properties").exists() {
            node.format()?;
        }
        Ok(node)
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.dir.join(format!("{}.{ending}", self.role.file()))
    }

    fn properties(&self) -> PathBuf {
        self.path("properties")
    }

    /// The broker's own log; info, since only there it says what it skipped.
    pub(super) fn log(&self) -> PathBuf {
        self.path("log")
    }

    fn log_settings(&self) -> String {
        format!(
            "rootLogger.level=info\nrootLogger.appenderRef.f.ref=F\nappender.f.type=File\nappender.f.name=F\n\
             appender.f.fileName={}\nappender.f.layout.type=PatternLayout\n\
             appender.f.layout.pattern=%d{{ISO8601}} %p %c{{1}} - %m%n\n",
            self.log().display()
        )
    }

    fn java(&self) -> Command {
        let mut java = Command::new("java");
        java.args(FLAGS)
            .arg(format!("-Dlog4j2.configurationFile={}", self.path("log4j2.properties").display()))
            .args(["-cp", &format!("{}/*", self.libs.display())])
            .stdin(Stdio::null());
        java
    }

    fn format(&self) -> Result<()> {
        let mut java = self.java();
        java.args(["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c"]).arg(self.properties());
        if self.role != Role::Broker {
            java.arg("--standalone");
        }
        let output = java.output().context("java cannot be run: install a Java 17 runtime")?;
        if !output.status.success() {
            bail!("Kafka's storage cannot be formatted: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    /// Starts the JVM; [`Self::wait_ready`] waits for it.
    pub(super) fn start(&mut self, detached: bool) -> Result<()> {
        let out = File::options().create(true).append(true).open(self.path("out"))?;
        let mut java = self.java();
        java.arg("kafka.Kafka").arg(self.properties()).stdout(out.try_clone()?).stderr(out);
        if detached {
            // A group of its own does not hear the terminal's Ctrl-C.
            java.process_group(0);
        }
        self.child = Some(java.spawn().context("java cannot be run: install a Java 17 runtime")?);
        Ok(())
    }

    /// Waits until the port answers, which it does as soon as the node has registered.
    pub(super) fn wait_ready(&mut self) -> Result<()> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.as_mut().is_none_or(|child| !matches!(child.try_wait(), Ok(None)));
            if ended || READY_MAX < began.elapsed() {
                bail!(
                    "Kafka does not start: see {} and {}",
                    self.log().display(),
                    self.path("out").display()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Sends a signal by its name.
    pub(super) fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid().context("the node does not run")?;
        let status = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status()?;
        if !status.success() {
            bail!("kill -{name} {pid}: {status}");
        }
        Ok(())
    }

    /// Waits for the end after a signal; kills what does not end.
    pub(super) fn wait_gone(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let began = Instant::now();
        while matches!(child.try_wait(), Ok(None)) {
            if STOP_MAX < began.elapsed() {
                let _ = child.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
