use crate::feed::Feed;
use jiff::Timestamp;
use record::{
    Attribution, Author, Enrichment, Entity, Language, Media, Outlet, PublishedQuality, Quality, Rights,
    TextSource, Topic,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What we take an entry to mean. Fields have the record's names and rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Article {
    /// The feed that carried it.
    pub feed: Arc<Feed>,
    /// The feed's title: the operator's, else the publisher's.
    pub feed_title: Option<String>,
    /// Who published it.
    pub outlet: Outlet,
    /// The publisher's identifier.
    pub guid: Option<String>,
    /// Canonical URL.
    pub url: Option<String>,
    /// URL as given.
    pub source_url: Option<String>,
    /// Headline, one line.
    pub title: Option<String>,
    /// Summary, plain text.
    pub summary: Option<String>,
    /// Body, plain text; the summary's when there is no other.
    pub text: Option<String>,
    /// Where `text` is from.
    pub text_source: Option<TextSource>,
    /// Only a part is given.
    pub teaser: bool,
    /// The publisher's language claim, BCP 47; evidence, not verdict.
    pub language_claim: Option<String>,
    /// Bylines.
    pub authors: Vec<Author>,
    /// Media.
    pub media: Vec<Media>,
    /// Categories as given.
    pub categories: Vec<String>,
    /// Publication as claimed.
    pub published_at: Option<Timestamp>,
    /// Trust in it.
    pub published_quality: PublishedQuality,
    /// Last change as claimed.
    pub modified_at: Option<Timestamp>,
    /// When the document was complete.
    pub fetched_at: Timestamp,
    /// How well the document could be read.
    pub quality: Quality,
    /// Reuse.
    pub rights: Rights,
}

/// An article and what was found out about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Story {
    /// The article.
    pub article: Article,
    /// Language.
    pub language: Option<Language>,
    /// Entities.
    pub entities: Vec<Entity>,
    /// Topics.
    pub topics: Vec<Topic>,
    /// Key phrases.
    pub keywords: Vec<String>,
    /// Credits.
    pub attribution: Vec<Attribution>,
    /// Labels of the operator's watch lists.
    pub labels: Vec<String>,
    /// What became of each enrichment.
    pub enrichment: Enrichment,
}
