//! Character references: what `&…` stands for, and writing text so that XML reads it back.

use crate::charset::is_legal;
use memchr::{memchr, memchr2};

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
    match quick_xml::escape::resolve_html5_entity(name) {
        Some(text) => Ref::Html(text, whole),
        None => Ref::Bare,
    }
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

/// True when any XML reader would read the references of `text` the way they are meant.
pub(crate) fn all_plain(text: &str) -> bool {
    let mut at = 0;
    while let Some(found) = memchr(b'&', &text.as_bytes()[at..]) {
        at += found;
        match read(&text[at..]) {
            Ref::Xml(len) => at += len,
            _ => return false,
        }
    }
    true
}

/// Writes source text so that XML reads what was meant. True when something had to be mended.
pub(crate) fn mend(text: &str, out: &mut String) -> bool {
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
        at += match reference {
            Ref::Xml(len) => {
                out.push_str(&text[at..at + len]);
                len
            }
            Ref::Html(meant, len) => {
                escape(meant, out);
                len
            }
            Ref::Number(meant, len) => {
                if let Some(c) = meant.filter(|c| is_legal(*c)) {
                    escape(c.encode_utf8(&mut [0; 4]), out);
                }
                len
            }
            Ref::Bare => {
                out.push_str("&amp;");
                1
            }
        };
    }
    out.push_str(&text[at..]);
    mended
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

/// Writes the value of an attribute, quotes not included. True when something had to be mended.
pub(crate) fn mend_attribute(value: &str, out: &mut String) -> bool {
    if !value.contains('"') {
        return mend(value, out);
    }
    let mut inside = String::with_capacity(value.len());
    let mended = mend(value, &mut inside);
    out.push_str(&inside.replace('"', "&quot;"));
    mended
}

/// The characters that source text stands for.
pub(crate) fn resolve(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = memchr(b'&', &text.as_bytes()[at..]) {
        out.push_str(&text[at..at + found]);
        at += found;
        at += match read(&text[at..]) {
            Ref::Xml(len) => {
                let name = &text[at + 1..at + len - 1];
                match name.strip_prefix('#') {
                    Some(number) => out.extend(parse_number(number).and_then(char::from_u32)),
                    None => out.push_str(quick_xml::escape::resolve_html5_entity(name).unwrap_or_default()),
                }
                len
            }
            Ref::Html(meant, len) => {
                out.push_str(meant);
                len
            }
            Ref::Number(meant, len) => {
                out.extend(meant.filter(|c| is_legal(*c)));
                len
            }
            Ref::Bare => {
                out.push('&');
                1
            }
        };
    }
    out.push_str(&text[at..]);
    out
}

/// Puts a space between e-mail addresses and characters that are not ASCII.
pub(crate) fn space_addresses(text: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '@' | ':');
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while !rest.is_empty() {
        let other = rest.find(part).unwrap_or(rest.len());
        out.push_str(&rest[..other]);
        rest = &rest[other..];
        let run = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let address = rest[..run].contains('@');
        if address && !out.ends_with(|c: char| c.is_ascii()) && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&rest[..run]);
        rest = &rest[run..];
        if address && rest.starts_with(|c: char| !c.is_ascii()) {
            out.push(' ');
        }
    }
    out
}
