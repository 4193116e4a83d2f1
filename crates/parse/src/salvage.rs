//! Item by item: when a feed cannot be read whole, each item is read alone, so that one costs no other.

use crate::dialect::Family;
use crate::lex::{Lexer, Token, local};
use crate::read::{self, Read};
use crate::repair::Mended;

/// Elements that make an item worth reading when the rest of it cannot be.
const CORE: [&str; 13] = [
    "title",
    "link",
    "guid",
    "id",
    "description",
    "summary",
    "content",
    "encoded",
    "pubDate",
    "published",
    "updated",
    "date",
    "category",
];

/// Reads the items of a rewritten feed one by one; none in the place of an item that cannot be read.
pub(crate) fn items(
    mended: &Mended,
    family: Family,
    base: Option<&str>,
) -> impl Iterator<Item = Option<Read>> {
    mended.items.iter().map(move |(place, _)| item(&mended.text[place.clone()], mended, family, base))
}

fn item(source: &str, mended: &Mended, family: Family, base: Option<&str>) -> Option<Read> {
    let whole = |read: Read| (!read.feed.entries.is_empty()).then_some(read);
    let alone = |source: &str| read::feed(&wrap(source, mended, family), base).ok().and_then(whole);
    alone(source).or_else(|| alone(&core(source)))
}

/// What the feed says of itself, read without its items.
pub(crate) fn meta(mended: &Mended, base: Option<&str>) -> Result<Read, String> {
    let mut rest = String::new();
    let mut from = 0;
    for (place, _) in &mended.items {
        rest.push_str(&mended.text[from..place.start]);
        from = place.end;
    }
    rest.push_str(&mended.text[from..]);
    read::feed(&rest, base)
}

fn wrap(item: &str, mended: &Mended, family: Family) -> String {
    let attributes = &mended.root_attributes;
    match family {
        Family::Atom => {
            let name = atom_root(&mended.text);
            format!("<{name}{attributes}>{item}</{name}>")
        }
        Family::Rdf => format!("<rss version=\"2.0\"{attributes}><channel>{item}</channel></rss>"),
        Family::Rss | Family::Sitemap => format!("<rss{attributes}><channel>{item}</channel></rss>"),
    }
}

fn atom_root(text: &str) -> &str {
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
    text.get(1..end).unwrap_or("feed")
}

/// The item with its core elements only.
fn core(item: &str) -> String {
    let mut out = String::with_capacity(item.len());
    let (mut depth, mut kept_from) = (0_usize, None);
    for lexeme in Lexer::new(item) {
        let (opens, empty, name) = match lexeme.token {
            Token::Open { name, empty, .. } => (true, empty, name),
            Token::Close(name) => (false, false, name),
            _ => continue,
        };
        if !opens {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            out.push_str(&item[lexeme.start..lexeme.end]);
        } else if depth == 1 && CORE.contains(&local(name)) {
            if opens {
                kept_from = Some(lexeme.start);
            }
            if let Some(from) = kept_from.filter(|_| !opens || empty) {
                out.push_str(&item[from..lexeme.end]);
                kept_from = None;
            }
        }
        if opens && !empty {
            depth += 1;
        }
    }
    out
}
