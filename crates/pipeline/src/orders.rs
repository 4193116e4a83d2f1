//! What the event loop is told while it turns.

use crate::Config;
use model::{Feed, FeedId};
use std::sync::Arc;

/// One order; carried out between two visits, without hurting those that are under way.
#[derive(Debug)]
pub(crate) enum Order {
    /// Feeds that are new or different, and those that are gone.
    Feeds {
        /// New or different.
        set: Vec<Arc<Feed>>,
        /// Not to be visited again.
        removed: Vec<FeedId>,
    },
    /// A feed is to be visited as soon as its host may be asked.
    VisitNow(FeedId),
    /// Settings that can change while the daemon runs; the others are left as they are.
    Settings(Box<Config>),
}
