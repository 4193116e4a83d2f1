//! What feeds look like: roots, namespaces as they are spelt in the wild, elements that hold text.

use crate::lex::{local, prefix};

/// Families of documents that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// `<rss>`, or its parts without it.
    Rss,
    /// `<rdf:RDF>`.
    Rdf,
    /// `<feed>`, or a lone `<entry>`.
    Atom,
    /// `<urlset>`.
    Sitemap,
}

impl Family {
    /// The family that a root element belongs to.
    pub(crate) fn of(root: &str) -> Option<Self> {
        Some(match local(root) {
            "rss" | "RSS" | "Rss" | "channel" | "item" => Self::Rss,
            "RDF" | "rdf" => Self::Rdf,
            "feed" | "entry" => Self::Atom,
            "urlset" => Self::Sitemap,
            _ => return None,
        })
    }

    /// True when `name` is an item's name in this family, whatever its prefix.
    pub(crate) fn is_item(self, name: &str) -> bool {
        match self {
            Self::Rss | Self::Rdf => local(name) == "item",
            Self::Atom => local(name) == "entry",
            Self::Sitemap => local(name) == "url",
        }
    }

    /// True when `name` is the outermost element of this family.
    pub(crate) fn is_root(self, name: &str) -> bool {
        match self {
            Self::Rss => name.eq_ignore_ascii_case("rss"),
            Self::Rdf => local(name).eq_ignore_ascii_case("rdf"),
            Self::Atom => local(name) == "feed",
            Self::Sitemap => local(name) == "urlset",
        }
    }

    /// True when markup inside `name` belongs to a text, not to the feed.
    pub(crate) fn holds_text(self, name: &str) -> bool {
        match (self, local(name)) {
            (_, "title" | "description" | "summary" | "subtitle")
            | (Self::Rss | Self::Rdf, "encoded" | "body") => true,
            (Self::Atom, "content") => prefix(name) != "media",
            (Self::Atom, "rights" | "tagline" | "info" | "copyright") => prefix(name).is_empty(),
            _ => false,
        }
    }
}

pub(crate) const ATOM: &str = "http://www.w3.org/2005/Atom";
pub(crate) const RSS1: &str = "http://purl.org/rss/1.0/";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const CONTENT: &str = "http://purl.org/rss/1.0/modules/content/";
const MEDIA: &str = "http://search.yahoo.com/mrss/";
const ITUNES: &str = "http://www.itunes.com/dtds/podcast-1.0.dtd";
const PODCAST: &str = "https://podcastindex.org/namespace/1.0";

/// The spelling that feed-rs knows, for the spellings seen in the wild; none for other namespaces.
pub(crate) fn namespace(given: &str) -> Option<&'static str> {
    let lower = given.trim().to_ascii_lowercase();
    let bare = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://")).unwrap_or(&lower);
    Some(match bare.trim_end_matches(['/', '#']) {
        "www.w3.org/2005/atom" | "purl.org/atom/ns" | "purl.org/net/rss1.1/atom" => ATOM,
        "purl.org/rss/1.0"
        | "purl.org/rss"
        | "purl.org/net/rss1.1"
        | "my.netscape.com/rdf/simple/0.9"
        | "channel.netscape.com/rdf/simple/0.9"
        | "my.netscape.com/publish/formats/rss-0.91.dtd"
        | "backend.userland.com/rss"
        | "backend.userland.com/rss2"
        | "backend.userland.com/rss2.1"
        | "backend.userland.com/rss091"
        | "blogs.law.harvard.edu/tech/rss"
        | "cyber.law.harvard.edu/rss/rss.html" => RSS1,
        "www.itunes.com/dtds/podcast-1.0.dtd" => ITUNES,
        "search.yahoo.com/mrss" | "search.yahoo.com/rss" | "www.rssboard.org/media-rss" => MEDIA,
        "purl.org/rss/1.0/modules/content" => CONTENT,
        "purl.org/dc/elements/1.1" | "purl.org/dc/elements/1.0" => DC,
        "podcastindex.org/namespace/1.0" => PODCAST,
        _ => return None,
    })
}

/// The namespace that a prefix stands for where its declaration is missing.
pub(crate) fn usual(prefix: &str) -> &'static str {
    match prefix {
        "atom" | "atom10" | "a10" | "a" => ATOM,
        "dc" => DC,
        "content" => CONTENT,
        "media" => MEDIA,
        "itunes" => ITUNES,
        "podcast" => PODCAST,
        "rss" | "rss10" => RSS1,
        "wfw" => "http://wellformedweb.org/CommentAPI/",
        "rdf" => "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        _ => "urn:undeclared",
    }
}

/// Elements in which feed-rs looks for an e-mail address, and panics on some texts around one.
pub(crate) fn names_person(name: &str) -> bool {
    matches!(local(name), "author" | "managingEditor" | "webMaster" | "creator" | "owner" | "name")
}
