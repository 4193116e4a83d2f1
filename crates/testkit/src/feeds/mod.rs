//! A scripted feed server on a loopback port. Items and revisions appear all the while, several feeds
//! carry the same article at once, and everything that is published, asked and answered goes into its
//! own ledger, against which the topics are judged.

mod hostile;
pub(crate) mod http;
pub(crate) mod render;
mod world;

pub use world::Script;

use crate::history::{Log, Served, now};
use crate::rng::Rng;
use crate::text;
use anyhow::{Context, Result};
use http::{Connection, Request};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use world::{Validation, World};

/// How often time passes in the world.
const TICK: Duration = Duration::from_millis(50);

/// A running server; it ends with the runtime.
#[derive(Clone)]
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

struct Shared {
    state: Mutex<State>,
}

struct State {
    world: World,
    log: Log,
    trouble: Rng,
    /// Requests in a row, by feed, that named the version of the moment since the world stopped.
    at_rest: Vec<u32>,
    /// Everything is answered with 304.
    held: bool,
    counts: Counts,
    /// The newest revision of each article that was sent whole.
    newest: BTreeMap<u32, u32>,
}

/// What the server has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Articles published.
    pub articles: u32,
    /// Revisions published, first ones included.
    pub revisions: u32,
    /// Requests answered or refused.
    pub requests: u32,
    /// Requests answered with a body.
    pub bodies: u32,
}

/// A feed that the server shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The name to configure.
    pub id: String,
    /// Where it is.
    pub url: String,
}

impl Server {
    /// Starts on a free loopback port; the ledger goes to `log`.
    ///
    /// # Errors
    /// When the port or the file cannot be had.
    pub async fn start(script: Script, log: &Path) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no loopback port for the feeds")?;
        let address = listener.local_addr()?;
        let state = State {
            trouble: Rng::new(script.seed ^ 1),
            at_rest: vec![0; script.feeds],
            world: World::new(script, now()),
            log: Log::create(log)?,
            held: false,
            counts: Counts::default(),
            newest: BTreeMap::new(),
        };
        let shared = Arc::new(Shared { state: Mutex::new(state) });
        tokio::spawn(tick(Arc::clone(&shared)));
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared })
    }

    /// All feeds, the hostile ones last.
    pub fn feeds(&self) -> Vec<Feed> {
        let state = self.shared.lock();
        let good = state.world.feeds.iter().map(|feed| feed.id.clone());
        let bad = (0..state.world.script.hostile).map(|kind| format!("h{kind}"));
        let url = |id: &str| format!("http://{}/f/{id}", self.address);
        good.chain(bad).map(|id| Feed { url: url(&id), id }).collect()
    }

    /// Nothing new appears from now on.
    pub fn stop_world(&self) {
        let mut state = self.shared.lock();
        state.world.stopped = true;
        state.at_rest.fill(0);
    }

    /// True when, since the world stopped, every feed was asked `times` in a row by a client that
    /// claimed to have all of it.
    pub fn is_at_rest(&self, times: u32) -> bool {
        let state = self.shared.lock();
        state.world.stopped && state.at_rest.iter().all(|count| *count >= times)
    }

    /// Names of feeds that are not at rest.
    pub fn restless(&self, times: u32) -> Vec<String> {
        let state = self.shared.lock();
        let feeds = state.world.feeds.iter().zip(&state.at_rest);
        feeds.filter(|(_, count)| **count < times).map(|(feed, _)| feed.id.clone()).collect()
    }

    /// While held, every request is answered with 304.
    pub fn hold(&self, held: bool) {
        self.shared.lock().held = held;
    }

    /// What was done so far.
    pub fn counts(&self) -> Counts {
        self.shared.lock().counts
    }

    /// By article, the newest revision that was sent whole.
    pub fn newest(&self) -> BTreeMap<u32, u32> {
        self.shared.lock().newest.clone()
    }

    /// Hands the ledger to its file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&self) -> Result<()> {
        self.shared.lock().log.flush()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn tick(shared: Arc<Shared>) {
    let mut every = tokio::time::interval(TICK);
    loop {
        every.tick().await;
        shared.lock().tick(now());
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let mut connection = Connection::new(stream);
            while let Ok(Some(request)) = connection.request().await {
                if !serve(&shared, &mut connection, &request).await {
                    break;
                }
            }
        });
    }
}

/// How an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Plain,
    /// In pieces, over so many milliseconds.
    Slow(u64),
    /// Half of the body, then the connection is closed.
    Broken,
    /// 503.
    Refused,
}

/// An answer, decided under the lock and sent without it.
struct Answer {
    feed: usize,
    manner: Manner,
    bytes: Vec<u8>,
    entry: Served,
    raw: Option<(u32, bool)>,
}

/// Answers one request; false: the connection is to be closed.
async fn serve(shared: &Shared, connection: &mut Connection, request: &Request) -> bool {
    let name = request.path.strip_prefix("/f/").unwrap_or_default();
    if let Some(kind) = name.strip_prefix('h').and_then(|kind| kind.parse().ok()) {
        return hostile::serve(kind, connection).await;
    }
    let Some(mut answer) = shared.lock().answer(name, request) else {
        return connection.write(&http::head(404, &[], 0)).await.is_ok();
    };
    answer.render(shared);
    let (end, sent) = answer.send(connection).await;
    let kept = sent && answer.manner != Manner::Broken;
    shared.lock().note(answer, end, kept);
    kept
}

