//! Visits of a scripted server, one after the other, and what the ledger remembers of them.

use super::*;
use crate::rules::RULES;
use model::{Address, FirstPoll, Pace, Planned, Polling, Validators};
use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;

const DAY_MS: i64 = 86_400_000;

/// A server that gives one answer after the other, and then the last one for ever; it notes what it is asked.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answers: &[String]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (mut answers, heads) = (VecDeque::from(answers.to_vec()), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, mut head) = (stream.unwrap(), Vec::new());
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0; 512];
                    let read = stream.read(&mut byte).unwrap();
                    head.extend_from_slice(&byte[..read]);
                }
                heads.lock().unwrap().push(String::from_utf8(head).unwrap().to_ascii_lowercase());
                let answer = if 1 < answers.len() { answers.pop_front() } else { answers.front().cloned() };
                stream.write_all(answer.unwrap().as_bytes()).unwrap();
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

/// A feed of articles with these numbers.
fn rss(numbers: std::ops::Range<u32>) -> String {
    let item = |n| {
        format!("<item><guid>g{n}</guid><link>https://h.example/{n}</link><title>Number {n}</title></item>")
    };
    let items: String = numbers.map(item).collect();
    format!("<rss version='2.0'><channel><title>T</title>{items}</channel></rss>")
}

fn document(headers: &str, numbers: std::ops::Range<u32>) -> String {
    answer("200 OK", headers, &rss(numbers))
}

struct House {
    rooms: Arc<Rooms>,
    feed: Arc<Feed>,
    _dir: tempfile::TempDir,
}

impl House {
    fn new(server: &Server) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = ledger::Config { dir: dir.path().into(), ..ledger::Config::default() };
        let fetch = fetch::Config {
            allow: vec!["127.0.0.0/8".into()],
            per_host_gap: model::units::Span::from_millis(0),
            ..fetch::Config::default()
        };
        let rooms = Rooms {
            fetch: Arc::new(Fetch::new(&fetch).unwrap()),
            ledger: Ledger::open(&state, RULES).unwrap(),
            enricher: enrich::Enricher::new(&enrich::Config::default()).unwrap(),
            wishes: Wishes::new(&crate::config::Pages::default()),
            schedule: schedule::Config::default(),
            k: AtomicU32::new(0.05_f32.to_bits()),
            outage: AtomicBool::default(),
            readers: Arc::new(Semaphore::new(1)),
        };
        let feed = Feed {
            id: "f".parse().unwrap(),
            url: format!("http://{}/feed", server.address).parse().unwrap(),
            title: None,
            labels: vec![],
            country: None,
            interval: None,
            first_poll: FirstPoll::Publish,
            polling: Polling::default(),
        };
        Self { rooms: Arc::new(rooms), feed: Arc::new(feed), _dir: dir }
    }

    async fn visit(&self) -> Tally {
        visit(&self.rooms, self.feed.clone()).await.unwrap()
    }

    fn state(&self) -> ledger::FeedState {
        self.rooms.ledger.feed(&self.feed.id).unwrap().unwrap_or_default()
    }

    /// Lets the ledger remember something else than what visits have shown.
    async fn remember(&self, change: impl FnOnce(&mut Pace, &mut Address)) {
        let state = self.state();
        let (mut pace, mut address) = (state.pace, crate::outlook::address_of(&self.feed, state.address));
        change(&mut pace, &mut address);
        let planned = Planned { pace, address, ..Planned::default() };
        let (feed, at, outcome) = (self.feed.id.clone(), Timestamp::now(), Outcome::NotModified);
        self.rooms.ledger.settle(Settlement { feed, at, outcome, planned }).await.unwrap();
    }
}

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

#[tokio::test]
async fn pages_empty_bodies_and_refusals_are_told_apart_and_erase_nothing() {
    let server = Server::start(&[
        document("ETag: \"1\"\r\n", 0..3),
        answer("200 OK", "ETag: \"page\"\r\n", "<!doctype html><html><title>We moved</title></html>"),
        answer("200 OK", "ETag: \"empty\"\r\n", "\n"),
        answer("200 OK", "", "<html><title>Just a moment...</title></html>"),
        answer("200 OK", "", "{\"error\": 1}"),
        answer("304 Not Modified", "", ""),
    ]);
    let house = House::new(&server);
    let mut outcomes = Vec::new();
    for _ in 0..6 {
        house.remember(|pace, _| pace.unchecked = 0.0).await;
        outcomes.push(house.visit().await.outcome);
    }
    assert_eq!(outcomes[..5], ["document", "html_page", "empty", "challenge", "not_a_feed"]);
    // A poll in a hundred asks for the whole document; the server then has only its 304 to give.
    assert!(matches!(outcomes[5], "not_modified" | "bad_http"), "{outcomes:?}");
    assert_eq!(house.state().validators.etag.as_deref(), Some(&b"\"1\""[..]));
    let history = house.rooms.ledger.history(&house.feed.id).unwrap();
    assert_eq!(
        history.iter().filter(|note| note.detail.is_some()).count(),
        4 + usize::from(outcomes[5] == "bad_http")
    );
}

#[tokio::test]
async fn a_host_that_asks_for_peace_is_remembered_with_its_pause() {
    let server = Server::start(&[answer("429 Too Many Requests", "Retry-After: 7200\r\n", "")]);
    let house = House::new(&server);
    let tally = house.visit().await;
    assert_eq!((tally.outcome, tally.reason), ("throttled", Reason::Host));
    let (host, pace) = house.rooms.ledger.hosts().unwrap().remove(0);
    assert_eq!(host, server.address.to_string());
    assert!((7_100_000..=7_200_000).contains(&(pace.until_ms - now())) && pace.slow == 2.0, "{pace:?}");
    assert!(pace.until_ms <= tally.next_due_ms);
    // Nothing is sent before that, and not having asked is no second offence.
    house.visit().await;
    assert_eq!((server.asked().len(), house.rooms.ledger.hosts().unwrap().remove(0).1), (1, pace));
}

