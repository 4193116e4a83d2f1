//! Names and fixed values of the Kafka headers: CloudEvents 1.0, Kafka binding, binary mode
//! (<https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/kafka-protocol-binding.md>).

use crate::Change;

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

/// URI of the article's JSON Schema.
pub const ARTICLE_SCHEMA: &str = "urn:wireroom:schema:article:v1";

/// The `ce_type` of a change.
pub fn article_type(change: Change) -> &'static str {
    match change {
        Change::Created => "wireroom.article.created.v1",
        Change::Updated => "wireroom.article.updated.v1",
        Change::Withdrawn => "wireroom.article.withdrawn.v1",
    }
}
