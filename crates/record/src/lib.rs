//! The published words: what a consumer of wireroom's topics reads.
//!
//! [`Article`] is one record of `<prefix>.articles.v1`: plain UTF-8 JSON, the full state of one
//! revision. A field is `null` when it is known to be empty and is never absent; enums are open, so
//! a reader must accept words that it does not know. [`header`] names the CloudEvents 1.0
//! binary-mode headers beside it. This crate depends on no other crate of wireroom's, so that a
//! consumer in Rust can use it as a library.

mod article;
mod asyncapi;
mod avro;
pub mod header;
mod health;
mod meaning;
mod sameness;
mod schema;

pub use article::{
    Article, Author, Change, Duplicate, DuplicateKind, Feed, Language, Media, Outlet, ParseMode, Producer,
    PublishedQuality, Quality, Rights, TextSource,
};
pub use asyncapi::{asyncapi, asyncapi_yaml};
pub use avro::article_avro;
pub use health::{FeedChange, FeedEvent};
pub use meaning::{Attribution, Enrichment, EnrichmentState, Entity, Field, Mention, Topic};
pub use sameness::{Sighting, Story, StoryChange};
pub use schema::article_schema;

/// The `schema_version` of the records that this crate writes.
pub const SCHEMA_VERSION: &str = "1.0";

/// The vocabulary of [`Article::topics`]: IPTC Media Topics.
pub const TOPICS_SCHEME: &str = "http://cv.iptc.org/newscodes/mediatopic/";
