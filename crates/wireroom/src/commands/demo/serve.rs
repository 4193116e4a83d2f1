//! The demo's feed server: the invented outlets on one address, with ETags as real servers have them.

use super::outlets::{Habit, OUTLETS, Outlet};
use super::render::render;
use super::world::World;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use std::fmt::Write;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// Every so many requests the tired outlet rests.
const TIRED_EVERY: u64 = 4;

struct Newsstand {
    world: Mutex<World>,
    address: SocketAddr,
    asked: AtomicU64,
}

/// Serves the feeds until `shutdown`, and lets something happen every `every`.
pub(crate) async fn serve(
    listener: TcpListener,
    seed: u64,
    every: Duration,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let world = Mutex::new(World::new(seed, Timestamp::now()));
    let stand = Arc::new(Newsstand { world, address, asked: AtomicU64::new(0) });
    let routes = Router::new().fallback(answer).with_state(stand.clone());
    let news = async {
        let mut ticks = tokio::time::interval(every);
        loop {
            ticks.tick().await;
            stand.world.lock().unwrap_or_else(PoisonError::into_inner).step(Timestamp::now());
        }
    };
    tokio::select! {
        served = axum::serve(listener, routes).into_future() => served,
        () = news => Ok(()),
        () = shutdown => Ok(()),
    }
}

async fn answer(State(stand): State<Arc<Newsstand>>, uri: Uri, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok().map(str::to_owned));
    let host = host.unwrap_or_else(|| stand.address.to_string());
    match uri.path() {
        "/feeds.toml" => declared(&host).into_response(),
        "/feeds.opml" => ([(header::CONTENT_TYPE, "text/x-opml")], opml(&host)).into_response(),
        "/healthz" => "alive\n".into_response(),
        path => match OUTLETS.iter().position(|outlet| outlet.path() == path) {
            Some(outlet) => stand.feed(outlet, &headers),
            None => (StatusCode::NOT_FOUND, "no such feed: /feeds.toml lists all\n").into_response(),
        },
    }
}

impl Newsstand {
    fn feed(&self, place: usize, headers: &HeaderMap) -> Response {
        let outlet = &OUTLETS[place];
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        if outlet.habit == Habit::Tired && asked.is_multiple_of(TIRED_EVERY) {
            return (StatusCode::SERVICE_UNAVAILABLE, "too much to do\n").into_response();
        }
        let body = {
            let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
            render(outlet, world.shown(place))
        };
        let etag = format!("\"{}\"", &blake3::hash(&body.bytes).to_hex()[..16]);
        let known =
            headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
        if known {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
        }
        ([(header::CONTENT_TYPE, body.content_type.to_owned()), (header::ETAG, etag)], body.bytes)
            .into_response()
    }
}

/// The outlets as `[[feed]]` tables, for a daemon that reaches this server as `host`.
pub(crate) fn declared(host: &str) -> String {
    OUTLETS.iter().fold(String::new(), |mut out, outlet| {
        let Outlet { id, name, label, country, language, .. } = outlet;
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "[[feed]]\nid = \"{id}\"\nurl = \"http://{host}{}\"\ntitle = \"{name}\"\nlabels = [\"{label}\", \"{language}\"]\ncountry = \"{country}\"\ninterval = \"2s\"\nfirst_poll = \"publish\"\n\n",
            outlet.path()
        );
        out
    })
}

fn opml(host: &str) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>wireroom demo</title></head>\n<body>\n".to_owned();
    for outlet in &OUTLETS {
        let _ = writeln!(
            out,
            "<outline type=\"rss\" text=\"{}\" xmlUrl=\"http://{host}{}\"/>",
            outlet.name,
            outlet.path()
        );
    }
    out + "</body>\n</opml>\n"
}
