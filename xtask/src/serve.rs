//! `cargo xtask kafka`: a broker that outlives the command.

use anyhow::{Context, Result};
use clap::Subcommand;
use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use xtask::kafka::{Broker, Options};
use xtask::workspace;

/// What to do with the broker.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Start a broker and print its address
    Start,
    /// Stop it
    Stop,
    /// Fetch Kafka and check it, start nothing
    Fetch,
}

fn dir() -> PathBuf {
    workspace::target().join("kafka/run")
}

pub(crate) fn run(what: &What) -> Result<()> {
    match what {
        What::Fetch => {
            println!("{}", xtask::kafka::fetch()?.display());
            Ok(())
        }
        What::Start => start(),
        What::Stop => stop(),
    }
}

fn start() -> Result<()> {
    let noted = fs::read_to_string(dir().join("address")).unwrap_or_default();
    if !noted.is_empty() && TcpStream::connect(&noted).is_ok() {
        eprintln!("a broker runs already");
        println!("{noted}");
        return Ok(());
    }
    let broker = Broker::start(&Options { dir: dir(), detached: true, ..Options::default() })?;
    let pid = broker.pid().context("the broker has ended")?;
    fs::write(dir().join("address"), broker.bootstrap())?;
    fs::write(dir().join("pid"), pid.to_string())?;
    println!("{}", broker.bootstrap());
    broker.leave_running();
    Ok(())
}

fn stop() -> Result<()> {
    let Ok(pid) = fs::read_to_string(dir().join("pid")) else {
        eprintln!("no broker was started");
        return Ok(());
    };
    let alive = || {
        Command::new("kill")
            .args(["-0", &pid])
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|s| s.success())
    };
    let began = Instant::now();
    while alive() {
        let signal = if began.elapsed() < Duration::from_secs(10) { "-TERM" } else { "-KILL" };
        Command::new("kill").args([signal, &pid]).status()?;
        std::thread::sleep(Duration::from_millis(200));
    }
    fs::remove_file(dir().join("pid"))?;
    fs::remove_file(dir().join("address"))?;
    eprintln!("stopped");
    Ok(())
}
