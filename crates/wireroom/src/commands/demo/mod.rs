//! `wireroom demo`: the whole of it, offline. A dozen invented outlets on loopback, a daemon that reads them,
//! and what it makes of them: readable on a terminal, one JSON object a line in a pipe.

mod outlets;
mod render;
mod serve;
mod words;
mod world;

use super::daemon;
use crate::cli::{complain, counted};
use crate::config::{self, Config, Feeds};
use crate::kafka::brokers;
use crate::logs;
use crate::readable::{self, Style};
use clap::Args as ClapArgs;
use model::desk::{Question, Recent, RecentQuery};
use model::units::Span;
use pipeline::{Mode, Window};
use record::{Article, Change};
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Mutex;

/// The usual address of the page; any other where that is taken.
const PAGE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8480);
/// How often the daemon is looked at before it is open.
const START_PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Deliver to this broker, HOST:PORT, instead of to nowhere
    #[arg(long, value_name = "HOST:PORT", value_parser = brokers)]
    kafka: Option<String>,
    /// The topics' prefix, with --kafka
    #[arg(long, value_name = "PREFIX", default_value = "wireroom", requires = "kafka")]
    topic_prefix: String,
    /// Time between two things that happen
    #[arg(long, value_name = "SPAN", default_value = "2s", value_parser = pace)]
    every: Span,
    /// Which stories are told: the same number, the same stories
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Where the page is; without it 127.0.0.1:8480, or any port where that is taken
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// Only serve the feeds, for a daemon elsewhere: their list is at /feeds.toml and /feeds.opml
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["kafka", "http"])]
    serve: Option<SocketAddr>,
}

fn pace(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error| format!("{error}"))?;
    if (50..=3_600_000).contains(&span.as_millis()) { Ok(span) } else { Err("choose from 50ms to 1h".into()) }
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(1, &format!("the runtime cannot start: {error}")),
    };
    let code = match args.serve {
        Some(address) => runtime.block_on(only_serve(address, args)),
        None => runtime.block_on(whole(args)),
    };
    runtime.shutdown_timeout(Duration::from_millis(200));
    code
}

fn failed(code: u8, text: &str) -> ExitCode {
    complain(&format!("error: {text}"));
    ExitCode::from(code)
}

/// Serves the feeds until SIGTERM or SIGINT.
async fn only_serve(address: SocketAddr, args: &Args) -> ExitCode {
    let (stopped, listener) = match (daemon::stop_signal(), TcpListener::bind(address).await) {
        (Ok(stopped), Ok(listener)) => (stopped, listener),
        (Err(error), _) => return failed(1, &format!("signals cannot be watched: {error}")),
        (_, Err(error)) => return failed(1, &format!("{address} cannot be bound: {error}")),
    };
    complain(&format!("the demo's feeds are at http://{address}/feeds.toml and http://{address}/feeds.opml"));
    match serve::serve(listener, args.seed, args.every.0, stopped).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(1, &format!("the feeds cannot be served: {error}")),
    }
}

/// A directory of its own, taken away at the end.
struct Den(PathBuf);

impl Den {
    fn new() -> io::Result<Self> {
        let started = jiff::Timestamp::now().as_nanosecond();
        let path = std::env::temp_dir().join(format!("wireroom-demo-{}-{started}", std::process::id()));
        std::fs::create_dir(&path).map(|()| Self(path))
    }
}

