//! What feeds are made of: roots, namespaces as they are spelt in the wild, and what each element means.

use crate::lex::{local, prefix};

/// Families of documents that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// `<rss>`, or its parts without it; CDF's `<channel>`.
    Rss,
    /// `<rdf:RDF>`.
    Rdf,
    /// `<feed>`, or a lone `<entry>`.
    Atom,
    /// `<urlset>` or `<sitemapindex>`.
    Sitemap,
}

impl Family {
    /// The family that a root element belongs to.
    pub(crate) fn of(root: &str) -> Option<Self> {
        let mut buffer = [0; NAME_MAX];
        Some(match lower(local(root), &mut buffer) {
            "rss" | "channel" | "item" => Self::Rss,
            "rdf" => Self::Rdf,
            "feed" | "entry" => Self::Atom,
            "urlset" | "sitemapindex" => Self::Sitemap,
            _ => return None,
        })
    }

    /// True when `name` is an item's name in this family, whatever its prefix.
    pub(crate) fn is_item(self, name: &str) -> bool {
        let wanted = match self {
            Self::Rss | Self::Rdf => "item",
            Self::Atom => "entry",
            Self::Sitemap => return matches!(local(name), "url" | "sitemap"),
        };
        local(name).eq_ignore_ascii_case(wanted)
    }

    /// True when `name` is the outermost element of this family, or the one in it that holds the feed.
    pub(crate) fn is_frame(self, name: &str) -> bool {
        let own = local(name);
        match self {
            Self::Rss => name.eq_ignore_ascii_case("rss") || own.eq_ignore_ascii_case("channel"),
            Self::Rdf => own.eq_ignore_ascii_case("rdf") || own.eq_ignore_ascii_case("channel"),
            Self::Atom => own.eq_ignore_ascii_case("feed"),
            Self::Sitemap => matches!(own, "urlset" | "sitemapindex"),
        }
    }
}

/// Namespaces that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ns {
    /// RSS of any version, Atom of any version, sitemaps, and no namespace at all.
    Core,
    Dc,
    Terms,
    Content,
    Media,
    Itunes,
    Foaf,
    Xhtml,
    Rdf,
    License,
    Admin,
    Feedburner,
    Syndication,
    News,
    Picture,
    /// Anything else.
    Other,
}

/// The namespace of a URI, for the spellings seen in the wild.
pub(crate) fn namespace(uri: &str) -> Ns {
    let lower = uri.trim().to_ascii_lowercase();
    let bare = lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://")).unwrap_or(&lower);
    match bare.trim_end_matches(['/', '#']) {
        ""
        | "www.w3.org/2005/atom"
        | "purl.org/atom/ns"
        | "purl.org/net/rss1.1/atom"
        | "purl.org/rss/1.0"
        | "purl.org/rss"
        | "purl.org/net/rss1.1"
        | "my.netscape.com/rdf/simple/0.9"
        | "channel.netscape.com/rdf/simple/0.9"
        | "my.netscape.com/publish/formats/rss-0.91.dtd"
        | "blogs.law.harvard.edu/tech/rss"
        | "cyber.law.harvard.edu/rss/rss.html"
        | "purl.org/echo"
        | "purl.org/pie"
        | "example.com/necho"
        | "example.com/newformat"
        | "uri/of/echo/namespace"
        | "purl.org/rss/1.0/modules/rss091"
        | "www.sitemaps.org/schemas/sitemap/0.9"
        | "www.google.com/schemas/sitemap/0.84"
        | "www.google.com/schemas/sitemap/0.9" => Ns::Core,
        bare if bare.starts_with("backend.userland.com/rss") => Ns::Core,
        "purl.org/dc/elements/1.1" | "purl.org/dc/elements/1.0" => Ns::Dc,
        "purl.org/dc/terms" => Ns::Terms,
        "purl.org/rss/1.0/modules/content" => Ns::Content,
        "search.yahoo.com/mrss" | "search.yahoo.com/rss" | "www.rssboard.org/media-rss" => Ns::Media,
        "www.itunes.com/dtds/podcast-1.0.dtd"
        | "example.com/dtds/podcast-1.0.dtd"
        | "www.google.com/schemas/play-podcasts/1.0" => Ns::Itunes,
        "xmlns.com/foaf/0.1" => Ns::Foaf,
        "www.w3.org/1999/xhtml" => Ns::Xhtml,
        "www.w3.org/1999/02/22-rdf-syntax-ns" => Ns::Rdf,
        "creativecommons.org/ns#license"
        | "web.resource.org/cc"
        | "cyber.law.harvard.edu/rss/creativecommonsrssmodule.html"
        | "backend.userland.com/creativecommonsrssmodule" => Ns::License,
        "webns.net/mvcb" => Ns::Admin,
        "rssnamespace.org/feedburner/ext/1.0" => Ns::Feedburner,
        "purl.org/rss/1.0/modules/syndication" => Ns::Syndication,
        "www.google.com/schemas/sitemap-news/0.9" => Ns::News,
        "www.google.com/schemas/sitemap-image/1.1" | "www.google.com/schemas/sitemap-video/1.1" => {
            Ns::Picture
        }
        _ => Ns::Other,
    }
}

