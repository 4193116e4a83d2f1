use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One record of `<prefix>.sightings.v1`: a feed carried an article for the first time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// Version of this shape, `1.x`: only additions within 1.
    pub schema_version: String,
    /// The article; the Kafka key.
    pub article_id: String,
    /// Its revision at that time.
    pub revision: u32,
    /// The operator's name for the feed.
    pub feed_id: String,
    /// Canonical URL under which the feed shows it.
    pub url: Option<String>,
    /// The feed's identifier for it, as given.
    pub guid: Option<String>,
    /// Publication time as this feed claims it.
    pub published_at: Option<Timestamp>,
    /// When it was settled that the feed carries it.
    pub seen_at: Timestamp,
}

/// One record of `<prefix>.stories.v1`: what became of a story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Story {
    /// Version of this shape, `1.x`: only additions within 1.
    pub schema_version: String,
    /// The story; the Kafka key. Never changes.
    pub story_id: String,
    /// What happened.
    pub change: StoryChange,
    /// The story that this one went into, when it was merged: its articles belong there from now on.
    pub merged_into: Option<String>,
    /// The article that brought it about.
    pub article_id: String,
    /// Headline of the story's first article.
    pub title: Option<String>,
    /// Articles in the story by now.
    pub articles: u32,
    /// Likeness of the article and the story, 0 to 1; 1 for the first.
    pub similarity: f64,
    /// When it was settled.
    pub settled_at: Timestamp,
}

/// What happened to a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoryChange {
    /// Its first article.
    Opened,
    /// One more.
    Grew,
    /// It turned out to be another story.
    Merged,
}
