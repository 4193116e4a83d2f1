//! JSON taken apart without recursion: members and elements as slices of the source, in linear time.
//!
//! Tolerant: what follows a value up to the next comma is part of it, and the end of the text ends all.

/// A slice of the source and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
    /// False when the text ended inside it.
    pub(crate) whole: bool,
}

/// Walks the comma-separated pieces of an object or array whose bracket opens `text`.
pub(crate) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    done: bool,
}

/// The pieces of an object or array; none for another value.
pub(crate) fn pieces(text: &str) -> Option<Pieces<'_>> {
    text.starts_with(['{', '[']).then_some(Pieces { text, at: 1, done: false })
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let bytes = self.text.as_bytes();
        while !self.done {
            let start = self.at;
            let (end, stop) = piece_end(bytes, start);
            self.at = end + 1;
            self.done = stop != Some(b',');
            let raw = &self.text[start..end];
            let text = raw.trim();
            if !text.is_empty() {
                let start = start + (raw.len() - raw.trim_start().len());
                return Some(Piece { text, start, whole: stop.is_some() });
            }
        }
        None
    }
}

/// End of the piece that starts at `from`, and the byte that ends it: a comma or a closing bracket.
fn piece_end(bytes: &[u8], from: usize) -> (usize, Option<u8>) {
    let (mut at, mut depth, mut quoted) = (from, 0_usize, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return (at, Some(*byte)),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return (at, Some(b',')),
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), None)
}

/// Name and value of a member.
pub(crate) fn member<'a>(piece: Piece<'a>) -> Option<(String, Piece<'a>)> {
    let rest = piece.text.strip_prefix('"')?;
    let mut escaped = false;
    let end = rest.bytes().position(|b| {
        let closes = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes
    })?;
    let after = rest[end + 1..].trim_start().strip_prefix(':')?.trim_start();
    let start = piece.start + (piece.text.len() - after.len());
    Some((string(&piece.text[..end + 2])?.0, Piece { text: after, start, whole: piece.whole }))
}

/// The characters of a string, or of a number as written, and whether anything in it had to be mended;
/// none for null and other values.
pub(crate) fn string(text: &str) -> Option<(String, bool)> {
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(scalar(text)?) {
        return match value {
            serde_json::Value::String(text) => Some((text, false)),
            serde_json::Value::Number(number) => Some((number.to_string(), true)),
            _ => None,
        };
    }
    let inside = text.strip_prefix('"')?;
    let inside = inside.strip_suffix('"').unwrap_or(inside);
    Some((unescape(inside), true))
}

/// The text, when it cannot be an object or array: those are never given to a recursive reader.
fn scalar(text: &str) -> Option<&str> {
    (!text.starts_with(['{', '['])).then_some(text)
}

/// Resolves escapes; what none stands for is kept, half a surrogate pair becomes U+FFFD.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    let mut high: Option<u32> = None;
    while let Some(c) = chars.next() {
        let unit = if c == '\\' { escape(&mut chars) } else { u32::from(c) };
        if let Some(first) = high.take() {
            if (0xdc00..0xe000).contains(&unit) {
                out.extend(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (unit - 0xdc00)));
                continue;
            }
            out.push('\u{fffd}');
        }
        if (0xd800..0xdc00).contains(&unit) {
            high = Some(unit);
        } else {
            out.push(char::from_u32(unit).unwrap_or('\u{fffd}'));
        }
    }
    out.extend(high.map(|_| '\u{fffd}'));
    out
}

fn escape(chars: &mut std::str::Chars<'_>) -> u32 {
    match chars.next() {
        Some('n') => 10,
        Some('r') => 13,
        Some('t') => 9,
        Some('b' | 'f') => 32,
        Some('u') => {
            let digits = chars.as_str().get(..4);
            match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
                Some(unit) => {
                    *chars = chars.as_str()[4..].chars();
                    unit
                }
                None => 0xfffd,
            }
        }
        Some(other) => u32::from(other),
        None => 0xfffd,
    }
}
