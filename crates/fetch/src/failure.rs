//! What went wrong, in words of ours: a class that can be counted and a sentence without secrets.

use crate::client::ForbiddenPeer;
use crate::page::Page;
use crate::resolve::{ForbiddenName, Unresolved};
use model::{Failure, FailureClass};
use reqwest::StatusCode;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

/// A detail longer than this is not read by anybody.
const DETAIL_CHARS_MAX: usize = 300;

/// A failure without a status. Parts of `detail` may be the server's words: they are cut, and stay on a line.
pub(crate) fn failure(class: FailureClass, detail: impl AsRef<str>) -> Failure {
    let on_one_line = |c: char| if c.is_control() { ' ' } else { c };
    let detail = detail.as_ref().chars().take(DETAIL_CHARS_MAX).map(on_one_line).collect();
    Failure { class, status: None, detail, retry_after: None, host: None }
}

/// The failure behind an error of the client, whose own words would print the URL.
pub(crate) fn of_client(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let causes = || Causes(Some(&error));
    if let Some(own) = causes().find_map(of_guard) {
        return own;
    }
    if error.is_timeout() {
        return failure(
            FailureClass::Timeout,
            match error.is_connect() {
                true => "there was no connection within fetch.connect_timeout",
                false => "the answer was not complete within fetch.read_timeout or fetch.total_timeout",
            },
        );
    }
    let class = causes().filter_map(class_of).last();
    let class = class.unwrap_or(match error.is_connect() {
        true => FailureClass::Connect,
        false => FailureClass::BadHttp,
    });
    let words = causes().last().map(ToString::to_string).unwrap_or_default();
    failure(class, words)
}

/// An error and what caused it, down to the first cause.
struct Causes<'a>(Option<&'a (dyn Error + 'static)>);

impl<'a> Iterator for Causes<'a> {
    type Item = &'a (dyn Error + 'static);

    fn next(&mut self) -> Option<Self::Item> {
        let this = self.0.take()?;
        self.0 = this.source();
        Some(this)
    }
}

/// What our own guards say.
fn of_guard(cause: &(dyn Error + 'static)) -> Option<Failure> {
    let class = if cause.is::<ForbiddenName>() || cause.is::<ForbiddenPeer>() {
        FailureClass::Forbidden
    } else if cause.is::<Unresolved>() {
        FailureClass::Dns
    } else {
        return None;
    };
    Some(failure(class, cause.to_string()))
}

/// What one link of the chain of causes says; the deepest that says anything is right.
fn class_of(cause: &(dyn Error + 'static)) -> Option<FailureClass> {
    if let Some(http) = cause.downcast_ref::<hyper::Error>() {
        return match () {
            () if http.is_parse() => Some(FailureClass::BadHttp),
            () if http.is_incomplete_message() || http.is_closed() => Some(FailureClass::Connect),
            () => None,
        };
    }
    if cause.is::<rustls::Error>() {
        return Some(FailureClass::Tls);
    }
    let mut io = cause.downcast_ref::<io::Error>()?;
    // The source of such an error skips what it wraps, so that is looked at here.
    while let Some(inner) = io.get_ref() {
        if inner.is::<rustls::Error>() {
            return Some(FailureClass::Tls);
        }
        let Some(inner) = inner.downcast_ref() else { break };
        io = inner;
    }
    match io.kind() {
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::ConnectionRefused
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable => Some(FailureClass::Connect),
        // The decoder's: the bytes are not gzip.
        ErrorKind::InvalidData | ErrorKind::InvalidInput => Some(FailureClass::BadHttp),
        _ => None,
    }
}

/// The failure that a status stands for.
pub(crate) fn of_status(status: StatusCode, retry_after: Option<Duration>, page: Page) -> Failure {
    let class = match status.as_u16() {
        _ if page == Page::Challenge => FailureClass::Challenge,
        429 => FailureClass::Throttled,
        403 if retry_after.is_some() || page == Page::Throttled => FailureClass::Throttled,
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
    let detail = format!("the server answered {} {reason}{wait}", status.as_u16());
    Failure { status: Some(status.as_u16()), retry_after, ..failure(class, detail) }
}
