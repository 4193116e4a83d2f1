//! The window: is it alive, is it ready, what does it count, what does it do. Comes in: closures that know,
//! and a listener. Goes out: HTTP for probes, programs and people. It knows nothing itself and changes
//! nothing itself: whatever is asked or wanted is a [`Question`] that somebody else answers. It answers
//! only to the host names under which it is meant to be reached, which stops DNS rebinding; what a feed
//! says stays text. Every connection is bounded in time and bytes, and so is their number.

mod api;
mod guard;
mod listen;
mod page;
#[cfg(test)]
mod tests;

use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use model::desk::{Question, Refusal};
use serde_json::Value;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};

/// Longest body of a request, bytes.
const BODY_MAX: usize = 1 << 20;
/// For making an answer to a command, which may wait for articles or for the disk.
const LOCAL_ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// The answer to a question, once it is there.
pub type Answer = Pin<Box<dyn Future<Output = Result<Value, Refusal>> + Send>>;

/// What can be asked.
pub struct State {
    /// False when the process hangs.
    pub alive: Box<dyn Fn() -> bool + Send + Sync>,
    /// Why the daemon is not ready, a sentence each; empty when it is.
    pub unready: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    /// What is odd though the daemon is ready, a sentence each.
    pub warnings: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    /// All metrics, in the OpenMetrics text format.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Everything else.
    pub ask: Box<dyn Fn(Question) -> Answer + Send + Sync>,
    /// Token asked for on everything but `/healthz`; without one nothing can be changed over TCP.
    pub token: Option<String>,
    /// Names under which it may be asked, beside `localhost` and any address written as a number.
    pub hosts: Vec<String>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// What a peer may take of us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; further ones wait for a place. Scraper, probe and person need three.
    pub connections: usize,
    /// For a request's head, and for silence between two requests.
    pub head_timeout: Duration,
    /// Longest head, bytes; hyper's least is 8 KiB.
    pub head_bytes_max: usize,
    /// Most header fields of a request.
    pub headers_max: usize,
    /// For making an answer.
    pub answer_timeout: Duration,
    /// From accept to close, whatever is said in between.
    pub connection_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            head_timeout: Duration::from_secs(5),
            head_bytes_max: 16 << 10,
            headers_max: 64,
            answer_timeout: Duration::from_secs(5),
            connection_timeout: Duration::from_secs(60),
        }
    }
}

/// Where requests come in.
#[derive(Debug)]
pub enum Listener {
    /// Anybody who reaches the address: host names, token and the rules for browsers hold.
    Tcp(TcpListener),
    /// Whoever may open the socket's file: nothing more is asked for.
    Unix(UnixListener),
}

/// Serves until `shutdown` resolves; answers under way may be finished for a second.
pub async fn serve(
    listener: Listener,
    state: Arc<State>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let is_local = matches!(listener, Listener::Unix(_));
    listen::listen(listener, routes(state, limits, is_local), limits, shutdown).await;
}

fn routes(state: Arc<State>, limits: Limits, is_local: bool) -> Router {
    let answer_timeout = if is_local { LOCAL_ANSWER_TIMEOUT } else { limits.answer_timeout };
    let rules = guard::Rules { state: state.clone(), answer_timeout, is_local };
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .merge(api::routes(is_local))
        .merge(page::routes())
        .with_state(state)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(Arc::new(rules), guard::guard))
}

async fn healthz(Shared(state): Shared<Arc<State>>) -> Response {
    if (state.alive)() {
        "alive\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the event loop has not turned for too long\n").into_response()
    }
}

async fn readyz(Shared(state): Shared<Arc<State>>) -> Response {
    let reasons = (state.unready)();
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let warnings = (state.warnings)();
    let body = serde_json::json!({ "ready": ready, "reasons": reasons, "warnings": warnings });
    (status, Json(body)).into_response()
}

async fn metrics(Shared(state): Shared<Arc<State>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], (state.metrics)()).into_response()
}
