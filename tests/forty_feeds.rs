//! Forty feeds bring one URL at the same moment, each in words of its own, while the daemon is killed at every
//! named point and between them: a reader sees one first revision, its corrections in their order, and forty
//! sightings.

#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside of test functions")]

use fault::Point;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use testkit::daemon::{Daemon, Settings, Setup, tail};
use testkit::feeds::Feed;
use testkit::history::Record;
use testkit::kafka::{Cluster, View};

const FEEDS: u32 = 40;
/// Feeds that correct an article once all have shown it, each in words of its own: a revision each.
const EDITORS: u32 = 3;
/// Where the daemon is killed, one life and one new article each: a point, and the visit to it.
const KILLS: [(Point, u32); 14] = [
    (Point::BodyReceived, 1),
    (Point::BodyReceived, 20),
    (Point::Enriched, 20),
    (Point::Enriched, 40),
    (Point::BeforeBatch, 1),
    (Point::BeforeBatch, 2),
    (Point::BatchWritten, 1),
    (Point::BatchWritten, 2),
    (Point::AfterFsync, 1),
    (Point::AfterFsync, 2),
    (Point::HalfProduced, 1),
    (Point::BeforeCommit, 1),
    (Point::AfterCommit, 1),
    (Point::Recovery, 1),
];
/// How long an answer waits for the other feeds to be asked.
const TOGETHER: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(60);

/// What the forty feeds show.
#[derive(Default)]
struct World {
    /// The newest article; the one before it is shown, too.
    newest: AtomicU32,
    /// The newest article that was corrected.
    corrected: AtomicU32,
    /// How often each feed was asked in this life of the daemon.
    asked: Mutex<BTreeMap<u32, u32>>,
    /// Answers that wait for each other, and how many waves went out.
    gate: Mutex<(u32, u64)>,
    opened: Condvar,
}

impl World {
    fn serve(self: &Arc<Self>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let world = Arc::clone(self);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&world);
                std::thread::spawn(move || world.answer(stream));
            }
        });
        address
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut head = [0; 4096];
        let length = stream.read(&mut head).unwrap_or_default();
        let head = String::from_utf8_lossy(&head[..length]).into_owned();
        let number = head.strip_prefix("GET /f").and_then(|rest| rest.split(' ').next()?.parse().ok());
        let Some(feed) = number.filter(|feed| *feed < FEEDS) else { return };
        *self.asked.lock().unwrap().entry(feed).or_default() += 1;
        self.wait_for_the_others();
        let body = self.document(feed);
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        // A daemon that was killed meanwhile takes no answer.
        let _ = stream.write_all((head + &body).as_bytes());
    }

    fn wait_for_the_others(&self) {
        let mut gate = self.gate.lock().unwrap();
        let wave = gate.1;
        gate.0 += 1;
        if gate.0 < FEEDS {
            gate = self.opened.wait_timeout_while(gate, TOGETHER, |gate| gate.1 == wave).unwrap().0;
        }
        if gate.1 == wave {
            *gate = (0, wave + 1);
            self.opened.notify_all();
        }
    }

    fn document(&self, feed: u32) -> String {
        let (newest, corrected) = (self.newest.load(Ordering::SeqCst), self.corrected.load(Ordering::SeqCst));
        let item = |article: u32| {
            let words: String = (0..60).map(|word| format!("word{article}x{word} ")).collect();
            let correction = if feed < EDITORS && article <= corrected { "Corrected." } else { "" };
            format!(
                "<item><title>Story {article}</title><guid isPermaLink=\"false\">{feed}-{article}</guid><link>https://wire.example/{article}</link><description>{words} as told by feed {feed}. {correction}</description></item>"
            )
        };
        let items: String = (newest.saturating_sub(1).max(1)..=newest).rev().map(item).collect();
        format!(
            "<rss version=\"2.0\"><channel><title>T</title><link>https://wire.example/</link><description>d</description>{items}</channel></rss>"
        )
    }

    fn begin_life(&self) {
        self.asked.lock().unwrap().clear();
    }

    /// Asked twice after an answer that the last life may still have taken, a feed has settled what it shows:
    /// it is never asked again before.
    fn is_settled(&self) -> bool {
        let asked = self.asked.lock().unwrap();
        (0..FEEDS).all(|feed| asked.get(&feed).is_some_and(|times| 3 <= *times))
    }
}

struct Stage {
    world: Arc<World>,
    setup: Setup,
}

impl Stage {
    fn open(dir: &Path, servers: &str, prefix: &str) -> Self {
        let world = Arc::new(World::default());
        let address = world.serve();
        let feed = |number| Feed { id: format!("f{number}"), url: format!("http://{address}/f{number}") };
        let settings = Settings {
            state: dir.join("state"),
            bootstrap: servers.to_owned(),
            feeds: (0..FEEDS).map(feed).collect(),
            interval: "300ms".into(),
            transaction_timeout: "10s".into(),
            more: vec![
                ("fetch", format!("per_host_concurrency = {}", 2 * FEEDS)),
                ("schedule", "min_interval_unconditional = \"100ms\"".into()),
            ],
            files: vec![],
        };
        let config = dir.join("wireroom.toml");
        settings.write(&config).unwrap();
        let bin = std::env::var_os("WIREROOM_BIN").expect(
            "no daemon to kill: set WIREROOM_BIN to a wireroom built with the feature inject, or run cargo xtask test",
        );
        let environment = ["WIREROOM__KAFKA__TOPIC_PREFIX", "WIREROOM__KAFKA__TRANSACTIONAL_ID"];
        let environment = environment.map(|name| (name, prefix.to_owned())).into();
        Self {
            world,
            setup: Setup { bin: bin.into(), config, log: dir.join("log"), environment, trace: None },
        }
    }

