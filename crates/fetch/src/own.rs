//! What one feed's requests carry beyond everybody's: headers, credentials, a cookie, a name. It belongs
//! to the feed's own origin and is left behind on the way to any other.

use crate::target::Target;
use http::{HeaderName, HeaderValue};
use model::{Feed, Request, Secret};
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, USER_AGENT};
use std::sync::Arc;
use url::Origin;

/// Headers that steer the connection, the answer or a proxy: they are ours to set.
const FORBIDDEN: [&str; 18] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "proxy-authorization",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
const HEADERS_MAX: usize = 32;

/// Says what is wrong with what a feed's requests are to carry; a sentence that holds no value.
pub fn check_request(request: &Request) -> Result<(), String> {
    if HEADERS_MAX < request.headers.len() {
        return Err(format!("a feed has at most {HEADERS_MAX} headers"));
    }
    for (name, value) in &request.headers {
        let known = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("{name:?} cannot be the name of a header"))?;
        if FORBIDDEN.contains(&known.as_str()) || known.as_str().starts_with("proxy-") {
            return Err(format!("the header {known} is wireroom's own to set"));
        }
        header(value.expose()).map_err(|()| format!("the value of the header {known} cannot be sent"))?;
    }
    let texts = [
        ("cookie", request.cookie.as_ref().map(Secret::expose)),
        ("user_agent", request.user_agent.as_deref()),
    ];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text?))) {
        header(text).map_err(|()| format!("the value of `{key}` cannot be sent in a header"))?;
    }
    if let Some((user, _)) = request.basic.as_ref().filter(|(user, _)| user.contains(':')) {
        return Err(format!("the user {user:?} must not hold a colon"));
    }
    let proxy = request.proxy.as_ref().map(|proxy| reqwest::Url::parse(proxy.expose()));
    let fits = |url: &reqwest::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match proxy {
        Some(Ok(url)) if fits(&url) => Ok(()),
        Some(_) => Err("the proxy is not a URL such as \"http://proxy.example:3128\"".into()),
        None => Ok(()),
    }
}

fn header(text: &str) -> Result<HeaderValue, ()> {
    let mut value = HeaderValue::from_str(text).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(value)
}

/// A feed's own, on its way.
pub(crate) struct Own {
    request: Option<Arc<Request>>,
    /// User and password of the feed's URL.
    credentials: Option<(String, Secret)>,
    origin: Origin,
}

impl Own {
    /// The feed's, with what its URL holds; `credentials` are those of the declared URL.
    pub(crate) fn of(feed: &Feed, credentials: Option<(String, Secret)>) -> Self {
        Self { request: feed.polling.request.clone(), credentials, origin: feed.url.origin() }
    }

    /// True when there is something that must not travel in the clear.
    pub(crate) fn is_secret(&self) -> bool {
        let has = |request: &Request| {
            !request.headers.is_empty() || request.basic.is_some() || request.cookie.is_some()
        };
        self.credentials.is_some() || self.request.as_deref().is_some_and(has)
    }

    /// Adds what belongs to the target's origin.
    pub(crate) fn add(&self, target: &Target, headers: &mut HeaderMap) {
        let at_home = target.url.origin() == self.origin;
        let request = self.request.as_deref();
        // A name is no secret, but it was given for one publisher.
        if let Some(agent) = request.filter(|_| at_home).and_then(|request| request.user_agent.as_deref())
            && let Ok(value) = HeaderValue::from_str(agent)
        {
            headers.insert(USER_AGENT, value);
        }
        if !at_home {
            return;
        }
        for (name, value) in request.map_or(&[][..], |request| &request.headers) {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), header(value.expose())) {
                headers.insert(name, value);
            }
        }
        if let Some(value) = request.and_then(|request| header(request.cookie.as_ref()?.expose()).ok()) {
            headers.insert(COOKIE, value);
        }
        let basic = request.and_then(|request| request.basic.as_ref()).or(self.credentials.as_ref());
        if let Some(value) = basic.and_then(|(user, password)| header(&basic_auth(user, password)).ok()) {
            headers.insert(AUTHORIZATION, value);
        }
    }
}

/// RFC 7617.
fn basic_auth(user: &str, password: &Secret) -> String {
    use data_encoding::BASE64;
    format!("Basic {}", BASE64.encode(format!("{user}:{}", password.expose()).as_bytes()))
}
