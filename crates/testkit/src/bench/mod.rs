//! The figures of the whole: the real binary, a real broker, a feed server beside them, on one machine.

pub mod load;
pub mod watch;

use crate::daemon::{Daemon, Settings, Setup};
use crate::feeds::{Feed, Script, Server};
use crate::kafka::{Cluster, View};
use anyhow::{Context, Result, ensure};
use load::{ITEMS, Load};
use rdkafka::consumer::Consumer;
use rdkafka::{Message, Offset, TopicPartitionList};
use rustix::process::Signal;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use watch::{cpu_seconds, get, memory_mib, metric, wait_for};
use xtask::kafka::{Broker, Options};

const CREATED: &str = "wireroom_entries_total{fate=\"created\"";
const OUTBOX: &str = "wireroom_outbox_rows";
const DELIVERED: &str = "wireroom_records_delivered_total";
const VISITS: &str = "wireroom_visits_total";
const PATIENCE: Duration = Duration::from_secs(120);
const WARM_UP: Duration = Duration::from_secs(4);

/// One daemon, one broker, one feed server.
struct Stage {
    load: Arc<Load>,
    dir: PathBuf,
    broker: Broker,
    daemon: Daemon,
    /// Keeps the hostile feeds' server running.
    _hostile: tokio::runtime::Runtime,
}

/// What a stage is made of.
struct Scene<'a> {
    name: &'a str,
    feeds: usize,
    interval: &'a str,
    fresh: bool,
    concurrency: usize,
    /// Feeds beside them that hang, lie or are no feed.
    hostile: usize,
    /// With entities, topics, keywords and attribution, as by default.
    enriched: bool,
}

impl Scene<'_> {
    const NEWS: Scene<'static> = Scene {
        name: "articles",
        feeds: 64,
        interval: "1ms",
        fresh: true,
        concurrency: 16,
        hostile: 0,
        enriched: true,
    };
}

impl Stage {
    fn set(bin: &Path, scene: &Scene<'_>) -> Result<Self> {
        let dir = std::env::temp_dir().join(format!("wireroom-bench-{}-{}", scene.name, std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir)?;
        let load = Load::new(scene.fresh);
        let port = load.serve()?;
        let (hostile, hostile_feeds) = hostile(scene.hostile, &dir)?;
        let options = Options { dir: dir.join("kafka"), ..Options::default() };
        let broker = Broker::start(&options)?;
        let (config, log, files) = (dir.join("wireroom.toml"), dir.join("log"), vec![dir.join("feeds.toml")]);
        std::fs::write(&files[0], feed_file(port, scene.feeds))?;
        let concurrency = scene.concurrency;
        let more = vec![
            ("fetch", format!("concurrency = {concurrency}\nper_host_concurrency = {concurrency}\n")),
            ("schedule", String::new()),
        ];
        let settings = Settings {
            state: dir.join("state"),
            bootstrap: broker.bootstrap(),
            feeds: hostile_feeds,
            interval: scene.interval.to_owned(),
            transaction_timeout: "20s".into(),
            more,
            files,
        };
        settings.write(&config)?;
        let setup = Setup { bin: bin.to_owned(), config, log, environment: environment(scene), trace: None };
        let daemon = Daemon::start(&setup)?;
        Ok(Self { load, dir, broker, daemon, _hostile: hostile })
    }

    fn state(&self) -> PathBuf {
        self.dir.join("state")
    }

    /// A metric and the CPU seconds of daemon and broker, over a stretch of time.
    fn measure(&self, name: &str, stretch: Duration) -> Result<Measured> {
        let broker = self.broker.pid().context("the broker has ended")?;
        let sample = || -> Result<(f64, f64, f64, Instant)> {
            let cpu = (cpu_seconds(self.daemon.id())?, cpu_seconds(broker)?);
            Ok((metric(&self.state(), name)?, cpu.0, cpu.1, Instant::now()))
        };
        let before = sample()?;
        std::thread::sleep(stretch);
        let after = sample()?;
        let seconds = (after.3 - before.3).as_secs_f64();
        Ok(Measured {
            count: after.0 - before.0,
            seconds,
            daemon_cpu: after.1 - before.1,
            broker_cpu: after.2 - before.2,
            rss_mib: memory_mib(self.daemon.id(), "VmRSS")?,
            peak_mib: memory_mib(self.daemon.id(), "VmHWM")?,
        })
    }

    fn stop(mut self) -> Result<Duration> {
        let began = Instant::now();
        self.daemon.signal(Signal::TERM);
        let ended = self.daemon.wait(Duration::from_secs(15))?;
        let took = began.elapsed();
        ensure!(ended.is_some_and(|status| status.success()), "the daemon did not end well: {ended:?}");
        drop(self.broker);
        std::fs::remove_dir_all(&self.dir)?;
        Ok(took)
    }
}

struct Measured {
    count: f64,
    seconds: f64,
    daemon_cpu: f64,
    broker_cpu: f64,
    rss_mib: f64,
    peak_mib: f64,
}

fn environment(scene: &Scene<'_>) -> Vec<(&'static str, String)> {
    const PARTS: [&str; 4] = [
        "WIREROOM__ENRICH__ENTITIES",
        "WIREROOM__ENRICH__TOPICS",
        "WIREROOM__ENRICH__KEYWORDS",
        "WIREROOM__ENRICH__ATTRIBUTION",
    ];
    let parts = PARTS.into_iter().map(|part| (part, scene.enriched.to_string()));
    parts.chain([("WIREROOM__SCHEDULE__MIN_INTERVAL", "1ms".to_owned())]).collect()
}

fn hostile(count: usize, dir: &Path) -> Result<(tokio::runtime::Runtime, Vec<Feed>)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let script = Script { feeds: 1, hostile: count, articles_per_second: 0.0, ..Script::default() };
    let server = runtime.block_on(Server::start(script, &dir.join("hostile.ndjson")))?;
    let feeds = server.feeds().into_iter().filter(|feed| feed.id.starts_with('h')).collect();
    Ok((runtime, feeds))
}

