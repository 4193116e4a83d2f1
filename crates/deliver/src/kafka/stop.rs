use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Says to the thread that the sink is being closed; asked between any two steps that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for the end.
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// True when the end was asked for.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
