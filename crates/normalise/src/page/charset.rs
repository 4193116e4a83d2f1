//! Bytes of a page to characters.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// Where a page may declare its encoding (HTML Living Standard §13.2.3.2 looks at 1,024 bytes; real pages
/// put long comments and styles before it).
const DECLARATION_MAX: usize = 8_192;
/// Bytes that a guess is made from.
const GUESS_MAX: usize = 65_536;

/// The text of a page: by its byte order mark, else UTF-8 when that is what it is, else as HTTP or the
/// page itself declares it, else guessed. Bytes that mean nothing become U+FFFD.
pub(super) fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[length..]).0;
    }
    // Text in another encoding is hardly ever valid UTF-8; a wrong declaration is common.
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    let declared = content_type.and_then(|value| label(value.as_bytes())).or_else(|| in_page(body));
    let declared = declared.and_then(Encoding::for_label).filter(|encoding| encoding.is_ascii_compatible());
    match declared {
        Some(encoding) => {
            let (text, broken) = encoding.decode_without_bom_handling(body);
            if broken && encoding != UTF_8 { guessed(body) } else { text }
        }
        None => guessed(body),
    }
}

fn guessed(body: &[u8]) -> Cow<'_, str> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let sample = &body[..body.len().min(GUESS_MAX)];
    detector.feed(sample, true);
    let encoding = detector.guess(None, Utf8Detection::Allow);
    let encoding =
        if encoding == UTF_8 && std::str::from_utf8(sample).is_err() { WINDOWS_1252 } else { encoding };
    encoding.decode_without_bom_handling(body).0
}

fn in_page(body: &[u8]) -> Option<&[u8]> {
    label(&body[..body.len().min(DECLARATION_MAX)])
}

/// What stands behind the first `charset=`.
fn label(text: &[u8]) -> Option<&[u8]> {
    const KEY: &[u8] = b"charset";
    let starts = memchr::memchr2_iter(b'c', b'C', text);
    let mut labels = starts.filter_map(|at| {
        let after = text[at..].get(KEY.len()..)?;
        let found = text[at..at + KEY.len()].eq_ignore_ascii_case(KEY);
        let value = after.trim_ascii_start().strip_prefix(b"=").filter(|_| found)?.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let end = value.iter().position(|b| !(b.is_ascii_alphanumeric() || b"-_:.".contains(b)));
        Some(&value[..end.unwrap_or(value.len())]).filter(|value| !value.is_empty())
    });
    labels.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &[u8], content_type: Option<&str>, expect: &str) {
        let text = decode(body, content_type);
        assert!(text.contains(expect), "{text:?} does not hold {expect:?}");
    }

    #[test]
    fn declarations() {
        check("é".as_bytes(), Some("text/html; charset=iso-8859-1"), "é");
        check(b"\xe9t\xe9", Some("text/html; charset=iso-8859-1"), "été");
        check(b"<meta charset='windows-1251'>\xcf\xf0\xe8\xe2\xe5\xf2", None, "Привет");
        check(b"<meta content=\"text/html; charset = gbk\">\xd6\xd0\xce\xc4", None, "中文");
        check(b"\xff\xfea\0b\0", Some("text/html"), "ab");
        check("plain".as_bytes(), Some("text/html; charset=nonsense"), "plain");
    }

    #[test]
    fn no_declaration_and_a_wrong_one() {
        let russian = "Городской совет встретится в среду с владельцами старого порта, сообщают газеты.";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(russian);
        check(&bytes, None, russian);
        check(&bytes, Some("text/html; charset=shift_jis"), russian);
        check(b"caf\xc3\xa9 \xff", Some("text/html; charset=utf-8"), "café \u{fffd}");
    }
}
