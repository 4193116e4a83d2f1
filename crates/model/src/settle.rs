//! What a visit brings to the sequencer, and what the sequencer says of it.

use crate::article::{Article, Story};
use crate::feed::FeedId;
use crate::identity::{ArticleId, Fingerprint, Keys, StoreId};
use crate::outbox::Row;
use crate::pace::Planned;
use crate::page::Page;
use crate::sketch::{Gist, Likeness, Sketch, Term};
use crate::visit::{FailureClass, Validators};
use jiff::Timestamp;
use record::{Change, Duplicate, DuplicateKind, FeedChange, StoryChange};
use serde::{Deserialize, Serialize};

/// All that one visit has to say, settled whole or not at all.
#[derive(Debug)]
pub struct Settlement {
    /// The feed that was visited.
    pub feed: FeedId,
    /// When the visit ended.
    pub at: Timestamp,
    /// What it brought.
    pub outcome: Outcome,
    /// What it means for the next visits.
    pub planned: Planned,
}

/// What a visit brought.
#[derive(Debug)]
pub enum Outcome {
    /// A document: its articles and the validators that stand for it.
    Document {
        /// Kept in the same batch as the articles.
        validators: Validators,
        /// Articles, in document order.
        items: Vec<Item>,
        /// Entries that could not be read.
        flawed: u32,
    },
    /// 304: nothing new.
    NotModified,
    /// Nothing usable.
    Failed {
        /// What kind.
        class: FailureClass,
        /// HTTP status, where there was one.
        status: Option<u16>,
        /// One sentence.
        detail: String,
    },
}

/// One article of a document.
#[derive(Debug)]
pub enum Item {
    /// The lookup found it unchanged: only its keys are refreshed. With its place, when the feed had not
    /// carried it before.
    Known(Sighting, Option<Box<Place>>),
    /// The lookup did not find it: enriched, to be decided by the sequencer.
    Fresh(Box<Candidate>),
    /// To be remembered, not published (first poll).
    MarkSeen(Sighting),
}

/// Where and how a feed carried an article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Canonical URL.
    pub url: Option<String>,
    /// The publisher's identifier.
    pub guid: Option<String>,
    /// Publication as claimed there.
    pub published_at: Option<Timestamp>,
}

impl From<&Article> for Place {
    fn from(article: &Article) -> Self {
        Self { url: article.url.clone(), guid: article.guid.clone(), published_at: article.published_at }
    }
}

/// One article in one feed's document, by its names and its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// Its names.
    pub keys: Keys,
    /// Its meaning.
    pub fingerprint: Fingerprint,
    /// Hashes of its single fields, for `changed_fields`.
    pub fields: FieldHashes,
    /// Day of publication as claimed, counted from 1970; tells apart articles that share a name.
    pub published_day: Option<i32>,
    /// Its text in short; none until it is needed, and for short texts.
    pub gist: Option<Gist>,
}

/// Hashes of the record's single fields, in the order of [`FIELD_NAMES`].
pub type FieldHashes = [u32; 9];

/// The record's fields that `changed_fields` speaks of.
pub const FIELD_NAMES: [&str; 9] =
    ["title", "summary", "text", "url", "authors", "media", "categories", "published_at", "modified_at"];

/// A new or changed article, as far as the visit could tell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Its names and meaning.
    pub sighting: Sighting,
    /// The article and its tags.
    pub story: Story,
    /// Found on the first poll of its feed.
    pub backfill: bool,
    /// The publisher takes it back: its page is gone, or says so.
    pub withdrawn: bool,
    /// Its text, for what repeats it; none: no text.
    pub sketch: Option<Sketch>,
    /// Its terms, heaviest first, for the story that it belongs to.
    pub terms: Vec<Term>,
    /// Hashes of the paragraphs that may be the outlet's boilerplate.
    pub paragraphs: Vec<u32>,
    /// What becomes of its page.
    #[serde(default)]
    pub page: Page,
}

/// The text that an article repeats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Root {
    /// The earliest article with the text.
    pub id: ArticleId,
    /// The same, or edited.
    pub kind: DuplicateKind,
    /// Share of the smaller text that is in the other, 0 to 1.
    pub containment: f32,
}

impl Root {
    /// As the record says it.
    pub fn duplicate(&self) -> Duplicate {
        let containment = (f64::from(self.containment) * 1000.0).round() / 1000.0;
        Duplicate { of: self.id.to_string(), kind: self.kind, containment }
    }
}

/// What the ledger knows of an article.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The article.
    pub id: ArticleId,
    /// Its last revision; 0: seen, never published.
    pub revision: u32,
    /// Meaning of the last revision.
    pub fingerprint: Fingerprint,
    /// Fields of the last revision.
    pub fields: FieldHashes,
    /// Root of the texts that it repeats, if it does.
    pub root: Option<ArticleId>,
    /// Day of publication as claimed, counted from 1970.
    pub published_day: Option<i32>,
    /// Text of the last revision, in short.
    pub gist: Option<Gist>,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// What the visiting feed itself last said, if it ever carried the article.
    pub said_before: Option<Fingerprint>,
}

/// What the ledger finds under a sighting's keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbours {
    /// Under the guid.
    pub guid: Option<Known>,
    /// Under the URL.
    pub url: Option<Known>,
    /// Under the text.
    pub text: Option<Known>,
    /// Under the title.
    pub title: Option<Known>,
    /// Under what this feed said before, word for word; for texts too short to name an article.
    pub said: Option<Known>,
    /// What is known of the feed and its document.
    pub habits: Habits,
}

