//! Where one word ends and what it is made of.

use super::abbreviations::stop_after;

/// A word as written between two spaces or marks, cut into at most four pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    lengths: [usize; 4],
}

impl Word {
    /// Lengths of the pieces in bytes, none of them 0.
    pub(super) fn pieces(self) -> impl Iterator<Item = usize> {
        self.lengths.into_iter().filter(|length| *length != 0)
    }
}

/// Word parts before a hyphen that are no part of the name after it.
const PREFIXES: [&str; 22] = [
    "pro", "anti", "non", "ex", "mid", "pre", "post", "then", "trans", "inter", "pan", "neo", "ultra",
    "former", "intra", "sub", "un", "self", "all", "mini", "early", "late",
];
/// Word parts after a name and a hyphen that belong to the name.
const PARTICLES: [&str; 18] = [
    "sur", "upon", "del", "des", "della", "sous", "les", "dos", "und", "ibn", "bin", "bint", "abu", "ben",
    "zedong", "shek", "sen", "wen",
];

/// Length of the address that `head` starts with: URL, mail address, handle, hashtag, domain name.
pub(super) fn address(head: &str) -> Option<usize> {
    let first = *head.as_bytes().first()?;
    let starts_url = head.starts_with("http://") || head.starts_with("https://") || head.starts_with("www.");
    if starts_url {
        let end = head.find(|c: char| c.is_whitespace() || "<>\"”“".contains(c)).unwrap_or(head.len());
        return Some(head[..end].trim_end_matches(|c: char| ".,;:!?)]}'’".contains(c)).len().max(1));
    }
    if first == b'@' || first == b'#' {
        let length: usize =
            head[1..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
        return (length != 0).then_some(1 + length);
    }
    if first.is_ascii_alphanumeric() {
        let local = head.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"._-+".contains(b)).count();
        if head.as_bytes().get(local) == Some(&b'@') {
            let domain = head[local + 1..]
                .bytes()
                .take_while(|b| b.is_ascii_alphanumeric() || b".-".contains(b))
                .count();
            let length = head[..local + 1 + domain].trim_end_matches(['.', '-']).len();
            return (local + 1 < length).then_some(length);
        }
    }
    None
}

/// The word that `head` starts with; its first character is a letter or a figure.
pub(super) fn word(head: &str) -> Word {
    let (body, stopped) = body(head);
    if let Some(cut) = clitic(&head[..body]) {
        let inner = hyphen(&head[..cut]);
        return pieces(cut, inner, body - cut);
    }
    let body = if stopped { body } else { body + usize::from(keeps_stop(&head[..body], &head[body..])) };
    pieces(body, hyphen(&head[..body]), 0)
}

fn pieces(body: usize, hyphen: Option<(usize, usize)>, clitic: usize) -> Word {
    match hyphen {
        Some((at, length)) => Word { lengths: [at, length, body - at - length, clitic] },
        None => Word { lengths: [body, 0, 0, clitic] },
    }
}

/// Length of letters, figures and what may stand between them; whether it ended at a stop inside
/// ("ended.The").
fn body(head: &str) -> (usize, bool) {
    let mut end = 0;
    let mut last = '\0';
    let mut letters_before = 0_u32;
    let mut chars = head.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map_or('\0', |(_, next)| *next);
        if super::tokens::is_unspaced(c) {
            break;
        }
        if c.is_alphanumeric() || is_mark(c) {
            letters_before += 1;
        } else if c == '.' && last.is_lowercase() && 1 < letters_before && next.is_uppercase() {
            return (end, true);
        } else if joins(c, last, next) || is_apostrophe(c) && next.is_alphabetic() {
            letters_before = 0;
        } else {
            break;
        }
        last = c;
        end = at + c.len_utf8();
    }
    (end, false)
}

/// Whether a mark between two characters holds them together.
fn joins(c: char, last: char, next: char) -> bool {
    let figures = last.is_ascii_digit() && next.is_ascii_digit();
    match c {
        '.' => last.is_alphanumeric() && next.is_alphanumeric(),
        ',' | ':' | '/' => figures,
        '&' => last.is_uppercase() && next.is_uppercase(),
        '-' | '\u{2010}' | '\u{2011}' => {
            last.is_alphanumeric() && next.is_alphanumeric() || last == '.' && next.is_alphanumeric()
        }
        '_' => true,
        _ => false,
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

/// Accents that are characters of their own.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{591}'..='\u{5c7}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{981}'..='\u{983}' | '\u{9bc}'..='\u{9cd}' | '\u{a3c}'..='\u{d4d}')
}

/// Where the ending of "Trump's", "we'll" and "don't" begins.
fn clitic(word: &str) -> Option<usize> {
    let (at, mark) = word.char_indices().rev().take(4).find(|(_, c)| is_apostrophe(*c))?;
    let ending = &word[at + mark.len_utf8()..];
    let is = |known: &str| ending.eq_ignore_ascii_case(known);
    if is("t") && word[..at].ends_with(['n', 'N']) && 1 < at {
        return Some(at - 1);
    }
    (at != 0 && ["s", "ll", "re", "ve", "d", "m"].iter().any(|known| is(known))).then_some(at)
}

/// Whether a full stop after the word is a part of it.
fn keeps_stop(word: &str, rest: &str) -> bool {
    if !rest.starts_with('.') || rest[1..].starts_with('.') {
        return false;
    }
    let last = word.rsplit(['-', '\u{2010}', '\u{2011}']).next().unwrap_or(word);
    let single = |part: &str| part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
    let is_acronym = last.contains('.') && last.split('.').all(single);
    let is_initial = single(last) && last.chars().all(char::is_uppercase) && last != "I";
    if is_acronym || is_initial {
        return true;
    }
    match stop_after(last) {
        Some(super::abbreviations::Stop::Figure) => {
            rest[1..].trim_start_matches(' ').starts_with(|c: char| c.is_ascii_digit())
        }
        Some(_) => true,
        None => false,
    }
}

/// Place and length of the hyphen that divides a name from the rest of its compound.
fn hyphen(word: &str) -> Option<(usize, usize)> {
    let (at, mark) = word.char_indices().find(|(_, c)| is_hyphen(*c))?;
    let (before, after) = (&word[..at], &word[at + mark.len_utf8()..]);
    let capital = |part: &str| part.chars().any(char::is_uppercase);
    let small = |part: &str| part.chars().all(|c| c.is_lowercase() || is_hyphen(c));
    let first_after = after.split(is_hyphen).next().unwrap_or(after);
    let name_first = capital(before) && small(after) && 3 <= first_after.chars().count();
    let name_last = PREFIXES.contains(&before.to_lowercase().as_str())
        && after.starts_with(char::is_uppercase)
        && 2 <= after.len();
    let splits = name_first && !PARTICLES.contains(&first_after) || name_last;
    splits.then_some((at, mark.len_utf8()))
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}
