//! Feeds for people: the list, and one in full.

use crate::cli::{say, say_json};
use crate::link::Link;
use crate::table::{ago, clean, table, width};
use jiff::Timestamp;
use model::FeedId;
use model::desk::{FeedBrief, FeedList, FeedReport, Health, Origin, Question};
use std::fmt::Write;
use std::process::ExitCode;

/// Fetches that are listed under one feed.
const FETCHES: usize = 20;

/// A table of feeds, and how many more there are.
pub(super) fn rows(list: &FeedList) -> String {
    if list.total == 0 {
        return "no feed fits".into();
    }
    let now = Timestamp::now();
    let rows: Vec<Vec<String>> = list.feeds.iter().map(|feed| row(feed, now)).collect();
    let mut out = table(&["ID", "STATE", "SUCCESS", "NEXT", "WHAT"], &rows, width());
    let rest = list.total as usize - list.feeds.len();
    if 0 < rest {
        let _ = write!(out, "\n… and {rest} more: --limit 0 lists all");
    }
    out
}

fn row(feed: &FeedBrief, now: Timestamp) -> Vec<String> {
    let what = match (&feed.detail, feed.failures) {
        (Some(detail), 0 | 1) => detail.clone(),
        (Some(detail), failures) => format!("{detail} ({failures} times in a row)"),
        (None, _) => feed.title.clone().unwrap_or_else(|| feed.url.clone()),
    };
    vec![feed.id.clone(), state(feed.health).into(), ago(feed.last_success_at, now), next(feed, now), what]
}

fn next(feed: &FeedBrief, now: Timestamp) -> String {
    match feed.next_visit_at {
        Some(at) if at <= now => "now".into(),
        at => ago(at, now),
    }
}

fn state(health: Health) -> &'static str {
    match health {
        Health::Good => "good",
        Health::Failing => "failing",
        Health::New => "new",
    }
}

pub(super) fn show(link: &Link, id: &FeedId, json: bool) -> Result<ExitCode, ExitCode> {
    let report: FeedReport = link.ask(Question::Feed { id: id.clone() })?;
    Ok(if json { say_json(&report) } else { say(&words(&report)) })
}

fn words(report: &FeedReport) -> String {
    let feed = &report.brief;
    let now = Timestamp::now();
    let mut out = String::new();
    // Writing to a string cannot fail.
    let mut line = |name: &str, text: &str| {
        let _ = writeln!(out, "{name:<12} {}", clean(text));
    };
    line("id", &feed.id);
    line("url", &feed.url);
    line("title", feed.title.as_deref().unwrap_or("-"));
    line("labels", &feed.labels.join(", "));
    line("from", if feed.origin == Origin::Added { "feeds add" } else { "the config or a feed file" });
    line("state", state(feed.health));
    if let Some(detail) = &feed.detail {
        line("last failure", detail);
    }
    line("last success", &format!("{} ago", ago(feed.last_success_at, now)));
    line("next visit", &next(feed, now));
    line("first poll", &report.first_poll);
    let waits = if 0 < report.waiting { format!(", {} wait for it", report.waiting) } else { String::new() };
    line("full text", &format!("{}{waits}", report.fulltext));
    line("validators", if report.conditional { "yes: unchanged polls cost a 304" } else { "none" });
    report.why.iter().for_each(|sentence| line("why", sentence));
    let fetches = report.fetches.iter().take(FETCHES).map(|fetch| {
        let status = fetch.status.map(|status| status.to_string()).unwrap_or_default();
        let detail = fetch.detail.clone().unwrap_or_default();
        let articles = if fetch.outcome == "document" { fetch.articles.to_string() } else { String::new() };
        vec![ago(Some(fetch.at), now), fetch.outcome.clone(), status, articles, detail]
    });
    let fetches: Vec<Vec<String>> = fetches.collect();
    if !fetches.is_empty() {
        out.push('\n');
        out.push_str(&table(&["AGO", "OUTCOME", "STATUS", "ITEMS", "DETAIL"], &fetches, width()));
    }
    out.trim_end().to_owned()
}
