//! `wireroom health`: asks a running daemon how it is.

use crate::cli::{complain, load, say};
use crate::config::Feeds;
use clap::Args as ClapArgs;
use model::Secret;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Longest answer that is read, bytes.
const ANSWER_MAX: u64 = 64 << 10;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Ask whether it is ready, too
    #[arg(long)]
    ready: bool,
}

/// Asks the daemon of this config; 0 when it is alive, with `ready` when it is ready.
pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let config = match load(named, Feeds::Skip) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let noted = std::fs::read_to_string(config.address_file()).ok();
    let address = noted.and_then(|text| text.trim().parse().ok()).unwrap_or(config.http.listen);
    let address = reachable(address);
    let path = if args.ready { "/readyz" } else { "/healthz" };
    match get(address, path, config.http.token.as_ref()) {
        Ok((200, body)) => say(body.trim()),
        Ok((status, body)) => {
            complain(&format!("error: {path} answered {status}: {}", body.trim()));
            ExitCode::FAILURE
        }
        Err(error) => {
            complain(&format!("error: no daemon answers at {address}: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Bound to every address, it is reached under loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn get(address: SocketAddr, path: &str, token: Option<&Secret>) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let bearer = token.map(|token| format!("Authorization: Bearer {}\r\n", token.expose()));
    let bearer = bearer.unwrap_or_default();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{bearer}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("what answers there is no wireroom"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}
