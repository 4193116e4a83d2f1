//! Generated articles: English-like words, distinct for each article and changed by each revision.
//! The title carries a token, so that a record can be attributed without a fuzzy match.

use crate::rng::Rng;
use std::fmt::Write as _;

/// Words of the generated texts; some with letters beyond ASCII, apostrophes and ampersands.
const WORDS: [&str; 129] = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "that",
    "for",
    "was",
    "on",
    "with",
    "as",
    "it",
    "by",
    "at",
    "from",
    "his",
    "her",
    "they",
    "were",
    "which",
    "this",
    "have",
    "had",
    "not",
    "but",
    "are",
    "their",
    "has",
    "been",
    "will",
    "more",
    "one",
    "all",
    "would",
    "about",
    "there",
    "after",
    "who",
    "when",
    "its",
    "said",
    "people",
    "government",
    "minister",
    "harbour",
    "council",
    "bridge",
    "river",
    "storm",
    "market",
    "election",
    "police",
    "hospital",
    "school",
    "teachers",
    "budget",
    "company",
    "workers",
    "union",
    "strike",
    "prices",
    "energy",
    "water",
    "railway",
    "station",
    "airport",
    "flight",
    "island",
    "coast",
    "village",
    "mayor",
    "parliament",
    "vote",
    "court",
    "judge",
    "law",
    "report",
    "study",
    "scientists",
    "climate",
    "forest",
    "fire",
    "flood",
    "rescue",
    "team",
    "match",
    "season",
    "player",
    "coach",
    "museum",
    "painting",
    "film",
    "festival",
    "music",
    "café",
    "Zürich",
    "São",
    "naïve",
    "president's",
    "city's",
    "R&D",
    "M&S",
    "yesterday",
    "morning",
    "evening",
    "week",
    "month",
    "year",
    "three",
    "seven",
    "twelve",
    "thousand",
    "million",
    "percent",
    "north",
    "south",
    "east",
    "west",
    "region",
    "border",
    "talks",
    "agreement",
    "deal",
    "plan",
    "project",
    "investment",
    "growth",
    "weather",
];

/// Words in a body, as in the news articles that the figures speak of.
pub const BODY_WORDS: usize = 670;
/// Paragraphs of an article.
pub const PARAGRAPHS: usize = 8;

/// One revision of one article, as its publisher wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Headline; ends in the token.
    pub title: String,
    /// One sentence.
    pub summary: String,
    /// Paragraphs of plain text, [`BODY_WORDS`] words together.
    pub paragraphs: Vec<String>,
    /// [`digest`] of the paragraphs.
    pub digest: String,
}

/// Writes revision `rev` (from 1) of article `article` in the world of `seed`.
pub fn revision(seed: u64, article: u32, rev: u32) -> Revision {
    let place_of = |place: u64, rev: u32| seed ^ (u64::from(article) << 24) ^ (place << 16) ^ u64::from(rev);
    let mut base = Rng::new(place_of(255, 1));
    let headline = sentence(&mut base, 6);
    let paragraphs: Vec<String> = (0..PARAGRAPHS)
        .map(|place| {
            let words = BODY_WORDS / PARAGRAPHS + usize::from(place < BODY_WORDS % PARAGRAPHS);
            // Each revision rewrites one paragraph for good, as an editor does.
            let touched = (2..=rev).rev().find(|rev| (*rev as usize - 1) % PARAGRAPHS == place);
            paragraph(&mut Rng::new(place_of(place as u64, touched.unwrap_or(1))), words)
        })
        .collect();
    let digest = digest(&paragraphs.join("\n"));
    let title = format!("{headline} {}", Token { article, rev, check: digest[..8].to_owned() });
    Revision { title, summary: format!("{}.", sentence(&mut base, 18)), paragraphs, digest }
}

fn sentence(rng: &mut Rng, words: usize) -> String {
    let mut text = String::new();
    for place in 0..words {
        let word = WORDS[rng.below(WORDS.len() as u64) as usize];
        if place > 0 {
            text.push(' ');
        }
        text.push_str(word);
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn paragraph(rng: &mut Rng, words: usize) -> String {
    let mut text = String::with_capacity(words * 7);
    let mut left = words;
    while left > 0 {
        let next = (rng.between(7, 19) as usize).min(left);
        left -= next;
        let _ = write!(text, "{}{}.", if text.is_empty() { "" } else { " " }, sentence(rng, next));
    }
    text
}

/// 64 bits over the words of a text, in hex: equal whatever became of spaces, quotes and markup.
pub fn digest(text: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        hasher.update(word.to_lowercase().as_bytes());
        hasher.update(b" ");
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// What a title says of itself: `a12-r2-9f3a11bc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The article's number.
    pub article: u32,
    /// The revision, from 1.
    pub rev: u32,
    /// First 8 hex digits of the body's [`digest`].
    pub check: String,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a{}-r{}-{}", self.article, self.rev, self.check)
    }
}

impl Token {
    /// The last token in a title.
    pub fn find(title: &str) -> Option<Self> {
        title.split_whitespace().rev().find_map(Self::read)
    }

    fn read(word: &str) -> Option<Self> {
        let mut parts = word.strip_prefix('a')?.splitn(3, '-');
        let article = parts.next()?.parse().ok()?;
        let rev = parts.next()?.strip_prefix('r')?.parse().ok()?;
        let check = parts.next().filter(|check| check.len() == 8)?.to_owned();
        Some(Self { article, rev, check })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_differ_and_say_who_they_are() {
        let first = revision(7, 12, 1);
        let second = revision(7, 12, 2);
        let third = revision(7, 12, 3);
        assert_eq!(first, revision(7, 12, 1));
        assert_ne!(first.digest, second.digest);
        assert_ne!(second.digest, third.digest);
        assert_ne!(first.digest, revision(7, 13, 1).digest);
        let token = Token::find(&second.title).unwrap();
        assert_eq!((token.article, token.rev), (12, 2));
        assert!(second.digest.starts_with(&token.check));
        let words: usize = first.paragraphs.iter().map(|text| text.split_whitespace().count()).sum();
        assert_eq!(words, BODY_WORDS);
    }

    #[test]
    fn a_digest_sees_words_only() {
        assert_eq!(digest("The  mayor’s <R&D>"), digest("the mayor's r d"));
        assert_ne!(digest("twelve dead 12"), digest("twelve dead 13"));
        assert_eq!(Token::find("a12-rX-00000000 nothing"), None);
    }
}
