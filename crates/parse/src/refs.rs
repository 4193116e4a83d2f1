//! Character references: what `&…` stands for, and writing text so that XML reads it back.

use crate::charset::is_legal;
use memchr::memchr2;
use std::borrow::Cow;

/// What stands at an ampersand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ref {
    /// A reference that any XML reader resolves; bytes from `&` to `;`.
    Xml(usize),
    /// A reference that XML does not know or forbids, what it means (nothing, for what may not be), its bytes.
    Html(&'static str, usize),
    /// As before, by number.
    Number(Option<char>, usize),
    /// An ampersand that means itself.
    Bare,
}

impl Ref {
    /// Bytes of the source that it takes.
    fn len(self) -> usize {
        match self {
            Self::Xml(len) | Self::Html(_, len) | Self::Number(_, len) => len,
            Self::Bare => 1,
        }
    }
}

/// Longest name of an HTML entity, and of a number that is still looked at.
const MAX_NAME: usize = 34;

/// Reads the reference at the start of `rest`, which begins with `&`.
pub(crate) fn read(rest: &str) -> Ref {
    let bytes = &rest.as_bytes()[1..];
    let Some(len) = bytes.iter().take(MAX_NAME).position(|b| !(b.is_ascii_alphanumeric() || *b == b'#'))
    else {
        return Ref::Bare;
    };
    if bytes[len] != b';' || len == 0 {
        return Ref::Bare;
    }
    let name = &rest[1..=len];
    let whole = len + 2;
    if let Some(number) = name.strip_prefix('#') {
        return read_number(number, &rest[whole..], whole);
    }
    if matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") {
        return Ref::Xml(whole);
    }
    match named(name) {
        Some(text) => Ref::Html(text, whole),
        None => Ref::Bare,
    }
}

/// The characters that a name of HTML stands for.
pub(crate) fn named(name: &str) -> Option<&'static str> {
    let names = &html_escape::NAMED_ENTITIES;
    let found = names.binary_search_by(|(known, _)| (*known).cmp(name.as_bytes())).ok()?;
    Some(names[found].1)
}

fn parse_number(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    }
}

fn read_number(number: &str, after: &str, whole: usize) -> Ref {
    let Some(value) = parse_number(number) else {
        return if number.bytes().all(|b| b.is_ascii_digit()) && !number.is_empty() {
            Ref::Number(None, whole)
        } else {
            Ref::Bare
        };
    };
    match value {
        // The C1 range was always meant as windows-1252; HTML says so too.
        0x80..=0x9f => {
            let byte = [value.to_le_bytes()[0]];
            Ref::Number(encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next(), whole)
        }
        // A surrogate pair written as two references.
        0xd800..=0xdbff => match low_surrogate(after) {
            Some((low, len)) => {
                Ref::Number(char::from_u32(0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00)), whole + len)
            }
            None => Ref::Number(None, whole),
        },
        _ => match char::from_u32(value) {
            // Upper-case X is HTML's, not XML's.
            Some(c) if is_legal(c) && number.starts_with('X') => Ref::Number(Some(c), whole),
            Some(c) if is_legal(c) => Ref::Xml(whole),
            _ => Ref::Number(None, whole),
        },
    }
}

fn low_surrogate(after: &str) -> Option<(u32, usize)> {
    let rest = after.strip_prefix("&#")?;
    let len = rest.bytes().take(MAX_NAME).position(|b| b == b';')?;
    let value = parse_number(rest.get(..len)?)?;
    (0xdc00..=0xdfff).contains(&value).then_some((value, len + 3))
}

/// Writes source text as markup: references to what markup needs stay, all others become characters. True when
/// something had to be mended.
pub(crate) fn markup(text: &str, in_tag: bool, out: &mut String) -> bool {
    let mut mended = false;
    let mut at = 0;
    while let Some(found) = memchr2(b'&', b'<', &text.as_bytes()[at..]) {
        out.push_str(&text[at..at + found]);
        at += found;
        if text.as_bytes()[at] == b'<' {
            out.push_str("&lt;");
            mended = true;
            at += 1;
            continue;
        }
        let reference = read(&text[at..]);
        mended |= !matches!(reference, Ref::Xml(_));
        let len = reference.len();
        match reference {
            Ref::Bare => out.push_str("&amp;"),
            _ => meant(reference, &text[at..at + len], |meant| match meant {
                "&" => out.push_str("&amp;"),
                "<" => out.push_str("&lt;"),
                ">" => out.push_str("&gt;"),
                "\"" if in_tag => out.push_str("&quot;"),
                meant => out.push_str(meant),
            }),
        }
        at += len;
    }
    out.push_str(&text[at..]);
    mended
}

