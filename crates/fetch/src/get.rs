use crate::address::Allowed;
use crate::body::{self, Limits};
use crate::budget::Budget;
use crate::failure::{failure, of_client, of_status};
use crate::hosts::Hosts;
use crate::retry_after::retry_after;
use crate::target::Target;
use crate::{Config, ConfigError, client};
use jiff::Timestamp;
use model::units::Size;
use model::{Document, Failure, FailureClass, Validators, Visit};
use reqwest::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Response, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// Formats that can be read, before anything else that a server might have.
const ACCEPTED: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";
/// A validator longer than this is not worth its place; a server that needs it answers in full.
const VALIDATOR_BYTES_MAX: usize = 1024;

/// The least rate of a body is judged over stretches of this length.
const RATE_STRETCH: Duration = Duration::from_secs(10);

/// The one way out to the network; one for the whole daemon, shared by all visits.
#[derive(Debug)]
pub struct Fetch {
    client: reqwest::Client,
    allowed: Arc<Allowed>,
    hosts: Hosts,
    limits: Limits,
    max_redirects: usize,
}

/// What a visit brought.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once per visit and moved twice: a box would cost more")]
pub enum Fetched {
    /// A body.
    Document(Document),
    /// 304: what the visit's validators stand for is still all there is.
    NotModified,
}

impl Fetch {
    /// Builds the client. Needs a Tokio runtime only when [`Fetch::get`] is called.
    ///
    /// # Errors
    ///
    /// Names the key of the config that cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Self::check(config)?;
        let allowed = Arc::new(Allowed::read(&config.allow)?);
        let bytes = |size: Size| usize::try_from(size.0).unwrap_or(usize::MAX);
        let cap = bytes(config.max_body);
        Ok(Self {
            client: client::build(config, &allowed)?,
            allowed,
            hosts: Hosts::new(config.per_host_concurrency, config.per_host_gap.0),
            limits: Limits {
                cap,
                stretch: RATE_STRETCH,
                total: config.total_timeout.0,
                budget: Budget::new(bytes(config.body_budget), cap),
            },
            max_redirects: config.max_redirects,
        })
    }

    /// Says what is wrong with a config, without building anything or reading a file.
    ///
    /// # Errors
    ///
    /// Names the first key that cannot be used.
    pub fn check(config: &Config) -> Result<(), ConfigError> {
        config.check()
    }

    /// Asks for a feed once, following redirects one by one: each hop passes every guard and waits for a
    /// slot at its own host. Waiting is not limited in time, each request is. Dropping the future ends the
    /// connection and gives back slot and memory.
    ///
    /// # Errors
    ///
    /// One class and one sentence, without secrets.
    pub async fn get(&self, visit: &Visit) -> Result<Fetched, Failure> {
        let mut target = self.target(visit.feed.url.clone())?;
        let (origin, has_credentials) = (target.url.origin(), target.credentials.is_some());
        let mut visited = Vec::new();
        loop {
            let none = Validators::default();
            let are_for_this = visit.validators.url.as_deref() == Some(target.url.as_str());
            let validators = if are_for_this { &visit.validators } else { &none };
            let slot = self.hosts.slot(&target.url).await;
            let began = Instant::now();
            let response = self.send(&target, validators).await?;
            let Some(next) = redirect(&response)? else {
                return self.receive(visit, target.url, validators, response, began).await;
            };
            let status = response.status();
            drop((response, slot));
            if has_credentials && target.url.scheme() == "https" && next.scheme() == "http" {
                return Err(astray(status, "leads from https to http, and the feed has credentials"));
            }
            let credentials = target.credentials.take();
            visited.push(target.url);
            target =
                self.target(next).map_err(|failure| Failure { status: Some(status.as_u16()), ..failure })?;
            // Credentials belong to the origin that they were given for, and never come out of a redirect.
            target.credentials = credentials.filter(|_| target.url.origin() == origin);
            if visited.contains(&target.url) {
                return Err(astray(status, "leads back to where it came from"));
            }
            if self.max_redirects < visited.len() {
                return Err(astray(status, &format!("too many: more than {}", self.max_redirects)));
            }
        }
    }

    fn target(&self, url: Url) -> Result<Target, Failure> {
        Target::check(url, &self.allowed).map_err(|why| failure(FailureClass::Forbidden, why.0))
    }

    async fn send(&self, target: &Target, validators: &Validators) -> Result<Response, Failure> {
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        for (name, value) in
            [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)]
        {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_bytes(value).ok()) {
                headers.insert(name, value);
            }
        }
        let mut request = self.client.get(target.url.clone()).headers(headers);
        if let Some((user, password)) = &target.credentials {
            request = request.basic_auth(user, Some(password.expose()));
        }
        request.send().await.map_err(of_client)
    }

    async fn receive(
        &self,
        visit: &Visit,
        url: Url,
        sent: &Validators,
        response: Response,
        began: Instant,
    ) -> Result<Fetched, Failure> {
        let (status, headers) = (response.status(), response.headers());
        match status {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if *sent != Validators::default() => return Ok(Fetched::NotModified),
            StatusCode::NOT_MODIFIED => {
                let why = "the server answered 304 without being asked for it";
                return Err(Failure { status: Some(304), ..failure(FailureClass::BadHttp, why) });
            }
            _ => {
                let asked = headers.get(RETRY_AFTER).map(HeaderValue::as_bytes);
                return Err(of_status(status, asked.and_then(|asked| retry_after(asked, Timestamp::now()))));
            }
        }
        if let Some(encoding) = foreign_encoding(headers) {
            let why = format!("the body is encoded as {encoding:?}, which was not asked for");
            return Err(Failure { status: Some(200), ..failure(FailureClass::BadHttp, why) });
        }
        let validators = validators(headers, &url);
        let content_type = headers.get(CONTENT_TYPE).map(words);
        let body = body::read(response, &self.limits, began).await;
        let body = body.map_err(|failure| Failure { status: Some(200), ..failure })?;
        let (feed, fetched_at) = (visit.feed.clone(), Timestamp::now());
        Ok(Fetched::Document(Document { feed, url, body, content_type, validators, fetched_at }))
    }
}

