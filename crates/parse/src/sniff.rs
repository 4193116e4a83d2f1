//! What a body is: a feed of some family, or what else.

use crate::dialect::Family;
use crate::lex::{Lexer, Token, local};

/// A body that may be a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// XML, from this byte of the text on.
    Xml { family: Family, start: usize },
    /// JSON, from this byte of the text on.
    Json { start: usize },
}

/// Bytes of text within which a root element must show.
const HEAD: usize = 64 * 1024;
/// What a page for people is called; completes "the body is …".
pub(crate) const HTML_PAGE: &str = "an HTML page";

/// What `text` is; `Err` completes "the body is …".
pub(crate) fn sniff(text: &str) -> Result<Kind, String> {
    let start = text.len() - text.trim_start().len();
    match text.as_bytes().get(start) {
        None => Err("empty".to_owned()),
        Some(b'{') => Ok(Kind::Json { start }),
        Some(b'[') => Err("a JSON array, not a JSON Feed".to_owned()),
        Some(_) => sniff_xml(text),
    }
}

fn sniff_xml(text: &str) -> Result<Kind, String> {
    let head = head(text, HEAD);
    // The first element that is none of a feed's, and where it begins.
    let mut first: Option<(&str, usize)> = None;
    let mut damaged = None;
    for lexeme in Lexer::new(head) {
        let (name, opens) = match lexeme.token {
            Token::Open { name, .. } => (name, true),
            Token::Close(name) => (name, false),
            _ => continue,
        };
        if let Some(family) = Family::of(name) {
            match first {
                // Output of a broken script may stand before the feed.
                _ if opens && first.is_none_or(|(name, _)| is_output(name)) => {
                    return Ok(Kind::Xml { family, start: lexeme.start });
                }
                // The root is damaged, and what is in it is a feed's.
                Some((_, start)) if says_title(head) => return Ok(Kind::Xml { family, start }),
                _ => damaged = damaged.or(Some(family)),
            }
        }
        if opens {
            first = first.filter(|(name, _)| !is_output(name)).or(Some((name, lexeme.start)));
            if is_other(name) {
                break;
            }
        }
    }
    // Nothing but the end of a feed is left of its frame.
    if let Some(family) = damaged.filter(|_| says_title(head)) {
        return Ok(Kind::Xml { family, start: text.len() - text.trim_start().len() });
    }
    Err(match first {
        Some((name, _)) => other_xml(name),
        None if text.trim_start().starts_with('<') => "markup without any element of a feed".to_owned(),
        None => "plain text".to_owned(),
    })
}

/// Elements in the output of a script that failed before it wrote a feed.
fn is_output(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "br" | "b" | "p" | "div" | "font" | "span" | "pre" | "i")
}

/// Roots of documents that are whole, and no feeds.
fn is_other(name: &str) -> bool {
    matches!(
        local(name).to_ascii_lowercase().as_str(),
        "html" | "head" | "body" | "opml" | "svg" | "opensearchdescription" | "error" | "script" | "meta"
    )
}

/// True when a feed or an item could have a headline here.
fn says_title(head: &str) -> bool {
    memchr::memmem::find(head.as_bytes(), b"<title").is_some()
}

fn other_xml(root: &str) -> String {
    match root.to_ascii_lowercase().as_str() {
        "html" | "head" | "body" | "div" | "p" | "br" | "b" | "font" | "span" | "pre" | "i" | "script"
        | "meta" => HTML_PAGE.to_owned(),
        "opml" => "an OPML list of feeds".to_owned(),
        "svg" => "an SVG image".to_owned(),
        "opensearchdescription" => "an OpenSearch description".to_owned(),
        "error" => "an XML error message".to_owned(),
        _ => format!("XML of another kind, its root is <{}>", head(root, 60)),
    }
}

/// What a body of bytes is by its first bytes, when it is not text; completes "the body is …".
pub(crate) fn binary(body: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 12] = [
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"%PDF", "a PDF document"),
        (b"\x1f\x8b", "gzip data that was not decompressed"),
        (b"\x28\xb5\x2f\xfd", "zstd data that was not decompressed"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"ID3", "an MP3 file"),
        (b"OggS", "an Ogg file"),
        (b"wOF", "a web font"),
        (b"\0\0\x01\0", "an icon"),
        (b"\x7fELF", "an executable"),
    ];
    if let Some((_, name)) = MAGIC.iter().find(|(magic, _)| body.starts_with(magic)) {
        return Some(name);
    }
    let head = &body[..body.len().min(1024)];
    let text = head.iter().filter(|b| b.is_ascii_graphic() || b.is_ascii_whitespace() || **b >= 0x80).count();
    // UTF-16 and UTF-32 are half and three quarters NUL, and start with a mark or an ASCII character.
    let wide = matches!(head, [0, ..] | [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [_, 0, ..]);
    (!wide && text * 10 < head.len() * 7).then_some("binary data")
}

/// At most `max` bytes of the start of `text`.
pub(crate) fn head(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}
