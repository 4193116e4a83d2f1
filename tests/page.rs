//! The page in a real browser: what a feed says stays text, every control has a name and is reached by
//! keyboard, articles come in live, and it holds on a phone and in the dark.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use fantoccini::{Client, ClientBuilder, Locator, key::Key};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
/// What a hostile publisher would like the page to run: markup, markup that is said to be text, and the end of
/// an attribute.
const HOSTILE: &str = "&lt;script&gt;document.title='owned'&lt;/script&gt;&lt;img src=x onerror=document.title='owned'&gt;&amp;lt;script&amp;gt;document.title='owned'&amp;lt;/script&amp;gt;\" onmouseover=\"document.title='owned'";
/// What of it is text.
const HOSTILE_TEXT: &str = "<script>document.title='owned'</script>";

/// Processes that end with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn item(number: usize) -> String {
    format!(
        "<item><title>{number} {HOSTILE}</title><link>javascript:document.title='owned'//{number}</link><guid isPermaLink=\"false\">evil-{number}</guid><author>&lt;b onclick=1&gt;</author><category>{HOSTILE}</category><description>The ferry between the islands runs again from Monday, the port authority said on day {number}. {HOSTILE}</description></item>"
    )
}

/// A server with a hostile feed under `/evil`, to which items can be added, and a page for people elsewhere.
fn feeds(items: Arc<Mutex<usize>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let read = stream.read(&mut head).unwrap_or_default();
            let (kind, body) = if String::from_utf8_lossy(&head[..read]).starts_with("GET /evil") {
                let all: String = (1..=*items.lock().unwrap()).rev().map(item).collect();
                (
                    "application/rss+xml",
                    format!(
                        "<rss version=\"2.0\"><channel><title>{HOSTILE}</title><link>https://evil.example/</link><description>d</description>{all}</channel></rss>"
                    ),
                )
            } else {
                ("text/html", "<html><script>document.title='owned'</script>log in</html>".to_owned())
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    address
}

fn daemon(dir: &Path, feeds: SocketAddr) -> (Running, SocketAddr) {
    let bin = std::env::var_os("WIREROOM_BIN")
        .expect("no daemon to look at: set WIREROOM_BIN, or run cargo xtask test");
    let feed = |id: &str| {
        format!(
            "[[feed]]\nid = \"{id}\"\nurl = \"http://{feeds}/{id}\"\nfirst_poll = \"publish\"\ninterval = \"500ms\"\n"
        )
    };
    let config = format!(
        "[state]\ndir = \"state\"\n[fetch]\nallow = [\"127.0.0.0/8\"]\nper_host_gap = \"0ms\"\n[schedule]\nmin_interval = \"200ms\"\nmin_interval_unconditional = \"200ms\"\n[sink]\ntype = \"file\"\npath = \"out.ndjson\"\n[http]\nlisten = \"127.0.0.1:0\"\n{}{}",
        feed("evil"),
        feed("page")
    );
    std::fs::write(dir.join("wireroom.toml"), config).unwrap();
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let child =
        Command::new(bin).args(["run", "--config", "wireroom.toml"]).current_dir(dir).stderr(log).spawn();
    let running = Running(child.unwrap());
    let note = dir.join("state/http.address");
    let address = wait("the daemon's address", || std::fs::read_to_string(&note).ok()?.trim().parse().ok());
    (running, address)
}

fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Starts a driver of its own and a browser with an empty profile.
async fn browser(dir: &Path, more: &[&str]) -> (Running, Client) {
    let port = free_port();
    let driver = Command::new("chromedriver")
        .arg(format!("--port={port}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("no chromedriver: apt-get install chromium chromium-driver, or run cargo xtask test");
    let driver = Running(driver);
    wait("chromedriver", || TcpStream::connect(("127.0.0.1", port)).ok());
    let profile = dir.join(format!("profile-{port}"));
    let mut args: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,1400",
    ]
    .map(str::to_owned)
    .to_vec();
    args.push(format!("--user-data-dir={}", profile.display()));
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    let Value::Object(wanted) = json!({ "goog:chromeOptions": { "args": args } }) else { unreachable!() };
    let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(wanted)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .expect("a browser");
    (driver, client)
}

fn screenshots() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../page");
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

async fn picture(client: &Client, name: &str) {
    let png = client.screenshot().await.unwrap();
    std::fs::write(screenshots().join(format!("{name}.png")), png).unwrap();
}

/// What axe-core finds wrong with the page as it is now.
async fn faults(client: &Client) -> Vec<String> {
    let axe = std::env::var_os("WIREROOM_TEST_AXE")
        .expect("no axe-core: set WIREROOM_TEST_AXE to its axe.min.js, or run cargo xtask test");
    let axe = std::fs::read_to_string(axe).expect("axe.min.js can be read");
    client.execute(&axe, vec![]).await.expect("axe-core runs");
    let run = "const done = arguments[arguments.length - 1]; axe.run(document).then((found) => done(found.violations.map((fault) => fault.id + ': ' + fault.nodes.map((node) => node.html).join(' | '))), (error) => done([String(error)]));";
    let found = client.execute_async(run, vec![]).await.expect("axe-core answers");
    serde_json::from_value(found).unwrap()
}

async fn text(client: &Client, script: &str) -> Value {
    client.execute(&format!("return {script};"), vec![]).await.unwrap()
}

async fn check_page(client: &Client, name: &str) {
    let title = client.title().await.unwrap();
    assert!(title.ends_with("· wireroom"), "{name}: {title}");
    let foreign = text(
        client,
        "document.querySelectorAll('main script, main img, main b[onclick], [onmouseover]').length",
    )
    .await;
    assert_eq!(foreign, 0, "{name}: a feed's HTML has become a part of the page");
    let links =
        text(client, "[...document.links].filter((link) => !/^https?:$/.test(link.protocol)).length").await;
    assert_eq!(links, 0, "{name}: a link leads elsewhere than to the web");
    assert_eq!(faults(client).await, [] as [String; 0], "{name}");
    let wide = text(client, "document.documentElement.scrollWidth - window.innerWidth").await;
    assert!(wide.as_i64().unwrap() <= 0, "{name} is wider than its window by {wide}");
}

/// Every control is reached by the keyboard alone.
async fn check_keyboard(client: &Client, name: &str) {
    let controls = "[...document.querySelectorAll('a[href], button, input, select, [tabindex=\"0\"]')].filter((one) => one.checkVisibility())";
    let wanted = text(client, &format!("{controls}.length")).await.as_u64().unwrap();
    client.execute("window.seen = new Set(); document.addEventListener('focusin', (event) => window.seen.add(event.target));", vec![]).await.unwrap();
    for _ in 0..wanted + 2 {
        let tab = char::from(Key::Tab).to_string();
        client.active_element().await.unwrap().send_keys(&tab).await.unwrap();
    }
    let missed = text(
        client,
        &format!("{controls}.filter((one) => !window.seen.has(one)).map((one) => one.outerHTML)"),
    )
    .await;
    assert_eq!(missed, json!([]), "{name}: not reached by Tab");
}

async fn look_around(client: &Client, page: &str, kind: &str) {
    for (path, name) in [
        ("/", "overview"),
        ("/feeds", "feeds"),
        ("/feeds/evil", "feed"),
        ("/live", "live"),
        ("/outbox", "outbox"),
    ] {
        client.goto(&format!("{page}{path}")).await.unwrap();
        check_page(client, name).await;
        picture(client, &format!("{name}{kind}")).await;
    }
}

#[tokio::test]
async fn the_page_holds_in_a_real_browser() {
    let dir = tempfile::tempdir().unwrap();
    let items = Arc::new(Mutex::new(2));
    let (_daemon, address) = daemon(dir.path(), feeds(items.clone()));
    let out = dir.path().join("out.ndjson");
    wait("two articles", || (std::fs::read_to_string(&out).ok()?.lines().count() == 2).then_some(()));
    let page = format!("http://{address}");
    let (_driver, client) = browser(dir.path(), &[]).await;

    look_around(&client, &page, "").await;
    client.goto(&page).await.unwrap();
    check_keyboard(&client, "overview").await;
    let main = client.find(Locator::Css("main")).await.unwrap().text().await.unwrap();
    assert!(main.contains("1 of 2 feeds need a look") && main.contains("html_page"), "{main}");
    assert!(main.contains(HOSTILE_TEXT), "what is text in the title stands there: {main}");

    client.goto(&format!("{page}/live")).await.unwrap();
    check_keyboard(&client, "live").await;
    *items.lock().unwrap() = 3;
    let fresh = Locator::Css("#articles li.fresh .title");
    let title = client.wait().at_most(PATIENCE).for_element(fresh).await.expect("an article comes in live");
    let title = title.text().await.unwrap();
    assert!(title.starts_with("3 ") && title.contains(HOSTILE_TEXT), "{title}");
    check_page(&client, "live, grown").await;
    // Paused by keyboard, nothing moves; then what came meanwhile is shown.
    client.execute("document.getElementById('pause').focus();", vec![]).await.unwrap();
    let enter = char::from(Key::Enter).to_string();
    client.active_element().await.unwrap().send_keys(&enter).await.unwrap();
    *items.lock().unwrap() = 4;
    wait("four articles", || (std::fs::read_to_string(&out).ok()?.lines().count() == 4).then_some(()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(text(&client, "document.querySelectorAll('#articles li.fresh').length").await, 1);
    client.active_element().await.unwrap().send_keys(&enter).await.unwrap();
    client
        .wait()
        .at_most(PATIENCE)
        .for_element(Locator::Css("#articles li.fresh:nth-of-type(2)"))
        .await
        .unwrap();

    client.set_window_size(390, 844).await.unwrap();
    look_around(&client, &page, "-phone").await;
    client.close().await.unwrap();

    let (_driver, client) = browser(dir.path(), &["--blink-settings=preferredColorScheme=0"]).await;
    client.goto(&page).await.unwrap();
    assert_eq!(text(&client, "matchMedia('(prefers-color-scheme: dark)').matches").await, true);
    look_around(&client, &page, "-dark").await;
    client.close().await.unwrap();
}

#[test]
fn the_page_is_whole_without_scripts() {
    let dir = tempfile::tempdir().unwrap();
    let (_daemon, address) = daemon(dir.path(), feeds(Arc::new(Mutex::new(2))));
    let out = dir.path().join("out.ndjson");
    wait("two articles", || (std::fs::read_to_string(&out).ok()?.lines().count() == 2).then_some(()));
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        answer
    };
    for (path, part) in [
        ("/", "html_page"),
        ("/feeds?health=failing", "href=\"/feeds/page\""),
        ("/feeds/evil", "<code>document</code>"),
        ("/live", "document.title=&#39;owned&#39;"),
        ("/outbox", "The sink takes records."),
    ] {
        let page = get(path);
        assert!(page.contains(part), "{path} lacks {part}: {page}");
        assert!(page.contains("script-src 'self'"), "{path}");
        assert_eq!(page.matches("<script").count(), 1, "{path}");
    }
}
