//! HTML's tags: where they end, their attributes, and what the names of elements mean for text.

use memchr::{memchr, memchr3};
use std::sync::LazyLock;

/// A tag, as written.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: &'a str,
    /// `</name>`
    pub(super) closing: bool,
    /// `<name/>`: XHTML's empty element.
    pub(super) empty: bool,
}

/// What an element does to the text around and in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    Inline,
    /// Nothing, and it has no content.
    Void,
    /// Stands apart, by an empty line.
    Paragraph,
    /// Stands apart, and has no content.
    Rule,
    /// Stands on its own line.
    Line,
    /// Stands apart by a space.
    Cell,
    /// Ends a line.
    Break,
    /// A list: apart as a whole, its items on lines.
    List,
    /// Keeps its line ends.
    Pre,
    /// Shows code.
    Code,
    /// Its content is no part of the text.
    Skip,
    /// Its content is no part of the text, and no markup either.
    Raw,
}

/// Name of the tag that `inside` (what follows `<` or `</`) begins with.
pub(crate) fn tag_name(inside: &str) -> &str {
    let end = inside.bytes().position(|b| !(b.is_ascii_alphanumeric() || b"-:_".contains(&b)));
    &inside[..end.unwrap_or(inside.len())]
}

/// The longest name that means anything here.
const NAME_MAX: usize = 10;

/// What an element of this name is, in any case.
pub(super) fn kind(name: &str) -> Kind {
    let mut lower = [0; NAME_MAX];
    let Some(lower) = lower.get_mut(..name.len()) else { return Kind::Inline };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"script" | b"style" | b"iframe" | b"noframes" | b"noembed" | b"textarea" | b"title" | b"xmp" => {
            Kind::Raw
        }
        b"noscript" | b"template" | b"form" | b"button" | b"select" | b"svg" | b"math" | b"video"
        | b"audio" | b"canvas" | b"object" | b"head" | b"map" | b"dialog" | b"rp" | b"figcaption" => {
            Kind::Skip
        }
        b"p" | b"div" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"blockquote" | b"section"
        | b"article" | b"header" | b"footer" | b"main" | b"aside" | b"nav" | b"figure" | b"table"
        | b"address" | b"details" | b"fieldset" | b"hgroup" | b"center" | b"body" | b"html" => {
            Kind::Paragraph
        }
        b"li" | b"dt" | b"dd" | b"tr" | b"caption" | b"summary" | b"legend" | b"thead" | b"tbody"
        | b"tfoot" => Kind::Line,
        b"td" | b"th" => Kind::Cell,
        b"br" => Kind::Break,
        b"hr" => Kind::Rule,
        b"ul" | b"ol" | b"dl" | b"menu" | b"dir" => Kind::List,
        b"pre" | b"listing" => Kind::Pre,
        b"code" | b"kbd" | b"samp" => Kind::Code,
        b"img" | b"wbr" | b"input" | b"embed" | b"source" | b"track" | b"area" | b"base" | b"col"
        | b"link" | b"meta" | b"param" => Kind::Void,
        _ => Kind::Inline,
    }
}

/// True when the attributes keep the element from being shown.
pub(super) fn hides(attributes: &str) -> bool {
    if attributes.len() < 7 {
        return false;
    }
    let contains = |word: &[u8]| memchr::memmem::find(attributes.as_bytes(), word).is_some();
    // Nearly all tags stop here.
    if !contains(b"idden") && !contains(b"isplay") && !contains(b"IDDEN") && !contains(b"ISPLAY") {
        return false;
    }
    for Attribute { name, value } in self::attributes(attributes) {
        let value = value.to_ascii_lowercase();
        let hiding = match name.to_ascii_lowercase().as_str() {
            "hidden" => true,
            "aria-hidden" => value == "true",
            "style" => {
                let style: String = value.chars().filter(|c| !c.is_whitespace()).collect();
                style.contains("display:none") || style.contains("visibility:hidden")
            }
            _ => false,
        };
        if hiding {
            return true;
        }
    }
    false
}