/// The namespace that a prefix stands for where its declaration is missing.
pub(crate) fn usual(prefix: &str) -> Ns {
    match prefix {
        "" | "atom" | "atom10" | "a10" | "a" | "rss" | "rss10" => Ns::Core,
        "dc" => Ns::Dc,
        "dcterms" => Ns::Terms,
        "content" => Ns::Content,
        "media" => Ns::Media,
        "itunes" | "googleplay" => Ns::Itunes,
        "foaf" => Ns::Foaf,
        "xhtml" => Ns::Xhtml,
        "rdf" => Ns::Rdf,
        "cc" | "creativeCommons" | "creativecommons" => Ns::License,
        "admin" => Ns::Admin,
        "feedburner" => Ns::Feedburner,
        "sy" => Ns::Syndication,
        "news" => Ns::News,
        "image" | "video" => Ns::Picture,
        _ => Ns::Other,
    }
}

/// What an element means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum El {
    Frame,
    Item,
    Picture,
    TextInput,
    Source,
    Title,
    MediaTitle,
    Subtitle,
    Rights,
    Description,
    MediaDescription,
    Abstract,
    Summary,
    Info,
    Content,
    Encoded,
    Body,
    Author,
    Contributor,
    DcContributor,
    Publisher,
    Owner,
    Name,
    Email,
    Uri,
    Published,
    Updated,
    Created,
    Expired,
    Category,
    Keywords,
    Link,
    Guid,
    Enclosure,
    Comments,
    Generator,
    GeneratorAgent,
    Language,
    Ttl,
    Period,
    Frequency,
    Width,
    Height,
    ItunesImage,
    MediaContent,
    MediaThumbnail,
    License,
    Loc,
    PictureLoc,
    NewsName,
    Other,
}

impl El {
    /// True when markup inside belongs to a text, not to the feed.
    pub(crate) fn holds_text(self) -> bool {
        matches!(
            self,
            Self::Title
                | Self::MediaTitle
                | Self::Subtitle
                | Self::Rights
                | Self::Description
                | Self::MediaDescription
                | Self::Abstract
                | Self::Summary
                | Self::Info
                | Self::Content
                | Self::Encoded
                | Self::Body
        )
    }

    /// True when an element's characters are of no interest.
    pub(crate) fn is_mute(self) -> bool {
        matches!(
            self,
            Self::Frame
                | Self::Item
                | Self::Picture
                | Self::TextInput
                | Self::Contributor
                | Self::Owner
                | Self::Enclosure
                | Self::GeneratorAgent
                | Self::ItunesImage
                | Self::MediaContent
                | Self::Other
        )
    }
}

/// Longest name of an element that means anything, bytes.
pub(crate) const NAME_MAX: usize = 24;

/// The name in lower case; empty when it is too long to be known.
pub(crate) fn lower<'b>(name: &str, buffer: &'b mut [u8; NAME_MAX]) -> &'b str {
    let Some(place) = buffer.get_mut(..name.len()) else { return "" };
    place.copy_from_slice(name.as_bytes());
    place.make_ascii_lowercase();
    std::str::from_utf8(place).unwrap_or("")
}