fn feed_file(port: u16, count: usize) -> String {
    let mut text = String::with_capacity(count * 90);
    for number in 0..count {
        let _ = writeln!(
            text,
            "[[feed]]\nid = \"f{number}\"\nurl = \"http://127.0.0.1:{port}/f/{number}\"\nfirst_poll = \"publish\"\n"
        );
    }
    text
}

/// New articles a second, from loopback feeds to committed in Kafka.
///
/// # Errors
/// When a part of the stage fails.
pub fn articles(bin: &Path, enriched: bool, stretch: Duration) -> Result<String> {
    let scene = Scene { enriched, ..Scene::NEWS };
    let stage = Stage::set(bin, &scene)?;
    wait_for(&stage.state(), DELIVERED, 1000.0, PATIENCE)?;
    std::thread::sleep(WARM_UP);
    let read =
        || -> Result<(f64, f64)> { Ok((metric(&stage.state(), CREATED)?, metric(&stage.state(), OUTBOX)?)) };
    let before = read()?;
    let mut got = stage.measure(DELIVERED, stretch)?;
    let after = read()?;
    // What was delivered are records: of each article its own, a sighting, a story. What is settled and not
    // yet delivered does not count.
    let records = got.count;
    got.count *= (after.0 - before.0) / (records + after.1 - before.1);
    stage.load.fresh.store(false, Ordering::Relaxed);
    let took = stage.stop()?;
    Ok(format!(
        "| new articles, feed to committed, {} | {:.0} a second, {:.0} records | {:.2} CPU s per 1,000 (daemon), {:.2} (broker) | RSS {:.0} MiB, peak {:.0} | SIGTERM under this load: {:.2} s |",
        if enriched { "everything on" } else { "enrichment off" },
        got.count / got.seconds,
        records / got.seconds,
        got.daemon_cpu / got.count * 1000.0,
        got.broker_cpu / got.count * 1000.0,
        got.rss_mib,
        got.peak_mib,
        took.as_secs_f64()
    ))
}

