//! An article's page: the wish to read it, the wait for it, and what it adds.

use crate::article::Article;
use crate::feed::FeedId;
use crate::identity::{ArticleId, Fingerprint, Key};
use crate::pace::HostPace;
use crate::settle::{Candidate, FieldHashes};
use crate::units::Span;
use serde::{Deserialize, Serialize};
use url::Url;

/// In `quality.flags` of an article that is published without its page, though that was asked for.
pub const UNREAD: &str = "page_unread";

/// What becomes of an article's page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// Nobody asked for it.
    #[default]
    Unasked,
    /// It is read before the article is published, if that can be done in time.
    Wanted(Wish),
    /// It was read, and is part of the article.
    Read(Names),
}

/// The wish to read a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wish {
    /// Where it is.
    pub url: Url,
    /// How long the article waits for it.
    pub wait: Span,
}

/// What a page adds to the names of its article, and the article's fields as they are published. The
/// article's own names and meaning stay the feed's: later sightings are compared with those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// The URL that the page gives itself.
    pub url: Option<Key>,
    /// The page's text.
    pub text: Option<Key>,
    /// Hashes of the published fields.
    pub fields: FieldHashes,
}

impl Candidate {
    /// Hashes of the fields as they are published.
    pub fn fields(&self) -> FieldHashes {
        match &self.page {
            Page::Read(names) => names.fields,
            Page::Unasked | Page::Wanted(_) => self.sighting.fields,
        }
    }
}

/// An article that waits for its page.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Names the wait, for the ledger alone to read.
    pub key: Vec<u8>,
    /// The feed that brought the article.
    pub feed: FeedId,
    /// The page.
    pub url: Url,
    /// When the article is published without it, milliseconds since 1970.
    pub due_ms: i64,
}

/// What waits for a page.
#[derive(Clone, Debug)]
pub struct Waits {
    /// The article as its feed gives it.
    pub candidate: Candidate,
    /// The article that it revises; none: it is new.
    pub revises: Option<ArticleId>,
}

/// What a visit of a page brings to the sequencer.
#[derive(Debug)]
pub struct Visited {
    /// The wait that it is made for.
    pub key: Vec<u8>,
    /// What waited when the page was asked for: what waits now may say something else.
    pub asked: Fingerprint,
    /// The article, with what the page adds, or with a word on why it adds nothing; none: it waits on.
    pub candidate: Option<Box<Candidate>>,
    /// The server says that the page is gone for good (410): a published article is taken back.
    pub is_gone: bool,
    /// What the host wished for.
    pub host: Option<(String, HostPace)>,
}

/// Takes a word that a page is unread back, and puts another one in its place.
pub fn mark(article: &mut Article, flag: Option<&str>) {
    let flags = &mut article.quality.flags;
    flags.retain(|known| known != UNREAD);
    if let Some(flag) = flag.filter(|flag| !flags.iter().any(|known| known == flag)) {
        flags.push(flag.to_owned());
    }
}
