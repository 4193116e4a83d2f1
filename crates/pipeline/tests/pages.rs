//! Articles whose pages are read: the whole daemon, and a site on loopback.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use jiff::Timestamp;
use model::desk::Question;
use model::units::Span;
use model::{Feed, FirstPoll, Fulltext, Polling};
use pipeline::{Config, Mode, Pages, Window, run};
use record::{Article, Change, TextSource};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a path answers: status, headers and body; none: nothing, ever.
type Answer = Option<(&'static str, String, String)>;

/// A server whose answers can be changed while it runs; it notes what it is asked.
struct Site {
    address: SocketAddr,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (answers, asked) =
            (Arc::<Mutex<HashMap<String, Answer>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (all, heads) = (answers.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (all, heads) = (all.clone(), heads.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &all, &heads));
            }
        });
        Self { address, answers, asked }
    }

    fn says(&self, path: &str, status: &'static str, headers: &str, body: impl Into<String>) {
        let answer = Some((status, headers.to_owned(), body.into()));
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    fn hangs(&self, path: &str) {
        self.answers.lock().unwrap().insert(path.to_owned(), None);
    }

    /// A feed of these items: path of the page, title, and what it says.
    fn feed(&self, path: &str, items: &[(&str, &str, &str)]) {
        let mut body = "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>Harbour News</title>".to_owned();
        for (page, title, text) in items {
            body += &format!(
                "<item><guid isPermaLink='false'>{page}</guid><link>http://{}{page}</link><title>{title}</title>{text}</item>",
                self.address
            );
        }
        self.says(path, "200 OK", "Content-Type: application/rss+xml\r\n", body + "</channel></rss>");
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answers: &Mutex<HashMap<String, Answer>>, asked: &Mutex<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut bytes = [0; 512];
        let read = stream.read(&mut bytes).unwrap_or(0);
        if read == 0 {
            return;
        }
        head.extend_from_slice(&bytes[..read]);
    }
    let path = String::from_utf8(head).unwrap().split(' ').nth(1).unwrap().to_owned();
    asked.lock().unwrap().push(path.clone());
    let answer = answers.lock().unwrap().get(&path).cloned();
    let (status, headers, body) = match answer {
        Some(Some(answer)) => answer,
        Some(None) => return std::thread::sleep(Duration::from_secs(60)),
        None => ("404 Not Found", String::new(), "<h1>Not found</h1>".to_owned()),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    let _ = stream.write_all((head + &body).as_bytes());
}

const LEAD: &str = "The council voted on Monday to close the old harbour.";

fn summary(words: &str) -> String {
    format!("<description>{words}</description>")
}

/// A feed's whole text: longer than what is called short.
fn whole(words: &str) -> String {
    format!("<content:encoded><![CDATA[{}]]></content:encoded>", format!("<p>{words}</p>").repeat(30))
}

/// The page of an article, and its text's first words.
fn page(title: &str, words: &str) -> String {
    let paragraphs: String = (1..9)
        .map(|n| {
            format!("<p>{words} Paragraph {n} tells of the fishermen, the ferry and the debate that went on until midnight.</p>")
        })
        .collect();
    format!(
        "<!doctype html><html lang=en><head><title>{title}</title><script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\
         \"headline\":\"{title}\",\"author\":{{\"@type\":\"Person\",\"name\":\"Ada Holm\"}},\"datePublished\":\"2026-11-19T14:05:00Z\",\
         \"license\":\"https://creativecommons.org/licenses/by/4.0/\"}}</script><meta name=tdm-reservation content=1>\
         </head><body><nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )
}

struct House {
    dir: TempDir,
    config: Config,
    feeds: Vec<Arc<Feed>>,
}

impl House {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let mut config = Config::default();
        config.state.dir = dir.path().join("state");
        config.sink = deliver::SinkConfig::File { path: dir.path().join("out") };
        config.fetch.allow = vec!["127.0.0.0/8".into()];
        config.fetch.per_host_gap = Span::from_millis(0);
        config.fetch.read_timeout = Span::from_millis(1500);
        Self { dir, config, feeds: Vec::new() }
    }

    fn with(mut self, site: &Site, path: &str, fulltext: Fulltext) -> Self {
        let id = path.trim_matches('/').replace('/', "-");
        self.feeds.push(Arc::new(Feed {
            id: id.parse().unwrap(),
            url: format!("http://{}{path}", site.address).parse().unwrap(),
            title: None,
            labels: vec![],
            country: None,
            interval: None,
            first_poll: FirstPoll::Publish,
            polling: Polling { fulltext, ..Polling::default() },
        }));
        self
    }

    /// Visits each feed once.
    async fn once(&self) -> HashMap<String, Article> {
        let window = Arc::new(Window::default());
        let never = std::future::pending();
        run(self.config.clone(), self.feeds.clone(), Mode::Once, window, never).await.unwrap();
        let by_page = |article: Article| (article.guid.clone().unwrap(), article);
        self.records().into_iter().map(by_page).collect()
    }

    fn start(&self) -> Daemon {
        let (window, stop) = (Arc::new(Window::default()), Arc::new(Notify::new()));
        let (config, feeds, stopped, looked) =
            (self.config.clone(), self.feeds.clone(), stop.clone(), window.clone());
        let task = tokio::spawn(async move {
            run(config, feeds, Mode::Forever, looked, stopped.notified()).await.unwrap();
        });
        Daemon { window, stop, task }
    }

    fn records(&self) -> Vec<Article> {
        records(self.dir.path())
    }

    async fn wait_for_records(&self, count: usize) -> Vec<Article> {
        wait_for("records", || self.records().len() == count).await;
        self.records()
    }
}

fn records(dir: &Path) -> Vec<Article> {
    let text = std::fs::read_to_string(dir.join("out")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

struct Daemon {
    window: Arc<Window>,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Daemon {
    async fn poll(&self, feed: &Feed) {
        let question = Question::VisitNow { id: feed.id.clone() };
        self.window.desk().unwrap().answer(question).await.unwrap();
    }

    async fn waiting(&self, feed: &Feed) -> u64 {
        let Some(desk) = self.window.desk() else { return u64::MAX };
        desk.answer(Question::Feed { id: feed.id.clone() }).await.unwrap()["waiting"].as_u64().unwrap()
    }

    async fn stop(self) {
        self.stop.notify_one();
        self.task.await.unwrap();
    }
}

async fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is_there() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain for {what}");
}

fn starts(article: &Article, words: &str) -> bool {
    article.text.as_deref().is_some_and(|text| text.starts_with(words))
}

#[tokio::test]
async fn pages_are_read_where_the_feed_asks_for_them_and_fill_what_it_lacks() {
    let site = Site::start();
    for way in ["never", "short", "always"] {
        let (part, full) = (format!("/{way}/part"), format!("/{way}/full"));
        let items = [
            (&*part, "Harbour closes", &*summary(LEAD)),
            (&*full, "Ferry saved", &*whole("The feed has all of it, every word.")),
        ];
        site.feed(&format!("/{way}"), &items);
        site.says(
            &part,
            "200 OK",
            "Content-Type: text/html\r\n",
            page("Harbour closes", &format!("All {way} of the closure.")),
        );
        site.says(
            &full,
            "200 OK",
            "Content-Type: text/html\r\n",
            page("Ferry saved", &format!("All {way} of the ferry.")),
        );
    }
    let house = House::new()
        .with(&site, "/never", Fulltext::Never)
        .with(&site, "/short", Fulltext::WhenShort)
        .with(&site, "/always", Fulltext::Always);
    let found = house.once().await;
    assert_eq!(found.len(), 6);
    let check = |page: &str, source: TextSource, text: &str| {
        let article = &found[page];
        assert_eq!(article.text_source, Some(source), "{page}: {article:?}");
        assert!(starts(article, text), "{page}: {article:?}");
        let flags: Vec<&String> =
            article.quality.flags.iter().filter(|flag| flag.starts_with("page")).collect();
        assert!(flags.is_empty() && article.revision == 1, "{page}: {article:?}");
    };
    check("/never/part", TextSource::Summary, LEAD);
    check("/never/full", TextSource::Feed, "The feed has all");
    check("/short/part", TextSource::Page, "All short of the closure.");
    check("/short/full", TextSource::Feed, "The feed has all");
    check("/always/part", TextSource::Page, "All always of the closure.");
    check("/always/full", TextSource::Page, "All always of the ferry.");
    let read = &found["/short/part"];
    assert_eq!(read.summary.as_deref(), Some(LEAD));
    assert_eq!(read.authors[0].name, "Ada Holm");
    assert_eq!(read.published_at, Some("2026-11-19T14:05:00Z".parse::<Timestamp>().unwrap()));
    assert_eq!(read.rights.license.as_deref(), Some("https://creativecommons.org/licenses/by/4.0/"));
    assert_eq!(read.rights.ai_opt_out, Some(true));
    let asked = site.asked();
    let pages: Vec<&String> = asked.iter().filter(|path| path.matches('/').count() == 2).collect();
    assert_eq!(pages.len(), 3, "{asked:?}");
    assert_eq!(asked.iter().filter(|path| *path == "/robots.txt").count(), 1);
    // Again: nothing is new, and no page is asked for.
    assert_eq!(house.once().await.len(), 6);
    assert_eq!(site.asked().len(), asked.len() + 3);
}

#[tokio::test]
async fn a_page_that_cannot_be_had_leaves_the_feeds_text_and_a_word_why() {
    let site = Site::start();
    let html = "Content-Type: text/html\r\n";
    let wall = |title: &str, body: &str| {
        format!("<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>")
    };
    let paid = page("Closed", "Only the first words.")
        .replace("\"license\"", "\"isAccessibleForFree\":false,\"license\"");
    site.says("/robots.txt", "200 OK", "", "User-agent: *\nDisallow: /shut\n");
    site.says("/shut", "200 OK", html, page("Shut", "Not for robots."));
    site.says("/denied", "403 Forbidden", html, "no");
    site.says("/gone", "410 Gone", html, "no");
    site.says("/paid", "200 OK", html, paid);
    site.says(
        "/consent",
        "200 OK",
        html,
        wall("Before you continue", "<p>We use cookies and ask for your consent. Accept all.</p>"),
    );
    site.says("/error", "200 OK", html, wall("404 - Page not found", "<p>Please try the front page.</p>"));
    site.says("/pdf", "200 OK", "Content-Type: application/pdf\r\n", "%PDF-1.7");
    site.says("/moved", "302 Found", "Location: /\r\n", "");
    site.says("/", "200 OK", html, page("Front page", "All the news."));
    site.says("/broken", "500 Internal Server Error", html, "no");
    site.says("/huge", "200 OK", html, "<p>x</p>".repeat(40_000));
    site.hangs("/hangs");
    let expect = [
        ("/shut", "page_robots"),
        ("/denied", "page_denied"),
        ("/gone", "page_gone"),
        ("/missing", "page_gone"),
        ("/paid", "paywall"),
        ("/consent", "consent_page"),
        ("/error", "error_page"),
        ("/pdf", "page_without_text"),
        ("/moved", "page_elsewhere"),
        ("/broken", "page_unread"),
        ("/huge", "page_unread"),
        ("/hangs", "page_unread"),
    ];
    let text = summary(LEAD);
    let items: Vec<(&str, &str, &str)> = expect.iter().map(|(path, _)| (*path, *path, &*text)).collect();
    site.feed("/feed", &items);
    let mut house = House::new().with(&site, "/feed", Fulltext::Always);
    house.config.fetch.max_body = model::units::Size(100 << 10);
    let found = house.once().await;
    for (path, flag) in expect {
        let article = &found[path];
        assert_eq!(article.text.as_deref(), Some(LEAD), "{path}");
        assert_eq!(
            (article.text_source, article.change),
            (Some(TextSource::Summary), Change::Created),
            "{path}"
        );
        assert_eq!(article.quality.flags, [flag], "{path}");
    }
    assert!(!site.asked().contains(&"/shut".to_owned()));
    // What a page for subscribers says of itself is free.
    assert_eq!(found["/paid"].authors[0].name, "Ada Holm");
}

#[tokio::test]
async fn an_article_does_not_wait_longer_than_its_time_and_takes_no_others() {
    let (site, slow) = (Site::start(), Site::start());
    let text = summary(LEAD);
    let elsewhere = format!("{text}<link>http://{}/hangs</link>", slow.address);
    site.feed("/feed", &[("/hangs", "Harbour closes", &elsewhere), ("/read", "Ferry saved", &text)]);
    let first = format!("<link>http://{}/hangs</link>", site.address);
    let served = site.answers.lock().unwrap().get("/feed").cloned().flatten().unwrap();
    site.says("/feed", served.0, &served.1, served.2.replace(&first, ""));
    slow.hangs("/hangs");
    site.says("/read", "200 OK", "Content-Type: text/html\r\n", page("Ferry saved", "All of it."));
    let mut house = House::new().with(&site, "/feed", Fulltext::Always);
    house.config.pages = Pages { deadline: Span::from_secs(5), ..Pages::default() };
    house.config.fetch.read_timeout = Span::from_secs(30);
    let daemon = house.start();
    let found = house.wait_for_records(2).await;
    assert!(starts(&found[0], "All of it."), "{found:?}");
    assert_eq!(found[1].text.as_deref(), Some(LEAD));
    assert_eq!(found[1].quality.flags, ["page_unread"]);
    assert!(slow.asked().contains(&"/hangs".to_owned()), "{:?}", slow.asked());
    assert_eq!(daemon.waiting(&house.feeds[0]).await, 0);
    daemon.stop().await;
}

#[tokio::test]
async fn what_waits_is_there_after_a_restart_and_is_published_once() {
    let site = Site::start();
    let text = summary(LEAD);
    site.feed("/feed", &[("/one", "Harbour closes", &text), ("/two", "Ferry saved", &text)]);
    site.hangs("/one");
    site.hangs("/two");
    let mut house = House::new().with(&site, "/feed", Fulltext::WhenShort);
    house.config.fetch.read_timeout = Span::from_secs(30);
    for round in 0..3 {
        let daemon = house.start();
        let is_page = |path: &&String| *path != "/feed" && *path != "/robots.txt";
        wait_for("a page", || site.asked().iter().filter(is_page).count() == round + 1).await;
        assert_eq!(daemon.waiting(&house.feeds[0]).await, 2);
        daemon.stop().await;
        assert_eq!(house.records(), []);
    }
    // The feed has forgotten one of them; its server knows the other's page by now.
    site.feed("/feed", &[("/two", "Ferry saved", &text)]);
    for path in ["/one", "/two"] {
        site.says(path, "200 OK", "Content-Type: text/html\r\n", page(path, &format!("All of {path}.")));
    }
    let found = house.once().await;
    for path in ["/one", "/two"] {
        assert!(starts(&found[path], &format!("All of {path}.")), "{found:?}");
        assert_eq!(found[path].revision, 1);
    }
    assert_eq!(house.records().len(), 2);
    house.once().await;
    assert_eq!(house.records().len(), 2);
}

#[tokio::test]
async fn edits_wait_for_the_page_in_their_order_and_a_page_that_is_gone_takes_back() {
    let site = Site::start();
    let html = "Content-Type: text/html\r\n";
    let text = summary(LEAD);
    site.feed("/feed", &[("/one", "Harbour closes", &text)]);
    site.hangs("/one");
    let mut house = House::new().with(&site, "/feed", Fulltext::Always);
    house.config.fetch.read_timeout = Span::from_millis(700);
    house.config.pages = Pages { deadline: Span::from_secs(3), ..Pages::default() };
    let feed = house.feeds[0].clone();
    let daemon = house.start();
    wait_for("the page", || site.asked().contains(&"/one".to_owned())).await;
    // Edited while it waits: one revision, of what was said last.
    site.feed("/feed", &[("/one", "Harbour closes early", &text)]);
    daemon.poll(&feed).await;
    let found = house.wait_for_records(1).await;
    assert_eq!(found[0].title.as_deref(), Some("Harbour closes early"));
    assert_eq!((found[0].revision, found[0].text_source), (1, Some(TextSource::Summary)));

    site.says("/one", "200 OK", html, page("Harbour closed", "All of it."));
    site.feed("/feed", &[("/one", "Harbour closed", &text)]);
    daemon.poll(&feed).await;
    let found = house.wait_for_records(2).await;
    assert_eq!((found[1].revision, found[1].title.as_deref()), (2, Some("Harbour closed")));
    assert!(starts(&found[1], "All of it."), "{found:?}");
    for field in ["title", "text", "authors"] {
        assert!(
            found[1].changed_fields.iter().any(|changed| changed == field),
            "{:?}",
            found[1].changed_fields
        );
    }

    // The same document again changes nothing; the next edit has the same page.
    daemon.poll(&feed).await;
    site.feed("/feed", &[("/one", "Harbour closed for good", &text)]);
    daemon.poll(&feed).await;
    let found = house.wait_for_records(3).await;
    assert_eq!((found[2].revision, &*found[2].changed_fields), (3, &["title".to_owned()][..]));

    site.says("/one", "410 Gone", html, "");
    site.feed("/feed", &[("/one", "Harbour closed, says nobody", &text)]);
    daemon.poll(&feed).await;
    let found = house.wait_for_records(4).await;
    assert_eq!((found[3].revision, found[3].change), (4, Change::Withdrawn));
    assert_eq!((&found[3].text, &found[3].id), (&None, &found[0].id));
    daemon.stop().await;
    house.once().await;
    assert_eq!(house.records().len(), 4);
}

#[tokio::test]
async fn two_feeds_with_one_article_make_one_revision() {
    let site = Site::start();
    let text = summary(LEAD);
    for path in ["/a", "/b", "/c"] {
        site.feed(path, &[("/one", "Harbour closes", &text)]);
    }
    site.says("/one", "200 OK", "Content-Type: text/html\r\n", page("Harbour closes", "All of it."));
    let house = House::new().with(&site, "/a", Fulltext::Always).with(&site, "/b", Fulltext::Always).with(
        &site,
        "/c",
        Fulltext::Always,
    );
    house.once().await;
    let found = house.records();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(starts(&found[0], "All of it."), "{found:?}");
}

#[tokio::test]
async fn a_host_that_asks_for_peace_has_it_from_its_pages_also_over_a_restart() {
    let site = Site::start();
    let text = summary(LEAD);
    site.feed("/feed", &[("/one", "Harbour closes", &text)]);
    site.says("/one", "429 Too Many Requests", "Retry-After: 600\r\n", "");
    let house = House::new().with(&site, "/feed", Fulltext::Always);
    let is_page = |path: &&String| *path == "/one";
    let daemon = house.start();
    wait_for("the page", || site.asked().contains(&"/one".to_owned())).await;
    let looks = daemon.window.clone();
    wait_for("the tally", || looks.metrics().contains("wireroom_pages_total{outcome=\"throttled\"} 1")).await;
    daemon.stop().await;
    let asked = site.asked().len();
    let daemon = house.start();
    wait_for("the desk", || daemon.window.desk().is_some()).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(daemon.waiting(&house.feeds[0]).await, 1);
    daemon.stop().await;
    assert_eq!((site.asked().len(), site.asked().iter().filter(is_page).count()), (asked, 1));
    assert_eq!(house.records(), []);
}