/// Polls a second that are answered by 304.
///
/// # Errors
/// When a part of the stage fails.
pub fn polls(bin: &Path, stretch: Duration) -> Result<String> {
    let scene = Scene { name: "polls", feeds: 1000, fresh: false, concurrency: 64, ..Scene::NEWS };
    let stage = Stage::set(bin, &scene)?;
    wait_for(&stage.state(), VISITS, 3000.0, PATIENCE)?;
    std::thread::sleep(WARM_UP);
    let got = stage.measure(VISITS, stretch)?;
    stage.stop()?;
    Ok(format!(
        "| 304 polls | {:.0} a second | {:.3} CPU s per 1,000 (daemon) | RSS {:.0} MiB | |",
        got.count / got.seconds,
        got.daemon_cpu / got.count * 1000.0,
        got.rss_mib
    ))
}

/// From a complete body to a record that a `read_committed` consumer sees, at `rate` articles a second.
///
/// # Errors
/// When a part of the stage fails.
pub fn latency(bin: &Path, rate: u64, stretch: Duration) -> Result<String> {
    let feeds = (rate / ITEMS).max(1) as usize;
    let scene = Scene { name: "latency", feeds, interval: "1s", ..Scene::NEWS };
    let stage = Stage::set(bin, &scene)?;
    wait_for(&stage.state(), DELIVERED, 1000.0, PATIENCE)?;
    std::thread::sleep(WARM_UP);
    let mut seen = watch_topic(&stage.broker.bootstrap(), stretch)?;
    stage.stop()?;
    ensure!(100 < seen.len(), "only {} records were seen", seen.len());
    seen.sort_unstable();
    let at = |share: f64| seen[((seen.len() - 1) as f64 * share) as usize];
    Ok(format!(
        "| body complete to visible read_committed at {:.0} articles a second | p50 {} ms | p99 {} ms | p99.9 {} ms | {} records |",
        seen.len() as f64 / stretch.as_secs_f64(),
        at(0.5),
        at(0.99),
        at(0.999),
        seen.len()
    ))
}

/// Milliseconds from `fetched_at` to now, for each record that appears within `stretch`.
fn watch_topic(bootstrap: &str, stretch: Duration) -> Result<Vec<i64>> {
    const TOPIC: &str = "wireroom.articles.v1";
    let cluster = Cluster::new(bootstrap);
    let consumer = cluster.consumer(View::Committed)?;
    let mut assignment = TopicPartitionList::new();
    for partition in cluster.ends(TOPIC, View::Committed)?.keys() {
        assignment.add_partition_offset(TOPIC, *partition, Offset::End)?;
    }
    consumer.assign(&assignment)?;
    let began = Instant::now();
    let mut seen = Vec::new();
    while began.elapsed() < stretch {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(20)) else { continue };
        let now = jiff::Timestamp::now().as_millisecond();
        if let Some(fetched) = message.payload().and_then(fetched_at) {
            seen.push(now - fetched);
        }
    }
    Ok(seen)
}

