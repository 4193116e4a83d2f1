//! Slots at hosts: so many requests at once, so much time between two starts, first come first served.

use crate::failure::failure;
use model::{Failure, FailureClass};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::{Host as UrlHost, Url};

/// Hosts that are remembered at least, before idle ones are dropped.
const SWEEP_MIN: usize = 4096;

/// The host as politeness counts it: the registered domain, so that subdomains share their limit; an
/// address as it is; on loopback and `localhost` with the port (`127.0.0.1:8080`, `[::1]:8080`), since
/// there several servers share one address.
pub fn host_key(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or(0);
    let address = |ip: IpAddr| match ip.to_canonical() {
        ip if ip.is_loopback() => SocketAddr::new(ip, port).to_string(),
        ip => ip.to_string(),
    };
    match url.host() {
        Some(UrlHost::Domain("localhost" | "localhost.")) => format!("localhost:{port}"),
        Some(UrlHost::Domain(name)) => {
            let name = name.trim_end_matches('.');
            psl::domain_str(name).unwrap_or(name).to_owned()
        }
        Some(UrlHost::Ipv4(ip)) => address(ip.into()),
        Some(UrlHost::Ipv6(ip)) => address(ip.into()),
        None => String::new(),
    }
}

#[derive(Debug)]
pub(crate) struct Hosts {
    concurrency: usize,
    gap: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    hosts: HashMap<String, Arc<Host>>,
    /// Idle hosts are dropped at this number, then at twice what is left: a constant cost per request.
    sweep_at: usize,
}

#[derive(Debug)]
struct Host {
    permits: Arc<Semaphore>,
    next_start: Mutex<Instant>,
    paused_until: Mutex<Option<Instant>>,
}

impl Host {
    fn is_paused(&self, now: Instant) -> bool {
        self.paused_until.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| now < until)
    }
}

/// A slot at a host; given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Hosts {
    pub(crate) fn new(concurrency: usize, gap: Duration) -> Self {
        Self { concurrency: concurrency.max(1), gap, known: Mutex::default() }
    }

    /// Nothing is sent to a host for so long; a pause is never shortened.
    pub(crate) fn pause(&self, host: &str, wait: Duration) {
        let host = self.host(host.to_owned());
        let until = Instant::now() + wait;
        let mut paused = host.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = Some(paused.map_or(until, |paused| paused.max(until)));
    }

    /// Waits for a slot at the host of `url`; fails where the host asked for peace, even while others
    /// were waited for.
    pub(crate) async fn slot(&self, url: &Url) -> Result<Slot, Failure> {
        let host = self.host(host_key(url));
        let permit = host.permits.clone().acquire_owned().await.ok();
        let start = {
            let mut next = host.next_start.lock().unwrap_or_else(PoisonError::into_inner);
            let start = (*next).max(Instant::now());
            *next = start + self.gap;
            start
        };
        sleep_until(start).await;
        let paused = *host.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = paused.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()));
        if !left.is_zero() {
            let why = format!("the host asked for peace for another {} s", left.as_secs() + 1);
            return Err(Failure { retry_after: Some(left), ..failure(FailureClass::Throttled, why) });
        }
        Ok(Slot { _permit: permit })
    }

    fn host(&self, key: String) -> Arc<Host> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.sweep_at <= known.hosts.len() {
            let now = Instant::now();
            let is_busy = |host: &Arc<Host>| {
                1 < Arc::strong_count(host)
                    || host.permits.available_permits() < self.concurrency
                    || now < *host.next_start.lock().unwrap_or_else(PoisonError::into_inner)
                    || host.is_paused(now)
            };
            known.hosts.retain(|_, host| is_busy(host));
            known.sweep_at = (2 * known.hosts.len()).max(SWEEP_MIN);
        }
        let new = || Host {
            permits: Arc::new(Semaphore::new(self.concurrency)),
            next_start: Mutex::new(Instant::now()),
            paused_until: Mutex::new(None),
        };
        known.hosts.entry(key).or_insert_with(|| Arc::new(new())).clone()
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
        check("http://[::1]:8080/a", "[::1]:8080");
        check("http://[::ffff:127.0.0.1]:8080/a", "127.0.0.1:8080");
        check("http://localhost/a", "localhost:80");
        check("http://8.8.8.8:8080/a", "8.8.8.8");
    }

    #[tokio::test(start_paused = true)]
    async fn starts_keep_their_distance_and_their_order() {
        let hosts = Arc::new(Hosts::new(2, Duration::from_secs(5)));
        let url: Url = "https://example.org/".parse().unwrap();
        let began = Instant::now();
        let mut starts = Vec::new();
        for _ in 0..4 {
            let slot = hosts.slot(&url).await.unwrap();
            starts.push(began.elapsed().as_secs());
            drop(slot);
        }
        assert_eq!(starts, [0, 5, 10, 15]);
        let other: Url = "https://example.net/".parse().unwrap();
        let before = Instant::now();
        hosts.slot(&other).await.unwrap();
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_hosts_are_forgotten_and_waiting_ones_are_not() {
        let hosts = Hosts::new(1, Duration::from_secs(5));
        let slot = async |number: usize| {
            hosts.slot(&format!("https://h{number}.com/").parse().unwrap()).await.unwrap()
        };
        let kept = slot(0).await;
        for number in 1..3 * SWEEP_MIN {
            slot(number).await;
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        let known = hosts.known.lock().unwrap();
        assert!(known.hosts.len() <= SWEEP_MIN, "{}", known.hosts.len());
        assert!(known.hosts.contains_key("h0.com"));
        drop((known, kept));
    }

    #[tokio::test(start_paused = true)]
    async fn never_more_than_the_limit_at_once() {
        let hosts = Hosts::new(2, Duration::ZERO);
        let url: Url = "https://example.org/".parse().unwrap();
        let (first, _second) = (hosts.slot(&url).await.unwrap(), hosts.slot(&url).await.unwrap());
        let third = tokio::time::timeout(Duration::from_secs(60), hosts.slot(&url));
        assert!(third.await.is_err());
        drop(first);
        hosts.slot(&url).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_asked_for_peace_has_it_on_every_way() {
        let hosts = Hosts::new(2, Duration::from_secs(5));
        let url: Url = "https://feeds.example.org/".parse().unwrap();
        hosts.pause("example.org", Duration::from_secs(60));
        hosts.pause("example.org", Duration::from_secs(10));
        let failure = hosts.slot(&url).await.unwrap_err();
        assert_eq!(
            (failure.class, failure.retry_after),
            (FailureClass::Throttled, Some(Duration::from_secs(60)))
        );
        tokio::time::advance(Duration::from_secs(60)).await;
        hosts.slot(&url).await.unwrap();
    }
}
