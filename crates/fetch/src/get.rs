use crate::address::Allowed;
use crate::body::{self, Limits};
use crate::budget::Budget;
use crate::client::Clients;
use crate::failure::{failure, of_client, of_status};
use crate::fresh::floor;
use crate::hosts::{Hosts, host_key};
use crate::own::Own;
use crate::page::{Page, page};
use crate::retry_after::retry_after;
use crate::robots::{Robots, RobotsFiles};
use crate::target::Target;
use crate::{Config, ConfigError};
use jiff::Timestamp;
use model::units::Size;
use model::{Document, Failure, FailureClass, Feed, FeedId, Validators, Visit};
use reqwest::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Response, StatusCode};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// Formats that can be read, before anything else that a server might have.
const FEEDS: &str = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1";
/// What an article's page may be.
const PAGES: &str = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1";
/// A validator longer than this is not worth its place; a server that needs it answers in full.
const VALIDATOR_BYTES_MAX: usize = 1024;

/// A refusal says what it is within this many bytes.
const REFUSAL_BYTES: usize = 16 << 10;
/// A host that asks for peace and does not say how long gets this from us, and more from the schedule.
const PAUSE_UNSAID: Duration = Duration::from_secs(300);
/// The name that robots.txt knows us by.
const ROBOTS_TOKEN: &str = "wireroom";
static PLAIN: LazyLock<FeedId> = LazyLock::new(|| FeedId::fixed("page"));

/// The least rate of a body is judged over stretches of this length.
const RATE_STRETCH: Duration = Duration::from_secs(10);

/// The one way out to the network; one for the whole daemon, shared by all visits.
#[derive(Debug)]
pub struct Fetch {
    clients: Clients,
    allowed: Arc<Allowed>,
    hosts: Hosts,
    limits: Limits,
    max_redirects: usize,
    obeys_robots: bool,
    robots: RobotsFiles,
}

/// Where robots.txt is asked on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obey {
    /// Nowhere.
    No,
    /// Where the way starts.
    Start,
    /// At each host.
    EachHop,
}

/// What a visit brought.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "made once per visit and moved twice: a box would cost more")]
pub enum Fetched {
    /// A body.
    Document(Document, Answer),
    /// 304: what the visit's validators stand for is still all there is.
    NotModified(Answer),
}