impl Drop for Den {
    fn drop(&mut self) {
        // It lies among temporary files: if it stays, the system takes it away.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn whole(args: &Args) -> ExitCode {
    let den = match Den::new() {
        Ok(den) => den,
        Err(error) => return failed(74, &format!("{}: {error}", std::env::temp_dir().display())),
    };
    let listener = match TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await {
        Ok(listener) => listener,
        Err(error) => return failed(1, &format!("no port on loopback: {error}")),
    };
    let Ok(address) = listener.local_addr() else { return failed(1, "the port has no address") };
    let config = match config(args, &den.0, address) {
        Ok(config) => config,
        Err(text) => return failed(78, &text),
    };
    if let Err(error) = logs::start(&config.log) {
        return failed(78, &error);
    }
    complain(&format!(
        "wireroom demo: {} invented outlets, something happens every {}; the page is at http://{}/; Ctrl-C ends it",
        outlets::OUTLETS.len(),
        args.every,
        config.http.listen
    ));
    let tally = Arc::new(Mutex::new(Tally::default()));
    let window = Arc::new(Window::default());
    let prints = args.kafka.is_some() || io::stdout().is_terminal();
    let feeds = serve::serve(listener, args.seed, args.every.0, std::future::pending());
    let began = Instant::now();
    let code = tokio::select! {
        code = daemon::serve(config, Mode::Forever, window.clone()) => ExitCode::from(code),
        _ = feeds => ExitCode::FAILURE,
        // Whoever read the records has gone: that is the end, too.
        () = watch(&window, prints, tally.clone()) => ExitCode::SUCCESS,
    };
    complain(&tally.lock().await.told(began.elapsed()));
    code
}

/// The daemon's config, as if it had been written by hand.
fn config(args: &Args, den: &Path, feeds: SocketAddr) -> Result<Config, String> {
    let page =
        args.http.map_or_else(free_page, Ok).map_err(|error| format!("no port for the page: {error}"))?;
    let sink = match &args.kafka {
        Some(brokers) => format!(
            "[sink]\ntype = \"kafka\"\n[kafka]\nbootstrap_servers = {brokers:?}\ntopic_prefix = {:?}\ntransactional_id = \"wireroom-demo-{}-{}\"\n",
            args.topic_prefix,
            std::process::id(),
            jiff::Timestamp::now().as_millisecond()
        ),
        None if io::stdout().is_terminal() => {
            "[sink]\ntype = \"file\"\npath = \"articles.ndjson\"\n".to_owned()
        }
        None => String::new(),
    };
    let text = format!(
        "[state]\ndir = \"state\"\n[fetch]\nallow = [\"127.0.0.1/32\"]\nper_host_gap = \"50ms\"\nper_host_concurrency = 8\n[schedule]\ninterval = \"2s\"\nmin_interval = \"1s\"\nmin_interval_unconditional = \"1s\"\n[log]\nlevel = \"error\"\n[http]\nlisten = \"{page}\"\n{sink}{}",
        serve::declared(&feeds.to_string())
    );
    let path = den.join("wireroom.toml");
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    config::load(&path, std::iter::empty(), Feeds::Read).map_err(|problems| problems.to_string())
}

/// The address as it will be, port and all, if it can be bound.
fn free(address: SocketAddr) -> io::Result<SocketAddr> {
    std::net::TcpListener::bind(address)?.local_addr()
}

fn free_page() -> io::Result<SocketAddr> {
    free(PAGE).or_else(|_| free(SocketAddr::new(PAGE.ip(), 0)))
}

/// Counts, and where it is wanted prints, every record as it is settled; returns when nobody reads them.
async fn watch(window: &Window, prints: bool, tally: Arc<Mutex<Tally>>) {
    let style = Style::of_stdout();
    let mut after = 0;
    loop {
        let Some(desk) = window.desk() else {
            tokio::time::sleep(START_PAUSE).await;
            continue;
        };
        let query = RecentQuery { after: Some(after), limit: 100, wait_s: 1, ..RecentQuery::default() };
        let answer = desk.answer(Question::Recent(query)).await;
        let Some(recent) = answer.ok().and_then(|answer| serde_json::from_value::<Recent>(answer).ok())
        else {
            tokio::time::sleep(START_PAUSE).await;
            continue;
        };
        after = recent.last;
        for article in &recent.articles {
            tally.lock().await.count(article);
            if prints && readable::print(article, &style).is_err() {
                return;
            }
        }
        if prints && io::stdout().flush().is_err() {
            return;
        }
    }
}

/// What came out.
#[derive(Debug, Default)]
struct Tally {
    created: u64,
    updated: u64,
    withdrawn: u64,
    duplicates: u64,
}

impl Tally {
    fn count(&mut self, article: &Article) {
        match article.change {
            Change::Created => self.created += 1,
            Change::Updated => self.updated += 1,
            Change::Withdrawn | Change::Other => self.withdrawn += 1,
        }
        self.duplicates += u64::from(article.duplicate.is_some() && article.change == Change::Created);
    }

    fn told(&self, span: Duration) -> String {
        format!(
            "wireroom demo: {} in {} s: {} ({} of them repeating another), {}",
            counted(self.created + self.updated + self.withdrawn, "record"),
            span.as_secs(),
            counted(self.created, "new article"),
            self.duplicates,
            counted(self.updated, "revision"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paces_are_checked() {
        assert!(pace("2s").is_ok());
        for text in ["0s", "2h", "soon"] {
            assert!(pace(text).is_err(), "{text}");
        }
    }
}
