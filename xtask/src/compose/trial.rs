//! The proof: up, read, look, crash, count, down.

use super::project::{Project, wait};
use super::{http, monitoring, topic};
use crate::run::run as shout;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Asked for by the daemon of the compose file.
const TOKEN: &str = include_str!("../../../deploy/demo-token");
/// After a commit the broker still has its markers to write. A lone broker that is killed before can lose
/// them, and the partition then stands still for readers: nothing of ours, so it gets the time.
const MARKERS: Duration = Duration::from_secs(3);

/// Tries the image that was just compiled, or makes one from `binary`.
pub(super) fn run(binary: &Path, is_compiled: bool) -> Result<()> {
    let mut project = Project::new("prebuilt")?;
    if !is_compiled {
        shout(project.compose().args(["build", "-q", "wireroom"]))?;
    }
    let done = prove(&mut project, binary);
    if done.is_err() {
        let _ = shout(project.compose().args(["ps", "-a"]));
        let _ = shout(project.compose().args(["logs", "--tail", "60"]));
    }
    done
}

fn prove(project: &mut Project, binary: &Path) -> Result<()> {
    let begun = Instant::now();
    project.up(&[])?;
    step(begun, "all healthy");
    let first = topic::read(project, Some(20))?;
    ensure!(first.len() == 20, "only {} articles came", first.len());
    step(begun, "20 articles read in another container");
    hardened(project)?;
    page(project, &first)?;
    step(begun, "hardened as written, and the page shows an article");
    project.up(&["prometheus"])?;
    project.crash("wireroom")?;
    wait("the daemon to be ready", || {
        Ok(http::get(project.wireroom_port(), "/readyz", Some(TOKEN.trim()))?.0 == 200)
    })?;
    step(begun, "the daemon crashed and is back");
    project.tell("pause", "wireroom")?;
    std::thread::sleep(MARKERS);
    project.crash_then("kafka", || project.tell("unpause", "wireroom"))?;
    wait("the daemon to be ready", || {
        Ok(http::get(project.wireroom_port(), "/readyz", Some(TOKEN.trim()))?.0 == 200)
    })?;
    step(begun, "the broker crashed and is back");
    monitoring::check(project)?;
    step(begun, "every panel and every rule has data");
    count(project, binary)?;
    step(begun, "nothing is lost, nothing doubled");
    Ok(())
}

fn step(begun: Instant, what: &str) {
    eprintln!("[{:5.1} s] {what}", begun.elapsed().as_secs_f32());
}

/// What the kernel says of the daemon's process, and where it can write.
fn hardened(project: &Project) -> Result<()> {
    let status = project.exec("wireroom", &["cat", "/proc/1/status"])?;
    for (name, wanted) in [
        ("Uid", "10001"),
        ("CapEff", "0000000000000000"),
        ("CapBnd", "0000000000000000"),
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
    ] {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let found = line.and_then(|line| line.split_whitespace().next()).unwrap_or_default();
        ensure!(found == wanted, "{name} of the daemon is {found}, not {wanted}");
    }
    ensure!(project.exec("wireroom", &["touch", "/usr/x"]).is_err(), "the root is writable");
    project.exec("wireroom", &["touch", "/var/lib/wireroom/x", "/tmp/x"])?;
    project.exec("wireroom", &["rm", "/var/lib/wireroom/x", "/tmp/x"])?;
    Ok(())
}

/// The page needs the token, and shows what was read.
fn page(project: &Project, read: &[topic::Record]) -> Result<()> {
    let port = project.wireroom_port();
    let (refused, _) = http::get(port, "/metrics", None)?;
    ensure!(refused == 401, "without the token /metrics answers {refused}");
    let (status, page) = http::get(port, "/", Some(TOKEN.trim()))?;
    ensure!(status == 200 && page.contains("<h1>"), "the page answers {status}");
    let (status, page) = http::get(port, "/live", Some(TOKEN.trim()))?;
    // Titles that are the same in HTML as in the record.
    let titles = read.iter().filter_map(|record| record.article["title"].as_str());
    let mut plain = titles.filter(|title| !title.contains(['&', '<', '>', '"', '\'']));
    ensure!(plain.any(|title| page.contains(title)), "the page answers {status} and shows no article");
    Ok(())
}

/// Waits until all that the feeds show has come, stops the world, reads the whole topic and checks its
/// numbers.
fn count(project: &Project, binary: &Path) -> Result<()> {
    let shown = shown(project, binary)?;
    let mut least = 0;
    // A feed that fails now and then is visited later: it gets the time.
    wait("every article that the feeds show", || {
        let records = topic::read(project, None)?;
        let urls = urls(&records);
        let missing = shown.iter().filter(|url| !urls.contains(url.as_str())).count();
        least = records.len();
        ensure!(missing == 0, "{missing} of {} articles that the feeds show have not come", shown.len());
        Ok(true)
    })?;
    project.tell("stop", "feeds")?;
    wait("the outbox to be empty", || Ok(metric(&metrics(project)?, "wireroom_outbox_rows")? == 0.0))?;
    project.tell("stop", "wireroom")?;
    // A reader on a busy machine may give up before the end: what is missing for good stays missing.
    wait("the whole topic, without a gap or a repeat", || {
        let records = topic::read(project, None)?;
        ensure!(least <= records.len(), "{} records, after {least}", records.len());
        topic::check(&records)?;
        eprintln!(
            "  {0} records, numbered 1 to {0}; {1} articles of the feeds among them",
            records.len(),
            shown.len()
        );
        Ok(true)
    })
}

fn urls(records: &[topic::Record]) -> BTreeSet<&str> {
    records.iter().filter_map(|record| record.article["url"].as_str()).collect()
}

fn metrics(project: &Project) -> Result<String> {
    Ok(http::get(project.wireroom_port(), "/metrics", Some(TOKEN.trim()))?.1)
}

fn metric(text: &str, name: &str) -> Result<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).with_context(|| format!("no metric {name}"))
}

/// Canonical URLs of all articles that the feeds show at this moment, read by the same parser.
fn shown(project: &Project, binary: &Path) -> Result<BTreeSet<String>> {
    let list = std::fs::read_to_string(xtask::workspace::root().join("deploy/feeds/demo.toml"))?;
    let mut urls = BTreeSet::new();
    for feed in list.lines().filter_map(|line| line.strip_prefix("url = \"")?.strip_suffix('"')) {
        let path = feed.splitn(4, '/').nth(3).context("a feed without a path")?;
        let script = format!(
            "exec 3<>/dev/tcp/feeds/8481; printf 'GET /{path} HTTP/1.0\\r\\nHost: feeds:8481\\r\\n\\r\\n' >&3; cat <&3"
        );
        let answer = project.exec("kafka", &["bash", "-c", &script])?;
        let Some((_, body)) = answer.split_once("\r\n\r\n") else { bail!("{feed} does not answer") };
        let mut parse = Command::new(binary);
        parse
            .args(["parse", "--url", feed])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = parse.spawn()?;
        child.stdin.take().context("no pipe")?.write_all(body.as_bytes())?;
        let lines = child.wait_with_output()?.stdout;
        for line in String::from_utf8_lossy(&lines).lines() {
            let article: Value = serde_json::from_str(line)?;
            urls.extend(article["url"].as_str().map(str::to_owned));
        }
    }
    ensure!(10 <= urls.len(), "the feeds show only {} articles", urls.len());
    Ok(urls)
}
