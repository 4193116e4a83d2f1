//! Articles: the list that several pages show, and the live page.

use super::{Asked, VERSION, ask, page_or, refused};
use crate::api::Wanted;
use askama::Template;
use axum::extract::Query;
use axum::extract::State as Shared;
use axum::extract::rejection::QueryRejection;
use axum::response::Response;
use model::desk::{Question, Recent, Refusal, RefusalKind};
use record::{Article, Change, DuplicateKind};

/// Topics and entities that are shown of an article.
const SHOWN_MAX: usize = 4;
/// Articles on the live page at first.
const LIVE: u32 = 50;

/// An article in a list.
pub(super) struct Item {
    pub(super) at: String,
    pub(super) time: String,
    pub(super) what: &'static str,
    pub(super) url: String,
    pub(super) title: String,
    pub(super) feed: String,
    pub(super) outlet: String,
    pub(super) found: String,
}

/// Articles as a list shows them, the newest first.
pub(super) fn items(articles: &[Article]) -> Vec<Item> {
    articles.iter().rev().map(item).collect()
}

fn item(article: &Article) -> Item {
    let what = match (article.change, &article.duplicate) {
        (Change::Updated, _) => "update",
        (Change::Withdrawn, _) => "withdrawn",
        (Change::Created | Change::Other, None) => "new",
        (_, Some(duplicate)) if duplicate.kind == DuplicateKind::Copy => "copy",
        (_, Some(_)) => "near",
    };
    let mut found: Vec<&str> = article.language.iter().map(|language| language.code.as_str()).collect();
    found.extend(article.topics.iter().take(SHOWN_MAX).map(|topic| topic.label.as_str()));
    found.extend(article.entities.iter().take(SHOWN_MAX).map(|entity| entity.name.as_str()));
    let outlet = article.outlet.name.as_ref().or(article.feed.title.as_ref()).unwrap_or(&article.feed.id);
    // A link leads to the web and nowhere else, whatever the feed gave.
    let url = article.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://"));
    Item {
        at: article.settled_at.to_string(),
        time: article.settled_at.strftime("%H:%M:%S").to_string(),
        what,
        url: url.unwrap_or_default(),
        title: article.title.clone().unwrap_or_else(|| "(no title)".into()),
        feed: article.feed.id.clone(),
        outlet: outlet.clone(),
        found: found.join(" · "),
    }
}

#[derive(Template)]
#[template(path = "live.html")]
struct Live {
    here: &'static str,
    version: &'static str,
    wanted: Wanted,
    after: u64,
    articles: Vec<Item>,
}

pub(super) async fn live(Shared(state): Asked, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let wanted = match wanted {
        Ok(Query(wanted)) => wanted,
        Err(error) => return refused(&Refusal::new(RefusalKind::Invalid, error.body_text())),
    };
    let mut query = wanted.query(0);
    (query.after, query.limit) = (None, LIVE);
    let recent = ask::<Recent>(&state, Question::Recent(query)).await;
    page_or(recent.map(|recent| Live {
        here: "live",
        version: VERSION,
        wanted,
        after: recent.last,
        articles: items(&recent.articles),
    }))
}
