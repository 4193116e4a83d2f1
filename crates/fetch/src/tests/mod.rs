//! Against servers that lie, hang and flood, over real sockets of this machine.

mod attacks;
mod conditional;
mod etiquette;
mod guards;
mod politeness;
mod redirects;
mod server;
mod status;
mod tls;

use crate::{Config, Fetch, Fetched};
use model::units::{Size, Span};
use model::{Document, Failure, Feed, FirstPoll, Validators, Visit};
use std::sync::Arc;
use std::time::Duration;

/// Short limits, no gap, and this machine allowed.
fn config() -> Config {
    Config {
        allow: vec!["127.0.0.0/8".into()],
        max_body: Size(1 << 20),
        body_budget: Size(4 << 20),
        per_host_concurrency: 16,
        per_host_gap: Span::from_millis(0),
        connect_timeout: Span::from_millis(800),
        read_timeout: Span::from_millis(800),
        total_timeout: Span::from_millis(2000),
        ..Config::default()
    }
}

fn fetch() -> Fetch {
    Fetch::with_stretch(&config(), Duration::from_millis(400))
}

fn visit(url: &str) -> Visit {
    let feed = Feed {
        id: "feed".parse().unwrap(),
        url: url.parse().unwrap(),
        title: None,
        labels: vec![],
        country: None,
        interval: None,
        first_poll: FirstPoll::Publish,
        polling: Default::default(),
    };
    Visit {
        url: feed.url.clone(),
        feed: Arc::new(feed),
        validators: Validators::default(),
        first: false,
        failures: 0,
    }
}

async fn get(fetch: &Fetch, url: &str) -> Result<Fetched, Failure> {
    fetch.get(&visit(url)).await
}

async fn document(fetch: &Fetch, url: &str) -> Document {
    match get(fetch, url).await {
        Ok(Fetched::Document(document, _)) => document,
        other => panic!("{url}: {other:?}"),
    }
}

async fn failed(fetch: &Fetch, url: &str) -> Failure {
    match get(fetch, url).await {
        Err(failure) => failure,
        Ok(fetched) => panic!("{url}: {fetched:?}"),
    }
}