/// Parts of classes and ids that publishing software gives to what stands around a text: buttons for
/// sharing, boxes for newsletters, lists of other articles, captions. Long enough to mean nothing else.
const FURNITURE: [&str; 65] = [
    "sharedaddy",
    "share-button",
    "sharebutton",
    "social-share",
    "social-sharing",
    "social-icons",
    "social-links",
    "share-post",
    "share-article",
    "sharethis",
    "addtoany",
    "addthis",
    "jp-relatedposts",
    "related-post",
    "relatedpost",
    "related-article",
    "related-stories",
    "related-content",
    "related-news",
    "yarpp",
    "recommended-posts",
    "newsletter-signup",
    "newsletter-form",
    "newsletter-box",
    "newsletter-widget",
    "newsletter-promo",
    "newsletter-subscribe",
    "newsletter-banner",
    "newsletter-inline",
    "mc4wp",
    "subscribe-form",
    "subscribe-box",
    "author-bio",
    "author-box",
    "about-author",
    "authorbox",
    "author-info",
    "cookie-notice",
    "cookie-banner",
    "cookie-consent",
    "comments-area",
    "comment-list",
    "comment-respond",
    "comment-form",
    "disqus",
    "advertisement",
    "ad-container",
    "ad-slot",
    "adsbygoogle",
    "wp-caption-text",
    "image-credit",
    "photo-credit",
    "image-caption",
    "trinity-player",
    "trinityaudio",
    "post-tags",
    "tag-links",
    "app-download",
    "download-app",
    "screen-reader-text",
    "visually-hidden",
    "feedflare",
    "outbrain",
    "taboola",
    "reading-time",
];

/// True when class or id say that the element is no part of a text.
pub(crate) fn is_furniture(attributes: &str) -> bool {
    // Nearly all tags stop here.
    if attributes.len() < 8 {
        return false;
    }
    self::attributes(attributes).any(|Attribute { name, value }| {
        (name.eq_ignore_ascii_case("class") || name.eq_ignore_ascii_case("id")) && names_furniture(value)
    })
}

/// [`FURNITURE`] by the letter that it begins with.
static BY_LETTER: LazyLock<[Vec<&'static [u8]>; 26]> = LazyLock::new(|| {
    let of = |letter: usize| {
        let begins = |words: &&&str| words.as_bytes()[0] == b'a' + letter as u8;
        FURNITURE.iter().filter(begins).map(|words| words.as_bytes()).collect()
    };
    std::array::from_fn(of)
});

/// True when `value` holds one of [`FURNITURE`], in any case, with `_` for `-`.
fn names_furniture(value: &str) -> bool {
    let same =
        |(byte, wanted): (&u8, &u8)| byte.eq_ignore_ascii_case(wanted) || (*byte == b'_' && *wanted == b'-');
    let bytes = value.as_bytes();
    (0..bytes.len()).any(|at| {
        let rest = &bytes[at..];
        let letter = usize::from(rest[0].to_ascii_lowercase().wrapping_sub(b'a'));
        BY_LETTER.get(letter).is_some_and(|group| {
            group.iter().any(|words| words.len() <= rest.len() && rest.iter().zip(*words).all(same))
        })
    })
}

/// An attribute as written: references in the value are not resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

/// The attributes in `text`, which is a tag without its name and its angle brackets.
pub(crate) fn attributes(text: &str) -> impl Iterator<Item = Attribute<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (name, value, tail) = attribute(rest)?;
        rest = tail;
        Some(Attribute { name, value })
    })
}

/// Offset of the `>` that ends the tag at the beginning of `bytes`; one inside a quoted value does not.
/// Once a quote has no end, `quotes_broken` is set and quotes are ignored from there on.
pub(crate) fn tag_end(bytes: &[u8], quotes_broken: &mut bool) -> Option<usize> {
    if !*quotes_broken {
        match quoted_tag_end(bytes) {
            None => *quotes_broken = true,
            found => return found,
        }
    }
    memchr(b'>', bytes)
}

/// The first `>` that is not inside a quoted value.
fn quoted_tag_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let found = at + memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        if bytes[found] == b'>' {
            return Some(found);
        }
        at = found + 1;
        // A quote begins a value only behind `=`.
        if bytes[..found].iter().rev().find(|b| !b.is_ascii_whitespace()) == Some(&b'=') {
            at += memchr(bytes[found], &bytes[at..])? + 1;
        }
    }
}

/// The first attribute: its name, its value, and what follows.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let text =
        text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/' || c == '"' || c == '\'');
    if text.is_empty() {
        return None;
    }
    let text = text.strip_prefix('=').unwrap_or(text);
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.trim_start().strip_prefix('=').map(str::trim_start) else {
        return Some((name, "", rest));
    };
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, tail) = match quote {
        Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
        None => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
    };
    Some((name, value, tail))
}
