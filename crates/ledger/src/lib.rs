//! The floor: everything that must survive, in one directory. Comes in: settlements, one for each
//! visit. Goes out: what is known under an article's keys, each feed's state, and the outbox in
//! sequence. The sequencer is the only writer: it decides article by article, then writes one batch
//! and syncs it before anybody is told. It never forgets a row that was not delivered, and never
//! sends, fetches or reads anything itself.
//!
//! ```text
//! DIR/format   what wrote the directory, and the store's id
//! DIR/lock     held while a process has it open
//! DIR/db/      fjall: one keyspace for each kind of key
//! DIR/near/    sketches of the window's texts, and tables over them
//! ```

mod calendar;
mod codec;
mod config;
mod decide;
mod error;
mod familiar;
mod feeds;
mod format;
mod hold;
mod ledger;
mod maintain;
mod memory;
mod near;
mod overlay;
mod page;
mod publish;
mod recent;
mod scratch;
mod sequencer;
mod shelf;
mod store;
mod stories;
mod texts;

pub use config::{Config, DedupConfig, OutboxConfig};
pub use error::Error;
pub use feeds::{FeedState, Quirks};
pub use ledger::{Due, Ledger};
pub use maintain::{Report, adopt, backup, check, restore};
pub use scratch::{Identity, Scratch};
pub use shelf::{NearTrace, StoryTrace, Trace};
pub use texts::Texts;
