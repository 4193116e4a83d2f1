//! Memory for all bodies together. A body that wants more than is free waits; it never fails for it, and
//! no set of half-read bodies can wait for each other: a share is granted only while the largest body
//! that is being read could still grow to its cap.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The budget, shared by all visits.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    total: usize,
    cap: usize,
    shares: Mutex<Shares>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Shares {
    /// Bytes of all shares, of bodies being read and of those read whole.
    held: usize,
    /// Bytes of each body that is being read and may want more.
    reading: HashMap<u64, usize>,
    last: u64,
}

impl Budget {
    /// A budget of `total` bytes for bodies of at most `cap` bytes; never less than one such body.
    pub(crate) fn new(total: usize, cap: usize) -> Self {
        let (shares, freed) = (Mutex::default(), Notify::new());
        Self(Arc::new(Inner { total: total.max(cap), cap, shares, freed }))
    }

    /// An empty share, for a body that is about to be read.
    pub(crate) fn share(&self) -> Share {
        let mut shares = self.0.lock();
        shares.last += 1;
        let id = shares.last;
        shares.reading.insert(id, 0);
        Share { budget: self.0.clone(), id, bytes: 0 }
    }

    /// Bytes of all shares.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.0.lock().held
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Shares> {
        self.shares.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn grant(&self, id: u64, bytes: usize) -> bool {
        let mut shares = self.lock();
        let mine = shares.reading.get(&id).copied().unwrap_or(0);
        let held = shares.held - mine + bytes;
        let largest = shares.reading.values().copied().max().unwrap_or(0).max(bytes);
        let is_safe = held + self.cap.saturating_sub(largest) <= self.total;
        if is_safe {
            shares.held = held;
            shares.reading.insert(id, bytes);
        }
        is_safe
    }
}

/// One body's part of the budget; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Inner>,
    id: u64,
    bytes: usize,
}

impl Share {
    /// Waits until the share may be `bytes` large, at most the cap.
    pub(crate) async fn grow(&mut self, bytes: usize) {
        loop {
            // Registered before the question, so that nothing that is freed in between is missed.
            let mut freed = std::pin::pin!(self.budget.freed.notified());
            freed.as_mut().enable();
            if self.budget.grant(self.id, bytes) {
                self.bytes = bytes;
                return;
            }
            freed.await;
        }
    }

    /// Says that the body is whole and takes `bytes`, not more than granted; it will not grow again.
    pub(crate) fn settle(&mut self, bytes: usize) {
        let mut shares = self.budget.lock();
        shares.reading.remove(&self.id);
        shares.held = shares.held - self.bytes + bytes;
        drop(shares);
        self.bytes = bytes;
        self.budget.freed.notify_waiters();
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.settle(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    async fn waits(share: &mut Share, bytes: usize) -> bool {
        tokio::time::timeout(Duration::from_secs(1), share.grow(bytes)).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn more_than_the_budget_waits_until_something_is_given_back() {
        let budget = Budget::new(100, 40);
        let (mut first, mut second, mut third) = (budget.share(), budget.share(), budget.share());
        first.grow(40).await;
        second.grow(40).await;
        assert!(waits(&mut third, 30).await);
        third.grow(20).await;
        first.settle(10);
        third.grow(30).await;
        assert_eq!(budget.held(), 80);
        drop((first, second, third));
        assert_eq!(budget.held(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_largest_body_never_waits_for_the_others() {
        let budget = Budget::new(100, 40);
        let mut shares: Vec<Share> = (0..20).map(|_| budget.share()).collect();
        for share in &mut shares {
            let _ = waits(share, 10).await;
        }
        assert!(budget.held() <= 70);
        let mut left = shares.into_iter().filter(|share| share.bytes == 10);
        let mut largest = left.next().unwrap();
        assert!(!waits(&mut largest, 20).await && !waits(&mut largest, 40).await);
    }

    proptest! {
        /// However bodies grow, there is one that can be read to its cap at once.
        #[test]
        fn one_can_always_finish(steps in prop::collection::vec((0..8_usize, 1..=40_usize), 1..80)) {
            let budget = Budget::new(100, 40);
            let mut shares: Vec<Share> = (0..8).map(|_| budget.share()).collect();
            for (at, bytes) in steps {
                let share = &mut shares[at];
                if share.bytes < bytes && budget.0.grant(share.id, bytes) {
                    share.bytes = bytes;
                }
                prop_assert!(budget.held() <= 100);
            }
            let largest = shares.iter().max_by_key(|share| share.bytes).unwrap();
            prop_assert!(budget.0.grant(largest.id, 40));
        }
    }
}
