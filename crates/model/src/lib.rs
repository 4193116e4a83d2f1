//! The words between rooms, in the order of the flow:
//! Visit → Document → Entry → Article → Story → Row → Receipt.
//!
//! Types only: nothing here does IO, waits, or reads a clock.

mod article;
mod date;
pub mod desk;
mod entry;
mod feed;
mod identity;
mod outbox;
mod pace;
pub mod page;
pub mod secret;
pub mod settle;
mod sketch;
pub mod units;
mod visit;

pub use article::{Article, Story};
pub use date::{Date, Doubt, Habit};
pub use entry::{
    Category, Entry, FeedMeta, Flaw, FlawKind, Format, Link, MediaLink, Parsed, Person, Text, TextKind,
};
pub use feed::{Feed, FeedId, FirstPoll, Fulltext, InvalidFeedId, Polling, Request};
pub use identity::{ArticleId, Fingerprint, Key, Keys, StoreId};
pub use outbox::{Receipt, Row, Topic};
pub use pace::{Address, Decision, FetchNote, HostPace, Pace, Planned, Reason};
pub use secret::Secret;
pub use sketch::{Gist, LEAD_MAX, Likeness, NUMBERS_MAX, SLOTS, Sketch, Term};
pub use visit::{Document, Failure, FailureClass, Validators, Visit};
