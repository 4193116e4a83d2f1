//! The page for people: rendered here, readable without scripts, by keyboard and by ear. What feeds say is
//! escaped by the templates and set as text by the script.

mod articles;
mod chart;
mod feeds;
mod overview;
mod words;

use crate::State;
use askama::Template;
use axum::Router;
use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use model::desk::{Question, Refusal, RefusalKind};
use serde::de::DeserializeOwned;
use std::sync::Arc;

const VERSION: &str = env!("CARGO_PKG_VERSION");

type Asked = Shared<Arc<State>>;

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/", get(overview::overview))
        .route("/feeds", get(feeds::list))
        .route("/feeds/{id}", get(feeds::one))
        .route("/live", get(articles::live))
        .route("/outbox", get(overview::outbox))
        .route(
            "/assets/page.css",
            get(|| asset("text/css; charset=utf-8", include_str!("../../assets/page.css"))),
        )
        .route(
            "/assets/page.js",
            get(|| asset("text/javascript; charset=utf-8", include_str!("../../assets/page.js"))),
        )
        .route("/assets/icon.svg", get(|| asset("image/svg+xml", include_str!("../../assets/icon.svg"))))
}

async fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn ask<T: DeserializeOwned>(state: &State, question: Question) -> Result<T, Refusal> {
    let answer = (state.ask)(question).await?;
    serde_json::from_value(answer).map_err(|error| Refusal::new(RefusalKind::Failed, error.to_string()))
}

fn shown(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!("a page cannot be shown: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    here: &'a str,
    version: &'a str,
    heading: &'a str,
    message: &'a str,
}

fn refused(refusal: &Refusal) -> Response {
    let (status, heading) = match refusal.kind {
        RefusalKind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        RefusalKind::Invalid | RefusalKind::Conflict => (StatusCode::BAD_REQUEST, "This cannot be asked"),
        RefusalKind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Not now"),
        RefusalKind::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "A fault of ours"),
    };
    let page = Refused { here: "", version: VERSION, heading, message: &refusal.message };
    (status, shown(&page)).into_response()
}

/// The page, or the refusal as one.
fn page_or(page: Result<impl Template, Refusal>) -> Response {
    match page {
        Ok(page) => shown(&page),
        Err(refusal) => refused(&refusal),
    }
}
