//! The gate before feed-rs: is this text exactly what it seems, well-formed and harmless?
//!
//! feed-rs aborts the process on deep nesting, takes gigabytes for an `xml:base`, panics on some bylines
//! and durations, and loses a whole feed over one `&`. A text that passes here has none of that, and both
//! readers split it alike; any other text is rewritten first (see `repair`).

use crate::dialect::{Family, names_person, namespace};
use crate::lex::{Lexer, Token, attributes, local, prefix};
use crate::refs;
use memchr::memmem;
use std::ops::Range;

/// Items read of one document.
pub(crate) const MAX_ITEMS: usize = 10_000;
/// Nesting of elements. feed-rs overflows a stack of 2 MiB at 900 nested `media:group`; feeds nest to about 20.
pub(crate) const MAX_DEPTH: usize = 128;
/// Attributes of one tag.
pub(crate) const MAX_ATTRIBUTES: usize = 64;
/// Elements of one document: 10,000 items of 40. feed-rs takes up to 400 bytes for each.
pub(crate) const MAX_ELEMENTS: usize = 400_000;
/// Elements of one item.
pub(crate) const MAX_ITEM_ELEMENTS: usize = 2_000;
/// `media:group` elements of one item: feed-rs copies what stands around a group into each.
pub(crate) const MAX_GROUPS: usize = 8;
/// Bytes of one `media:rating`, which is copied to each `media:content`; and of a duration.
pub(crate) const MAX_WORD: usize = 64;
const MAX_DURATION: usize = 12;
/// Occurrences of `xml:base`, bytes of one, and the product of both: feed-rs keeps a copy for each nesting.
const MAX_BASES: usize = 64;
pub(crate) const MAX_BASE: usize = 2048;
const MAX_BASE_COPIES: usize = 4 << 20;
/// Bytes that resolving every element of the document against a base may take.
const MAX_RESOLVED: usize = 64 << 20;

/// Places of the items of a text that feed-rs may read as it is; none when it must be rewritten.
pub(crate) fn plain(text: &str, family: Family) -> Option<Vec<Range<usize>>> {
    if !bases_are_harmless(text) {
        return None;
    }
    let mut walk = Walk { family, ..Walk::default() };
    for lexeme in Lexer::new(text) {
        if lexeme.odd {
            return None;
        }
        match lexeme.token {
            Token::Text(text) => walk.text(text)?,
            Token::CData(text) => walk.cdata(text)?,
            Token::Skip => {}
            Token::Open { name, attrs, empty } => {
                walk.open(name, attrs, lexeme.start)?;
                if empty {
                    walk.close(name, lexeme.end)?;
                }
            }
            Token::Close(name) => walk.close(name, lexeme.end)?,
        }
    }
    (walk.stack.is_empty() && walk.roots == 1).then_some(walk.items)
}

#[derive(Debug)]
struct Walk<'a> {
    family: Family,
    stack: Vec<Open<'a>>,
    prefixes: Vec<&'a str>,
    items: Vec<Range<usize>>,
    /// Depth of the open item.
    in_item: Option<usize>,
    roots: usize,
    elements: usize,
    item_elements: usize,
    groups: usize,
}

#[derive(Debug)]
struct Open<'a> {
    name: &'a str,
    watch: Watch,
}

/// What to look for in the text of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    Nothing,
    /// Markup: feed-rs would drop it.
    Markup,
    /// An e-mail address beside a character that is not ASCII: feed-rs would panic.
    Person,
    /// A number that overflows: feed-rs would panic.
    Duration,
    /// A text that is copied.
    Word,
}

impl Default for Walk<'_> {
    fn default() -> Self {
        Self {
            family: Family::Rss,
            stack: Vec::new(),
            prefixes: vec!["", "xml"],
            items: Vec::new(),
            in_item: None,
            roots: 0,
            elements: 0,
            item_elements: 0,
            groups: 0,
        }
    }
}

impl<'a> Walk<'a> {
    fn text(&self, text: &str) -> Option<()> {
        if !refs::all_plain(text) {
            return None;
        }
        self.cdata(text)
    }

