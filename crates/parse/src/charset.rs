//! Bytes to text: which encoding, and what was wrong with it.
//!
//! Byte order mark, HTTP charset, XML declaration, valid UTF-8, then chardetng's guess. A claim counts
//! only when the bytes bear it out: publishers declare what they do not write.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// A body as text that XML may hold: no NUL, no other control characters, no noncharacters.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Bytes of the body before the text, when the rest is the body byte for byte.
    pub(crate) shift: Option<usize>,
    /// One sentence, when bytes were lost or a claim was wrong.
    pub(crate) flaw: Option<String>,
}

/// A claimed encoding may fail on one character in this many before it is disbelieved.
const TOLERANCE: usize = 50;

/// Text of `body`, given the HTTP `Content-Type`.
pub(crate) fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    let (text, bom, flaw) = transcode(body, content_type);
    let lossless = matches!(&text, Cow::Borrowed(_));
    match strip(&text) {
        Some(clean) => Decoded { text: Cow::Owned(clean), shift: None, flaw },
        None => Decoded { text, shift: lossless.then_some(bom), flaw },
    }
}

fn transcode<'a>(body: &'a [u8], content_type: Option<&str>) -> (Cow<'a, str>, usize, Option<String>) {
    if let Some(text) = utf32(body) {
        return (Cow::Owned(text), 0, None);
    }
    if let Some((encoding, len)) = Encoding::for_bom(body) {
        let (text, bad) = encoding.decode_without_bom_handling(&body[len..]);
        return (text, len, bad.then(|| lossy(encoding)));
    }
    // UTF-16 without a mark: the first characters of a feed are ASCII.
    for (start, encoding) in
        [([0, b'<'], UTF_16BE), ([b'<', 0], UTF_16LE), ([0, b'{'], UTF_16BE), ([b'{', 0], UTF_16LE)]
    {
        if body.starts_with(&start) {
            let (text, bad) = encoding.decode_without_bom_handling(body);
            return (text, 0, bad.then(|| lossy(encoding)));
        }
    }
    let claims = [content_type.and_then(http_charset), declared(body)].map(|label| label.and_then(known));
    let valid = std::str::from_utf8(body).ok();
    for encoding in claims.into_iter().flatten() {
        match valid {
            Some(text) if encoding == UTF_8 => return (Cow::Borrowed(text), 0, None),
            // Text of a single-byte encoding is valid UTF-8 by an accident that does not happen.
            Some(text) if encoding.is_single_byte() && !body.is_ascii() => {
                let flaw = format!("the body claims to be {} and is UTF-8", encoding.name());
                return (Cow::Borrowed(text), 0, Some(flaw));
            }
            None if encoding == UTF_8 => {}
            _ => {
                let (text, bad) = encoding.decode_without_bom_handling(body);
                if !bad {
                    return (text, 0, None);
                }
            }
        }
    }
    match valid {
        Some(text) => (Cow::Borrowed(text), 0, None),
        None => guess(body, claims.into_iter().flatten().next()),
    }
}

/// Text of a body that is nothing cleanly.
fn guess<'a>(body: &'a [u8], claim: Option<&'static Encoding>) -> (Cow<'a, str>, usize, Option<String>) {
    let (good, bad) = utf8_sequences(body);
    if good >= 4 * bad {
        return (String::from_utf8_lossy(body), 0, Some(lossy(UTF_8)));
    }
    if let Some(encoding) = claim.filter(|claim| *claim != UTF_8) {
        let (text, _) = encoding.decode_without_bom_handling(body);
        let replaced = text.matches('\u{fffd}').count();
        let foreign = text.chars().filter(|c| !c.is_ascii()).count();
        if replaced * TOLERANCE <= foreign {
            return (text, 0, Some(lossy(encoding)));
        }
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(body, true);
    let encoding = detector.guess(None, chardetng::Utf8Detection::Deny);
    let (text, bad) = encoding.decode_without_bom_handling(body);
    let flaw = if bad {
        lossy(encoding)
    } else {
        format!("the encoding is not declared and was taken for {}", encoding.name())
    };
    (text, 0, Some(flaw))
}

fn lossy(encoding: &'static Encoding) -> String {
    format!("some bytes are not {} and were replaced", encoding.name())
}

/// UTF-16 claims on bytes that are not UTF-16 by their look are left aside: the look was tried before.
fn known(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label.trim().as_bytes())?;
    (encoding != UTF_16BE && encoding != UTF_16LE).then_some(encoding)
}

