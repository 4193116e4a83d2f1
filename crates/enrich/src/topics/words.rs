//! What the topic model counts in a text.

use crate::analysis::Analysis;
use std::borrow::Cow;

/// Longest word that is counted, bytes; longer ones are addresses and noise.
const LENGTH_MAX: usize = 32;
/// Words of a passage that are looked at: the rest of a very long text changes no topic.
pub(super) const WORDS_MAX: usize = 20_000;

/// A word of a text with how often it stands there.
#[derive(Clone, Debug)]
pub(crate) struct Counted<'a> {
    /// As [`word`] gives it.
    pub(crate) word: Cow<'a, str>,
    pub(crate) count: u32,
}

/// The words of an article in lower case, without figures, marks and what is left of a genitive, each once.
pub(crate) fn counted<'a>(analysis: &'a Analysis<'_>) -> Vec<Counted<'a>> {
    let forms = &analysis.forms;
    let mut counts = vec![0_u32; forms.lemmas()];
    for passage in &analysis.passages {
        for form in passage.forms.iter().take(WORDS_MAX) {
            counts[forms.lemma(*form) as usize] += 1;
        }
    }
    let seen = (0..).zip(counts).filter(|(_, count)| *count != 0);
    seen.filter_map(|(lemma, count)| Some(Counted { word: word(forms.small(lemma))?, count })).collect()
}

/// The word that a token in lower case is; none for figures, marks and endings.
fn word(small: &str) -> Option<Cow<'_, str>> {
    let letters = small.chars().filter(|c| c.is_alphabetic()).take(2).count();
    if LENGTH_MAX < small.len() || letters < 2 || small.starts_with(['\'', '’']) {
        return None;
    }
    Some(if small.contains('’') { Cow::Owned(small.replace('’', "'")) } else { Cow::Borrowed(small) })
}

/// The words of a text in its order, for training.
#[cfg(feature = "train")]
pub(super) fn words(text: &str) -> Vec<String> {
    let analysis = Analysis::read([(record::Field::Text, text)], None);
    let passage = &analysis.passages[0];
    let tokens = (0..passage.tokens.len()).take(WORDS_MAX);
    tokens.filter_map(|token| word(analysis.small(passage, token)).map(Cow::into_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::Field;

    #[test]
    fn words_are_bare() {
        let text = "The U.N.’s 15 envoys didn’t ÉTÉ; see https://a.example/b 3G a THE";
        let analysis = Analysis::read([(Field::Text, text)], None);
        let found: Vec<String> =
            counted(&analysis).iter().map(|counted| format!("{} {}", counted.word, counted.count)).collect();
        assert_eq!(
            found,
            ["the 2", "u.n. 1", "envoys 1", "did 1", "n't 1", "été 1", "see 1", "https://a.example/b 1"]
        );
    }
}
