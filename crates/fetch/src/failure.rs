//! What went wrong, in words of ours: a class that can be counted and a sentence without secrets.

use crate::client::ForbiddenPeer;
use crate::resolve::{ForbiddenName, Unresolved};
use model::{Failure, FailureClass};
use reqwest::StatusCode;
use std::error::Error;
use std::time::Duration;

pub(crate) fn failure(class: FailureClass, detail: impl Into<String>) -> Failure {
    Failure { class, status: None, detail: detail.into(), retry_after: None }
}

/// The failure behind an error of the client. Its own text is not used where it would print the URL.
pub(crate) fn of_client(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    let mut last = error.to_string();
    while let Some(this) = cause {
        if this.is::<ForbiddenName>() || this.is::<ForbiddenPeer>() {
            return failure(FailureClass::Forbidden, this.to_string());
        }
        if this.is::<Unresolved>() {
            return failure(FailureClass::Dns, this.to_string());
        }
        last = this.to_string();
        cause = this.source();
    }
    let class = if error.is_timeout() {
        FailureClass::Timeout
    } else if is_tls(&last) {
        FailureClass::Tls
    } else if error.is_connect() {
        FailureClass::Connect
    } else if error.is_body() || error.is_decode() || last.contains("connection") {
        FailureClass::Connect
    } else {
        FailureClass::BadHttp
    };
    failure(class, if class == FailureClass::Timeout { "a time limit ran out".into() } else { last })
}

fn is_tls(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["certificate", "tls", "handshake", "received fatal alert", "corrupt message"]
        .iter()
        .any(|word| text.contains(word))
}

/// The failure that a status stands for.
pub(crate) fn of_status(status: StatusCode, retry_after: Option<Duration>) -> Failure {
    let class = match status.as_u16() {
        429 => FailureClass::Throttled,
        503 if retry_after.is_some() => FailureClass::Throttled,
        401 | 403 | 407 => FailureClass::Denied,
        404 => FailureClass::NotFound,
        410 => FailureClass::Gone,
        400..=499 => FailureClass::ClientError,
        500..=599 => FailureClass::ServerError,
        _ => FailureClass::BadHttp,
    };
    let reason = status.canonical_reason().unwrap_or("unknown status");
    let retry_after = retry_after.filter(|_| class == FailureClass::Throttled);
    let wait = retry_after.map(|wait| format!(", asks to wait {} s", wait.as_secs())).unwrap_or_default();
    Failure {
        class,
        status: Some(status.as_u16()),
        detail: format!("the server answered {} {reason}{wait}", status.as_u16()),
        retry_after,
    }
}
