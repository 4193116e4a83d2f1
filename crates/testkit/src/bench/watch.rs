//! What a running daemon shows: its metrics, and what the system says of its process.

use anyhow::{Context, Result};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Ticks of `/proc/PID/stat` in a second; fixed in Linux's interface.
const TICKS: f64 = 100.0;

/// What the daemon answers to a GET, head and all.
///
/// # Errors
/// When it does not answer.
pub fn get(state: &Path, path: &str) -> Result<String> {
    let address = fs::read_to_string(state.join("http.address")).context("the daemon has not bound yet")?;
    let mut stream = TcpStream::connect(address.trim())?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", address.trim())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// The sum of all samples of a metric whose line starts with `name`.
///
/// # Errors
/// When the daemon does not answer.
pub fn metric(state: &Path, name: &str) -> Result<f64> {
    let text = get(state, "/metrics")?;
    let values =
        text.lines().filter(|line| line.starts_with(name)).filter_map(|line| line.rsplit(' ').next());
    Ok(values.filter_map(|value| value.parse::<f64>().ok()).sum())
}

/// Waits until a metric is at least `least`.
///
/// # Errors
/// When it is not after `patience`.
pub fn wait_for(state: &Path, name: &str, least: f64, patience: Duration) -> Result<()> {
    let end = Instant::now() + patience;
    loop {
        let value = metric(state, name);
        if value.as_ref().is_ok_and(|value| least <= *value) {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < end, "{name} is {value:?}, not {least}, after {patience:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// CPU seconds that a process has used.
///
/// # Errors
/// When it has ended.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).context("/proc/PID/stat has another form")?;
    Ok((user + system) / TICKS)
}

/// A line of `/proc/PID/status` in MiB: `VmRSS`, `VmHWM`.
///
/// # Errors
/// When the process has ended.
pub fn memory_mib(pid: u32, line: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kib: f64 =
        found.and_then(|text| text.split_whitespace().next()?.parse().ok()).context("no such line")?;
    Ok(kib / 1024.0)
}