/// Hands on the characters that a reference, spelt `whole`, stands for.
fn meant(reference: Ref, whole: &str, mut tell: impl FnMut(&str)) {
    match reference {
        Ref::Xml(len) => {
            let name = &whole[1..len - 1];
            match name.strip_prefix('#') {
                Some(number) => {
                    if let Some(c) = parse_number(number).and_then(char::from_u32) {
                        tell(c.encode_utf8(&mut [0; 4]));
                    }
                }
                None => tell(named(name).unwrap_or_default()),
            }
        }
        Ref::Html(text, _) => tell(text),
        Ref::Number(c, _) => {
            if let Some(c) = c.filter(|c| is_legal(*c)) {
                tell(c.encode_utf8(&mut [0; 4]));
            }
        }
        Ref::Bare => tell("&"),
    }
}

/// Writes characters that mean themselves.
pub(crate) fn escape(text: &str, out: &mut String) {
    let mut at = 0;
    while let Some(found) = memchr2(b'&', b'<', &text.as_bytes()[at..]) {
        out.push_str(&text[at..at + found]);
        at += found + 1;
        out.push_str(if text.as_bytes()[at - 1] == b'&' { "&amp;" } else { "&lt;" });
    }
    out.push_str(&text[at..]);
}

/// Writes the characters that source text stands for. True when something had to be mended.
pub(crate) fn resolve_into(text: &str, out: &mut String) -> bool {
    let mut mended = false;
    let mut at = 0;
    while let Some(found) = memchr2(b'&', b'<', &text.as_bytes()[at..]) {
        out.push_str(&text[at..at + found]);
        at += found;
        if text.as_bytes()[at] == b'<' {
            out.push('<');
            mended = true;
            at += 1;
            continue;
        }
        let reference = read(&text[at..]);
        mended |= !matches!(reference, Ref::Xml(_));
        let len = reference.len();
        meant(reference, &text[at..at + len], |meant| out.push_str(meant));
        at += len;
    }
    out.push_str(&text[at..]);
    mended
}

/// The characters that the value of an attribute stands for, and whether something had to be mended.
pub(crate) fn resolved(text: &str) -> (Cow<'_, str>, bool) {
    if memchr2(b'&', b'<', text.as_bytes()).is_none() {
        return (Cow::Borrowed(text), false);
    }
    let mut out = String::with_capacity(text.len());
    let mended = resolve_into(text, &mut out);
    (Cow::Owned(out), mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_html_says() {
        let greek = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma \
             tau upsilon phi chi psi omega";
        for (c, name) in ('α'..='ω').zip(greek.split_whitespace()) {
            assert_eq!(named(name), Some(c.to_string().as_str()), "{name}");
        }
        let others =
            [("hellip", "…"), ("fnof", "ƒ"), ("circ", "ˆ"), ("nbsp", "\u{a0}"), ("euro", "€"), ("amp", "&")];
        for (name, meant) in others {
            assert_eq!(named(name), Some(meant), "{name}");
        }
        assert_eq!(named("bogus"), None);
    }

    #[test]
    fn source_becomes_characters_or_markup() {
        let check = |source: &str, characters: &str, in_text: &str, in_tag: &str| {
            let mut out = [String::new(), String::new(), String::new()];
            resolve_into(source, &mut out[0]);
            markup(source, false, &mut out[1]);
            markup(source, true, &mut out[2]);
            assert_eq!(out, [characters, in_text, in_tag], "{source}");
        };
        check("a &amp; b &lt;c&gt;", "a & b <c>", "a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;");
        check(
            "a & b &bogus; < c",
            "a & b &bogus; < c",
            "a &amp; b &amp;bogus; &lt; c",
            "a &amp; b &amp;bogus; &lt; c",
        );
        check("&#38;&#x26;&#60;", "&&<", "&amp;&amp;&lt;", "&amp;&amp;&lt;");
        check("&quot;&apos;&eacute;&#8230;", "\"'é…", "\"'é…", "&quot;'é…");
        check("&#146;&#0;&#55357;&#56832;&#xd800;&#X41;", "’😀A", "’😀A", "’😀A");
        check("&", "&", "&amp;", "&amp;");
    }
}
