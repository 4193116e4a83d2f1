//! The window: is it alive, is it ready, what does it count. Comes in: three closures and a listener.
//! Goes out: HTTP on the address that the door bound. It changes nothing, shows no text of a feed, reads
//! no body, and answers only to the host names under which it is meant to be reached, which stops DNS
//! rebinding. Every connection is bounded in time and bytes, and so is their number.

mod guard;
mod listen;
#[cfg(test)]
mod tests;

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What can be asked.
pub struct State {
    /// False when the process hangs.
    pub alive: Box<dyn Fn() -> bool + Send + Sync>,
    /// Why the daemon is not ready, a sentence each; empty when it is.
    pub unready: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    /// All metrics, in the OpenMetrics text format.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Bearer token asked for on everything but `/healthz`.
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

/// Serves until `shutdown` resolves; answers under way may be finished for a second.
pub async fn serve(listener: TcpListener, state: State, limits: Limits, shutdown: impl Future<Output = ()>) {
    listen::listen(listener, routes(state, limits), limits, shutdown).await;
}

fn routes(state: State, limits: Limits) -> Router {
    let state = Arc::new(state);
    let house = guard::Rules { state: state.clone(), answer_timeout: limits.answer_timeout };
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(state)
        .layer(middleware::from_fn_with_state(Arc::new(house), guard::guard))
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
    (status, Json(serde_json::json!({ "ready": ready, "reasons": reasons }))).into_response()
}

async fn metrics(Shared(state): Shared<Arc<State>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], (state.metrics)()).into_response()
}