fn fetched_at(payload: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(payload).ok()?;
    let value = text.split("\"fetched_at\":\"").nth(1)?.split('"').next()?;
    value.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// Memory with `feeds` feeds that were all polled once and now wait.
///
/// # Errors
/// When a part of the stage fails.
pub fn idle(bin: &Path, feeds: usize) -> Result<String> {
    let scene = Scene { name: "idle", feeds, interval: "24h", fresh: false, concurrency: 64, ..Scene::NEWS };
    let stage = Stage::set(bin, &scene)?;
    wait_for(&stage.state(), VISITS, feeds as f64, Duration::from_secs(600))?;
    std::thread::sleep(WARM_UP);
    let got = stage.measure(VISITS, Duration::from_secs(1))?;
    stage.stop()?;
    Ok(format!("| {feeds} idle feeds | RSS {:.0} MiB | peak {:.0} MiB | | |", got.rss_mib, got.peak_mib))
}

/// How long each page takes, and how large it is, with `feeds` feeds that were all polled once.
///
/// # Errors
/// When a part of the stage fails.
pub fn pages(bin: &Path, feeds: usize) -> Result<String> {
    const TIMES: usize = 21;
    let scene = Scene { name: "pages", feeds, interval: "24h", fresh: false, concurrency: 64, ..Scene::NEWS };
    let stage = Stage::set(bin, &scene)?;
    wait_for(&stage.state(), VISITS, feeds as f64, Duration::from_secs(600))?;
    std::thread::sleep(WARM_UP);
    let last = feeds - feeds.min(100);
    let mut rows = Vec::new();
    for (what, path) in [
        ("overview", "/".to_owned()),
        ("feeds, problems first", "/feeds".to_owned()),
        ("feeds, the last page by next visit", format!("/feeds?sort=next_visit&offset={last}")),
        ("feeds, searched", format!("/feeds?search=f{}", feeds - 1)),
        ("one feed", format!("/feeds/f{}", feeds - 1)),
        ("feeds as JSON", "/api/v1/feeds?limit=100".to_owned()),
    ] {
        let (mut took, mut bytes) = (Vec::new(), 0);
        for _ in 0..TIMES {
            let begun = Instant::now();
            let answer = get(&stage.state(), &path)?;
            took.push(begun.elapsed().as_secs_f64() * 1000.0);
            ensure!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
            bytes = answer.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
        }
        let first = took[0];
        took.sort_unstable_by(f64::total_cmp);
        let (median, longest) = (took[TIMES / 2], took[TIMES - 1]);
        rows.push(format!(
            "| {feeds} feeds: {what} | first {first:.1} ms | median {median:.1} ms | longest {longest:.1} ms | {bytes} bytes |"
        ));
    }
    stage.stop()?;
    Ok(rows.join("\n"))
}

/// How long 1,000 feeds that are due every five seconds wait for their turn, alone and beside 200 that hang,
/// trickle, lie, unpack to bombs or redirect to themselves, from the start on.
///
/// # Errors
/// When a part of the stage fails.
pub fn lateness(bin: &Path, stretch: Duration) -> Result<String> {
    let mut shown = Vec::new();
    for hostile in [0, 200] {
        let scene = Scene {
            name: "lateness",
            feeds: 1000,
            interval: "5s",
            fresh: false,
            concurrency: 256,
            hostile,
            enriched: true,
        };
        let stage = Stage::set(bin, &scene)?;
        wait_for(&stage.state(), VISITS, 1000.0, PATIENCE)?;
        stage.load.take_gaps();
        std::thread::sleep(stretch);
        let mut gaps = stage.load.take_gaps();
        stage.stop()?;
        ensure!(1000 < gaps.len(), "only {} polls were seen", gaps.len());
        gaps.sort_unstable();
        let at = |share: f64| gaps[((gaps.len() - 1) as f64 * share) as usize];
        shown.push(format!("{hostile} hostile beside them: p50 {} ms, p99 {} ms", at(0.5), at(0.99)));
    }
    Ok(format!("| between two polls of a feed that is due every 5 s | {} | {} | | |", shown[0], shown[1]))
}

/// From SIGTERM to the end of the process under full load, `times` times.
///
/// # Errors
/// When the daemon does not end well within 15 s.
pub fn shutdown(bin: &Path, times: u32) -> Result<String> {
    let mut took = Vec::new();
    for _ in 0..times {
        let scene = Scene { name: "shutdown", ..Scene::NEWS };
        let stage = Stage::set(bin, &scene)?;
        wait_for(&stage.state(), DELIVERED, 3000.0, PATIENCE)?;
        took.push(stage.stop()?.as_secs_f64());
    }
    let longest = took.iter().copied().fold(0.0, f64::max);
    let mean = took.iter().sum::<f64>() / f64::from(times.max(1));
    Ok(format!(
        "| SIGTERM to exit under full load | mean {mean:.2} s | longest {longest:.2} s | of {times} | |"
    ))
}
