use super::jars;
use super::node::{Node, Role};
use anyhow::{Context, Result};
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longer than the session timeout of a broker with its own controller: killed, it must be fenced before
/// it returns, or the markers of a transaction that was just committed can be lost.
const FENCED_AFTER: Duration = Duration::from_millis(1500);

/// How a broker is to be started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where it keeps its files; a directory that was used before is used on.
    pub dir: PathBuf,
    /// Controller and broker as two processes: the set-up for tests that kill the broker.
    pub split: bool,
    /// Go on when this process ends, however it does.
    pub detached: bool,
    /// Further lines of `server.properties`, over the ones that are there.
    pub properties: String,
}

/// A running Kafka on loopback; ends when it is dropped.
#[derive(Debug)]
pub struct Broker {
    broker: Node,
    controller: Option<Node>,
    port: u16,
    down_since: Option<Instant>,
}

impl Broker {
    /// Fetches Kafka if need be, starts it on free ports and waits until it answers.
    ///
    /// # Errors
    ///
    /// One sentence that names what is missing, or the log that tells why it does not start.
    pub fn start(options: &Options) -> Result<Self> {
        let libs = jars::fetch()?;
        let dir = std::path::absolute(&options.dir)?;
        let ports = free_ports()?;
        let more = format!("\n{}\n", options.properties);
        let mut controller = None;
        let role = if options.split {
            let mut node = Node::prepare(Role::Controller, &libs, &dir, ports, "")?;
            node.start(options.detached)?;
            controller = Some(node);
            Role::Broker
        } else {
            Role::Combined
        };
        let mut broker = Node::prepare(role, &libs, &dir, ports, &more)?;
        broker.start(options.detached)?;
        broker.wait_ready()?;
        Ok(Self { broker, controller, port: ports.0, down_since: None })
    }

    /// `host:port` for clients.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The broker's process.
    pub fn pid(&self) -> Option<u32> {
        self.broker.pid()
    }

    /// Lets go of the processes without ending them.
    pub fn leave_running(self) {
        std::mem::forget(self);
    }

    /// The broker's own log.
    pub fn log(&self) -> PathBuf {
        self.broker.log()
    }

    /// Kills the broker with -9; its controller lives on.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn kill(&mut self) -> Result<()> {
        self.broker.signal("KILL")?;
        self.broker.wait_gone();
        self.down_since = Some(Instant::now());
        Ok(())
    }

    /// Ends the broker in an orderly way; its controller lives on.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn terminate(&mut self) -> Result<()> {
        self.broker.signal("TERM")?;
        self.broker.wait_gone();
        self.down_since = Some(Instant::now());
        Ok(())
    }

    /// Stops the broker with SIGSTOP.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn pause(&self) -> Result<()> {
        self.broker.signal("STOP")
    }

    /// Lets a stopped broker go on.
    ///
    /// # Errors
    ///
    /// When it does not run.
    pub fn resume(&self) -> Result<()> {
        self.broker.signal("CONT")
    }

    /// Starts a broker that was killed or ended, after its session has ended, and waits until it answers.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub fn restart(&mut self) -> Result<()> {
        let down = self.down_since.take().context("the broker was not stopped")?;
        std::thread::sleep(FENCED_AFTER.saturating_sub(down.elapsed()));
        self.broker.start(false)?;
        self.broker.wait_ready()
    }

    /// True when the broker's log says that it dropped the markers of a committed transaction, which a
    /// node killed right after a commit can do: then what a test found is the broker's doing.
    pub fn lost_markers(&self) -> bool {
        std::fs::read_to_string(self.log()).is_ok_and(|log| log.contains("likely deleted already"))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let nodes = std::iter::once(&mut self.broker).chain(&mut self.controller);
        for node in nodes {
            // A stopped process ends only when it goes on; one that does not run needs nothing.
            let _ = node.signal("CONT").and_then(|()| node.signal("TERM"));
            node.wait_gone();
        }
    }
}

/// Two ports that were free a moment ago: broker and controller.
fn free_ports() -> Result<(u16, u16)> {
    let (one, two) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
    Ok((one.local_addr()?.port(), two.local_addr()?.port()))
}