#[tokio::test]
async fn validators_that_lie_are_found_out_and_not_sent_for_a_week() {
    let server = Server::start(&[document("ETag: \"1\"\r\n", 0..3), document("ETag: \"1\"\r\n", 0..4)]);
    let house = House::new(&server);
    house.visit().await;
    house.remember(|pace, _| pace.unchecked = 5.0).await;
    assert_eq!(house.visit().await.settled.created, 1);
    assert!(6 * DAY_MS < house.state().pace.distrust_until_ms - now());
    house.visit().await;
    assert!(server.asked().iter().all(|head| !head.contains("if-none-match")));
}

#[tokio::test]
async fn a_document_of_strangers_is_a_possible_gap() {
    let server = Server::start(&[document("", 0..3), document("", 2..6), document("", 6..9)]);
    let house = House::new(&server);
    let gaps = [house.visit().await.gap, house.visit().await.gap, house.visit().await.gap];
    assert_eq!(gaps, [false, false, true]);
    assert!(now() - house.state().gap_ms < 60_000);
    let rows = house.rooms.ledger.take(0, 100, 1 << 20).unwrap();
    let news: Vec<_> = rows.iter().filter(|row| row.topic == model::Topic::Feeds).collect();
    let record: record::FeedEvent = serde_json::from_slice(news[0].payload.as_deref().unwrap()).unwrap();
    assert_eq!((news.len(), record.feed_id.as_str()), (1, "f"));
    assert_eq!(record.change, record::FeedChange::PossibleGap);
}

#[tokio::test]
async fn a_lasting_redirect_is_followed_at_its_root_once_it_is_believed() {
    let there = Server::start(&[document("", 0..3)]);
    let to = format!("http://{}/new", there.address);
    let here = Server::start(&[answer("301 Moved Permanently", &format!("Location: {to}\r\n"), "")]);
    let house = House::new(&here);
    assert_eq!(house.visit().await.moved, None);
    assert_eq!((house.state().address.sightings, house.state().address.kept), (0, None));
    let seen = |address: &mut Address| (address.sightings, address.since_ms) = (4, now() - 4 * DAY_MS);
    house.remember(|_, address| seen(address)).await;
    assert_eq!(house.visit().await.moved.as_deref(), Some(to.as_str()));
    house.visit().await;
    assert_eq!((here.asked().len(), there.asked().len()), (2, 3));
}

#[tokio::test]
async fn what_is_gone_for_days_is_not_due_again_under_its_address() {
    let server = Server::start(&[answer("410 Gone", "", "")]);
    let house = House::new(&server);
    assert_ne!(house.visit().await.next_due_ms, i64::MAX);
    house.remember(|pace, _| pace.gone = (2, now() - 4 * DAY_MS)).await;
    let tally = house.visit().await;
    assert_eq!((tally.next_due_ms, tally.reason), (i64::MAX, Reason::Gone));
    let state = house.state();
    let due = |feed: &Feed| crate::plan::due(feed, Some(&state), 5);
    assert_eq!(due(&house.feed), i64::MAX);
    let url = "https://elsewhere.example/feed".parse().unwrap();
    assert_eq!(due(&Feed { url, ..Feed::clone(&house.feed) }), 5);
}

#[tokio::test]
async fn our_own_outage_is_no_failure_of_the_feed() {
    let server = Server::start(&[String::new()]);
    let mut house = House::new(&server);
    house.rooms.outage.store(true, std::sync::atomic::Ordering::Relaxed);
    Arc::get_mut(&mut house.feed).unwrap().url = format!("http://{}/", free_address()).parse().unwrap();
    let tally = house.visit().await;
    assert_eq!((tally.outcome, tally.reason), ("connect", Reason::Outage));
    assert_eq!((house.state().failures, house.state().pace.strikes), (0, 0.0));
}

/// An address where nobody listens.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn the_sitemaps_of_an_index_are_read_as_one_document() {
    let today = Timestamp::now().strftime("%Y-%m-%d").to_string();
    let news = |n: u32| {
        format!(
            "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>https://h.example/{n}</loc>\
             <news:news><news:publication_date>{today}</news:publication_date><news:title>News {n}</news:title></news:news></url></urlset>"
        )
    };
    let index = format!(
        "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>{today}T00:00:03Z</lastmod></sitemap>\
         <sitemap><loc>/b.xml</loc><lastmod>{today}T00:00:02Z</lastmod></sitemap>\
         <sitemap><loc>/pages.xml</loc><lastmod>{today}T00:00:01Z</lastmod></sitemap>\
         <sitemap><loc>/old.xml</loc><lastmod>2019-01-01</lastmod></sitemap></sitemapindex>"
    );
    let plain = "<urlset><url><loc>https://h.example/about</loc></url></urlset>";
    let ok = |body: &str| answer("200 OK", "ETag: \"x\"\r\n", body);
    let server =
        Server::start(&[ok(&index), ok(&news(1)), ok(&news(2)), ok(plain), ok(&index), ok(&news(1))]);
    let house = House::new(&server);
    let tally = house.visit().await;
    assert_eq!((tally.outcome, tally.settled.created), ("document", 2), "{tally:?}");
    assert_eq!(house.state().validators, Validators::default());
    house.visit().await;
    let paths: Vec<String> =
        server.asked().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect();
    // What held no news is left alone.
    assert_eq!(paths, ["/feed", "/a.xml", "/b.xml", "/pages.xml", "/feed", "/a.xml", "/b.xml"]);
}