fn astray(status: StatusCode, why: &str) -> Failure {
    let detail = format!("a redirect {why}");
    Failure { status: Some(status.as_u16()), ..failure(FailureClass::Redirect, detail) }
}

/// Where a redirect leads; none when the answer is not one.
fn redirect(response: &Response) -> Result<Option<Url>, Failure> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let unusable = |why: &str| astray(response.status(), why);
    let location = response.headers().get(LOCATION).ok_or_else(|| unusable("without a target"))?;
    let location =
        std::str::from_utf8(location.as_bytes()).map_err(|_| unusable("whose target is not text"))?;
    response.url().join(location).map(Some).map_err(|_| unusable("whose target is not a URL"))
}

/// An encoding that the client has not undone. It takes away the header of the gzip that it undoes, and
/// leaves it on an empty body.
fn foreign_encoding(headers: &HeaderMap) -> Option<String> {
    let is_known = |value: &&HeaderValue| {
        ["identity", "gzip", ""].iter().any(|known| value.as_bytes().eq_ignore_ascii_case(known.as_bytes()))
    };
    headers.get_all(CONTENT_ENCODING).iter().find(|value| !is_known(value)).map(words)
}

/// A header for people and for guesses: lossy and cut.
fn words(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).chars().take(200).collect()
}

/// What may be sent back with the next visit, byte for byte.
fn validators(headers: &HeaderMap, url: &Url) -> Validators {
    let kept = |name| {
        let bytes = headers.get(name).map(HeaderValue::as_bytes)?;
        (1..=VALIDATOR_BYTES_MAX).contains(&bytes.len()).then(|| bytes.to_vec())
    };
    let (etag, last_modified) = (kept(ETAG), kept(LAST_MODIFIED));
    let url = (etag.is_some() || last_modified.is_some()).then(|| url.to_string());
    Validators { etag, last_modified, url }
}

#[cfg(test)]
impl Fetch {
    /// As [`Fetch::new`], with a shorter stretch for the least rate of a body.
    pub(crate) fn with_stretch(config: &Config, stretch: Duration) -> Self {
        let mut fetch = Self::new(config).unwrap();
        fetch.limits.stretch = stretch;
        fetch
    }

    /// Bytes of the budget that are held.
    pub(crate) fn held(&self) -> usize {
        self.limits.budget.held()
    }
}
