//! `wireroom run` and `once`: config, logs, address, signals, then the corridor until it ends.

use crate::cli::{complain, counted, load};
use crate::config::{Config, Feeds};
use crate::{logs, reload, supervisor};
use model::desk::{Refusal, RefusalKind};
use pipeline::{Mode, Summary, Window};
use status::Listener;
use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// After this the process ends, whatever still runs: one second before ten are over.
const STOP_MAX: Duration = Duration::from_secs(9);
/// Blocking work that is still under way at the end is given up after this.
const LEAVE_MAX: Duration = Duration::from_millis(200);
/// Longest connection of a command: a tail asks again and again, each time anew.
const SOCKET_MAX: Duration = Duration::from_secs(120);
/// How often it is asked whether the state is open yet.
const START_PAUSE: Duration = Duration::from_millis(10);

/// Runs the daemon, or visits each feed once.
pub(crate) fn run(named: Option<&Path>, mode: Mode) -> ExitCode {
    let config = match load(named, Feeds::Read) {
        Ok(config) => config,
        Err(code) => return code,
    };
    if let Err(error) = logs::start(&config.log) {
        complain(&format!("error: {error}"));
        return ExitCode::from(78);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!("the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(serve(config, mode, Arc::new(Window::default())));
    runtime.shutdown_timeout(LEAVE_MAX);
    ExitCode::from(code)
}

/// The daemon itself, until a signal ends it; its exit code.
pub(super) async fn serve(config: Config, mode: Mode, window: Arc<Window>) -> u8 {
    let (stop, stopped) = watch::channel(false);
    // Before anything that takes time, so that no signal is missed.
    match Signals::new() {
        Ok(signals) => drop(tokio::spawn(signals.watch(stop))),
        Err(error) => {
            tracing::error!("signals cannot be watched: {error}");
            return 1;
        }
    }
    let address = match mode {
        Mode::Forever => match open_window(&config, &window, stopped.clone()).await {
            Ok(address) => Some(address),
            Err(code) => return code,
        },
        Mode::Once => None,
    };
    if mode == Mode::Forever {
        tokio::spawn(supervisor::watch(window.clone(), told(stopped.clone())));
    }
    announce(&config, address);
    let (note, socket) = (config.address_file(), config.socket());
    if let Some(address) = address {
        tokio::spawn(note_address(note.clone(), address, window.clone()));
    }
    let ended = pipeline::run(config.pipeline, config.feeds, mode, window.clone(), told(stopped)).await;
    if address.is_some() && window.has_started() {
        // A note that stays behind misleads nobody for long: the next start writes its own.
        let _ = fs::remove_file(note);
        let _ = fs::remove_file(socket);
    }
    match ended {
        Ok(summary) => ended_well(mode, &summary),
        Err(error) => {
            tracing::error!("wireroom ends: {error}");
            error.exit_code()
        }
    }
}

fn announce(config: &Config, address: Option<SocketAddr>) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let feeds = config.feeds.len();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        state = %config.pipeline.state.dir.display(),
        feeds,
        sink = config.sink_name(),
        http = address.map(tracing::field::display),
        "wireroom starts with {}",
        counted(feeds as u64, "feed")
    );
}

fn ended_well(mode: Mode, summary: &Summary) -> u8 {
    let Summary { visits, failed, created, updated, waiting } = *summary;
    tracing::info!(
        visits,
        failed,
        created,
        updated,
        waiting,
        "wireroom ends: {}, {}, {} waiting in the outbox",
        counted(created, "new article"),
        counted(updated, "revision"),
        counted(waiting, "record")
    );
    if mode == Mode::Once && 0 < visits && visits == failed {
        tracing::error!("no feed could be read: {} failed", counted(visits, "visit"));
        return 1;
    }
    0
}

/// Resolves at SIGTERM or SIGINT.
///
/// # Errors
///
/// When signals cannot be watched.
pub(super) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::new()?;
    Ok(async move { signals.next().await })
}

