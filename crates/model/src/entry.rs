use crate::date::Date;
use record::ParseMode;

/// What a document said: entries that can be used, and what was wrong with it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// What the publisher says of the feed.
    pub meta: FeedMeta,
    /// Entries, in document order.
    pub entries: Vec<Entry>,
    /// Faults, one for each item that could not be read and each repair.
    pub flaws: Vec<Flaw>,
    /// What it took.
    pub mode: ParseMode,
    /// The kind of document.
    pub format: Format,
}

/// Kinds of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RSS 0.9x, 1.0 and 2.0.
    Rss,
    /// Atom 0.3 and 1.0.
    Atom,
    /// JSON Feed.
    Json,
    /// News sitemap.
    Sitemap,
}

/// What the publisher says of the feed as a whole; all as given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedMeta {
    /// Title.
    pub title: Option<String>,
    /// The site that the feed belongs to.
    pub link: Option<String>,
    /// Language claim.
    pub language: Option<String>,
    /// Copyright line.
    pub rights: Option<String>,
    /// Bylines that hold for entries without their own.
    pub authors: Vec<Person>,
    /// `ttl`, or the period of RSS's syndication module, minutes.
    pub ttl_minutes: Option<u32>,
    /// The WebSub hub.
    pub hub: Option<String>,
    /// The feed's own address, as it says itself.
    pub own_link: Option<String>,
}

/// One item, as its publisher wrote it: nothing resolved, cleaned or judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Place in the document, from 0.
    pub position: usize,
    /// The publisher's own identifier; never one that was made up.
    pub guid: Option<String>,
    /// RSS `isPermaLink`, where it is known.
    pub guid_is_permalink: Option<bool>,
    /// Links, in document order.
    pub links: Vec<Link>,
    /// Headline.
    pub title: Option<Text>,
    /// Summary or description.
    pub summary: Option<Text>,
    /// Full content.
    pub content: Option<Text>,
    /// Bylines.
    pub authors: Vec<Person>,
    /// Publication.
    pub published: Option<Date>,
    /// Last change.
    pub updated: Option<Date>,
    /// Categories.
    pub categories: Vec<Category>,
    /// Enclosures, media and thumbnails.
    pub media: Vec<MediaLink>,
    /// Copyright line.
    pub rights: Option<String>,
    /// Language claim.
    pub language: Option<String>,
    /// Page of the comments.
    pub comments: Option<String>,
}

/// A piece of text and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The characters, entities of the outer document resolved.
    pub value: String,
    /// What they are.
    pub kind: TextKind,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// Plain text.
    Plain,
    /// HTML or XHTML.
    Html,
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// As given; may be relative.
    pub href: String,
    /// Atom `rel`.
    pub rel: Option<String>,
    /// MIME type.
    pub mime: Option<String>,
}

/// A person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Name as given.
    pub name: Option<String>,
    /// E-mail address; never published.
    pub email: Option<String>,
    /// Page.
    pub uri: Option<String>,
}

/// A category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Category {
    /// The term.
    pub term: String,
    /// Its vocabulary.
    pub scheme: Option<String>,
    /// Words for people.
    pub label: Option<String>,
}

/// A media object or enclosure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaLink {
    /// As given; may be relative.
    pub url: String,
    /// MIME type.
    pub mime: Option<String>,
    /// Title or description.
    pub title: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Bytes.
    pub length: Option<u64>,
}

/// Something wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What.
    pub kind: FlawKind,
    /// The item it concerns, by place; none: the document.
    pub item: Option<usize>,
    /// Byte offset in the body, where it is known.
    pub offset: Option<usize>,
    /// One sentence.
    pub detail: String,
}

/// Kinds of flaw; bounded, so that they can be flags and metric labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FlawKind {
    /// Bytes that are not text in the declared encoding.
    Encoding,
    /// Markup that had to be mended.
    Markup,
    /// A structure made to exhaust the reader, defused.
    Bomb,
    /// More items than the limit; the rest is left.
    TooManyItems,
    /// An item that could not be read at all: it counts as flawed.
    LostItem,
}

impl FlawKind {
    /// The name used in `quality.flags`, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Markup => "markup",
            Self::Bomb => "bomb",
            Self::TooManyItems => "too_many_items",
            Self::LostItem => "lost_item",
        }
    }
}
