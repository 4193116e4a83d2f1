//! Connections, each with its bounds. `axum::serve` has none for a head that never ends.

use crate::{Limits, Listener};
use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower_service::Service;

/// Answers under way may take this long once the window closes.
const GRACE: Duration = Duration::from_secs(1);
/// After an accept that failed (no file descriptor left), before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A connection of either kind.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub(crate) async fn listen(
    listener: Listener,
    routes: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = pin!(shutdown);
    let places = Arc::new(Semaphore::new(limits.connections));
    let (close, closing) = watch::channel(());
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok(Some((stream, place))) => {
                let served = serve(stream, place, routes.clone(), limits, closing.clone());
                connections.spawn(served);
            }
            Ok(None) => break,
            Err(error) => {
                tracing::debug!("a connection could not be accepted: {error}");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drop(close);
    // Whoever is slower is cut off by the drop of the set.
    let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

/// The next connection, once there is a place for it; none: the places are closed.
async fn accept(
    listener: &Listener,
    places: &Arc<Semaphore>,
) -> std::io::Result<Option<(Box<dyn Stream>, OwnedSemaphorePermit)>> {
    let Ok(place) = places.clone().acquire_owned().await else { return Ok(None) };
    let stream: Box<dyn Stream> = match listener {
        Listener::Tcp(listener) => Box::new(listener.accept().await?.0),
        Listener::Unix(listener) => Box::new(listener.accept().await?.0),
    };
    Ok(Some((stream, place)))
}

async fn serve(
    stream: Box<dyn Stream>,
    _place: OwnedSemaphorePermit,
    routes: Router,
    limits: Limits,
    mut closing: watch::Receiver<()>,
) {
    let answer = service_fn(move |request| {
        let mut routes = routes.clone();
        async move { routes.call(request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(limits.head_bytes_max)
        .max_headers(limits.headers_max)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    // An error is the peer's: a bad head, silence, a broken line. Nobody here has to know.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closing.changed() => {}
        () = sleep(limits.connection_timeout) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(GRACE, connection).await;
}
