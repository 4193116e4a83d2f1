use super::server::{Server, answer};
use super::{config, document};
use crate::Fetch;
use model::units::Span;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A server that counts how many requests it has at once, and when each began.
struct Watched {
    server: Server,
    most: Arc<AtomicUsize>,
    starts: Arc<Mutex<Vec<Instant>>>,
}

fn watched(takes: Duration) -> Watched {
    let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let starts = Arc::new(Mutex::new(Vec::new()));
    let (seen, began) = (most.clone(), starts.clone());
    let server = Server::start(move |stream, _| {
        began.lock().unwrap().push(Instant::now());
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(takes);
        now.fetch_sub(1, Ordering::SeqCst);
        stream.write_all(&answer("200 OK", &[], "ok"))
    });
    Watched { server, most, starts }
}

async fn all(fetch: &Arc<Fetch>, urls: impl Iterator<Item = String>) {
    let mut visits = tokio::task::JoinSet::new();
    for url in urls {
        let fetch = fetch.clone();
        visits.spawn(async move { document(&fetch, &url).await });
    }
    visits.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_sees_no_more_at_once_than_it_should() {
    let config = crate::Config { per_host_concurrency: 2, ..config() };
    let (fetch, host) = (Arc::new(Fetch::new(&config).unwrap()), watched(Duration::from_millis(60)));
    all(&fetch, (0..8).map(|number| host.server.url(&format!("/{number}")))).await;
    assert_eq!((host.most.load(Ordering::SeqCst), host.starts.lock().unwrap().len()), (2, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_given_its_gap_and_its_neighbour_is_not_held_up() {
    let gap = Duration::from_millis(150);
    let config = crate::Config { per_host_gap: Span(gap), ..config() };
    let fetch = Arc::new(Fetch::new(&config).unwrap());
    let hosts = [watched(Duration::ZERO), watched(Duration::ZERO)];
    let began = Instant::now();
    all(&fetch, (0..10).map(|number| hosts[number % 2].server.url("/feed"))).await;
    assert!(began.elapsed() < 6 * gap, "{:?}", began.elapsed());
    for host in hosts {
        let starts = host.starts.lock().unwrap();
        for pair in starts.windows(2) {
            // The server's clock ticks a little later than ours, sometimes more, sometimes less.
            assert!(gap - Duration::from_millis(40) <= pair[1] - pair[0], "{:?}", pair[1] - pair[0]);
        }
    }
}

#[tokio::test]
async fn a_redirect_waits_for_the_host_it_leads_to() {
    let gap = Duration::from_millis(200);
    let fetch = Fetch::new(&crate::Config { per_host_gap: Span(gap), ..config() }).unwrap();
    let host = watched(Duration::ZERO);
    let first = Server::says(answer("302 Found", &[&format!("Location: {}", host.server.url("/there"))], ""));
    document(&fetch, &host.server.url("/feed")).await;
    document(&fetch, &first.url("/feed")).await;
    let starts = host.starts.lock().unwrap();
    assert!(gap - Duration::from_millis(40) <= starts[1] - starts[0]);
}

#[tokio::test]
async fn a_visit_that_is_given_up_gives_its_slot_back() {
    let config = crate::Config { per_host_concurrency: 1, ..config() };
    let (fetch, host) = (Fetch::new(&config).unwrap(), watched(Duration::from_millis(100)));
    let url = host.server.url("/feed");
    for _ in 0..3 {
        let given_up = tokio::time::timeout(Duration::from_millis(20), document(&fetch, &url)).await;
        assert!(given_up.is_err());
    }
    document(&fetch, &url).await;
    assert_eq!(fetch.held(), 0);
}
