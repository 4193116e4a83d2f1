//! What holds for every route: method, host, token, body, and the time for an answer.

use crate::State;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Rules {
    pub(crate) state: Arc<State>,
    pub(crate) answer_timeout: Duration,
    /// Over the Unix socket: the file's permissions have decided who may ask.
    pub(crate) is_local: bool,
}

/// Sent with every answer: a browser runs, loads and asks for nothing that is not ours, frames nothing,
/// keeps nothing and guesses nothing.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
];

type Refused = (StatusCode, &'static str);

pub(crate) async fn guard(Shared(rules): Shared<Arc<Rules>>, request: Request, next: Next) -> Response {
    let refused = if rules.is_local { None } else { refusal(&rules.state, &request) };
    let mut response = match refused {
        Some((status, why)) => refuse(status, why),
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

fn refuse(status: StatusCode, why: &'static str) -> Response {
    let mut response = (status, [(header::CONNECTION, "close")], why).into_response();
    if status == StatusCode::UNAUTHORIZED {
        // A browser then asks for it: any user name, the token as the password.
        let challenge = HeaderValue::from_static("Basic realm=\"wireroom\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn refusal(state: &State, request: &Request) -> Option<Refused> {
    let headers = request.headers();
    if !is_own_host(headers, &state.hosts) {
        return Some((StatusCode::FORBIDDEN, "this host name is not ours (http.hosts)\n"));
    }
    let is_open = state.token.is_none() || request.uri().path() == "/healthz";
    if !is_open && !has_token(headers, state.token.as_deref()) {
        return Some((StatusCode::UNAUTHORIZED, "a bearer token is needed\n"));
    }
    match *request.method() {
        Method::GET | Method::HEAD => {
            carries_body(headers).then_some((StatusCode::PAYLOAD_TOO_LARGE, "a question has no body here\n"))
        }
        Method::POST | Method::DELETE if request.uri().path().starts_with("/api/") => change(state, headers),
        _ => Some((StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n")),
    }
}

fn carries_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

/// What changes something needs a token, and must not come from another site's page.
fn change(state: &State, headers: &HeaderMap) -> Option<Refused> {
    if state.token.is_none() {
        let why = "changes over HTTP need a token: set http.token_file, or use the command line\n";
        return Some((StatusCode::FORBIDDEN, why));
    }
    let is_json = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| {
        kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
    });
    if !is_json {
        return Some((StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json\n"));
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let is_ours = matches!(site, None | Some(b"same-origin" | b"none"))
        && headers.get(header::ORIGIN).is_none_or(|origin| is_own_origin(headers, origin));
    (!is_ours).then_some((StatusCode::FORBIDDEN, "this comes from another site's page\n"))
}

/// The page's own origin is the scheme and the very host that the request was sent to.
fn is_own_origin(headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let origin = origin.to_str().unwrap_or_default();
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
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

/// As `Bearer`, or as the password of `Basic`, which is how a browser can be given one.
fn has_token(headers: &HeaderMap, token: Option<&str>) -> bool {
    let given = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let Some(token) = token else { return false };
    if let Some(bearer) = given.strip_prefix(b"Bearer ") {
        return same(bearer, token.as_bytes());
    }
    let basic = given.strip_prefix(b"Basic ").and_then(|text| BASE64_STANDARD.decode(text).ok());
    let basic = basic.unwrap_or_default();
    let password = basic.iter().position(|byte| *byte == b':').map(|at| &basic[at + 1..]);
    password.is_some_and(|password| same(password, token.as_bytes()))
}

/// Compares in a time that depends on the lengths only.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