/// What is known of a feed, and of the document in hand as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Its guids name other articles later, or each article gets new ones: they prove nothing.
    pub guids_are_bad: bool,
    /// Its URLs are used again for other articles (columns, live pages).
    pub urls_are_reused: bool,
    /// The article found under the text is named by no other item of the document.
    pub text_is_free: bool,
    /// Most items of the document say word for word what the feed said under other names: it moved.
    pub feed_moved: bool,
}

/// What the names of an article turned out to be worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    /// A known article under a new guid.
    GuidChurn,
    /// A known guid on another article.
    GuidReuse,
    /// A known URL on another article.
    UrlReuse,
}

/// What a sighting is.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The article is known and means what it meant.
    Known(ArticleId),
    /// The article is known and means something else now.
    Revision(ArticleId),
    /// Not known; `copy_of` names the root when its text is.
    New {
        /// Root of the same text.
        copy_of: Option<ArticleId>,
    },
}

/// A verdict, and whether the names contradicted each other on the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Guid and URL named different articles.
    pub disagreement: bool,
    /// What the names turned out to be worth.
    pub quirk: Option<Quirk>,
}

/// All that the sequencer adds to a story, so that it can be written as a record.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The article.
    pub id: ArticleId,
    /// This revision.
    pub revision: u32,
    /// What happened.
    pub change: Change,
    /// Names of changed fields.
    pub changed_fields: Vec<&'static str>,
    /// The article it repeats.
    pub duplicate: Option<Duplicate>,
    /// The story it belongs to.
    pub story: Option<ArticleId>,
    /// Found on a first poll.
    pub backfill: bool,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
    /// Now.
    pub settled_at: Timestamp,
    /// The store that settles.
    pub store: StoreId,
    /// The row's place in the outbox.
    pub seq: u64,
    /// The record's place among this store's records of its topic.
    pub topic_seq: u64,
}

/// How the sequencer decides and writes; pure functions of other rooms, handed in by the pipeline.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Says what a sighting is.
    pub judge: fn(&Sighting, &Neighbours) -> Judgement,
    /// Gives a new article its id; `attempt` counts ids that are taken, from 0.
    pub name: fn(&Sighting, attempt: u32) -> ArticleId,
    /// Writes the record.
    pub compose: fn(&Story, &Decision) -> Row,
    /// Writes the record of an article's first appearance in a feed.
    pub compose_sighting: fn(&Carried) -> Row,
    /// Writes the record of what became of a story.
    pub compose_story: fn(&Told) -> Row,
    /// Writes the record of what happened to a feed.
    pub compose_feed: fn(&FeedNews) -> Row,
    /// Where a sketch is looked for: appended, at most 32.
    pub bands: fn(&Sketch, &mut Vec<u32>),
    /// How two sketches resemble each other.
    pub compare: fn(&Sketch, &Sketch) -> Likeness,
}

/// An article's first appearance in a feed.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The article.
    pub id: ArticleId,
    /// Its revision then.
    pub revision: u32,
    /// The feed.
    pub feed: FeedId,
    /// Where it stood.
    pub place: Place,
    /// When it was seen.
    pub seen_at: Timestamp,
    /// The store that settles.
    pub store: StoreId,
    /// The row's place in the outbox.
    pub seq: u64,
    /// The record's place among this store's records of its topic.
    pub topic_seq: u64,
}

/// What became of a story.
#[derive(Clone, Debug)]
pub struct Told {
    /// The story.
    pub story: ArticleId,
    /// What.
    pub change: StoryChange,
    /// The story that it went into, when it was merged.
    pub into: Option<ArticleId>,
    /// The article that brought it about.
    pub article: ArticleId,
    /// Headline of the story's first article.
    pub title: Option<String>,
    /// Articles in it by now.
    pub articles: u32,
    /// Likeness of the article and the story, 0 to 1.
    pub similarity: f32,
    /// When.
    pub at: Timestamp,
    /// The store that settles.
    pub store: StoreId,
    /// The row's place in the outbox.
    pub seq: u64,
    /// The record's place among this store's records of its topic.
    pub topic_seq: u64,
}

/// All that is said of a feed to which something happened.
#[derive(Clone, Debug)]
pub struct FeedNews {
    /// The feed.
    pub feed: FeedId,
    /// What.
    pub change: FeedChange,
    /// One sentence.
    pub detail: String,
    /// When.
    pub at: Timestamp,
    /// The store that settles.
    pub store: StoreId,
    /// The row's place in the outbox.
    pub seq: u64,
    /// The record's place among this store's records of its topic.
    pub topic_seq: u64,
}

/// What became of a settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Articles published for the first time.
    pub created: u32,
    /// Revisions.
    pub updated: u32,
    /// Copies among the created.
    pub copies: u32,
    /// Near-duplicates among the created.
    pub near: u32,
    /// Articles that were taken back.
    pub withdrawn: u32,
    /// New articles of an improbable poll, and edits in quick succession: kept, not published yet.
    pub held: u32,
    /// New articles and edits that wait for their page.
    pub waiting: u32,
    /// Known and unchanged.
    pub known: u32,
    /// Remembered, not published.
    pub marked_seen: u32,
    /// Guid and URL named different articles.
    pub disagreements: u32,
    /// Changed between the visit's lookup and the decision: left for the next visit.
    pub stale: u32,
    /// Last outbox row of the batch that carried the settlement.
    pub last_seq: u64,
}