/// What an answer says beside its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// How long the publisher says that it stays good; zero: it does not say.
    pub floor: Duration,
    /// Where the feed's address led by lasting redirects (301, 308) alone.
    pub moved: Option<Url>,
    /// `Crawl-delay` of the feed's host, where robots.txt is obeyed.
    pub crawl_delay: Option<Duration>,
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
            clients: Clients::new(config, &allowed)?,
            allowed,
            hosts: Hosts::new(config.per_host_concurrency, config.per_host_gap.0),
            limits: Limits {
                cap,
                stretch: RATE_STRETCH,
                total: config.total_timeout.0,
                budget: Budget::new(bytes(config.body_budget), cap),
            },
            max_redirects: config.max_redirects,
            obeys_robots: config.robots,
            robots: RobotsFiles::default(),
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

    /// Nothing is sent to `host` for so long, on no feed's way; a pause is never shortened.
    pub fn pause(&self, host: &str, wait: Duration) {
        self.hosts.pause(host, wait);
    }

    /// Asks for a feed once, following redirects one by one: each hop passes every guard and waits for a
    /// slot at its own host. Waiting is not limited in time, each request is. Dropping the future ends the
    /// connection and gives back slot and memory.
    ///
    /// # Errors
    ///
    /// One class and one sentence, without secrets.
    pub async fn get(&self, visit: &Visit) -> Result<Fetched, Failure> {
        let robots =
            if visit.feed.polling.robots.unwrap_or(self.obeys_robots) { Obey::Start } else { Obey::No };
        self.follow(visit, FEEDS, robots).await
    }

    /// Asks for the page of an article that a feed carries, as [`Fetch::get`] asks for the feed: what the
    /// feed's requests carry goes to its own origin, and nowhere else. A page is published to be read by
    /// people: each hop obeys robots.txt, unless the feed says otherwise.
    ///
    /// # Errors
    ///
    /// As [`Fetch::get`].
    pub async fn article(&self, feed: &Arc<Feed>, url: Url) -> Result<Fetched, Failure> {
        let robots = if feed.polling.robots == Some(false) { Obey::No } else { Obey::EachHop };
        let (feed, validators) = (feed.clone(), Validators::default());
        self.follow(&Visit { feed, url, validators, first: false, failures: 0 }, PAGES, robots).await
    }

    async fn follow(&self, visit: &Visit, accepted: &'static str, robots: Obey) -> Result<Fetched, Failure> {
        let client = self.clients.of(visit.feed.polling.request.as_deref())?;
        let declared = self.target(visit.feed.url.clone())?;
        let own = Own::of(&visit.feed, declared.credentials);
        let mut target = self.target(visit.url.clone())?;
        let mut answer = Answer::default();
        let (mut visited, mut lasting) = (Vec::new(), true);
        loop {
            if robots == Obey::EachHop || (robots == Obey::Start && visited.is_empty()) {
                let delay = self.ask_robots(&target.url).await?;
                answer.crawl_delay = if visited.is_empty() { delay } else { answer.crawl_delay };
            }
            let none = Validators::default();
            let are_for_this = visit.validators.url.as_deref() == Some(target.url.as_str());
            let validators = if are_for_this { &visit.validators } else { &none };
            let at = |failure: Failure| failure_at(failure, &target.url);
            let slot = self.hosts.slot(&target.url).await.map_err(at)?;
            let began = Instant::now();
            let response = send(&client, &target, &own, (accepted, validators)).await.map_err(at)?;
            let Some(next) = redirect(&response).map_err(at)? else {
                answer.floor = floor(response.headers(), Timestamp::now());
                answer.moved = (lasting && !visited.is_empty()).then(|| target.url.clone());
                let received = self.receive(visit, target.url.clone(), validators, response, began).await;
                return Ok(match received.map_err(|failure| self.spare(failure, &target.url))? {
                    Some(document) => Fetched::Document(document, answer),
                    None => Fetched::NotModified(answer),
                });
            };
            let status = response.status();
            lasting &= matches!(status.as_u16(), 301 | 308);
            drop((response, slot));
            if own.is_secret() && target.url.scheme() == "https" && next.scheme() == "http" {
                return Err(astray(status, "leads from https to http, and the feed has credentials"));
            }
            visited.push(target.url);
            target =
                self.target(next).map_err(|failure| Failure { status: Some(status.as_u16()), ..failure })?;
            if visited.contains(&target.url) {
                return Err(astray(status, "leads back to where it came from"));
            }
            if self.max_redirects < visited.len() {
                return Err(astray(status, &format!("too many: more than {}", self.max_redirects)));
            }
        }
    }

    /// Asks for a page that is no feed of ours: nothing is sent along.
    ///
    /// # Errors
    ///
    /// As [`Fetch::get`].
    pub async fn page(&self, url: Url) -> Result<Fetched, Failure> {
        self.get(&plain(url)).await
    }

    /// The sitemaps that the robots.txt of a page's host names; none where that cannot be had.
    pub async fn sitemaps(&self, page: &Url) -> Vec<Url> {
        let robots = self.fetch_robots(page).await.unwrap_or_default();
        robots.sitemaps.iter().filter_map(|sitemap| page.join(sitemap).ok()).collect()
    }

    fn target(&self, url: Url) -> Result<Target, Failure> {
        Target::check(url, &self.allowed).map_err(|why| failure(FailureClass::Forbidden, why.0))
    }

    /// Names the host that failed; one that asks for peace gets it at once, whoever else is on the way to it.
    fn spare(&self, failure: Failure, url: &Url) -> Failure {
        if failure.class == FailureClass::Throttled {
            self.hosts.pause(&host_key(url), failure.retry_after.unwrap_or(PAUSE_UNSAID));
        }
        failure_at(failure, url)
    }

    /// Whether robots.txt allows a URL, and the delay that it asks for.
    async fn ask_robots(&self, url: &Url) -> Result<Option<Duration>, Failure> {
        let robots = match self.robots.known(url) {
            Some(robots) => robots,
            None => {
                let found = self.fetch_robots(url).await?;
                self.robots.keep(url, found)
            }
        };
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if robots.allows(path) {
            return Ok(robots.delay);
        }
        Err(failure_at(failure(FailureClass::Robots, "robots.txt of the host forbids it"), url))
    }

    /// The robots.txt that holds for a URL. None where there is none; where the host cannot say, its failure.
    async fn fetch_robots(&self, url: &Url) -> Result<Robots, Failure> {
        let Ok(place) = url.join("/robots.txt") else { return Ok(Robots::default()) };
        match Box::pin(self.get(&plain(place))).await {
            Ok(Fetched::Document(document, _)) => Ok(Robots::read(&document.body, ROBOTS_TOKEN)),
            Ok(Fetched::NotModified(_)) => Ok(Robots::default()),
            // What the host refuses to show, it does not ask for (RFC 9309 section 2.3.1.3).
            Err(failure)
                if failure.status.is_some_and(|status| (400..500).contains(&status) && status != 429) =>
            {
                Ok(Robots::default())
            }
            Err(failure) => Err(failure),
        }
    }

    /// The document; none: not modified.
    async fn receive(
        &self,
        visit: &Visit,
        url: Url,
        sent: &Validators,
        mut response: Response,
        began: Instant,
    ) -> Result<Option<Document>, Failure> {
        let status = response.status();
        match status {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED if *sent != Validators::default() => return Ok(None),
            StatusCode::NOT_MODIFIED => {
                let why = "the server answered 304 without being asked for it";
                return Err(Failure { status: Some(304), ..failure(FailureClass::BadHttp, why) });
            }
            _ => {
                let asked = response.headers().get(RETRY_AFTER).map(HeaderValue::as_bytes);
                let asked = asked.and_then(|asked| retry_after(asked, Timestamp::now()));
                let page = refusal(&mut response).await;
                return Err(of_status(status, asked, page));
            }
        }
        let headers = response.headers();
        if let Some(encoding) = foreign_encoding(headers) {
            let why = format!("the body is encoded as {encoding:?}, which was not asked for");
            return Err(Failure { status: Some(200), ..failure(FailureClass::BadHttp, why) });
        }
        let validators = validators(headers, &url);
        let content_type = headers.get(CONTENT_TYPE).map(words);
        let body = body::read(response, &self.limits, began).await;
        let body = body.map_err(|failure| Failure { status: Some(200), ..failure })?;
        let (feed, fetched_at) = (visit.feed.clone(), Timestamp::now());
        Ok(Some(Document { feed, url, body, content_type, validators, fetched_at }))
    }
}