async fn told(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone can tell nothing any more: then only the work's own end counts.
    if stopped.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
    }

    /// The first signal asks for an orderly end; the second, or too long a wait, ends at once.
    async fn watch(mut self, stop: watch::Sender<bool>) {
        self.next().await;
        tracing::info!("told to stop: visits that settle may finish, the rest comes with the next start");
        stop.send_replace(true);
        tokio::select! {
            () = self.next() => {
                tracing::warn!("told again: ending at once");
                std::process::exit(1);
            }
            () = tokio::time::sleep(STOP_MAX) => {
                tracing::warn!("stopping took too long: what is settled is safe, the rest comes again");
                std::process::exit(0);
            }
        }
    }
}

/// Binds the address and answers on it; the exit code where that cannot be.
async fn open_window(
    config: &Config,
    window: &Arc<Window>,
    stopped: watch::Receiver<bool>,
) -> Result<SocketAddr, u8> {
    let bound = TcpListener::bind(config.http.listen).await;
    let (listener, address) = match bound.and_then(|listener| Ok((listener.local_addr()?, listener))) {
        Ok((address, listener)) => (listener, address),
        Err(error) => return Err(refused(config, &error)),
    };
    let state = Arc::new(window_state(config, window));
    let served = status::serve(
        Listener::Tcp(listener),
        state.clone(),
        status::Limits::default(),
        told(stopped.clone()),
    );
    tokio::spawn(served);
    if let Some(from) = &config.from {
        tokio::spawn(reload::watch(from.clone(), config.clone(), window.clone()));
    }
    tokio::spawn(open_socket(config.socket(), window.clone(), state, stopped));
    Ok(address)
}

fn window_state(config: &Config, window: &Arc<Window>) -> status::State {
    let (alive, unready, metrics, asked) = (window.clone(), window.clone(), window.clone(), window.clone());
    let warnings = window.clone();
    status::State {
        alive: Box::new(move || alive.alive()),
        unready: Box::new(move || unready.unready()),
        warnings: Box::new(move || warnings.warnings()),
        metrics: Box::new(move || metrics.metrics()),
        ask: Box::new(move |question| {
            let desk = asked.desk();
            Box::pin(async move {
                match desk {
                    Some(desk) => desk.answer(question).await,
                    None => Err(Refusal::new(RefusalKind::Unavailable, "the daemon is starting or stopping")),
                }
            })
        }),
        token: config.http.token.as_ref().map(|token| token.expose().to_owned()),
        hosts: config.http.hosts.clone(),
    }
}

/// Answers commands on a socket in the state directory, once that is ours; only its owner may ask.
async fn open_socket(
    path: PathBuf,
    window: Arc<Window>,
    state: Arc<status::State>,
    stopped: watch::Receiver<bool>,
) {
    while !window.has_started() {
        tokio::time::sleep(START_PAUSE).await;
    }
    // One that a killed daemon left behind; the state's lock says that nobody listens on it.
    let _ = fs::remove_file(&path);
    let bound = UnixListener::bind(&path)
        .and_then(|listener| fs::set_permissions(&path, Permissions::from_mode(0o600)).map(|()| listener));
    match bound {
        Ok(listener) => {
            let limits = status::Limits { connection_timeout: SOCKET_MAX, ..status::Limits::default() };
            status::serve(Listener::Unix(listener), state, limits, told(stopped)).await;
        }
        Err(error) => {
            tracing::warn!("{}: commands cannot reach this daemon: {error}", path.display());
        }
    }
}

/// Why there is no address: most often, because this very daemon runs already.
fn refused(config: &Config, error: &io::Error) -> u8 {
    let dir = &config.pipeline.state.dir;
    let is_locked = File::open(dir.join("lock"))
        .is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
    if is_locked {
        tracing::error!("wireroom ends: the state directory {} is in use by another wireroom", dir.display());
        return 75;
    }
    tracing::error!("wireroom ends: `http.listen` = {} cannot be bound: {error}", config.http.listen);
    1
}

/// Writes the address down for tools, once the state is ours: another daemon's note must not be lost.
async fn note_address(note: PathBuf, address: SocketAddr, window: Arc<Window>) {
    while !window.has_started() {
        tokio::time::sleep(START_PAUSE).await;
    }
    let draft = note.with_extension("address.new");
    let written = fs::write(&draft, format!("{address}\n")).and_then(|()| fs::rename(&draft, &note));
    if let Err(error) = written {
        tracing::warn!("{}: the address could not be noted: {error}", note.display());
    }
}