impl State {
    fn tick(&mut self, now: u64) {
        for news in self.world.tick(now) {
            self.counts.revisions += 1;
            self.counts.articles += u32::from(news.rev == 1);
            let article = &self.world.articles[news.article as usize];
            let digest = text::revision(self.world.script.seed, news.article, news.rev).digest;
            let line = Served::Article {
                article: news.article,
                rev: news.rev,
                url: article.url.clone(),
                feeds: article.feeds.iter().map(|feed| self.world.feeds[*feed].id.clone()).collect(),
                visible_from: now,
                digest,
            };
            self.write(&line);
        }
    }

    fn write(&mut self, line: &Served) {
        // A full disk shows when the ledger is read back: the run is then worth nothing.
        let _ = self.log.add(line);
    }

    fn answer(&mut self, name: &str, request: &Request) -> Option<Answer> {
        let feed = self.world.feeds.iter().position(|feed| feed.id == name)?;
        let start = now();
        let claims = self.world.claimed(feed, request.etag.as_deref(), request.since.as_deref());
        if let Some(version) = claims {
            self.world.acknowledge(feed, version);
        }
        let (version, made) = self.world.version(feed);
        if made {
            let items = self.world.feeds[feed].versions[version as usize - 1].clone();
            self.write(&Served::Version { feed: name.to_owned(), version, at: start, items });
        }
        let current = claims == Some(version);
        self.at_rest[feed] = if current { self.at_rest[feed] + 1 } else { 0 };
        let manner = self.manner();
        let (status, body) = match manner {
            Manner::Refused => (503, None),
            _ if current || self.held => (304, None),
            _ => (200, Some(version)),
        };
        let entry = Served::Request {
            feed: name.to_owned(),
            start,
            end: start,
            etag: request.etag.clone(),
            since: request.since.clone(),
            claims,
            status,
            version: body,
            completed: false,
            life: request.life,
        };
        let raw = body.map(|version| (version, request.accepts_gzip && self.world.feeds[feed].gzip));
        let bytes = if status == 200 { Vec::new() } else { self.without_body(feed, status, version) };
        Some(Answer { feed, manner, bytes, entry, raw })
    }

    fn manner(&mut self) -> Manner {
        if self.world.stopped || !self.trouble.chance(self.world.script.trouble_percent) {
            return Manner::Plain;
        }
        match self.trouble.below(3) {
            0 => Manner::Slow(self.trouble.between(200, 1200)),
            1 => Manner::Broken,
            _ => Manner::Refused,
        }
    }

    fn validators(&self, feed: usize, version: u32) -> (Option<String>, Option<String>) {
        let state = &self.world.feeds[feed];
        let weak = state.validation == Validation::Weak;
        let tag = (state.validation != Validation::Date).then(|| render::etag(&state.id, version, weak));
        let dated = matches!(state.validation, Validation::Both | Validation::Date);
        (tag, dated.then(|| render::date(version)))
    }

    fn without_body(&self, feed: usize, status: u16, version: u32) -> Vec<u8> {
        match status {
            304 => {
                let (tag, date) = self.validators(feed, version);
                http::head(304, &pairs(tag.as_deref(), date.as_deref()), 0)
            }
            _ => http::head(status, &[], 0),
        }
    }

    fn note(&mut self, answer: Answer, at: u64, sent: bool) {
        let mut entry = answer.entry;
        if let Served::Request { end, completed, status, .. } = &mut entry {
            *end = at;
            *completed = sent;
            self.counts.bodies += u32::from(*status == 200);
        }
        if let (true, Some((version, _))) = (sent, answer.raw) {
            for (article, rev) in &self.world.feeds[answer.feed].versions[version as usize - 1] {
                let newest = self.newest.entry(*article).or_default();
                *newest = (*newest).max(*rev);
            }
        }
        self.counts.requests += 1;
        self.write(&entry);
    }
}

fn pairs<'a>(tag: Option<&'a str>, date: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let tag = tag.map(|tag| ("ETag", tag));
    tag.into_iter().chain(date.map(|date| ("Last-Modified", date))).collect()
}

impl Answer {
    /// Writes the body, which takes a while, under the lock but only once a request.
    fn render(&mut self, shared: &Shared) {
        let Some((version, gzip)) = self.raw else { return };
        let (body, format, (tag, date)) = {
            let state = shared.lock();
            let format = state.world.feeds[self.feed].format;
            (state.world.body(self.feed, version), format, state.validators(self.feed, version))
        };
        let mut headers = pairs(tag.as_deref(), date.as_deref());
        headers.push(("Content-Type", format.content_type()));
        let body = if gzip {
            headers.push(("Content-Encoding", "gzip"));
            compress(&body)
        } else {
            body
        };
        self.bytes = http::head(200, &headers, body.len());
        self.bytes.extend_from_slice(&body);
    }

    /// Sends the answer; says when its last piece was about to be handed over, and whether all was taken.
    /// The time is taken before, since the client may be done with the piece before this task runs again.
    async fn send(&self, connection: &mut Connection) -> (u64, bool) {
        let mut at = now();
        match self.manner {
            Manner::Plain | Manner::Refused => (at, connection.write(&self.bytes).await.is_ok()),
            Manner::Broken => {
                let half = if self.raw.is_some() { self.bytes.len() / 2 } else { 0 };
                (at, connection.write(&self.bytes[..half]).await.is_ok())
            }
            Manner::Slow(ms) => {
                for piece in self.bytes.chunks(self.bytes.len().div_ceil(8).max(1)) {
                    tokio::time::sleep(Duration::from_millis(ms / 8)).await;
                    at = now();
                    if connection.write(piece).await.is_err() {
                        return (at, false);
                    }
                }
                (at, true)
            }
        }
    }
}

pub(crate) fn compress(body: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}
