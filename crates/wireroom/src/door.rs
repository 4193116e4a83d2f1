//! `wireroom run`, `once` and `health`.

use crate::cli::{complain, load, say};
use crate::config::Config;
use crate::logs;
use pipeline::{Mode, Window};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// After this the process ends, whatever still runs.
const STOP_MAX: Duration = Duration::from_secs(9);
/// Blocking work that is still under way at the end is given up after this.
const LEAVE_MAX: Duration = Duration::from_millis(200);
/// How long `health` waits for an answer.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(3);

pub(crate) fn run(named: Option<&Path>, mode: Mode) -> ExitCode {
    let config = match load(named) {
        Ok(config) => config,
        Err(code) => return code,
    };
    logs::start(&config.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("error: the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(serve(config, mode));
    runtime.shutdown_timeout(LEAVE_MAX);
    code
}

async fn serve(config: Config, mode: Mode) -> ExitCode {
    let window = Arc::new(Window::default());
    let (stop, stopped) = watch::channel(false);
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        state = %config.pipeline.state.dir.display(),
        feeds = config.feeds.len(),
        sink = sink_name(&config),
        "wireroom starts with {} feeds",
        config.feeds.len()
    );
    if let Err(error) = std::fs::create_dir_all(&config.pipeline.state.dir) {
        complain(&format!("error: the state directory {}: {error}", config.pipeline.state.dir.display()));
        return ExitCode::from(74);
    }
    if mode == Mode::Forever
        && let Err(error) = open_window(&config, &window, stopped.clone()).await
    {
        complain(&format!("error: `http.listen` = {}: {error}", config.http.listen));
        return ExitCode::FAILURE;
    }
    tokio::spawn(watch_signals(stop));
    let running = pipeline::run(config.pipeline, config.feeds, mode, window, told(stopped));
    match running.await {
        Ok(summary) => {
            tracing::info!(
                visits = summary.visits,
                failed = summary.failed,
                created = summary.created,
                updated = summary.updated,
                waiting = summary.waiting,
                "wireroom ends: {} new articles, {} revisions, {} records wait in the outbox",
                summary.created,
                summary.updated,
                summary.waiting
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!("wireroom ends: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn sink_name(config: &Config) -> &'static str {
    match config.pipeline.sink {
        deliver::SinkConfig::Kafka {} => "kafka",
        deliver::SinkConfig::File { .. } => "file",
        deliver::SinkConfig::Stdout {} => "stdout",
    }
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone can tell nothing any more: then only the work's own end counts.
    if stopped.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The first signal asks for an orderly end, the second, or too long a wait, ends at once.
async fn watch_signals(stop: watch::Sender<bool>) {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be watched");
        return;
    };
    tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    tracing::info!("told to stop: visits under way may settle, the rest comes with the next start");
    stop.send_replace(true);
    tokio::select! {
        _ = terminate.recv() => std::process::exit(1),
        _ = interrupt.recv() => std::process::exit(1),
        () = tokio::time::sleep(STOP_MAX) => {
            tracing::warn!("stopping took too long: what is settled is safe, the rest comes again");
            std::process::exit(0);
        }
    }
}

async fn open_window(
    config: &Config,
    window: &Arc<Window>,
    stopped: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let listener = TcpListener::bind(config.http.listen).await?;
    let address = listener.local_addr()?;
    std::fs::write(address_file(config), address.to_string())?;
    tracing::info!(%address, "health, readiness and metrics are at http://{address}");
    let (alive, unready, metrics) = (window.clone(), window.clone(), window.clone());
    let state = status::State {
        alive: Box::new(move || alive.alive()),
        unready: Box::new(move || unready.unready()),
        metrics: Box::new(move || metrics.metrics()),
        token: config.http.token.as_ref().map(|token| token.expose().to_owned()),
        hosts: Vec::new(),
    };
    tokio::spawn(status::serve(listener, state, status::Limits::default(), told(stopped)));
    Ok(())
}

/// Where tools find the address, also when the port was 0.
fn address_file(config: &Config) -> PathBuf {
    config.pipeline.state.dir.join("http.address")
}

/// Asks the daemon of this config; 0 when the answer is good.
pub(crate) fn health(config: &Config, ready: bool) -> ExitCode {
    let noted = std::fs::read_to_string(address_file(config)).ok();
    let address = noted.and_then(|text| text.trim().parse().ok()).unwrap_or(config.http.listen);
    let path = if ready { "/readyz" } else { "/healthz" };
    match ask(address, path, config.http.token.as_ref().map(model::Secret::expose)) {
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

fn ask(address: SocketAddr, path: &str, token: Option<&str>) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, HEALTH_TIMEOUT)?;
    stream.set_read_timeout(Some(HEALTH_TIMEOUT))?;
    let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n{bearer}Connection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 << 10).read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}
