//! What holds for every route: method, host, token, no body, and the time for an answer.

use crate::State;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Rules {
    pub(crate) state: Arc<State>,
    pub(crate) answer_timeout: Duration,
}

/// Sent with every answer: nothing here is for a browser to run, frame, keep or guess about.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

pub(crate) async fn guard(Shared(rules): Shared<Arc<Rules>>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&rules.state, &request) {
        Some((status, why)) => (status, [(header::CONNECTION, "close")], why).into_response(),
        None => match tokio::time::timeout(rules.answer_timeout, next.run(request)).await {
            Ok(response) => response,
            Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the answer took too long\n").into_response(),
        },
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn refusal(state: &State, request: &Request) -> Option<(StatusCode, &'static str)> {
    let headers = request.headers();
    if !is_own_host(headers, &state.hosts) {
        return Some((StatusCode::FORBIDDEN, "this host name is not ours (http.hosts)\n"));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some((StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n"));
    }
    let length = headers.get(header::CONTENT_LENGTH);
    if headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0") {
        return Some((StatusCode::PAYLOAD_TOO_LARGE, "no body is read here\n"));
    }
    let is_open = state.token.is_none() || request.uri().path() == "/healthz";
    if !is_open && !has_token(headers, state.token.as_deref()) {
        return Some((StatusCode::UNAUTHORIZED, "a bearer token is needed\n"));
    }
    None
}

/// A rebound name can lead a browser here, an address written as a number cannot: so numbers pass, names
/// must be known. The port is the peer's view of us, and may have been mapped.
fn is_own_host(headers: &HeaderMap, hosts: &[String]) -> bool {
    let mut given = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (given.next(), given.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    let is_name = |known: &str| name.eq_ignore_ascii_case(known);
    bare.parse::<IpAddr>().is_ok() || is_name("localhost") || hosts.iter().any(|host| is_name(host))
}

fn has_token(headers: &HeaderMap, token: Option<&str>) -> bool {
    let given = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let given = given.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
    token.is_some_and(|token| same(given, token.as_bytes()))
}

/// Compares in a time that depends on the lengths only.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
