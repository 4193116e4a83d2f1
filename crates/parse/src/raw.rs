//! What a document says, in the words of one model for all formats, before anything is judged.

use model::{Date, Flaw, Format};
use record::ParseMode;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A document as read. Its JSON form is the contract of `wireroom parse --raw`: every field is there, `null`
/// or an empty list when the document says nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Raw {
    /// What is said of the feed.
    pub feed: Said,
    /// What is said of each item, in document order, those that say nothing included.
    pub entries: Vec<Said>,
    /// The sitemaps that a sitemap index lists: `link` and `updated` of each.
    pub sitemaps: Vec<Said>,
    /// The kind of document: `rss`, `atom`, `json`, `sitemap`.
    #[serde(serialize_with = "format_name")]
    pub format: Format,
    /// What it took to read it.
    pub parse_mode: ParseMode,
    /// What was wrong with it.
    #[serde(serialize_with = "flaw_list")]
    pub flaws: Vec<Flaw>,
}

/// What is said of a feed, of an item, or of the feed that an item was taken from.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Said {
    /// Headline.
    pub title: Option<Text>,
    /// A feed's description.
    pub subtitle: Option<Text>,
    /// An item's summary or description.
    pub summary: Option<Text>,
    /// The item's full text.
    pub content: Option<Text>,
    /// Further texts of the same item, such as translations or other types.
    pub content_more: Vec<Text>,
    /// The page: resolved against the base, where one is known.
    pub link: Option<String>,
    /// All links, in document order, enclosures and licences included; resolved.
    pub links: Vec<Link>,
    /// The publisher's own identifier.
    pub id: Option<String>,
    /// True when the identifier says that it is the address of the page.
    pub guid_is_permalink: Option<bool>,
    /// Authors; RSS's `address (name)` taken apart.
    pub authors: Vec<Person>,
    /// Contributors.
    pub contributors: Vec<Person>,
    /// Who publishes: `webMaster`, `dc:publisher`, `itunes:owner`.
    pub publisher: Option<Person>,
    /// Publication.
    #[serde(flatten, serialize_with = "published")]
    pub published: Option<Date>,
    /// Last change.
    #[serde(flatten, serialize_with = "updated")]
    pub updated: Option<Date>,
    /// Creation.
    #[serde(flatten, serialize_with = "created")]
    pub created: Option<Date>,
    /// End of validity.
    #[serde(flatten, serialize_with = "expired")]
    pub expired: Option<Date>,
    /// Categories and keywords.
    pub tags: Vec<Tag>,
    /// Enclosures, which are among the links too.
    pub enclosures: Vec<Link>,
    /// `media:content`.
    pub media_content: Vec<Media>,
    /// `media:thumbnail`.
    pub media_thumbnail: Vec<Media>,
    /// Picture.
    pub image: Option<Image>,
    /// The program that wrote the feed.
    pub generator: Option<Generator>,
    /// Copyright line.
    pub rights: Option<Text>,
    /// Atom 0.3 `info`: words for people who open the feed in a browser.
    pub info: Option<Text>,
    /// Language claim.
    pub language: Option<String>,
    /// Page of the comments; resolved.
    pub comments: Option<String>,
    /// Minutes for which a feed may be kept.
    pub ttl: Option<u32>,
    /// The feed that the item was taken from.
    pub source: Option<Box<Said>>,
}

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The characters, trimmed; references of the outer document resolved, and addresses in HTML.
    pub value: String,
    /// MIME type of the value: `text/plain`, `text/html`, `application/xhtml+xml` or what is claimed.
    #[serde(rename = "type")]
    pub mime: String,
    /// `xml:lang` in force.
    pub language: Option<Arc<str>>,
    /// Where the text is, when it is not here; resolved.
    pub src: Option<String>,
    /// `xml:base` in force, absolute where an address of the document is known.
    pub base: Option<Arc<str>>,
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Resolved where a base is known.
    pub href: String,
    /// Relation; `alternate` when nothing is said, as RFC 4287 has it.
    pub rel: Option<String>,
    /// MIME type.
    #[serde(rename = "type")]
    pub mime: Option<String>,
    /// Words for people.
    pub title: Option<String>,
    /// Bytes.
    pub length: Option<String>,
    /// Language of what is linked.
    pub hreflang: Option<String>,
}

/// A person or an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Page; resolved.
    pub uri: Option<String>,
}

/// A category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The term.
    pub term: Option<String>,
    /// Its vocabulary.
    pub scheme: Option<String>,
    /// Words for people.
    pub label: Option<String>,
}

/// A media object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Media {
    /// Resolved where a base is known.
    pub url: String,
    /// MIME type.
    #[serde(rename = "type")]
    pub mime: Option<String>,
    /// `image`, `audio`, `video`, `document`, `executable`.
    pub medium: Option<String>,
    /// Title, or description where there is none.
    pub title: Option<String>,
    /// Pixels, as given.
    pub width: Option<String>,
    /// Pixels, as given.
    pub height: Option<String>,
    /// Bytes, as given.
    #[serde(rename = "filesize")]
    pub length: Option<String>,
}

/// A picture of a feed or an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Where it is; resolved.
    pub href: Option<String>,
    /// Words for people.
    pub title: Option<String>,
    /// The page that it leads to.
    pub link: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// More words for people.
    pub description: Option<String>,
}

/// The program that wrote a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Generator {
    /// Its name.
    pub name: Option<String>,
    /// Its page; resolved.
    pub href: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

macro_rules! dates {
    ($($name:ident $words:literal $raw:literal;)*) => {$(
        fn $name<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry($words, &date.as_ref().and_then(|date| date.instant))?;
            map.serialize_entry($raw, &date.as_ref().and_then(|date| date.raw.as_deref()))?;
            map.end()
        }
    )*};
}

dates! {
    published "published" "published_raw";
    updated "updated" "updated_raw";
    created "created" "created_raw";
    expired "expired" "expired_raw";
}

fn format_name<S: Serializer>(format: &Format, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match format {
        Format::Rss => "rss",
        Format::Atom => "atom",
        Format::Json => "json",
        Format::Sitemap => "sitemap",
    })
}

fn flaw_list<S: Serializer>(flaws: &[Flaw], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Told<'a> {
        kind: &'static str,
        item: Option<usize>,
        offset: Option<usize>,
        detail: &'a str,
    }
    serializer.collect_seq(flaws.iter().map(|flaw| Told {
        kind: flaw.kind.name(),
        item: flaw.item,
        offset: flaw.offset,
        detail: &flaw.detail,
    }))
}
