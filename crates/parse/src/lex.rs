//! Text to XML tokens: tolerant, linear in the length of the text, no allocation.
//!
//! What is not markup is text. `odd` says that the text is not well-formed there, or that another
//! reader could split it differently; a document without an odd token means the same to every reader.

use memchr::memmem::find;
use memchr::{memchr, memchr3};

/// A piece of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Characters; references are not resolved.
    Text(&'a str),
    /// The inside of a CDATA section.
    CData(&'a str),
    /// A comment, declaration or processing instruction.
    Skip,
    /// A start tag; `empty` when it closes itself.
    Open { name: &'a str, attrs: &'a str, empty: bool },
    /// An end tag.
    Close(&'a str),
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lexeme<'a> {
    pub(crate) token: Token<'a>,
    pub(crate) start: usize,
    pub(crate) odd: bool,
}

/// Longest name of an element, bytes; what is longer is text.
const MAX_NAME: usize = 256;

pub(crate) struct Lexer<'a> {
    text: &'a str,
    pos: usize,
    /// Last start tag, to guess where an unterminated CDATA section ends.
    last_open: &'a str,
    /// Where each terminator was last found, `usize::MAX` when none follows: nobody looks twice.
    found: [Option<usize>; 4],
    /// Bytes looked at in vain; past the length of the text, quotes are no longer honoured in tags.
    wasted: usize,
    doctypes: usize,
    /// All bytes looked at: the measure of the linear-time test.
    #[cfg(test)]
    pub(crate) work: usize,
}

const TERMINATORS: [&str; 4] = ["-->", "]]>", "?>", ">"];
const COMMENT: usize = 0;
const CDATA: usize = 1;
const PI: usize = 2;
const ANY: usize = 3;

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            pos: 0,
            last_open: "",
            found: [None; 4],
            wasted: 0,
            doctypes: 0,
            #[cfg(test)]
            work: 0,
        }
    }

    fn looked(&mut self, _bytes: usize) {
        #[cfg(test)]
        {
            self.work += _bytes;
        }
    }

    /// Position of the terminator at or after `from`.
    fn seek(&mut self, which: usize, from: usize) -> Option<usize> {
        if let Some(found) = self.found[which].filter(|found| *found >= from) {
            return (found != usize::MAX).then_some(found);
        }
        let at = find(self.text.as_bytes().get(from..)?, TERMINATORS[which].as_bytes());
        self.looked(at.unwrap_or(self.text.len() - from));
        let found = at.map(|at| from + at);
        self.found[which] = Some(found.unwrap_or(usize::MAX));
        found
    }

    fn lexeme(&mut self, token: Token<'a>, end: usize, odd: bool) -> Lexeme<'a> {
        let start = self.pos;
        self.looked(end - start);
        self.pos = end;
        Lexeme { token, start, odd }
    }

    /// Characters from here up to the next `<` after the first byte.
    fn characters(&mut self, odd: bool) -> Lexeme<'a> {
        let bytes = self.text.as_bytes();
        let end = memchr(b'<', &bytes[self.pos + 1..]).map_or(bytes.len(), |at| self.pos + 1 + at);
        self.lexeme(Token::Text(&self.text[self.pos..end]), end, odd)
    }

    fn bang(&mut self) -> Lexeme<'a> {
        let rest = &self.text[self.pos..];
        if rest.starts_with("<!--") {
            return match self.seek(COMMENT, self.pos + 4) {
                Some(end) => {
                    let inside = &self.text[self.pos + 4..end];
                    let odd =
                        inside.starts_with(['-', '>']) || inside.ends_with('-') || inside.contains("--");
                    self.lexeme(Token::Skip, end + 3, odd)
                }
                // Never closed: only the opening is dropped, so that no item hides behind it.
                None => self.lexeme(Token::Skip, self.pos + 4, true),
            };
        }
        if rest.starts_with("<![CDATA[") {
            return self.cdata();
        }
        if rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) {
            return self.declaration();
        }
        self.characters(true)
    }

    fn cdata(&mut self) -> Lexeme<'a> {
        let from = self.pos + 9;
        let end = self.seek(CDATA, from);
        let inside = &self.text[from..end.unwrap_or(self.text.len())];
        // A section that runs into the next one, past the end of its own element, was never closed.
        let next = find(inside.as_bytes(), b"<![CDATA[");
        if end.is_none() || next.is_some() {
            let scope = &inside[..next.unwrap_or(inside.len())];
            self.looked(scope.len());
            if let Some(close) = close_of(scope, self.last_open) {
                return self.lexeme(Token::CData(&scope[..close]), from + close, true);
            }
        }
        match end {
            Some(end) => self.lexeme(Token::CData(inside), end + 3, next.is_some()),
            None => self.lexeme(Token::CData(inside), self.text.len(), true),
        }
    }

    /// A document type, with its internal subset, or another declaration.
    fn declaration(&mut self) -> Lexeme<'a> {
        let Some(first) = self.seek(ANY, self.pos) else {
            return self.characters(true);
        };
        let subset = memchr(b'[', &self.text.as_bytes()[self.pos..first]).is_some();
        let mut end = first + 1;
        // One subset is looked through; a second one is nobody's honest document.
        if subset && self.doctypes == 0 {
            self.doctypes = 1;
            let bytes = self.text.as_bytes();
            let mut at = self.pos;
            while let Some(found) = memchr(b']', &bytes[at..]) {
                at += found + 1;
                let blanks = bytes[at..].iter().take(64).take_while(|b| b.is_ascii_whitespace()).count();
                if bytes.get(at + blanks) == Some(&b'>') {
                    end = at + blanks + 1;
                    break;
                }
            }
            self.looked(bytes.len() - self.pos);
        }
        self.lexeme(Token::Skip, end, true)
    }

    fn instruction(&mut self) -> Lexeme<'a> {
        if let Some(end) = self.seek(PI, self.pos + 2) {
            // A second XML declaration makes feed-rs switch its decoder in mid-document.
            let odd =
                self.text[self.pos + 2..end].get(..3).is_none_or(|name| name.eq_ignore_ascii_case("xml"));
            return self.lexeme(Token::Skip, end + 2, odd);
        }
        match self.seek(ANY, self.pos) {
            Some(end) => self.lexeme(Token::Skip, end + 1, true),
            None => self.characters(true),
        }
    }

    fn tag(&mut self, close: bool) -> Lexeme<'a> {
        let from = self.pos + 1 + usize::from(close);
        let name_len = self.text[from..]
            .bytes()
            .position(|b| {
                b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'<' | b'=' | b'"' | b'\'' | b'&')
            })
            .unwrap_or(self.text.len() - from);
        let name = &self.text[from..from + name_len];
        self.looked(name_len);
        if !is_name(name) {
            return self.characters(true);
        }
        let Some((end, odd)) = self.tag_end(from + name_len) else {
            return self.characters(true);
        };
        let inside = &self.text[from + name_len..end];
        if close {
            let odd = odd || !inside.trim().is_empty();
            return self.lexeme(Token::Close(name), end + 1, odd);
        }
        let (attrs, empty) = match inside.strip_suffix('/') {
            Some(attrs) => (attrs, true),
            None => (inside, false),
        };
        if !empty {
            self.last_open = name;
        }
        let odd = odd || attrs.starts_with('/');
        self.lexeme(Token::Open { name, attrs, empty }, end + 1, odd)
    }

    /// Position of the `>` that ends the tag, and whether it had to be guessed.
    fn tag_end(&mut self, from: usize) -> Option<(usize, bool)> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        if self.wasted <= self.text.len() {
            loop {
                let found = at + memchr3(b'"', b'>', b'<', &bytes[at..]).unwrap_or(bytes.len() - at);
                // memchr takes three needles: the fourth is looked for in what lies between.
                let quote = memchr(b'\'', &bytes[at..found]).map_or(found, |single| at + single);
                self.looked(found - at);
                match bytes.get(quote) {
                    Some(b'>') => return Some((quote, false)),
                    Some(quoted @ (b'"' | b'\'')) => match quoted_end(&bytes[quote + 1..], *quoted) {
                        Ok(len) => {
                            self.looked(len);
                            at = quote + 1 + len + 1;
                        }
                        Err((len, broken)) => {
                            self.wasted += quote + 1 + len - from;
                            self.looked(len);
                            match broken {
                                Some(end) => return Some((quote + 1 + end, true)),
                                None => break,
                            }
                        }
                    },
                    _ => {
                        self.wasted += quote - from;
                        break;
                    }
                }
            }
        }
        // No end that honours quotes: the first `>`, unless another tag begins before it.
        let found = from + memchr::memchr2(b'>', b'<', &bytes[from..])?;
        self.looked(found - from);
        (bytes[found] == b'>').then_some((found, true))
    }
}

