//! What a poll costs that brings nothing: CPU time and rate of conditional requests that are answered 304,
//! against a server process on loopback. Only the client's own CPU time is counted.
//!
//! `cargo run --release -p fetch --example polls [visits] [at once] [hosts] [close]`
//!
//! With `close` the server ends each connection, as most do long before the next poll.

use fetch::{Config, Fetch, Fetched};
use model::units::Span;
use model::{Feed, FirstPoll, Validators, Visit};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "serve") {
        return serve(arguments[1].parse()?, arguments[2] == "close");
    }
    let number = |at: usize, default| arguments.get(at).map_or(Ok(default), |word| word.parse());
    let (visits, at_once, hosts) = (number(0, 30_000)?, number(1, 64)?, number(2, 1000)?);
    let mut server = Command::new(std::env::current_exe()?)
        .args(["serve", &hosts.to_string(), arguments.get(3).map_or("keep", String::as_str)])
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(server.stdout.take().ok_or("the server has no output")?);
    let addresses: Vec<String> = lines.lines().take(hosts).collect::<Result<_, _>>()?;
    let result = measure(visits, at_once, &addresses);
    server.kill()?;
    server.wait()?;
    result
}

#[expect(clippy::print_stdout, reason = "a program that prints figures")]
fn measure(visits: usize, at_once: usize, addresses: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config {
        allow: vec!["127.0.0.0/8".into()],
        per_host_gap: Span::from_millis(0),
        per_host_concurrency: 2,
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
    let url = format!("http://{address}/feed.xml");
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

/// Servers on `hosts` addresses of loopback that answer 304 to everything, and print where they are.
#[expect(clippy::print_stdout, reason = "its addresses are what it is asked for")]
fn serve(hosts: usize, is_closing: bool) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("0.0.0.0:0")?;
    let port = listener.local_addr()?.port();
    for host in 0..hosts {
        println!("127.1.{}.{}:{port}", host / 250, 1 + host % 250);
    }
    loop {
        let (stream, _) = listener.accept()?;
        std::thread::Builder::new().stack_size(64 << 10).spawn(move || answer(stream, is_closing))?;
    }
}

fn answer(mut stream: TcpStream, is_closing: bool) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
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
                return stream.write_all(b"Connection: close\r\n\r\n");
            }
            stream.write_all(b"\r\n")?;
        }
    }
}
