//! The part of a text that is the article's own: paragraphs that the outlet puts under everything, and the
//! dateline, are no evidence that two articles share a text.

use crate::hash;
use model::Article;

/// Shorter paragraphs are too common to be told from prose.
const PARAGRAPH_CHARS_MIN: usize = 40;
/// Boilerplate stands at the ends: so many paragraphs from the beginning and from the end are looked at.
const FIRST: usize = 4;
const LAST: usize = 8;
/// A dateline ends within so many bytes, and has at most so many words.
const DATELINE_BYTES_MAX: usize = 90;
const DATELINE_WORDS_MAX: usize = 9;

/// Hashes of the paragraphs that may turn out to be the outlet's boilerplate; at most 12.
pub fn paragraphs(article: &Article) -> Vec<u32> {
    let text = article.text.as_deref().unwrap_or_default();
    let all: Vec<&str> = split(text).collect();
    let kept = all.iter().enumerate().filter(|(at, _)| *at < FIRST || all.len() <= at + LAST);
    let mut hashes: Vec<u32> = kept.filter_map(|(_, paragraph)| paragraph_hash(paragraph)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// The article's own paragraphs: what `is_boilerplate` knows is left out, unless nothing else is there.
pub(crate) fn own<'a>(text: &'a str, is_boilerplate: &dyn Fn(u32) -> bool) -> Vec<&'a str> {
    let knows = |paragraph: &&str| paragraph_hash(paragraph).is_some_and(is_boilerplate);
    let mut own: Vec<&str> = split(text).filter(|paragraph| !knows(paragraph)).collect();
    if own.is_empty() {
        own = split(text).collect();
    }
    if let Some(first) = own.first_mut() {
        *first = without_dateline(first);
    }
    own
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(str::trim).filter(|paragraph| !paragraph.is_empty())
}

fn paragraph_hash(paragraph: &str) -> Option<u32> {
    (PARAGRAPH_CHARS_MIN < paragraph.len()).then(|| hash::of(paragraph, 0) as u32)
}

/// `LONDON, Nov 24 (Reuters) - The …` without what stands before the dash.
pub(crate) fn without_dateline(paragraph: &str) -> &str {
    let head = &paragraph[..paragraph.floor_char_boundary(DATELINE_BYTES_MAX)];
    let mut start = 0;
    for word in head.split_inclusive(char::is_whitespace) {
        let end = start + word.len();
        if matches!(word.trim_end(), "-" | "--" | "–" | "—" | "_") && start > 0 {
            return if is_dateline(paragraph[..start].trim_end()) { &paragraph[end..] } else { paragraph };
        }
        start = end;
    }
    paragraph
}

/// An agency in brackets or slashes, or a place in capitals and nothing that reads like a sentence.
fn is_dateline(head: &str) -> bool {
    let words: Vec<&str> = head.split_whitespace().collect();
    if DATELINE_WORDS_MAX < words.len() {
        return false;
    }
    let named = words.iter().all(|word| {
        let first = word.chars().find(|letter| letter.is_alphanumeric());
        first.is_none_or(|letter| letter.is_uppercase() || letter.is_numeric())
    });
    let shouts = words.first().is_some_and(|word| {
        2 < word.chars().count()
            && word.chars().filter(|letter| letter.is_alphabetic()).all(char::is_uppercase)
    });
    named && (shouts || head.ends_with([')', '/']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datelines_go_and_sentences_stay() {
        for (text, expect) in [
            ("LONDON (Reuters) - The ferry sank.", "The ferry sank."),
            ("LONDON, Nov 24 (Reuters) — The ferry sank.", "The ferry sank."),
            ("WASHINGTON — The ferry sank.", "The ferry sank."),
            ("NEW YORK, March 3 /PRNewswire/ -- The ferry sank.", "The ferry sank."),
            ("(CNN) -- The ferry sank.", "The ferry sank."),
            ("The ferry - the last one - sank.", "The ferry - the last one - sank."),
            ("IBM shares fell sharply - traders sold.", "IBM shares fell sharply - traders sold."),
            ("- The ferry sank", "- The ferry sank"),
            ("", ""),
        ] {
            assert_eq!(without_dateline(text), expect);
        }
    }

    #[test]
    fn boilerplate_goes_unless_nothing_else_is_there() {
        let tail = "Sign up for our newsletter to read the news before anybody else does.";
        let text = format!("The ferry sank.\n\n{tail}");
        let known = paragraph_hash(tail).unwrap();
        assert_eq!(own(&text, &|hash| hash == known), ["The ferry sank."]);
        assert_eq!(own(tail, &|hash| hash == known), [tail]);
        assert_eq!(own("", &|_| true), [""; 0]);
    }
}
