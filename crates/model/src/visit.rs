use crate::feed::Feed;
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// One poll of one feed, about to begin.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The feed.
    pub feed: Arc<Feed>,
    /// Where it is asked for: its own address, or where that led for long.
    pub url: Url,
    /// What the last settled answer gave.
    pub validators: Validators,
    /// True when no poll of this feed was ever settled.
    pub first: bool,
    /// Failures in a row so far.
    pub failures: u32,
}

/// ETag and Last-Modified, kept as the bytes that the server sent.
///
/// They stand for the body of one URL only: sent to another, they may be answered by a 304 for a body that
/// was never read. A redirect that moved, or another URL in the feed list, thus asks without them.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Validators {
    /// Value of `ETag`, sent back as `If-None-Match`.
    pub etag: Option<Vec<u8>>,
    /// Value of `Last-Modified`, sent back as `If-Modified-Since`.
    pub last_modified: Option<Vec<u8>>,
    /// The URL that gave them, after redirects, without user and password.
    pub url: Option<String>,
}

/// A body that was received whole.
#[derive(Clone, Debug)]
pub struct Document {
    /// The feed.
    pub feed: Arc<Feed>,
    /// Where the body came from, after redirects.
    pub url: Url,
    /// Decoded bytes, within the cap.
    pub body: Bytes,
    /// Value of `Content-Type`, lossily decoded.
    pub content_type: Option<String>,
    /// To be kept when, and only when, all of the body's articles are settled.
    pub validators: Validators,
    /// When the body was complete.
    pub fetched_at: Timestamp,
}

/// A visit that brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind.
    pub class: FailureClass,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// One sentence for the operator, without secrets.
    pub detail: String,
    /// The server's `Retry-After`: nothing may be sent to the host before that.
    pub retry_after: Option<Duration>,
    /// The host that failed, as politeness counts hosts; none: it did not come to that.
    pub host: Option<String>,
}

/// Kinds of failure; bounded, so that they can label a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureClass {
    /// The guard refused the address, scheme, port or redirect.
    Forbidden,
    /// The name could not be resolved.
    Dns,
    /// No connection, or it broke.
    Connect,
    /// TLS handshake or certificate.
    Tls,
    /// One of the time limits ran out.
    Timeout,
    /// Not HTTP, or a head that is refused.
    BadHttp,
    /// The body went over a cap.
    TooLarge,
    /// Too many redirects, or one without a usable target.
    Redirect,
    /// 401, 403, 407.
    Denied,
    /// 404.
    NotFound,
    /// 410.
    Gone,
    /// 429, or 503 with `Retry-After`, or 403 that says so.
    Throttled,
    /// Other 4xx.
    ClientError,
    /// 5xx.
    ServerError,
    /// A body that is not a feed: JSON of another kind, an image, a feed beyond repair.
    NotAFeed,
    /// A page for people where a feed was.
    HtmlPage,
    /// A page that wants to know whether we are human.
    Challenge,
    /// A body without anything in it.
    Empty,
    /// The host's robots.txt forbids it.
    Robots,
    /// A fault of ours: a panic, a lost task.
    Internal,
}

impl FailureClass {
    /// The name used in logs, metrics and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden_address",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::BadHttp => "bad_http",
            Self::TooLarge => "too_large",
            Self::Redirect => "redirect",
            Self::Denied => "denied",
            Self::NotFound => "not_found",
            Self::Gone => "gone",
            Self::Throttled => "throttled",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
            Self::NotAFeed => "not_a_feed",
            Self::HtmlPage => "html_page",
            Self::Challenge => "challenge",
            Self::Empty => "empty",
            Self::Robots => "robots",
            Self::Internal => "internal",
        }
    }
}
