//! A body, chunk by chunk: counted as it is decoded, cut at its cap, and paid for out of one budget.

use crate::budget::{Budget, Share};
use crate::failure::{failure, of_client};
use bytes::Bytes;
use model::{Failure, FailureClass};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The first share of the budget; doubled as the body grows.
const FIRST_SHARE: usize = 16 << 10;
/// A server that sends less than this is holding a slot, not sending a body.
const RATE_BYTES_PER_SECOND: f64 = 1024.0;

/// What a body may take.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Bytes after decoding.
    pub(crate) cap: usize,
    /// The least rate is asked for over each stretch of this length, after a first one without question.
    pub(crate) stretch: Duration,
    /// The whole request.
    pub(crate) total: Duration,
    pub(crate) budget: Budget,
}

/// A body and its share of the budget, which is given back when the last view of it is dropped.
struct Paid {
    bytes: Vec<u8>,
    share: Share,
}

impl AsRef<[u8]> for Paid {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads the body of `response`, whose request was sent at `began`.
pub(crate) async fn read(
    mut response: reqwest::Response,
    limits: &Limits,
    began: Instant,
) -> Result<Bytes, Failure> {
    if response.content_length().is_some_and(|length| limits.cap as u64 <= length.saturating_sub(1)) {
        return Err(too_large(limits.cap));
    }
    let mut body = Paid { bytes: Vec::new(), share: limits.budget.share() };
    let mut rate = Rate::new(limits.stretch);
    while let Some(chunk) = response.chunk().await.map_err(of_client)? {
        let length = body.bytes.len() + chunk.len();
        if limits.cap < length {
            return Err(too_large(limits.cap));
        }
        if !rate.is_enough(chunk.len()) {
            return Err(failure(FailureClass::Timeout, "the body comes slower than 1 KiB/s"));
        }
        if body.bytes.capacity() < length {
            let waiting = Instant::now();
            let room = (2 * body.bytes.capacity()).max(length).max(FIRST_SHARE).min(limits.cap);
            let granted = timeout_at(began + limits.total, body.share.grow(room)).await;
            granted.map_err(|_| failure(FailureClass::Timeout, "other bodies filled fetch.body_budget"))?;
            body.bytes.reserve_exact(room - body.bytes.len());
            rate.forgive(waiting.elapsed());
        }
        body.bytes.extend_from_slice(&chunk);
    }
    body.bytes.shrink_to_fit();
    body.share.settle(body.bytes.len());
    Ok(Bytes::from_owner(body))
}

/// Watches the least rate.
struct Rate {
    stretch: Duration,
    began: Instant,
    bytes: usize,
    is_first: bool,
}

impl Rate {
    fn new(stretch: Duration) -> Self {
        Self { stretch, began: Instant::now(), bytes: 0, is_first: true }
    }

    /// Counts what came; false at the end of a stretch that brought too little.
    fn is_enough(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        let elapsed = self.began.elapsed();
        if elapsed < self.stretch {
            return true;
        }
        #[expect(clippy::cast_precision_loss, reason = "a body's length is far below 2^52")]
        let is_enough = self.is_first || RATE_BYTES_PER_SECOND * elapsed.as_secs_f64() <= self.bytes as f64;
        *self = Self { is_first: false, ..Self::new(self.stretch) };
        is_enough
    }

    /// Time that we spent waiting is not the server's.
    fn forgive(&mut self, waited: Duration) {
        self.began += waited;
    }
}

fn too_large(cap: usize) -> Failure {
    failure(FailureClass::TooLarge, format!("the body is longer than {cap} bytes (fetch.max_body)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `bytes` every `gap` seconds; the seconds after which the rate is too low, within 100 s.
    async fn check(bytes: usize, gap: u64, expect: Option<u64>) {
        let mut rate = Rate::new(Duration::from_secs(10));
        let mut cut = None;
        for at in (gap..100).step_by(usize::try_from(gap).unwrap()) {
            tokio::time::advance(Duration::from_secs(gap)).await;
            if !rate.is_enough(bytes) {
                cut = Some(at);
                break;
            }
        }
        assert_eq!(cut, expect, "{bytes} bytes every {gap} s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_is_cut_and_a_slow_line_is_not() {
        check(1, 1, Some(20)).await;
        check(1023, 1, Some(20)).await;
        check(1024, 1, None).await;
        check(1, 12, Some(24)).await;
        check(14_000, 12, None).await;
    }
}
