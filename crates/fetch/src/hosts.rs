//! Slots at hosts: so many requests at once, so much time between two starts, first come first served.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::{Host as UrlHost, Url};

/// Hosts that are remembered before idle ones are dropped.
const HOSTS_MAX: usize = 4096;

/// The host as politeness counts it: the registered domain, so that subdomains share their limit; an
/// address as it is; on loopback with the port, since there every server of a test has the same address.
pub fn host_key(url: &Url) -> String {
    let with_port = |ip: std::net::IpAddr| match (ip.is_loopback(), url.port_or_known_default()) {
        (true, Some(port)) => format!("{ip}:{port}"),
        _ => ip.to_string(),
    };
    match url.host() {
        Some(UrlHost::Domain(name)) => {
            let name = name.trim_end_matches('.');
            psl::domain_str(name).unwrap_or(name).to_owned()
        }
        Some(UrlHost::Ipv4(ip)) => with_port(ip.into()),
        Some(UrlHost::Ipv6(ip)) => with_port(ip.into()),
        None => String::new(),
    }
}

#[derive(Debug)]
pub(crate) struct Hosts {
    concurrency: usize,
    gap: Duration,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    permits: Arc<Semaphore>,
    next_start: Mutex<Instant>,
}

/// A slot at a host; given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Hosts {
    pub(crate) fn new(concurrency: usize, gap: Duration) -> Self {
        Self { concurrency: concurrency.max(1), gap, hosts: Mutex::default() }
    }

    /// Waits for a slot at the host of `url`.
    pub(crate) async fn slot(&self, url: &Url) -> Slot {
        let host = self.host(host_key(url));
        let permit = host.permits.clone().acquire_owned().await.ok();
        let start = {
            let mut next = host.next_start.lock().unwrap_or_else(PoisonError::into_inner);
            let start = (*next).max(Instant::now());
            *next = start + self.gap;
            start
        };
        sleep_until(start).await;
        Slot { _permit: permit }
    }

    fn host(&self, key: String) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if HOSTS_MAX < hosts.len() {
            let now = Instant::now();
            let is_busy = |host: &Arc<Host>| {
                1 < Arc::strong_count(host)
                    || host.permits.available_permits() < self.concurrency
                    || now < *host.next_start.lock().unwrap_or_else(PoisonError::into_inner)
            };
            hosts.retain(|_, host| is_busy(host));
        }
        let new = || Host {
            permits: Arc::new(Semaphore::new(self.concurrency)),
            next_start: Mutex::new(Instant::now()),
        };
        hosts.entry(key).or_insert_with(|| Arc::new(new())).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: &str) {
        assert_eq!(host_key(&url.parse().unwrap()), expect);
    }

    #[test]
    fn subdomains_share_a_host_and_local_servers_do_not() {
        check("https://feeds.bbci.co.uk/news", "bbci.co.uk");
        check("https://www.example.org./x", "example.org");
        check("https://a.github.io/", "a.github.io");
        check("http://127.0.0.1:8080/a", "127.0.0.1:8080");
        check("http://[::1]:8080/a", "::1:8080");
        check("http://8.8.8.8:8080/a", "8.8.8.8");
    }

    #[tokio::test(start_paused = true)]
    async fn starts_keep_their_distance_and_their_order() {
        let hosts = Arc::new(Hosts::new(2, Duration::from_secs(5)));
        let url: Url = "https://example.org/".parse().unwrap();
        let began = Instant::now();
        let mut starts = Vec::new();
        for _ in 0..4 {
            let slot = hosts.slot(&url).await;
            starts.push(began.elapsed().as_secs());
            drop(slot);
        }
        assert_eq!(starts, [0, 5, 10, 15]);
        let other: Url = "https://example.net/".parse().unwrap();
        let before = Instant::now();
        hosts.slot(&other).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn never_more_than_the_limit_at_once() {
        let hosts = Hosts::new(2, Duration::ZERO);
        let url: Url = "https://example.org/".parse().unwrap();
        let (first, _second) = (hosts.slot(&url).await, hosts.slot(&url).await);
        let third = tokio::time::timeout(Duration::from_secs(60), hosts.slot(&url));
        assert!(third.await.is_err());
        drop(first);
        hosts.slot(&url).await;
    }
}
