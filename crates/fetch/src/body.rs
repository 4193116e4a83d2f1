//! A body, chunk by chunk: counted as it is decoded, cut at its cap, and paid for out of one budget.

use crate::failure::{failure, of_client};
use bytes::Bytes;
use model::{Failure, FailureClass};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// The budget is counted in pieces of this size.
const PIECE: usize = 64 << 10;
/// A server that sends less than this in a stretch is holding a slot, not sending a body.
const RATE_BYTES_MIN: usize = 10 << 10;
const RATE_STRETCH: Duration = Duration::from_secs(10);

/// Memory for all bodies together.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Semaphore>);

impl Budget {
    pub(crate) fn new(bytes: u64) -> Self {
        let pieces = usize::try_from(bytes).unwrap_or(usize::MAX) / PIECE;
        Self(Arc::new(Semaphore::new(pieces.clamp(1, Semaphore::MAX_PERMITS))))
    }
}

/// A body and its share of the budget, which is given back when the last view of it is dropped.
struct Paid {
    bytes: Vec<u8>,
    _permits: Vec<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Paid {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the body of `response`, at most `cap` bytes of it after decoding.
pub(crate) async fn read(
    mut response: reqwest::Response,
    cap: u64,
    budget: &Budget,
) -> Result<Bytes, Failure> {
    let cap = usize::try_from(cap).unwrap_or(usize::MAX);
    if response.content_length().is_some_and(|length| cap as u64 <= length.saturating_sub(1)) {
        return Err(too_large(cap));
    }
    let mut body = Paid { bytes: Vec::new(), _permits: Vec::new() };
    let mut paid = 0;
    let (mut stretch, mut stretch_bytes) = (Instant::now(), 0);
    while let Some(chunk) = response.chunk().await.map_err(of_client)? {
        let length = body.bytes.len() + chunk.len();
        if cap < length {
            return Err(too_large(cap));
        }
        while paid < length {
            // The semaphore is never closed. Waiting here is bounded by the request's total timeout.
            let permit = budget.0.clone().acquire_owned().await;
            body._permits.extend(permit);
            paid += PIECE;
        }
        body.bytes.extend_from_slice(&chunk);
        stretch_bytes += chunk.len();
        if RATE_STRETCH <= stretch.elapsed() {
            if stretch_bytes < RATE_BYTES_MIN {
                return Err(failure(FailureClass::Timeout, "the body comes slower than 1 KiB/s"));
            }
            (stretch, stretch_bytes) = (Instant::now(), 0);
        }
    }
    Ok(Bytes::from_owner(body))
}

fn too_large(cap: usize) -> Failure {
    failure(FailureClass::TooLarge, format!("the body is longer than {cap} bytes (fetch.max_body)"))
}
