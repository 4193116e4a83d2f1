//! The window: is it alive, is it ready, what does it count. Comes in: three closures. Goes out: HTTP on
//! the address that the door bound. It changes nothing, shows no text of a feed, and answers only to the
//! host names under which it is meant to be reached, which stops DNS rebinding.

use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Requests answered at once; a scraper, a probe and a person need three.
const REQUESTS_MAX: usize = 32;
/// A request that is not answered by then is given up.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What can be asked.
pub struct State {
    /// False when the process hangs.
    pub alive: Box<dyn Fn() -> bool + Send + Sync>,
    /// Why the daemon is not ready; empty when it is.
    pub unready: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    /// All metrics, in the OpenMetrics text format.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Asked for on everything but `/healthz`.
    pub token: Option<String>,
}

struct Window {
    state: State,
    address: SocketAddr,
    requests: Semaphore,
}

/// Serves until `shutdown` resolves.
///
/// # Errors
///
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    state: State,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    let window = Arc::new(Window { state, address, requests: Semaphore::new(REQUESTS_MAX) });
    let routes = Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn_with_state(window.clone(), guard))
        .with_state(window);
    axum::serve(listener, routes).with_graceful_shutdown(shutdown).await
}

/// What holds for every route: method, host, token, number and time.
async fn guard(Shared(window): Shared<Arc<Window>>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return refuse(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here");
    }
    if !is_own_host(request.headers(), window.address) {
        return refuse(StatusCode::FORBIDDEN, "this host name is not ours");
    }
    let is_open = request.uri().path() == "/healthz" || window.state.token.is_none();
    if !is_open && !has_token(request.headers(), window.state.token.as_deref()) {
        return refuse(StatusCode::UNAUTHORIZED, "a bearer token is needed");
    }
    let Ok(_permit) = window.requests.try_acquire() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "too many requests at once");
    };
    let mut response = match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => return refuse(StatusCode::SERVICE_UNAVAILABLE, "the answer took too long"),
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    (status, why).into_response()
}

/// The bound address, or a loopback name: what a browser was led to believe does not matter.
fn is_own_host(headers: &HeaderMap, address: SocketAddr) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let is_literal = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    // Bound to every address, it may be reached under any of them: by number, not by name.
    name == "localhost" || host == address.to_string() || is_literal
}

fn has_token(headers: &HeaderMap, token: Option<&str>) -> bool {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    token.is_some_and(|token| same(given.as_bytes(), token.as_bytes()))
}

/// Compares in a time that depends on the lengths only.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

async fn healthz(Shared(window): Shared<Arc<Window>>) -> Response {
    match (window.state.alive)() {
        true => (StatusCode::OK, "alive\n").into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "the event loop hangs\n").into_response(),
    }
}

async fn readyz(Shared(window): Shared<Arc<Window>>) -> Response {
    let reasons = (window.state.unready)();
    let ready = reasons.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(serde_json::json!({ "ready": ready, "reasons": reasons }))).into_response()
}

async fn metrics(Shared(window): Shared<Arc<Window>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], (window.state.metrics)()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn check(token: Option<&str>, request: &str, status: u16, part: &str) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            alive: Box::new(|| true),
            unready: Box::new(|| vec!["delivery waits: no broker".into()]),
            metrics: Box::new(|| "# EOF\n".into()),
            token: token.map(str::to_owned),
        };
        tokio::spawn(serve(listener, state, std::future::pending()));
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let request = request.replace("OWN", &address.to_string());
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
        assert!(answer.contains(part), "{request}: {answer}");
    }

    fn get_from(host: &str, path: &str, more: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n")
    }

    #[tokio::test]
    async fn answers() {
        check(None, &get_from("OWN", "/healthz", ""), 200, "alive").await;
        check(None, &get_from("localhost:1", "/readyz", ""), 503, "no broker").await;
        check(None, &get_from("OWN", "/metrics", ""), 200, "openmetrics-text").await;
        check(None, &get_from("OWN", "/else", ""), 404, "").await;
    }

    #[tokio::test]
    async fn strangers_are_refused() {
        check(None, &get_from("evil.example", "/metrics", ""), 403, "not ours").await;
        check(None, &get_from("127.0.0.1.evil.example", "/metrics", ""), 403, "").await;
        check(
            None,
            "POST /healthz HTTP/1.1\r\nHost: OWN\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            405,
            "",
        )
        .await;
        check(Some("s3cret"), &get_from("OWN", "/metrics", ""), 401, "token").await;
        check(Some("s3cret"), &get_from("OWN", "/metrics", "Authorization: Bearer s3crex\r\n"), 401, "")
            .await;
        check(Some("s3cret"), &get_from("OWN", "/metrics", "Authorization: Bearer s3cret\r\n"), 200, "EOF")
            .await;
        check(Some("s3cret"), &get_from("OWN", "/healthz", ""), 200, "alive").await;
    }
}
