//! Names and fixed values of the Kafka headers: CloudEvents 1.0, Kafka binding, binary mode
//! (<https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/kafka-protocol-binding.md>).

use crate::{Change, FeedChange, StoryChange};

/// Always `1.0`.
pub const SPEC_VERSION: &str = "ce_specversion";
/// `<article id>:<revision>`.
pub const ID: &str = "ce_id";
/// See [`article_type`].
pub const TYPE: &str = "ce_type";
/// `urn:wireroom:feed:<feed id>`.
pub const SOURCE: &str = "ce_source";
/// The article id.
pub const SUBJECT: &str = "ce_subject";
/// When the record was settled, RFC 3339.
pub const TIME: &str = "ce_time";
/// URI of the record's JSON Schema.
pub const DATA_SCHEMA: &str = "ce_dataschema";
/// `application/json`.
pub const CONTENT_TYPE: &str = "content-type";
/// `<store id>:<n>`, n counting this store's records of the topic from 1 without a gap.
pub const SEQUENCE: &str = "wireroom_seq";

/// Names the schema in a registry, where `kafka.format` asks for one: the byte 0 and the schema's id in four
/// bytes, the most significant first, or the byte 1 and its 16-byte GUID.
pub const VALUE_SCHEMA_ID: &str = "__value_schema_id";

/// The headers of an article, each with what it says.
pub const ARTICLE: [(&str, &str); 9] = [
    (SPEC_VERSION, "CloudEvents version: 1.0"),
    (ID, "<article id>:<revision>, unique in the topic"),
    (TYPE, "What happened"),
    (SOURCE, "urn:wireroom:feed:<feed id>"),
    (SUBJECT, "The article's id"),
    (TIME, "When the record was settled, RFC 3339"),
    (DATA_SCHEMA, "URI of the record's schema"),
    (CONTENT_TYPE, "application/json"),
    (SEQUENCE, "<store id>:<n>, n counting the store's records of this topic from 1 without a gap"),
];

/// The headers that a dead letter has beside those of the record that it was.
pub const DEAD_LETTER: [(&str, &str); 6] = [
    ("error_stage", "Which room refused it: deliver"),
    ("error_class", "too_large, invalid_timestamp or invalid_record"),
    ("error_message", "The cluster's own words"),
    ("error_topic", "The topic that it was for"),
    ("feed_id", "The feed that brought it; empty when it came from none"),
    ("attempts", "How many times it was sent"),
];

/// URI of the article's JSON Schema.
pub const ARTICLE_SCHEMA: &str = "urn:wireroom:schema:article:v1";

/// The `ce_type` of a change.
pub fn article_type(change: Change) -> &'static str {
    match change {
        Change::Created => "wireroom.article.created.v1",
        Change::Updated => "wireroom.article.updated.v1",
        Change::Withdrawn => "wireroom.article.withdrawn.v1",
        Change::Other => "wireroom.article.other.v1",
    }
}

/// The `ce_type` of a sighting.
pub const SIGHTING_TYPE: &str = "wireroom.sighting.v1";

/// The `ce_type` of what happened to a feed.
pub fn feed_type(change: FeedChange) -> &'static str {
    match change {
        FeedChange::PossibleGap => "wireroom.feed.possible_gap.v1",
        FeedChange::Moved => "wireroom.feed.moved.v1",
        FeedChange::Gone => "wireroom.feed.gone.v1",
        FeedChange::Distrusted => "wireroom.feed.distrusted.v1",
        FeedChange::Failing => "wireroom.feed.failing.v1",
        FeedChange::Recovered => "wireroom.feed.recovered.v1",
    }
}

/// The `ce_type` of what became of a story.
pub fn story_type(change: StoryChange) -> &'static str {
    match change {
        StoryChange::Opened => "wireroom.story.opened.v1",
        StoryChange::Grew => "wireroom.story.grew.v1",
        StoryChange::Merged => "wireroom.story.merged.v1",
    }
}