    fn cdata(&self, text: &str) -> Option<()> {
        let harmless = match self.stack.last() {
            None => text.trim().is_empty(),
            Some(open) => match open.watch {
                Watch::Nothing | Watch::Markup => true,
                Watch::Person => text.is_ascii() || !text.contains('@'),
                Watch::Duration => is_duration(text),
                Watch::Word => text.len() <= MAX_WORD,
            },
        };
        harmless.then_some(())
    }

    fn open(&mut self, name: &'a str, attrs: &'a str, at: usize) -> Option<()> {
        let root = self.stack.is_empty();
        self.roots += usize::from(root);
        self.elements += 1;
        self.item_elements += 1;
        self.groups += usize::from(local(name) == "group");
        let within_limits = self.stack.len() < MAX_DEPTH
            && self.elements <= MAX_ELEMENTS
            && self.item_elements <= MAX_ITEM_ELEMENTS
            && self.groups <= MAX_GROUPS;
        let in_text = self.stack.last().is_some_and(|open| open.watch == Watch::Markup);
        if !within_limits || in_text {
            return None;
        }
        if !attrs.is_empty() {
            self.attributes(name, attrs, root)?;
        }
        if root && !self.root_is_usual(name, attrs) || !self.prefixes.contains(&prefix(name)) {
            return None;
        }
        // A prefixed namesake inside an item is something else.
        if self.family.is_item(name) && (prefix(name).is_empty() || self.in_item.is_none()) {
            if self.in_item.is_some() || self.items.len() == MAX_ITEMS {
                return None;
            }
            self.in_item = Some(self.stack.len());
            (self.item_elements, self.groups) = (0, 0);
            self.items.push(at..at);
        }
        self.stack.push(Open { name, watch: self.watch(name) });
        Some(())
    }

    fn watch(&self, name: &str) -> Watch {
        match local(name) {
            "duration" => Watch::Duration,
            "rating" => Watch::Word,
            // An unknown role loses the whole feed.
            _ if self.family.holds_text(name) => Watch::Markup,
            _ if names_person(name) => Watch::Person,
            _ => Watch::Nothing,
        }
    }

    fn root_is_usual(&self, name: &str, attrs: &str) -> bool {
        match self.family {
            Family::Rss => {
                let version =
                    attributes(attrs).find(|(name, ..)| *name == "version").map(|(_, value, _)| value);
                name == "rss" && matches!(version, Some("2.0" | "0.91" | "0.92"))
            }
            Family::Rdf => local(name) == "RDF",
            Family::Atom => local(name) == "feed" && attrs.contains("xmlns"),
            Family::Sitemap => true,
        }
    }

    fn attributes(&mut self, name: &str, attrs: &'a str, root: bool) -> Option<()> {
        let timed = matches!(local(name), "thumbnail" | "text") && prefix(name) == "media";
        for (count, (key, value, odd)) in attributes(attrs).enumerate() {
            if odd || count >= MAX_ATTRIBUTES || !refs::all_plain(value) {
                return None;
            }
            if key.starts_with("xmlns") {
                let prefix = key.strip_prefix("xmlns:").unwrap_or("");
                if namespace(value).is_some_and(|usual| usual != value) || value.len() > MAX_BASE {
                    return None;
                }
                if !self.prefixes.contains(&prefix) {
                    self.prefixes.push(prefix);
                }
                // Prefixes that are not declared on the root could mean two things in two places.
                if !root && self.prefixes.len() > MAX_ATTRIBUTES {
                    return None;
                }
            }
            if timed && matches!(key, "time" | "start" | "end") && !is_duration(value) {
                return None;
            }
            if key == "type" && self.family == Family::Atom && !atom_type_is_usual(value) {
                return None;
            }
            if key == "xml:base"
                && matches!(url::Url::parse(value), Err(e) if e != url::ParseError::RelativeUrlWithoutBase)
            {
                return None;
            }
        }
        Some(())
    }

    fn close(&mut self, name: &str, end: usize) -> Option<()> {
        let open = self.stack.pop()?;
        if open.name != name {
            return None;
        }
        if self.in_item == Some(self.stack.len())
            && let Some(item) = self.items.last_mut()
        {
            item.end = end;
            self.in_item = None;
            (self.item_elements, self.groups) = (0, 0);
        }
        Some(())
    }
}

