use super::Options;
use super::plan::Kill;
use super::report::{self, Summary};
use crate::daemon::{Daemon, Settings, Setup, read_trace, tail};
use crate::feeds::{Script, Server};
use crate::history::{self, Log, Process, Record, Sync, now};
use crate::kafka::{Cluster, View};
use crate::rng::Rng;
use crate::text::Token;
use anyhow::{Context, Result, bail};
use fault::Mutant;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use xtask::kafka::{Broker, Options as BrokerOptions};

/// How long the daemon has to come to rest when the world stands still.
const REST: Duration = Duration::from_secs(90);
/// How long what was served may take from there to the topic.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How long a topic may take to be read.
const DUMP: Duration = Duration::from_secs(60);
/// A daemon that is told to end has so long.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// What all parts of a run share.
#[derive(Debug)]
pub(super) struct Shared {
    broker: Mutex<Broker>,
    log: Mutex<Log>,
}

impl Shared {
    pub(super) fn broker(&self) -> MutexGuard<'_, Broker> {
        self.broker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, line: &Process) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk shows when the history is read back.
        let _ = log.add(line);
    }
}

/// Everything that a run works with.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) options: Options,
    pub(super) rng: Rng,
    pub(super) server: Server,
    pub(super) shared: Arc<Shared>,
    pub(super) setup: Setup,
    pub(super) settings: Settings,
    /// Syncs are traced; the expression fails some.
    pub(super) trace: Option<Option<String>>,
    pub(super) summary: Summary,
    traces: Vec<PathBuf>,
    lives: u32,
    cluster: Cluster,
    /// Keeps the feed server running.
    _runtime: Runtime,
}

impl Stage {
    pub(super) fn open(options: &Options) -> Result<Self> {
        let dir = &options.run_dir;
        fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        if fs::read_dir(dir)?.next().is_some() {
            bail!("{} is not empty: a run needs a directory of its own", dir.display());
        }
        let dir = dir.canonicalize()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let broker = Broker::start(&BrokerOptions {
            dir: dir.join("kafka"),
            split: true,
            ..BrokerOptions::default()
        })?;
        let server = runtime.block_on(Server::start(script(options), &dir.join(history::FEEDS)))?;
        let settings = Settings {
            state: dir.join("state"),
            bootstrap: broker.bootstrap(),
            feeds: server.feeds(),
            interval: "1s".into(),
            transaction_timeout: if options.scenario == Some(Mutant::NoFencing) { "60s" } else { "10s" }
                .into(),
            more: vec![(
                "fetch",
                "per_host_concurrency = 32\nread_timeout = \"3s\"\ntotal_timeout = \"6s\"".into(),
            )],
            files: vec![],
        };
        let config = dir.join("wireroom.toml");
        settings.write(&config)?;
        let mutant = options.scenario.filter(|_| options.mutated);
        let environment = mutant.map(|mutant| ("WIREROOM_MUTANT", mutant.name().to_owned()));
        Ok(Self {
            setup: Setup {
                bin: options.bin.clone(),
                config,
                log: dir.join("daemon.log"),
                environment: environment.into_iter().collect(),
                trace: None,
            },
            rng: Rng::new(options.seed ^ 0x7075_6e69_7368),
            cluster: Cluster::new(&broker.bootstrap()),
            shared: Arc::new(Shared {
                broker: Mutex::new(broker),
                log: Mutex::new(Log::create(&dir.join(history::PROCESS))?),
            }),
            server,
            settings,
            trace: None,
            summary: Summary::new(options.seed, dir.clone()),
            traces: Vec::new(),
            lives: 0,
            options: Options { run_dir: dir, ..options.clone() },
            _runtime: runtime,
        })
    }

    /// A promise that the checker cannot see was broken.
    pub(super) fn complain(&mut self, sentence: String) {
        self.summary.complaints.push(sentence);
    }