/// A visit of a page that is no feed: nothing is sent along, nothing is asked of its robots.txt.
fn plain(url: Url) -> Visit {
    let feed = Feed {
        id: PLAIN.clone(),
        url: url.clone(),
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: model::FirstPoll::MarkSeen,
        polling: model::Polling { robots: Some(false), ..model::Polling::default() },
    };
    Visit { feed: Arc::new(feed), url, validators: Validators::default(), first: true, failures: 0 }
}

async fn send(
    client: &reqwest::Client,
    target: &Target,
    own: &Own,
    (accepted, validators): (&'static str, &Validators),
) -> Result<Response, Failure> {
    let mut headers = HeaderMap::with_capacity(4);
    headers.insert(ACCEPT, HeaderValue::from_static(accepted));
    own.add(target, &mut headers);
    for (name, value) in [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)] {
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_bytes(value).ok()) {
            headers.insert(name, value);
        }
    }
    client.get(target.url.clone()).headers(headers).send().await.map_err(of_client)
}

/// What a refusal says in its headers and, where that tells something, in its first bytes.
async fn refusal(response: &mut Response) -> Page {
    let is = |name: &str, value: &str| response.headers().get(name).is_some_and(|found| found == value);
    if is("cf-mitigated", "challenge") {
        return Page::Challenge;
    }
    if ["ratelimit-remaining", "x-ratelimit-remaining"].into_iter().any(|name| is(name, "0")) {
        return Page::Throttled;
    }
    if !matches!(response.status().as_u16(), 403 | 429 | 503) {
        return Page::Other;
    }
    let mut body = Vec::new();
    while body.len() < REFUSAL_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            _ => break,
        }
    }
    page(&body)
}

fn failure_at(failure: Failure, url: &Url) -> Failure {
    Failure { host: Some(host_key(url)), ..failure }
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
