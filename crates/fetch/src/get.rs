use crate::address::Allowed;
use crate::body::{self, Budget};
use crate::failure::{failure, of_client, of_status};
use crate::hosts::Hosts;
use crate::retry_after::retry_after;
use crate::target::Target;
use crate::{Config, ConfigError, client};
use jiff::Timestamp;
use model::{Document, Failure, FailureClass, Validators, Visit};
use reqwest::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Response, StatusCode};
use std::sync::Arc;
use url::Url;

/// Formats that can be read, before anything else that a server might have.
const ACCEPTED: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";
/// A validator longer than this is not worth its place; a server that needs it answers in full.
const VALIDATOR_BYTES_MAX: usize = 1024;

/// The one way out to the network.
#[derive(Debug)]
pub struct Fetch {
    client: reqwest::Client,
    allowed: Arc<Allowed>,
    hosts: Hosts,
    budget: Budget,
    max_body: u64,
    max_redirects: usize,
}

/// What a visit brought.
#[derive(Debug)]
pub enum Fetched {
    /// A body.
    Document(Document),
    /// 304: what the visit's validators stand for is still all there is.
    NotModified,
}

impl Fetch {
    /// Builds the client.
    ///
    /// # Errors
    ///
    /// Names the key of the config that cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let allowed = Arc::new(Allowed::read(&config.allow)?);
        Ok(Self {
            client: client::build(config, &allowed)?,
            allowed,
            hosts: Hosts::new(config.per_host_concurrency, config.per_host_gap.0),
            budget: Budget::new(config.body_budget.0.max(config.max_body.0)),
            max_body: config.max_body.0,
            max_redirects: config.max_redirects,
        })
    }

    /// Says what is wrong with a config, without building anything or reading a file.
    ///
    /// # Errors
    ///
    /// Names the key of the config that cannot be used.
    pub fn check(config: &Config) -> Result<(), ConfigError> {
        HeaderValue::from_str(&config.agent()).map_err(|_| ConfigError::Agent(config.agent()))?;
        Allowed::read(&config.allow).map(|_| ())
    }

    /// Asks for a feed, following redirects one by one; each hop passes every guard and waits for its host.
    ///
    /// # Errors
    ///
    /// One class and one sentence, without secrets.
    pub async fn get(&self, visit: &Visit) -> Result<Fetched, Failure> {
        let mut target = self.target(visit.feed.url.clone())?;
        let (origin, has_credentials) = (target.url.origin(), target.credentials.is_some());
        for _ in 0..=self.max_redirects {
            let at_home = target.url.origin() == origin;
            let validators = if at_home { &visit.validators } else { &Validators::default() };
            let slot = self.hosts.slot(&target.url).await;
            let response = self.send(&target, validators).await?;
            let Some(next) = redirect(&response)? else {
                return self.receive(visit, target.url, validators, response).await;
            };
            drop(slot);
            if has_credentials && target.url.scheme() == "https" && next.scheme() == "http" {
                return Err(failure(
                    FailureClass::Redirect,
                    "a feed with credentials was redirected from https to http",
                ));
            }
            let credentials = target.credentials.take();
            target = self.target(next)?;
            // Credentials belong to the origin that they were given for, and never come out of a redirect.
            target.credentials = credentials.filter(|_| target.url.origin() == origin);
        }
        Err(failure(FailureClass::Redirect, format!("more than {} redirects", self.max_redirects)))
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
    ) -> Result<Fetched, Failure> {
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return match *sent == Validators::default() {
                true => {
                    Err(failure(FailureClass::BadHttp, "the server answered 304 without being asked for it"))
                }
                false => Ok(Fetched::NotModified),
            };
        }
        if status != StatusCode::OK {
            let asked = response.headers().get(RETRY_AFTER);
            return Err(of_status(
                status,
                asked.and_then(|value| retry_after(value.as_bytes(), Timestamp::now())),
            ));
        }
        if let Some(encoding) = response.headers().get(CONTENT_ENCODING)
            && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
        {
            let named = String::from_utf8_lossy(encoding.as_bytes()).chars().take(40).collect::<String>();
            return Err(failure(
                FailureClass::BadHttp,
                format!("the body is encoded as {named:?}, which was not asked for"),
            ));
        }
        let validators = validators(response.headers());
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type =
            content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).chars().take(200).collect());
        let body = body::read(response, self.max_body, &self.budget).await?;
        let (feed, fetched_at) = (visit.feed.clone(), Timestamp::now());
        Ok(Fetched::Document(Document { feed, url, body, content_type, validators, fetched_at }))
    }
}

/// Where a redirect leads; none when the answer is not one.
fn redirect(response: &Response) -> Result<Option<Url>, Failure> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let unusable = |why: &str| failure(FailureClass::Redirect, format!("a redirect {why}"));
    let location = response.headers().get(LOCATION).ok_or_else(|| unusable("without a target"))?;
    let location =
        std::str::from_utf8(location.as_bytes()).map_err(|_| unusable("whose target is not text"))?;
    response.url().join(location).map(Some).map_err(|_| unusable("whose target is not a URL"))
}

/// What may be sent back with the next visit, byte for byte.
fn validators(headers: &HeaderMap) -> Validators {
    let kept = |name| {
        let value: &HeaderValue = headers.get(name)?;
        let bytes = value.as_bytes();
        (!bytes.is_empty() && bytes.len() <= VALIDATOR_BYTES_MAX).then(|| bytes.to_vec())
    };
    Validators { etag: kept(ETAG), last_modified: kept(LAST_MODIFIED) }
}
