use crate::meaning::{Attribution, Enrichment, Entity, Topic};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One revision of one article, complete in itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Article {
    /// Version of this shape, `1.x`: only additions within 1.
    pub schema_version: String,
    /// 128 bits in base32 (26 characters); given once, never changes; the Kafka key.
    pub id: String,
    /// Counts this article's revisions from 1 without a gap.
    pub revision: u32,
    /// The revision before this one; null for the first.
    pub previous_revision: Option<u32>,
    /// What happened to the article.
    pub change: Change,
    /// Names of this record's fields that differ from `previous_revision`.
    pub changed_fields: Vec<String>,
    /// True when the article was found on the first poll of its feed.
    pub backfill: bool,

    /// Canonical URL: tracking parameters, fragment and default port gone.
    pub url: Option<String>,
    /// The URL as the publisher gave it.
    pub source_url: Option<String>,
    /// The feed that carried this revision.
    pub feed: Feed,
    /// Who published it.
    pub outlet: Outlet,
    /// The publisher's own identifier, as given.
    pub guid: Option<String>,

    /// Headline, one line of plain text.
    pub title: Option<String>,
    /// The publisher's summary, plain text.
    pub summary: Option<String>,
    /// Body, plain text, paragraphs parted by an empty line.
    pub text: Option<String>,
    /// Where `text` was taken from; null when there is none.
    pub text_source: Option<TextSource>,
    /// True when the publisher gives only a part of the article.
    pub teaser: bool,
    /// True when wireroom cut `text` to keep the record within the broker's limit.
    pub truncated: bool,
    /// Sanitised HTML of the body; off by default.
    pub html: Option<String>,
    /// Language of the text; null when unknown.
    pub language: Option<Language>,
    /// Bylines, without e-mail addresses.
    pub authors: Vec<Author>,
    /// Images, audio and video that go with the article.
    pub media: Vec<Media>,
    /// The publisher's own categories, as given.
    pub categories: Vec<String>,

    /// Publication time as the publisher claims it; null when missing.
    #[schemars(with = "Option<DateTime>")]
    pub published_at: Option<Timestamp>,
    /// How far to trust `published_at`.
    pub published_quality: PublishedQuality,
    /// Last change as the publisher claims it.
    #[schemars(with = "Option<DateTime>")]
    pub modified_at: Option<Timestamp>,
    /// When wireroom first saw the article in any feed.
    #[schemars(with = "DateTime")]
    pub first_seen_at: Timestamp,
    /// When the document that brought this revision was fetched.
    #[schemars(with = "DateTime")]
    pub fetched_at: Timestamp,
    /// When this revision was decided and made durable.
    #[schemars(with = "DateTime")]
    pub settled_at: Timestamp,
    /// Always set: `published_at` where it is usable, else `first_seen_at`.
    #[schemars(with = "DateTime")]
    pub sort_at: Timestamp,

    /// The article that this one repeats; null for an original.
    pub duplicate: Option<Duplicate>,
    /// The story that the article belongs to; null when it has none.
    pub story_id: Option<String>,

    /// People, organisations, places and others named in the article.
    pub entities: Vec<Entity>,
    /// What it is about, in IPTC Media Topics.
    pub topics: Vec<Topic>,
    /// URI of the vocabulary of `topics`.
    pub topics_scheme: String,
    /// Key phrases, best first.
    pub keywords: Vec<String>,
    /// Outlets and agencies that the text credits.
    pub attribution: Vec<Attribution>,
    /// Labels that the operator's watch lists gave.
    pub labels: Vec<String>,
    /// What became of each enrichment.
    pub enrichment: Enrichment,

    /// How well the feed could be read.
    pub quality: Quality,
    /// What the publisher says of reuse.
    pub rights: Rights,
    /// What made this record.
    pub producer: Producer,
}

/// An RFC 3339 time in UTC.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "stands for a timestamp in the schema only")]
struct DateTime(#[schemars(extend("format" = "date-time"))] String);

/// What happened to the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// First revision.
    Created,
    /// A change of meaning.
    Updated,
    /// Taken back by its publisher.
    Withdrawn,
    /// A word that this version does not know: lists of words are open.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// The feed that carried an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Feed {
    /// The operator's name for the feed.
    pub id: String,
    /// The feed's title: the operator's, else the publisher's.
    pub title: Option<String>,
    /// The operator's labels.
    pub labels: Vec<String>,
    /// ISO 3166-1 alpha-2, as configured.
    pub country: Option<String>,
}

/// Who published an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outlet {
    /// Name, as the feed gives it.
    pub name: Option<String>,
    /// Registered domain of the article's URL (else of the feed's).
    pub domain: Option<String>,
}

/// Where `text` was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextSource {
    /// The feed's full content.
    Feed,
    /// The article's page.
    Page,
    /// Only the summary was given.
    Summary,
    /// A word that this version does not know: lists of words are open.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// Language of the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Language {
    /// BCP 47 tag.
    pub code: String,
    /// 0 to 1.
    pub confidence: f64,
}

/// One byline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// Name as given.
    pub name: String,
    /// The author's page.
    pub uri: Option<String>,
}

/// An image, audio or video.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Media {
    /// Absolute http or https URL.
    pub url: String,
    /// MIME type as given.
    #[serde(rename = "type")]
    pub mime: Option<String>,
    /// Title or description.
    pub title: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Bytes, as claimed.
    pub length: Option<u64>,
}

/// How far to trust `published_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublishedQuality {
    /// The publisher's own, with a time of day.
    Claimed,
    /// A date without a time of day.
    DateOnly,
    /// Later than it was fetched.
    Future,
    /// Before 1990.
    Ancient,
    /// None, or unreadable.
    Missing,
    /// A word that this version does not know: lists of words are open.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// The article that this one repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Duplicate {
    /// Id of the root: the earliest with this text.
    pub of: String,
    /// How near.
    pub kind: DuplicateKind,
    /// Share of the smaller text found in the other, 0 to 1.
    pub containment: f64,
}

/// How near a duplicate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateKind {
    /// The same text.
    Copy,
    /// Edited.
    Near,
    /// A word that this version does not know: lists of words are open.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// How well the feed could be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// What it took to read the document.
    pub parse_mode: ParseMode,
    /// Faults found, by name.
    pub flags: Vec<String>,
}

/// What it took to read the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParseMode {
    /// Well-formed as given.
    Strict,
    /// Read after repair.
    Repaired,
    /// Items cut out one by one.
    Salvaged,
    /// A word that this version does not know: lists of words are open.
    #[serde(other)]
    #[schemars(skip)]
    Other,
}

/// What the publisher says of reuse.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rights {
    /// Copyright line.
    pub copyright: Option<String>,
    /// Licence URI or name.
    pub license: Option<String>,
    /// True when the publisher opts out of machine learning; null when it says nothing.
    pub ai_opt_out: Option<bool>,
}

/// What made a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Producer {
    /// wireroom's version.
    pub version: String,
    /// Version of each model that had a part in it.
    pub models: BTreeMap<String, String>,
}