/// Length of a quoted value. `Err`: how far one had to look, and the `>` at which a value that lost its
/// closing quote probably ends: one that stands before a `<`.
fn quoted_end(bytes: &[u8], quote: u8) -> Result<usize, (usize, Option<usize>)> {
    let mut tag_closed = None;
    let mut at = 0;
    loop {
        let found = at + memchr3(quote, b'<', b'>', &bytes[at..]).ok_or((bytes.len(), tag_closed))?;
        match bytes[found] {
            b'<' if tag_closed.is_some() => return Err((found, tag_closed)),
            // Markup in a value is not well-formed, but it is meant as a value.
            b'<' => return memchr(quote, &bytes[found..]).map(|len| found + len).ok_or((bytes.len(), None)),
            b'>' => tag_closed = tag_closed.or(Some(found)),
            _ => return Ok(found),
        }
        at = found + 1;
    }
}

fn close_of(scope: &str, name: &str) -> Option<usize> {
    if name.is_empty() {
        return None;
    }
    let finder = format!("</{name}");
    find(scope.as_bytes(), finder.as_bytes())
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Lexeme<'a>;

    fn next(&mut self) -> Option<Lexeme<'a>> {
        let bytes = self.text.as_bytes();
        if self.pos >= bytes.len() {
            return None;
        }
        if bytes[self.pos] != b'<' {
            return Some(self.characters(false));
        }
        Some(match bytes.get(self.pos + 1) {
            Some(b'!') => self.bang(),
            Some(b'?') => self.instruction(),
            Some(b'/') => self.tag(true),
            Some(b) if b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80 => self.tag(false),
            _ => self.characters(true),
        })
    }
}

