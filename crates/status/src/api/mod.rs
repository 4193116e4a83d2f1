//! `/api/v1/…`: every route turns its path and query into a [`Question`] and gives the answer as JSON.

mod openapi;
mod tail;

use crate::State;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use model::desk::{FeedsQuery, Filter, Question, RecentQuery, Refusal, RefusalKind};
use model::{Feed, FeedId};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

type Asked = Shared<Arc<State>>;

pub(crate) fn routes(is_local: bool) -> Router<Arc<State>> {
    let router = Router::new()
        .route("/api/v1/overview", get(overview))
        .route("/api/v1/feeds", get(feeds).post(add_feeds))
        .route("/api/v1/feeds/{id}", get(feed).merge(delete(remove_feed)))
        .route("/api/v1/feeds/{id}/visit", post(visit))
        .route("/api/v1/outbox", get(outbox))
        .route("/api/v1/articles", get(articles))
        .route("/api/v1/tail", get(tail::tail))
        .route("/api/v1/reload", post(reload))
        .route("/api/v1/openapi.json", get(openapi::openapi));
    // Commands ask as they are: one question, one answer.
    if is_local { router.route("/api/v1/ask", post(any)) } else { router }
}

async fn ask(state: &State, question: Question) -> Response {
    match (state.ask)(question).await {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal.kind {
        RefusalKind::NotFound => StatusCode::NOT_FOUND,
        RefusalKind::Invalid => StatusCode::BAD_REQUEST,
        RefusalKind::Conflict => StatusCode::CONFLICT,
        RefusalKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        RefusalKind::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, Json(json!({ "error": refusal }))).into_response()
}

fn invalid(message: impl Into<String>) -> Response {
    refused(&Refusal::new(RefusalKind::Invalid, message))
}

async fn any(Shared(state): Asked, question: Result<Json<Question>, JsonRejection>) -> Response {
    match question {
        Ok(Json(question)) => ask(&state, question).await,
        Err(error) => invalid(error.body_text()),
    }
}

async fn overview(Shared(state): Asked) -> Response {
    ask(&state, Question::Overview).await
}

async fn feeds(Shared(state): Asked, query: Result<Query<FeedsQuery>, QueryRejection>) -> Response {
    match query {
        Ok(Query(query)) => ask(&state, Question::Feeds(query)).await,
        Err(error) => invalid(error.body_text()),
    }
}

async fn add_feeds(Shared(state): Asked, feeds: Result<Json<Vec<Feed>>, JsonRejection>) -> Response {
    match feeds {
        Ok(Json(feeds)) => ask(&state, Question::AddFeeds { feeds }).await,
        Err(error) => invalid(error.body_text()),
    }
}

async fn feed(Shared(state): Asked, Path(id): Path<String>) -> Response {
    with_id(&id, async |id| ask(&state, Question::Feed { id }).await).await
}

async fn remove_feed(Shared(state): Asked, Path(id): Path<String>) -> Response {
    with_id(&id, async |id| ask(&state, Question::RemoveFeeds { ids: vec![id] }).await).await
}

async fn visit(Shared(state): Asked, Path(id): Path<String>) -> Response {
    with_id(&id, async |id| ask(&state, Question::VisitNow { id }).await).await
}

async fn with_id(id: &str, then: impl AsyncFnOnce(FeedId) -> Response) -> Response {
    match id.parse() {
        Ok(id) => then(id).await,
        Err(error) => invalid(format!("{error}")),
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OutboxQuery {
    limit: u32,
}

impl Default for OutboxQuery {
    fn default() -> Self {
        Self { limit: 100 }
    }
}

async fn outbox(Shared(state): Asked, query: Result<Query<OutboxQuery>, QueryRejection>) -> Response {
    match query {
        Ok(Query(OutboxQuery { limit })) => ask(&state, Question::Outbox { limit }).await,
        Err(error) => invalid(error.body_text()),
    }
}

/// Which articles, as a query string says it: several words in one parameter are parted by commas.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Wanted {
    pub(crate) after: Option<u64>,
    limit: u32,
    pub(crate) feed: String,
    pub(crate) language: String,
    pub(crate) topic: String,
    pub(crate) entity: String,
}

impl Wanted {
    /// True when all articles are wanted.
    pub(crate) fn is_empty(&self) -> bool {
        self.query(0).only.is_empty()
    }

    pub(crate) fn query(&self, wait_s: u32) -> RecentQuery {
        let words = |text: &str| -> Vec<String> {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        };
        let only = Filter {
            feed: words(&self.feed),
            language: words(&self.language),
            topic: words(&self.topic),
            entity: words(&self.entity),
        };
        RecentQuery { after: self.after, limit: self.limit, wait_s, only }
    }
}

async fn articles(Shared(state): Asked, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    match wanted {
        Ok(Query(wanted)) => ask(&state, Question::Recent(wanted.query(0))).await,
        Err(error) => invalid(error.body_text()),
    }
}

async fn reload(Shared(state): Asked) -> Response {
    ask(&state, Question::Reload).await
}
