//! Names to addresses, by a resolver of our own, each answer sifted before anything connects to it. The
//! client connects to exactly what is returned and does not resolve again, so a name cannot change its
//! mind in between.

use crate::address::Allowed;
use hickory_resolver::TokioResolver;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// One question; a resolver that does not answer must not use up the connection's time.
const TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;
/// Answers kept, and for how long at least and at most: a TTL of 0 would make a question of each poll.
const CACHE_ENTRIES: u64 = 20_000;
const TTL_MIN: Duration = Duration::from_secs(30);
const TTL_MAX: Duration = Duration::from_secs(24 * 3600);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 8;

#[derive(Clone)]
pub(crate) struct GuardedResolver {
    /// None: the system's resolver config could not be read.
    resolver: Option<TokioResolver>,
    allowed: Arc<Allowed>,
}

/// All addresses of a name were refused.
#[derive(Debug)]
pub(crate) struct ForbiddenName(String);

impl fmt::Display for ForbiddenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no address on the public internet (see fetch.allow)", self.0)
    }
}

impl std::error::Error for ForbiddenName {}

/// A name could not be resolved.
#[derive(Debug)]
pub(crate) struct Unresolved(String);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unresolved {}

impl GuardedResolver {
    pub(crate) fn new(allowed: Arc<Allowed>) -> Self {
        let resolver = TokioResolver::builder_tokio().and_then(|mut builder| {
            let options = builder.options_mut();
            options.timeout = TIMEOUT;
            options.attempts = ATTEMPTS;
            options.cache_size = CACHE_ENTRIES;
            options.positive_min_ttl = Some(TTL_MIN);
            options.positive_max_ttl = Some(TTL_MAX);
            options.negative_max_ttl = Some(TTL_MIN);
            builder.build()
        });
        if let Err(error) = &resolver {
            tracing::warn!(%error, "the system's resolver config cannot be read: no name will be resolved");
        }
        Self { resolver: resolver.ok(), allowed }
    }

    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        if name == "localhost" {
            return Ok(vec![[127, 0, 0, 1].into(), std::net::Ipv6Addr::LOCALHOST.into()]);
        }
        let resolver =
            self.resolver.as_ref().ok_or_else(|| Unresolved("no resolver is configured".into()))?;
        // The final dot keeps the search list of the system out of it: names in feeds are complete.
        let complete = format!("{}.", name.trim_end_matches('.'));
        let answer = resolver.lookup_ip(complete).await;
        answer.map(|found| found.iter().collect()).map_err(|error| Unresolved(format!("{name}: {error}")))
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let name = name.as_str().to_ascii_lowercase();
            let found = this.addresses(&name).await?;
            let mut sifted = this.allowed.sift(name.trim_end_matches('.'), found.into_iter());
            if sifted.is_empty() {
                return Err(ForbiddenName(name).into());
            }
            sifted.truncate(ADDRESSES_MAX);
            Ok(Box::new(sifted.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}