/// True for what XML allows as a name, near enough.
pub(crate) fn is_name(name: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphabetic() || b == b'_' || b >= 0x80;
    let mut bytes = name.bytes();
    name.len() <= MAX_NAME
        && bytes.next().is_some_and(letter)
        && bytes.all(|b| letter(b) || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b':'))
        && !name.ends_with(':')
        && (name.is_ascii() || name.chars().all(|c| c.is_ascii() || c.is_alphanumeric()))
}

/// The name without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The prefix of a name, empty without one.
pub(crate) fn prefix(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

/// Names and values of the attributes of a tag; `odd` where a quote or a value is missing.
pub(crate) fn attributes(mut rest: &str) -> impl Iterator<Item = (&str, &str, bool)> {
    std::iter::from_fn(move || {
        rest =
            rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '=' | '"' | '\''));
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let name = &rest[..end];
        let after = rest[end..].trim_start();
        let Some(value) = after.strip_prefix('=') else {
            rest = &rest[end..];
            return Some((name, "", true));
        };
        let value = value.trim_start();
        let quoted = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        if let Some(quote) = quoted
            && let Some(len) = value[1..].find(quote)
        {
            rest = &value[len + 2..];
            return Some((name, &value[1..=len], !is_name(name)));
        }
        let value = value.trim_start_matches(['"', '\'']);
        let len = value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len());
        rest = &value[len..];
        Some((name, &value[..len], true))
    })
}