    fn start(&self, crash_at: Option<String>) -> Daemon {
        self.world.begin_life();
        let mut setup = self.setup.clone();
        setup.environment.extend(crash_at.map(|at| ("WIREROOM_CRASH_AT", at)));
        Daemon::start(&setup).unwrap()
    }

    /// A life that ends at a point.
    fn die_at(&self, point: Point, visit: u32) {
        let at = format!("{}:{visit}", point.name());
        let status = self.start(Some(at.clone())).wait(PATIENCE).unwrap();
        let signal = status.and_then(|status| status.signal());
        assert_eq!(signal, Some(9), "{at} was never reached: {}", tail(&self.setup.log, 5));
    }

    /// A life in which every feed settles what it shows.
    fn live(&self) -> Daemon {
        let mut daemon = self.start(None);
        let end = Instant::now() + PATIENCE;
        while !self.world.is_settled() {
            let ended = daemon.wait(Duration::from_millis(20)).unwrap();
            assert!(ended.is_none() && Instant::now() < end, "no rest: {}", tail(&self.setup.log, 5));
        }
        daemon
    }
}

#[test]
fn killed_while_forty_feeds_bring_one_url_there_is_one_revision_one() {
    let servers = std::env::var("WIREROOM_TEST_KAFKA")
        .expect("no Kafka to test against: set WIREROOM_TEST_KAFKA=host:port or run cargo xtask test");
    let dir = tempfile::tempdir().unwrap();
    let prefix = format!("forty-{}-{}", std::process::id(), testkit::history::now());
    let stage = Stage::open(dir.path(), &servers, &prefix);
    for (place, (point, visit)) in (1..).zip(KILLS) {
        stage.world.newest.store(place, Ordering::SeqCst);
        stage.die_at(point, visit);
        let mut daemon = stage.live();
        // Its corrections come while the daemon is killed without being asked, sooner or later.
        stage.world.corrected.store(place, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(u64::from(place) * 97 % 400));
        daemon.kill().unwrap();
    }
    let daemon = stage.live();
    let cluster = Cluster::new(&servers);
    let dump = |topic: &str| cluster.dump(&format!("{prefix}.{topic}"), View::Committed, PATIENCE).unwrap();
    let (rounds, end) = (KILLS.len(), Instant::now() + PATIENCE);
    while dump("articles.v1").len() < rounds * (1 + EDITORS as usize) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(200));
    }
    drop(daemon);
    let articles = dump("articles.v1");
    check_articles(&articles, rounds);
    check_sightings(&articles, &dump("sightings.v1"));
}

/// Numbers of a topic's records, which count from 1 without a gap.
fn check_numbers(records: &[Record]) {
    let number = |record: &Record| record.headers["wireroom_seq"].rsplit(':').next()?.parse::<usize>().ok();
    let mut numbers: Vec<usize> = records.iter().filter_map(number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=records.len()).collect::<Vec<_>>());
}

/// By address and id, each revision with the one before.
type Revisions = BTreeMap<(String, String), Vec<(u32, Option<u32>)>>;

fn check_articles(records: &[Record], rounds: usize) {
    check_numbers(records);
    let mut revisions = Revisions::new();
    for record in records {
        let article: record::Article = serde_json::from_str(record.value.as_deref().unwrap()).unwrap();
        let seen = revisions.entry((article.url.unwrap(), article.id)).or_default();
        seen.push((article.revision, article.previous_revision));
    }
    let expect: Vec<(u32, Option<u32>)> = (1..=1 + EDITORS)
        .map(|revision| (revision, revision.checked_sub(1).filter(|before| 0 < *before)))
        .collect();
    for ((url, _), seen) in &revisions {
        assert_eq!(*seen, expect, "revisions of {url}");
    }
    assert_eq!(revisions.len(), rounds, "{:?}", revisions.keys());
}

fn check_sightings(articles: &[Record], records: &[Record]) {
    check_numbers(records);
    let mut feeds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for record in records {
        let sighting: record::Sighting = serde_json::from_str(record.value.as_deref().unwrap()).unwrap();
        feeds.entry(&record.key).or_default().push(sighting.feed_id);
    }
    for (article, seen) in &feeds {
        let different: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), different.len()), (FEEDS as usize, FEEDS as usize), "sightings of {article}");
    }
    let carried: BTreeSet<&str> = feeds.into_keys().collect();
    assert_eq!(carried, articles.iter().map(|record| record.key.as_str()).collect::<BTreeSet<_>>());
}
