//! What a poll costs that brings nothing: CPU time and rate of conditional requests that are answered 304,
//! against a server process on loopback. Only the client's own CPU time is counted.
//!
//! `cargo run --release -p fetch --example polls [visits] [at once] [hosts] [keep|close|tls]`
//!
//! With `close` the server ends each connection, as most do long before the next poll; with `tls` too, each
//! behind a handshake of its own (with at most 250 hosts).

use fetch::{Config, Fetch, Fetched};
use model::units::Span;
use model::{Feed, FirstPoll, Validators, Visit};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "serve") {
        return serve(arguments[1].parse()?, &arguments[2]);
    }
    let number = |at: usize, default| arguments.get(at).map_or(Ok(default), |word| word.parse());
    let (visits, at_once, hosts) = (number(0, 30_000)?, number(1, 64)?, number(2, 1000)?);
    let mut server = Command::new(std::env::current_exe()?)
        .args(["serve", &hosts.to_string(), arguments.get(3).map_or("keep", String::as_str)])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(server.stdout.take().ok_or("the server has no output")?).lines();
    let ca_file = lines.next().ok_or("the server says nothing")??;
    let addresses: Vec<String> = lines.take(hosts).collect::<Result<_, _>>()?;
    let result = measure(visits, at_once, &addresses, &ca_file);
    server.kill()?;
    server.wait()?;
    result
}

#[expect(clippy::print_stdout, reason = "a program that prints figures")]
fn measure(
    visits: usize,
    at_once: usize,
    addresses: &[String],
    ca_file: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config {
        allow: vec!["127.0.0.0/8".into()],
        per_host_gap: Span::from_millis(0),
        per_host_concurrency: 2,
        ca_file: (!ca_file.is_empty()).then(|| ca_file.into()),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build()?;
    let (began, cpu) = (Instant::now(), cpu_time()?);
    let done = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let fetch = Arc::new(Fetch::new(&config)?);
        let visitors: Vec<_> = (0..at_once)
            .map(|_| {
                let (fetch, done, addresses) = (fetch.clone(), done.clone(), addresses.to_vec());
                tokio::spawn(async move {
                    loop {
                        let number = done.fetch_add(1, Ordering::Relaxed);
                        if visits <= number {
                            return Ok(());
                        }
                        let visit = visit(&addresses[number % addresses.len()]);
                        match fetch.get(&visit).await {
                            Ok(Fetched::NotModified(_)) => {}
                            other => return Err(format!("{other:?}")),
                        }
                    }
                })
            })
            .collect();
        for visitor in visitors {
            visitor.await??;
        }
        Ok::<(), Box<dyn std::error::Error>>(())
    })?;
    let (wall, cpu) = (began.elapsed().as_secs_f64(), (cpu_time()? - cpu).as_secs_f64());
    let polls = u32::try_from(visits).map(f64::from)?;
    println!("{visits} polls over {} hosts, {at_once} at once: {:.0}/s", addresses.len(), polls / wall);
    println!("CPU of the client: {:.0} us a poll", 1e6 * cpu / polls);
    Ok(())
}

fn visit(address: &str) -> Visit {
    let url = format!("{address}/feed.xml");
    let validators = Validators { etag: Some(b"\"v1\"".into()), last_modified: None, url: Some(url.clone()) };
    let feed = Feed {
        id: "feed".parse().expect("a name"),
        url: url.parse().expect("a URL"),
        title: None,
        labels: vec![],
        country: None,
        interval: None,
        first_poll: FirstPoll::Publish,
        polling: Default::default(),
    };
    Visit { url: feed.url.clone(), feed: Arc::new(feed), validators, first: false, failures: 0 }
}

/// User and system time of this process: fields 14 and 15 of its `stat`, in ticks of 10 ms.
fn cpu_time() -> Result<Duration, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(Duration::from_millis(10 * ticks.sum::<Result<u64, _>>()?))
}

/// Servers on `hosts` addresses of loopback that answer 304 to everything. They print the file of the
/// authority that vouches for them, or an empty line, and then where they are.
#[expect(clippy::print_stdout, reason = "its addresses are what it is asked for")]
fn serve(hosts: usize, manner: &str) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("0.0.0.0:0")?;
    let port = listener.local_addr()?.port();
    let ip = |host: usize| format!("127.1.{}.{}", host / 250, 1 + host % 250);
    let authority = (manner == "tls").then(|| certify((0..hosts).map(ip).collect())).transpose()?;
    println!("{}", authority.as_ref().map_or(String::new(), |(file, _)| file.path().display().to_string()));
    let scheme = if authority.is_some() { "https" } else { "http" };
    (0..hosts).for_each(|host| println!("{scheme}://{}:{port}", ip(host)));
    let (is_closing, config) = (manner != "keep", authority.as_ref().map(|(_, config)| config.clone()));
    loop {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let config = config.clone();
        std::thread::Builder::new().stack_size(256 << 10).spawn(move || match config {
            Some(config) => {
                let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
                answer(StreamOwned::new(connection, stream), is_closing)
            }
            None => answer(stream, is_closing),
        })?;
    }
}

/// One self-signed certificate for all addresses, and the file that it is trusted by.
fn certify(
    names: Vec<String>,
) -> Result<(tempfile::NamedTempFile, Arc<ServerConfig>), Box<dyn std::error::Error>> {
    let made = rcgen::generate_simple_self_signed(names)?;
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(made.cert.pem().as_bytes())?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)?;
    Ok((file, Arc::new(config)))
}

fn answer(mut stream: impl Read + Write, is_closing: bool) -> std::io::Result<()> {
    let (mut buffer, mut filled) = ([0; 4096], 0);
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        filled += read;
        if read == 0 {
            return Ok(());
        }
        if buffer[..filled].ends_with(b"\r\n\r\n") {
            filled = 0;
            stream.write_all(b"HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n")?;
            if is_closing {
                stream.write_all(b"Connection: close\r\n\r\n")?;
                return stream.flush();
            }
            stream.write_all(b"\r\n")?;
            stream.flush()?;
        }
    }
}
