//! The first page, problems first, and the outbox.

use super::articles::{Item, items};
use super::chart::{Chart, chart};
use super::feeds::{Row, row};
use super::words::{size, span, when};
use super::{Asked, VERSION, ask, page_or};
use askama::Template;
use axum::extract::State as Shared;
use axum::response::Response;
use jiff::Timestamp;
use model::desk::{
    FeedList, FeedsQuery, Flow, Health, Outbox, Overview, Question, Recent, RecentQuery, Refusal,
};

/// Feeds in trouble that the first page names.
const PROBLEMS: u32 = 20;
/// Articles that the first page shows.
const ARTICLES: u32 = 12;
/// Rows of the outbox that are listed.
const ROWS: u32 = 100;

/// One room of the pipeline and what passed it.
struct Step {
    name: &'static str,
    field: &'static str,
    count: u32,
    note: String,
}

fn steps(flow: &Flow) -> Vec<Step> {
    let step = |name, field, count, note: String| Step { name, field, count, note };
    let share = |part: u32, whole: u32| match whole {
        0 => 0,
        whole => (u64::from(part) * 100 + u64::from(whole) / 2) / u64::from(whole),
    };
    vec![
        step(
            "visits",
            "visits",
            flow.visits,
            format!("{} % unchanged", share(flow.not_modified, flow.visits)),
        ),
        step("failed visits", "failed", flow.failed, format!("{} %", share(flow.failed, flow.visits))),
        step("entries", "entries", flow.entries, format!("{} unusable", flow.flawed)),
        step("known already", "known", flow.known, format!("{} %", share(flow.known, flow.entries))),
        step("new articles", "created", flow.created, format!("{} repeat another", flow.duplicates)),
        step("revisions", "updated", flow.updated, String::new()),
        step("delivered", "delivered", flow.delivered, format!("{} refused for good", flow.dead)),
    ]
}

#[derive(Template)]
#[template(path = "overview.html")]
struct First {
    here: &'static str,
    version: &'static str,
    uptime: String,
    span: String,
    outbox_bytes: String,
    outbox_max: String,
    problems: Vec<Row>,
    more_problems: u32,
    steps: Vec<Step>,
    chart: Chart,
    articles: Vec<Item>,
    overview: Overview,
}

pub(super) async fn overview(Shared(state): Asked) -> Response {
    page_or(first(&state).await)
}

async fn first(state: &crate::State) -> Result<First, Refusal> {
    let overview: Overview = ask(state, Question::Overview).await?;
    let failing = FeedsQuery { health: Some(Health::Failing), limit: PROBLEMS, ..FeedsQuery::default() };
    let failing: FeedList = ask(state, Question::Feeds(failing)).await?;
    let recent = RecentQuery { limit: ARTICLES, ..RecentQuery::default() };
    let recent: Recent = ask(state, Question::Recent(recent)).await?;
    let now = Timestamp::now();
    let uptime = now.as_second().saturating_sub(overview.started_at.as_second());
    Ok(First {
        here: "overview",
        version: VERSION,
        uptime: span(uptime.unsigned_abs()),
        span: span(overview.flow.seconds.into()),
        outbox_bytes: size(overview.outbox_bytes),
        outbox_max: size(overview.outbox_max_bytes),
        problems: failing.feeds.iter().map(|feed| row(feed, now)).collect(),
        more_problems: failing.total.saturating_sub(failing.feeds.len() as u32),
        steps: steps(&overview.flow),
        chart: chart(&overview.articles_per_minute),
        articles: items(&recent.articles),
        overview,
    })
}

/// A record that waits, in a table.
struct Waiting {
    seq: u64,
    age: String,
    topic: String,
    bytes: String,
    title: String,
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct Waits {
    here: &'static str,
    version: &'static str,
    bytes: String,
    max: String,
    rows: Vec<Waiting>,
    outbox: Outbox,
}

pub(super) async fn outbox(Shared(state): Asked) -> Response {
    let outbox = ask::<Outbox>(&state, Question::Outbox { limit: ROWS }).await;
    let now = Timestamp::now();
    page_or(outbox.map(|outbox| {
        Waits {
            here: "outbox",
            version: VERSION,
            bytes: size(outbox.bytes),
            max: size(outbox.max_bytes),
            rows: outbox
                .first
                .iter()
                .map(|row| Waiting {
                    seq: row.seq,
                    age: when(Some(row.settled_at), now),
                    topic: row.topic.clone(),
                    bytes: row.bytes.map_or_else(|| "tombstone".into(), |bytes| bytes.to_string()),
                    title: row.title.clone().unwrap_or_else(|| row.key.clone()),
                })
                .collect(),
            outbox,
        }
    }))
}
