//! Feeds: the list, paged and sorted by whoever knows them, and one with its last fetches.

use super::words::{due, when};
use super::{Asked, VERSION, ask, page_or, refused};
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Shared};
use axum::response::Response;
use jiff::Timestamp;
use model::desk::{
    FeedBrief, FeedList, FeedReport, FeedSort, FeedsQuery, FetchReport, Health, Origin, Question, Refusal,
    RefusalKind,
};
use model::{FeedId, InvalidFeedId};
use serde::Deserialize;

/// Feeds on one page.
const PAGE: u32 = 100;
const HEALTHS: [(&str, &str); 4] =
    [("", "any"), ("failing", "in trouble"), ("good", "good"), ("new", "not visited yet")];
const SORTS: [(&str, &str); 4] = [
    ("problems", "problems first"),
    ("id", "by id"),
    ("last_success", "longest without an answer first"),
    ("next_visit", "next visit first"),
];

/// A feed in a table.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_failing: bool,
    pub(super) mark: &'static str,
    pub(super) state: &'static str,
    pub(super) outcome: String,
    pub(super) detail: String,
    pub(super) failures: u32,
    pub(super) last_visit: String,
    pub(super) last_success: String,
    pub(super) next: String,
    pub(super) articles: u64,
}

pub(super) fn row(feed: &FeedBrief, now: Timestamp) -> Row {
    let (mark, state) = match feed.health {
        Health::Good => ("●", "good"),
        Health::Failing => ("▲", "in trouble"),
        Health::New => ("○", "not visited yet"),
    };
    Row {
        id: feed.id.clone(),
        name: feed.title.clone().unwrap_or_else(|| feed.id.clone()),
        is_failing: feed.health == Health::Failing,
        mark,
        state,
        outcome: feed.outcome.clone().unwrap_or_default(),
        detail: feed.detail.clone().unwrap_or_default(),
        failures: feed.failures,
        last_visit: when(feed.last_visit_at, now),
        last_success: when(feed.last_success_at, now),
        next: due(feed.next_visit_at, now),
        articles: feed.articles,
    }
}

/// The query as a form sends it: an empty word is no wish.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asking {
    search: String,
    health: String,
    sort: String,
    offset: u32,
}

impl Asking {
    fn query(&self) -> FeedsQuery {
        let health = match self.health.as_str() {
            "failing" => Some(Health::Failing),
            "good" => Some(Health::Good),
            "new" => Some(Health::New),
            _ => None,
        };
        let sort = match self.sort.as_str() {
            "id" => FeedSort::Id,
            "last_success" => FeedSort::LastSuccess,
            "next_visit" => FeedSort::NextVisit,
            _ => FeedSort::Problems,
        };
        FeedsQuery { search: self.search.clone(), health, sort, offset: self.offset, limit: PAGE }
    }

    /// The same question further on.
    fn at(&self, offset: u32) -> String {
        let fields = [("search", &self.search), ("health", &self.health), ("sort", &self.sort)];
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields.into_iter().filter(|(_, value)| !value.is_empty()));
        format!("/feeds?{}", query.append_pair("offset", &offset.to_string()).finish())
    }
}

#[derive(Template)]
#[template(path = "feeds.html")]
struct List {
    here: &'static str,
    version: &'static str,
    healths: &'static [(&'static str, &'static str)],
    sorts: &'static [(&'static str, &'static str)],
    from: u32,
    to: u32,
    before: String,
    after: String,
    feeds: Vec<Row>,
    query: Asking,
    list: FeedList,
}

pub(super) async fn list(Shared(state): Asked, query: Result<Query<Asking>, QueryRejection>) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(error) => return refused(&Refusal::new(RefusalKind::Invalid, error.body_text())),
    };
    let list = ask::<FeedList>(&state, Question::Feeds(query.query())).await;
    let now = Timestamp::now();
    page_or(list.map(|list| {
        let count = list.feeds.len() as u32;
        let (first, end) = (query.offset, query.offset.saturating_add(count));
        List {
            here: "feeds",
            version: VERSION,
            healths: &HEALTHS,
            sorts: &SORTS,
            from: if count == 0 { 0 } else { first + 1 },
            to: end,
            before: if first == 0 { String::new() } else { query.at(first.saturating_sub(PAGE)) },
            after: if end < list.total { query.at(end) } else { String::new() },
            feeds: list.feeds.iter().map(|feed| row(feed, now)).collect(),
            query,
            list,
        }
    }))
}

/// A fetch in a table.
struct Fetch {
    at: String,
    ago: String,
    kind: &'static str,
    sign: &'static str,
    outcome: String,
    status: String,
    items: String,
    new: String,
    took_ms: u32,
    detail: String,
}

fn fetch(fetch: &FetchReport, now: Timestamp) -> Fetch {
    let (kind, sign) = match fetch.outcome.as_str() {
        "document" => ("good", "●"),
        "not_modified" => ("same", "·"),
        _ => ("bad", "▲"),
    };
    Fetch {
        at: fetch.at.to_string(),
        ago: when(Some(fetch.at), now),
        kind,
        sign,
        outcome: fetch.outcome.clone(),
        status: fetch.status.map(|status| status.to_string()).unwrap_or_default(),
        items: if fetch.outcome == "document" { fetch.articles.to_string() } else { String::new() },
        new: if fetch.outcome == "document" { fetch.new.to_string() } else { String::new() },
        took_ms: fetch.took_ms,
        detail: fetch.detail.clone().unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "feed.html")]
struct One {
    here: &'static str,
    version: &'static str,
    may_change: bool,
    row: Row,
    labels: String,
    origin: &'static str,
    fetches: Vec<Fetch>,
    fetches_oldest: Vec<Fetch>,
    report: FeedReport,
}

pub(super) async fn one(Shared(state): Asked, Path(id): Path<String>) -> Response {
    let id: FeedId = match id.parse() {
        Ok(id) => id,
        Err(error) => {
            let error: InvalidFeedId = error;
            return refused(&Refusal::new(RefusalKind::NotFound, error.to_string()));
        }
    };
    let report = ask::<FeedReport>(&state, Question::Feed { id }).await;
    let now = Timestamp::now();
    page_or(report.map(|report| One {
        here: "feeds",
        version: VERSION,
        may_change: state.token.is_some(),
        row: row(&report.brief, now),
        labels: report.brief.labels.join(", "),
        origin: match report.brief.origin {
            Origin::Declared => "the config or a feed file",
            Origin::Added => "`feeds add`",
        },
        fetches: report.fetches.iter().map(|one| fetch(one, now)).collect(),
        fetches_oldest: report.fetches.iter().rev().map(|one| fetch(one, now)).collect(),
        report,
    }))
}