    /// Starts the daemon with more of an environment.
    pub(super) fn start(&mut self, environment: &[(&'static str, String)]) -> Result<Daemon> {
        let mut setup = self.setup.clone();
        setup.environment.extend_from_slice(environment);
        if let Some(inject) = &self.trace {
            let file = self.options.run_dir.join(format!("trace-{}.out", self.traces.len()));
            setup.trace = Some((file.clone(), inject.clone()));
            self.traces.push(file);
        }
        self.lives += 1;
        setup.environment.push(("WIREROOM__FETCH__CONTACT", history::contact(self.lives)));
        self.shared.note(&Process::Started { at: now(), life: self.lives });
        Daemon::start(&setup)
    }

    pub(super) fn ended(&mut self, at: u64, how: &str) {
        self.shared.note(&Process::Ended { at, how: how.to_owned() });
    }

    /// One stretch of life and its end; true: a point was reached.
    pub(super) fn cycle(&mut self, kill: Kill) -> Result<bool> {
        let (patience, environment, name) = match kill {
            Kill::After(after) => (after, None, "random"),
            Kill::Point { point, visit, patience } => {
                (patience, Some(("WIREROOM_CRASH_AT", format!("{}:{visit}", point.name()))), point.name())
            }
        };
        let mut daemon = self.start(environment.as_slice())?;
        if let Some(status) = daemon.wait(patience)? {
            self.ended(now(), name);
            if environment.is_some() && status.signal() == Some(9) {
                self.summary.killed(name);
                return Ok(true);
            }
            self.unasked(status);
            return Ok(false);
        }
        self.ended(now(), "random");
        daemon.kill()?;
        self.summary.killed("random");
        Ok(false)
    }

    /// Kills a running daemon with -9.
    pub(super) fn kill(&mut self, mut daemon: Daemon) -> Result<()> {
        self.ended(now(), "random");
        daemon.kill()?;
        self.summary.killed("random");
        Ok(())
    }

    fn unasked(&mut self, status: ExitStatus) {
        let last = tail(&self.setup.log, 3);
        self.complain(format!("the daemon ended by itself with {status}; it said: {last}"));
    }

    /// Lets the daemon run; complains when it ends.
    pub(super) fn run_for(&mut self, daemon: &mut Daemon, time: Duration) -> Result<()> {
        if let Some(status) = daemon.wait(time)? {
            self.ended(now(), "itself");
            self.unasked(status);
        }
        Ok(())
    }

    /// Stops the world, lets the daemon catch up, ends it and writes the dumps.
    pub(super) fn quiesce(&mut self) -> Result<()> {
        self.server.hold(false);
        self.server.stop_world();
        let mut daemon = self.start(&[])?;
        let end = Instant::now() + REST;
        while !self.server.is_at_rest(2) {
            if let Some(status) = daemon.wait(Duration::from_millis(50))? {
                self.ended(now(), "itself");
                self.unasked(status);
                break;
            }
            if Instant::now() >= end {
                let restless = self.server.restless(2);
                self.complain(format!("feeds never came to rest within {} s: {restless:?}", REST.as_secs()));
                break;
            }
        }
        let articles = self.arrived()?;
        self.shut_down(daemon)?;
        self.dump(articles)
    }

    /// Waits until the newest revision of everything that was served is in the topic; what is not there
    /// after [`ARRIVAL`] is for the checker to name.
    fn arrived(&mut self) -> Result<Vec<Record>> {
        let newest = self.server.newest();
        let end = Instant::now() + ARRIVAL;
        loop {
            let dumped = self.cluster.dump("wireroom.articles.v1", View::Committed, DUMP);
            let late = Instant::now() >= end;
            match dumped {
                Ok(records) if late || missing(&newest, &records) == 0 => return Ok(records),
                Err(error) if late => return Err(error),
                _ => std::thread::sleep(Duration::from_millis(500)),
            }
        }
    }

    fn shut_down(&mut self, mut daemon: Daemon) -> Result<()> {
        if daemon.wait(Duration::ZERO)?.is_some() {
            return Ok(());
        }
        let begun = Instant::now();
        daemon.signal(rustix::process::Signal::TERM);
        match daemon.wait(SHUTDOWN)? {
            Some(status) if status.success() => {
                self.summary.shutdown = Some(begun.elapsed());
            }
            Some(status) => self.complain(format!("after SIGTERM the daemon ended with {status}")),
            None => self.complain(format!("after SIGTERM the daemon ran for {} s more", SHUTDOWN.as_secs())),
        }
        self.ended(now(), "term");
        daemon.kill().map(|_| ())
    }

    fn dump(&mut self, mut articles: Vec<Record>) -> Result<()> {
        let dir = self.options.run_dir.clone();
        let dump = |topic: &str, view| self.cluster.dump(&format!("wireroom.{topic}"), view, DUMP);
        // Once more: what came late, or twice, must not be missed.
        let again = dump("articles.v1", View::Committed)?;
        if again.len() > articles.len() {
            articles = again;
        }
        history::write(&dir.join(history::ARTICLES), &articles)?;
        history::write(&dir.join(history::PROGRESS), &dump("progress.v1", View::Committed)?)?;
        history::write(&dir.join(history::DLQ), &dump("dlq.v1", View::Committed)?)?;
        let raw = dump("articles.v1", View::Uncommitted)?;
        self.summary.records = articles.len();
        self.summary.aborted = raw.len().saturating_sub(articles.len());
        history::write(&dir.join(history::ARTICLES_RAW), &raw)?;
        self.write_syncs(&dir)
    }

    fn write_syncs(&self, dir: &Path) -> Result<()> {
        if self.traces.is_empty() {
            return Ok(());
        }
        let mut syncs: Vec<Sync> = Vec::new();
        for trace in &self.traces {
            syncs.extend(read_trace(trace)?);
        }
        history::write(&dir.join(history::SYNCS), &syncs)
    }

    /// Has the run judged and sums it up.
    pub(super) fn finish(mut self, begun: Instant) -> Result<Summary> {
        self.server.flush()?;
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).flush()?;
        self.summary.counts = self.server.counts();
        self.summary.lost_markers = self.shared.broker().lost_markers();
        report::judge(&self.options, &mut self.summary)?;
        self.summary.took = begun.elapsed();
        Ok(self.summary)
    }
}

/// Articles whose newest served revision is not among the records.
fn missing(newest: &BTreeMap<u32, u32>, records: &[Record]) -> usize {
    let mut there: BTreeMap<u32, u32> = BTreeMap::new();
    for record in records {
        let title = record.value.as_deref().and_then(|value| serde_json::from_str::<Title>(value).ok());
        if let Some(token) = title.and_then(|title| Token::find(&title.title)) {
            let rev = there.entry(token.article).or_default();
            *rev = (*rev).max(token.rev);
        }
    }
    newest.iter().filter(|(article, rev)| there.get(article).is_none_or(|there| there < *rev)).count()
}

#[derive(serde::Deserialize)]
struct Title {
    title: String,
}

fn script(options: &Options) -> Script {
    let script = Script { seed: options.seed, hostile: 6, ..Script::default() };
    match options.scenario {
        // Every article in every feed at the same moment.
        Some(Mutant::NoSequencer) => Script { copies_max: 12, hostile: 0, ..script },
        Some(_) => Script { hostile: 0, ..script },
        None => script,
    }
}
