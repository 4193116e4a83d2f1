//! HTML's character references. The names are those of the HTML Living Standard (`data/entities.tsv`:
//! name, whether it also counts without a semicolon, code points in hex), sorted by bytes.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Longest name, and longest run of digits that still can be a code point.
const NAME_MAX: usize = 31;
const DIGITS_MAX: usize = 8;

struct Named {
    text: String,
    bare: bool,
}

static NAMES: LazyLock<HashMap<&'static str, Named>> = LazyLock::new(|| {
    let rows = include_str!("../../data/entities.tsv").lines();
    rows.filter_map(|row| {
        let mut cells = row.split('\t');
        let (name, bare, codes) = (cells.next()?, cells.next()? == "+", cells.next()?);
        let text = codes
            .split(' ')
            .filter_map(|code| u32::from_str_radix(code, 16).ok().and_then(char::from_u32))
            .collect();
        Some((name, Named { text, bare }))
    })
    .collect()
});

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// One character.
    Char(char),
    /// The text of a name.
    Text(&'static str),
    /// A number that is no character.
    Nothing,
}

/// Reads the reference that `text` begins with (an ampersand). Gives its meaning, its length in bytes,
/// and whether it was closed by a semicolon.
pub(super) fn read(text: &str) -> Option<(Meaning, usize, bool)> {
    let bytes = text.as_bytes();
    if bytes.get(1) == Some(&b'#') { numeric(bytes) } else { named(text) }
}

fn numeric(bytes: &[u8]) -> Option<(Meaning, usize, bool)> {
    let (start, radix) = if matches!(bytes.get(2), Some(b'x' | b'X')) { (3, 16) } else { (2, 10) };
    let is_digit = |b: &&u8| if radix == 16 { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
    let length = bytes[start.min(bytes.len())..].iter().take(DIGITS_MAX + 1).take_while(is_digit).count();
    if length == 0 || length > DIGITS_MAX {
        return None;
    }
    let digits = std::str::from_utf8(&bytes[start..start + length]).ok()?;
    let closed = bytes.get(start + length) == Some(&b';');
    let meaning = u32::from_str_radix(digits, radix).ok().and_then(character);
    Some((meaning.map_or(Meaning::Nothing, Meaning::Char), start + length + usize::from(closed), closed))
}

/// HTML reads 128 to 159 as windows-1252.
fn character(code: u32) -> Option<char> {
    const WINDOWS_1252: [u32; 32] = [
        0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152,
        0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122,
        0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
    ];
    match code {
        0 => None,
        128..=159 => char::from_u32(WINDOWS_1252[code as usize - 128]),
        _ => char::from_u32(code),
    }
}

fn named(text: &str) -> Option<(Meaning, usize, bool)> {
    let run = text.bytes().skip(1).take(NAME_MAX + 1).take_while(u8::is_ascii_alphanumeric).count();
    let name = &text[1..=run];
    let closed = text.as_bytes().get(run + 1) == Some(&b';');
    // Without a semicolon only the whole run counts, and not before `=`: that is a link's parameter.
    let found = NAMES.get(name)?;
    let open_end = found.bare && text.as_bytes().get(run + 1) != Some(&b'=');
    (closed || open_end).then(|| (Meaning::Text(&found.text), run + 1 + usize::from(closed), closed))
}

/// True when `text` holds a whole reference, semicolon and all.
pub(super) fn any(text: &str) -> bool {
    memchr::memchr_iter(b'&', text.as_bytes()).any(|at| matches!(read(&text[at..]), Some((_, _, true))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = match read(text) {
            None => "none".to_owned(),
            Some((Meaning::Char(c), length, _)) => format!("{c} {length}"),
            Some((Meaning::Text(text), length, _)) => format!("{text} {length}"),
            Some((Meaning::Nothing, length, _)) => format!("nothing {length}"),
        };
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn references() {
        check("&amp;x", "& 5");
        check("&hellip;", "… 8");
        check("&ampx", "none");
        check("&amp x", "& 4");
        check("&copy=1", "none");
        check("&nosuch;", "none");
        check("&", "none");
        check("&#", "none");
        check("&#x", "none");
        check("&#8217;", "’ 7");
        check("&#x2019;", "’ 8");
        check("&#146;", "’ 6");
        check("&#39 ", "' 4");
        check("&#0;", "nothing 4");
        check("&#xD800;", "nothing 8");
        check("&#999999999999;", "none");
        check("&CounterClockwiseContourIntegral;", "∳ 33");
    }
}