/// What the element `name` of a namespace means in a document of `family`.
pub(crate) fn element(family: Family, ns: Ns, name: &str) -> El {
    let mut buffer = [0; NAME_MAX];
    let name = lower(local(name), &mut buffer);
    match ns {
        Ns::Core if family == Family::Sitemap => sitemap(name),
        Ns::Core => core(name),
        Ns::Dc | Ns::Terms => dublin_core(name),
        Ns::Content if name == "encoded" => El::Encoded,
        Ns::Media => media(name),
        Ns::Itunes => itunes(name),
        Ns::Foaf if name == "name" => El::Name,
        Ns::Foaf if name == "mbox" => El::Email,
        Ns::Rdf if name == "rdf" => El::Frame,
        Ns::Xhtml if name == "body" => El::Body,
        Ns::License if name == "license" => El::License,
        Ns::Admin if name == "generatoragent" => El::GeneratorAgent,
        Ns::Feedburner if name == "browserfriendly" => El::Info,
        Ns::Syndication if name == "updateperiod" => El::Period,
        Ns::Syndication if name == "updatefrequency" => El::Frequency,
        Ns::News => news(name),
        Ns::Picture if matches!(name, "loc" | "thumbnail_loc" | "content_loc") => El::PictureLoc,
        _ => El::Other,
    }
}

fn core(name: &str) -> El {
    match name {
        "rss" | "rdf" | "feed" | "channel" => El::Frame,
        "item" | "entry" => El::Item,
        "image" => El::Picture,
        "textinput" => El::TextInput,
        "source" => El::Source,
        "title" => El::Title,
        "subtitle" | "tagline" => El::Subtitle,
        "rights" | "copyright" => El::Rights,
        "description" => El::Description,
        "abstract" => El::Abstract,
        "summary" => El::Summary,
        "info" => El::Info,
        "content" => El::Content,
        "encoded" | "fullitem" => El::Encoded,
        "body" => El::Body,
        "author" | "managingeditor" => El::Author,
        "contributor" => El::Contributor,
        "webmaster" => El::Publisher,
        "name" => El::Name,
        "email" => El::Email,
        "url" | "uri" | "homepage" => El::Uri,
        "published" | "issued" | "pubdate" => El::Published,
        "updated" | "modified" | "lastbuilddate" => El::Updated,
        "created" => El::Created,
        "expirationdate" => El::Expired,
        "category" | "keywords" => El::Category,
        "tags" => El::Keywords,
        "link" => El::Link,
        "guid" | "id" => El::Guid,
        "enclosure" => El::Enclosure,
        "comments" => El::Comments,
        "generator" => El::Generator,
        "language" => El::Language,
        "ttl" => El::Ttl,
        "width" => El::Width,
        "height" => El::Height,
        _ => El::Other,
    }
}

fn dublin_core(name: &str) -> El {
    match name {
        "title" => El::Title,
        "creator" | "author" => El::Author,
        "contributor" => El::DcContributor,
        "publisher" => El::Publisher,
        "description" | "abstract" => El::Description,
        "date" | "modified" | "updated" => El::Updated,
        "issued" | "available" => El::Published,
        "created" => El::Created,
        "language" => El::Language,
        "rights" | "license" => El::Rights,
        "subject" => El::Category,
        _ => El::Other,
    }
}

fn media(name: &str) -> El {
    match name {
        "content" => El::MediaContent,
        "thumbnail" => El::MediaThumbnail,
        "title" => El::MediaTitle,
        "description" => El::MediaDescription,
        "category" => El::Category,
        "keywords" => El::Keywords,
        "copyright" => El::Rights,
        _ => El::Other,
    }
}

fn itunes(name: &str) -> El {
    match name {
        "author" => El::Author,
        "name" => El::Name,
        "email" => El::Email,
        "owner" => El::Owner,
        "subtitle" => El::Subtitle,
        "summary" | "description" => El::Summary,
        "image" | "link" => El::ItunesImage,
        "category" => El::Category,
        "keywords" => El::Keywords,
        _ => El::Other,
    }
}

fn sitemap(name: &str) -> El {
    match name {
        "urlset" | "sitemapindex" => El::Frame,
        "url" | "sitemap" => El::Item,
        "loc" => El::Loc,
        "lastmod" => El::Updated,
        name => news(name),
    }
}

fn news(name: &str) -> El {
    match name {
        "name" => El::NewsName,
        "language" => El::Language,
        "publication_date" => El::Published,
        "title" => El::Title,
        "keywords" => El::Keywords,
        _ => El::Other,
    }
}

/// True when `prefix:name` is the tag of something else that has an item's name.
pub(crate) fn is_namesake(name: &str, in_item: bool) -> bool {
    in_item && !prefix(name).is_empty()
}