/// True for the types that feed-rs reads; it drops the whole feed over another.
fn atom_type_is_usual(value: &str) -> bool {
    matches!(value, "text" | "html" | "text/html" | "xhtml") || value.contains('/') && value.len() <= MAX_WORD
}

/// True for what feed-rs can count without overflow.
fn is_duration(text: &str) -> bool {
    let text = text.trim();
    text.len() <= MAX_DURATION && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
}

/// True unless the `xml:base` attributes could be made to fill the memory.
pub(crate) fn bases_are_harmless(text: &str) -> bool {
    let (mut count, mut longest) = (0_usize, 0_usize);
    for at in memmem::find_iter(text.as_bytes(), b"xml:base") {
        let Some(value) = text[at + 8..].trim_start().strip_prefix('=') else { continue };
        let window = crate::sniff::head(value.trim_start(), MAX_BASE * 2);
        let quote = window.bytes().next().unwrap_or(b'"');
        longest = longest
            .max(memchr::memchr(quote, &window.as_bytes()[1.min(window.len())..]).unwrap_or(MAX_BASE * 2));
        count += 1;
        if count > MAX_BASES || longest > MAX_BASE || count * longest > MAX_BASE_COPIES {
            return false;
        }
    }
    count == 0 || base_fits(longest, text)
}

/// True when every element of `text` may be resolved against a base of `len` bytes.
pub(crate) fn base_fits(len: usize, text: &str) -> bool {
    len <= MAX_BASE
        && len * memchr::memchr_iter(b'<', text.as_bytes()).count().min(MAX_ELEMENTS) <= MAX_RESOLVED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_plain(item: &str) -> bool {
        let spaces =
            "xmlns:media=\"http://search.yahoo.com/mrss/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";
        plain(
            &format!("<rss version=\"2.0\" {spaces}><channel><item>{item}</item></channel></rss>"),
            Family::Rss,
        )
        .is_some()
    }

    #[test]
    fn harmless_items_pass() {
        for item in [
            "",
            "<title>A &amp; B &#233;</title><!-- note --><description><![CDATA[<p>&nbsp;]]></description>",
            "<dc:creator>Jose a@b.cc</dc:creator><author>José</author>",
            "<media:group><media:content url=\"u\"><media:rating>adult</media:rating></media:content></media:group>",
            "<media:duration>1:02:03.5</media:duration><a xml:base=\"/x/\" xmlns:q=\"urn:q\"><q:b/></a>",
            "<media:thumbnail url=\"u\" time=\"00:10\"/>",
        ] {
            assert!(is_plain(item), "{item}");
        }
    }

    #[test]
    fn risks_and_breakage_do_not() {
        let many = |unit: &str, count: usize| unit.repeat(count);
        for item in [
            "<title>A & B</title>",
            "<title>&nbsp;</title>",
            "<title>&#0;</title>",
            "<title>&#150;</title>",
            "<title>a <b>c</b></title>",
            "<title>a",
            "<item/>",
            "<x:y/>",
            "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
            "<!DOCTYPE a>",
            "<!-->-->",
            "<author>a@b.cc（x）</author>",
            "<media:duration>99999999999999999999</media:duration>",
            "<media:duration>٣</media:duration>",
            "<media:thumbnail url=\"u\" time=\"99999999999999999999\"/>",
            "<a xml:base=\"http://[\"/>",
            "<a b=c/>",
            &format!("<media:rating>{}</media:rating>", many("r", MAX_WORD + 1)),
            &many("<media:group/>", MAX_GROUPS + 1),
            &many("<a xml:base=\"/\"/>", MAX_BASES + 1),
            &format!("<a xml:base=\"/>{}\"/>", many("b", MAX_BASE + 1)),
            &many("<a/>", MAX_ITEM_ELEMENTS + 1),
            &(many("<a>", MAX_DEPTH) + &many("</a>", MAX_DEPTH)),
            &format!("<a{}/>", (0..=MAX_ATTRIBUTES).map(|n| format!(" a{n}=\"\"")).collect::<String>()),
        ] {
            assert!(!is_plain(item), "{item}");
        }
        assert!(plain(&many("<item/>", 2), Family::Rss).is_none());
    }
}