fn http_charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The `encoding` of an XML declaration within the first 512 bytes.
fn declared(body: &[u8]) -> Option<&str> {
    let head = &body[..body.len().min(512)];
    let from = memchr::memmem::find(head, b"<?xml")?;
    let head = &head[from..from + memchr::memmem::find(&head[from..], b"?>")?];
    let rest = &head[memchr::memmem::find(head, b"encoding")? + 8..];
    let open = rest.iter().position(|b| matches!(b, b'"' | b'\''))?;
    let value = &rest[open + 1..];
    std::str::from_utf8(&value[..value.iter().position(|b| *b == rest[open])?]).ok()
}

/// UTF-32, by its mark or by the look of its first character; encoding_rs does not know it.
fn utf32(body: &[u8]) -> Option<String> {
    let (big, skip) = match body {
        [0, 0, 0xfe, 0xff, ..] => (true, 4),
        [0xff, 0xfe, 0, 0, ..] => (false, 4),
        [0, 0, 0, b'<' | b'{', ..] => (true, 0),
        [b'<' | b'{', 0, 0, 0, ..] => (false, 0),
        _ => return None,
    };
    let unit = |b: &[u8]| match *b {
        [a, b, c, d] if big => u32::from_be_bytes([a, b, c, d]),
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
        _ => 0xfffd,
    };
    Some(body[skip..].chunks(4).map(|b| char::from_u32(unit(b)).unwrap_or('\u{fffd}')).collect())
}

/// Multi-byte sequences of UTF-8 that are well-formed, and that are not.
fn utf8_sequences(body: &[u8]) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    for chunk in body.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    (good, bad)
}

/// True for what XML 1.0 allows.
pub(crate) fn is_legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The text without what XML forbids; none when there is nothing to strip.
pub(crate) fn strip(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    // Branch-free over a chunk, so that the compiler can use vectors.
    let control = |seen: bool, b: &u8| seen | ((*b < 0x20) & (*b != b'\t') & (*b != b'\n') & (*b != b'\r'));
    let controls = bytes.chunks(4096).any(|chunk| chunk.iter().fold(false, control));
    let marks = || {
        memchr::memchr_iter(0xef, bytes)
            .any(|at| matches!(bytes[at..], [_, 0xbf, 0xbe | 0xbf, ..] | [_, 0xbb, 0xbf, ..]))
    };
    if !controls && !marks() {
        return None;
    }
    // A byte order mark inside the text is a leftover of glued files.
    let clean: String = text.chars().filter(|c| is_legal(*c) && *c != '\u{feff}').collect();
    (clean.len() != text.len()).then_some(clean)
}

/// Text without what a chain of wrong guesses left in it: UTF-8 that was taken for Latin-1 or windows-1252 and
/// written as UTF-8 again, and windows-1252 that was taken for Latin-1.
pub(crate) fn restored(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    let text = doubled(&text).unwrap_or(text);
    if !text.chars().any(|c| matches!(c, '\u{80}'..='\u{9f}')) {
        return text;
    }
    let meant = |c: char| match c {
        '\u{80}'..='\u{9f}' => {
            let byte = [(u32::from(c) & 0xff) as u8];
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next().unwrap_or(c)
        }
        c => c,
    };
    text.chars().map(meant).collect()
}

/// The text that was encoded twice; none when it was not.
fn doubled(text: &str) -> Option<String> {
    // The euro sign to the trade mark are windows-1252's.
    if text.chars().any(|c| c > '\u{2122}') {
        return None;
    }
    let byte = |c: char| match u8::try_from(u32::from(c)) {
        Ok(byte) => Some(byte),
        Err(_) => match *encoding_rs::WINDOWS_1252.encode(c.encode_utf8(&mut [0; 4])).0 {
            [byte] => Some(byte),
            _ => None,
        },
    };
    String::from_utf8(text.chars().map(byte).collect::<Option<_>>()?).ok()
}
