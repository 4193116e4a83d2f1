//! What the topic model counts in a text.

use crate::analysis::Passage;

/// Longest word that is counted, bytes; longer ones are addresses and noise.
const LENGTH_MAX: usize = 32;
/// Words of a passage that are looked at: the rest of a very long text changes no topic.
pub(super) const WORDS_MAX: usize = 20_000;

/// The words of a passage in lower case, without figures, marks and what is left of a genitive.
pub(crate) fn words<'a>(passage: &'a Passage<'_>) -> impl Iterator<Item = Word> + 'a {
    let tokens = passage.tokens.iter().take(WORDS_MAX);
    tokens.filter_map(|token| Word::of(token.of(passage.text)))
}

/// A word in lower case, without memory of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    bytes: [u8; LENGTH_MAX],
    length: usize,
}

impl Word {
    pub(super) fn of(token: &str) -> Option<Self> {
        let mut word = Self { bytes: [0; LENGTH_MAX], length: 0 };
        if LENGTH_MAX < token.len() {
            return None;
        }
        if token.is_ascii() {
            word.length = token.len();
            word.bytes[..token.len()].copy_from_slice(token.as_bytes());
            word.bytes.make_ascii_lowercase();
        } else {
            for c in token.chars().flat_map(char::to_lowercase) {
                let c = if c == '’' { '\'' } else { c };
                let end = word.length + c.len_utf8();
                c.encode_utf8(word.bytes.get_mut(word.length..end)?);
                word.length = end;
            }
        }
        let text = word.text();
        let letters = text.chars().filter(|c| c.is_alphabetic()).take(2).count();
        (2 <= letters && !text.starts_with('\'')).then_some(word)
    }

    /// The word.
    pub(crate) fn text(&self) -> &str {
        // Only whole characters are ever written.
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Field;

    #[test]
    fn words_are_bare() {
        let passage =
            Passage::of(Field::Text, "The U.N.’s 15 envoys didn’t ÉTÉ; see https://a.example/b 3G a");
        let found: Vec<String> = words(&passage).map(|word| word.text().to_owned()).collect();
        assert_eq!(found, ["the", "u.n.", "envoys", "did", "n't", "été", "see", "https://a.example/b"]);
    }
}
