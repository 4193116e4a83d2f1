//! `/api/v1/tail`: articles as they are settled, as server-sent events; at most ten a second, since a
//! person or a page cannot take in more. What is left out is counted.

use super::{Asked, Wanted, invalid};
use crate::State;
use axum::extract::Query;
use axum::extract::State as Shared;
use axum::extract::rejection::QueryRejection;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use model::desk::{Question, Recent};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Between two events.
const EVENT_GAP: Duration = Duration::from_millis(100);
/// Articles asked for at once.
const PORTION: u32 = 20;
/// How long one question waits for articles, seconds.
const WAIT_S: u32 = 10;
/// After an answer that could not be given.
const REFUSED_PAUSE: Duration = Duration::from_secs(1);

struct Tail {
    state: Arc<State>,
    wanted: Wanted,
    ready: VecDeque<Event>,
    next_at: Instant,
}

pub(super) async fn tail(
    Shared(state): Asked,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Response {
    let mut wanted = match wanted {
        Ok(Query(wanted)) => wanted,
        Err(error) => return invalid(error.body_text()),
    };
    // A browser that lost the line says where it was.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    wanted.after = last.or(wanted.after);
    let tail = Tail { state, wanted, ready: VecDeque::new(), next_at: Instant::now() };
    let events = stream::unfold(tail, |mut tail| async {
        let event = tail.next().await;
        Some((Ok::<_, Infallible>(event), tail))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

impl Tail {
    async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.ready.pop_front() {
                sleep_until(self.next_at).await;
                self.next_at = Instant::now() + EVENT_GAP;
                return event;
            }
            let mut query = self.wanted.query(WAIT_S);
            query.limit = PORTION;
            if query.after.is_none() {
                // Where to begin: after what is there now.
                (query.wait_s, query.limit) = (0, 1);
            }
            let begins = query.after.is_none();
            let answer = (self.state.ask)(Question::Recent(query)).await;
            match answer.map(serde_json::from_value::<Recent>) {
                Ok(Ok(recent)) => self.take(recent, begins),
                _ => tokio::time::sleep(REFUSED_PAUSE).await,
            }
        }
    }

    fn take(&mut self, recent: Recent, begins: bool) {
        self.wanted.after = Some(recent.last);
        if begins {
            return;
        }
        if 0 < recent.missed {
            self.ready.push_back(Event::default().event("missed").data(recent.missed.to_string()));
        }
        let last = recent.last.to_string();
        for article in recent.articles {
            let event = Event::default().event("article").id(last.clone());
            // A record always has a JSON form.
            self.ready.extend(event.json_data(article).ok());
        }
    }
}
