//! The one function that builds a client, with every guard on, and the guard at the socket.

use crate::address::Allowed;
use crate::failure::failure;
use crate::resolve::GuardedResolver;
use crate::{Config, ConfigError};
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use model::{Failure, FailureClass, Request};
use reqwest::redirect::Policy;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// How long an idle connection is kept: longer than most servers do is of no use.
const POOL_IDLE: Duration = Duration::from_secs(30);
/// What a server may send ahead of our reading, in bytes: it lies in no body's share of the budget.
const HTTP2_STREAM_WINDOW: u32 = 256 << 10;
const HTTP2_CONNECTION_WINDOW: u32 = 512 << 10;

/// The client of most feeds, and one for each other way out that feeds ask for.
#[derive(Debug)]
pub(crate) struct Clients {
    config: Config,
    allowed: Arc<Allowed>,
    common: reqwest::Client,
    others: Mutex<HashMap<Way, reqwest::Client>>,
}

/// A way out: through which proxy, trusting whom besides.
type Way = (Option<String>, Option<PathBuf>);

impl Clients {
    pub(crate) fn new(config: &Config, allowed: &Arc<Allowed>) -> Result<Self, ConfigError> {
        let common = build(config, allowed, None)?;
        let (config, allowed) = (config.clone(), allowed.clone());
        Ok(Self { config, allowed, common, others: Mutex::default() })
    }

    /// The client for a feed; built at its first visit.
    pub(crate) fn of(&self, request: Option<&Request>) -> Result<reqwest::Client, Failure> {
        let way = request.map(|request| {
            (request.proxy.as_ref().map(|proxy| proxy.expose().to_owned()), request.ca_file.clone())
        });
        let Some(way) = way.filter(|way| *way != (None, None)) else { return Ok(self.common.clone()) };
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = others.get(&way) {
            return Ok(client.clone());
        }
        let config = Config { ca_file: way.1.clone().or(self.config.ca_file.clone()), ..self.config.clone() };
        let built = build(&config, &self.allowed, way.0.as_deref());
        let client = built.map_err(|error| failure(FailureClass::Internal, error.to_string()))?;
        others.insert(way, client.clone());
        Ok(client)
    }
}

/// Builds a client: no proxy of the environment, no redirects of its own, no referer, gzip only (a
/// brotli or zstd stream may ask for many megabytes of window), and nobody but the public internet. With a
/// proxy, nobody but the proxy: whom it speaks to is for it to filter.
#[expect(clippy::disallowed_methods, reason = "the one place where a client is built, with every guard on")]
pub(crate) fn build(
    config: &Config,
    allowed: &Arc<Allowed>,
    proxy: Option<&str>,
) -> Result<reqwest::Client, ConfigError> {
    let allowed = &match proxy {
        Some(proxy) => Arc::new(Allowed::only(proxy).ok_or(ConfigError::Proxy)?),
        None => allowed.clone(),
    };
    let agent = reqwest::header::HeaderValue::from_str(&config.agent())
        .map_err(|_| ConfigError::Agent(config.agent()))?;
    let builder = reqwest::Client::builder()
        .user_agent(agent)
        .no_proxy()
        .referer(false)
        .redirect(Policy::none())
        .gzip(true)
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .http2_initial_stream_window_size(HTTP2_STREAM_WINDOW)
        .http2_initial_connection_window_size(HTTP2_CONNECTION_WINDOW)
        .dns_resolver(GuardedResolver::new(allowed.clone()))
        .connector_layer(PeerGuard(allowed.clone()))
        .connect_timeout(config.connect_timeout.0)
        .read_timeout(config.read_timeout.0)
        .timeout(config.total_timeout.0)
        .pool_max_idle_per_host(config.per_host_concurrency.max(1))
        .pool_idle_timeout(POOL_IDLE)
        .tls_certs_merge(extra_roots(config)?);
    let builder = match proxy {
        Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| ConfigError::Proxy)?),
        None => builder,
    };
    builder.build().map_err(|error| ConfigError::Client(error.to_string()))
}

fn extra_roots(config: &Config) -> Result<Vec<reqwest::Certificate>, ConfigError> {
    let Some(path) = &config.ca_file else { return Ok(Vec::new()) };
    let failed = |why: String| ConfigError::CaFile(format!("{}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let roots = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| failed(error.to_string()))?;
    if roots.is_empty() {
        return Err(failed("it holds no certificate".into()));
    }
    Ok(roots)
}

/// The connected peer is not one that may be spoken to.
#[derive(Debug)]
pub(crate) struct ForbiddenPeer(Option<SocketAddr>);

impl fmt::Display for ForbiddenPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(peer) => write!(f, "the peer {} is not on the public internet (see fetch.allow)", peer.ip()),
            None => f.write_str("the connection does not tell its peer"),
        }
    }
}

impl std::error::Error for ForbiddenPeer {}

/// Looks at the real peer of each new connection before a byte of HTTP is written to it: what the guards
/// before it may have missed ends here.
#[derive(Clone)]
struct PeerGuard(Arc<Allowed>);

impl<S> Layer<S> for PeerGuard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, allowed: self.0.clone() }
    }
}

#[derive(Clone)]
struct Guarded<S> {
    inner: S,
    allowed: Arc<Allowed>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<S, R> Service<R> for Guarded<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: Connection,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (connecting, allowed) = (self.inner.call(request), self.allowed.clone());
        Box::pin(async move {
            let connection = connecting.await?;
            let mut extras = http::Extensions::new();
            connection.connected().get_extras(&mut extras);
            match extras.get::<HttpInfo>() {
                Some(info) if allowed.peer(info.remote_addr(), info.local_addr()) => Ok(connection),
                info => Err(ForbiddenPeer(info.map(HttpInfo::remote_addr)).into()),
            }
        })
    }
}
