//! What an article is about, as words and weights: what stories are grouped by.

use crate::body;
use crate::fold;
use crate::hash;
use model::{Story, Term};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Terms that are kept of an article.
const TERMS_MAX: usize = 60;
/// Words of the text that are read: news tells the event first.
const WORDS_MAX: usize = 400;
/// A word of the title counts as much as so many in the text.
const TITLE_WEIGHT: f32 = 2.0;
/// Names tell events apart better than other words do.
const NAME_FACTOR: f32 = 1.5;
/// Weight of an entity that was found, before its rarity.
const ENTITY_WEIGHT: f32 = 0.5;

/// Words that tell nothing in English: they would have to be learned anew in every store. Other languages'
/// are learned, being in every article.
const STOP: &str = "the of and to in a that for was on with as it by at from his her they were which this have had not but are their has been will more one all would about there after who when its said is be he she an or also we i you if than so no what out up over into new other two first last could can may some them him our us my your do did does s t re ve ll d m told says say";
static STOPS: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP.split(' ').collect());

/// The words of a text, folded, one after another in one string.
struct Words {
    folded: String,
    said: Vec<Said>,
    hasher: hash::Words,
}

/// A word where it was said.
struct Said {
    hash: u64,
    /// Where it lies in the folded words.
    at: Range<usize>,
    weight: f32,
    is_name: bool,
}

/// The article's terms, heaviest first; at most 240. `is_boilerplate` as for [`fn@crate::sketch`].
pub fn terms(story: &Story, is_boilerplate: &dyn Fn(u32) -> bool) -> Vec<Term> {
    let article = &story.article;
    let mut words = Words { folded: String::new(), said: Vec::new(), hasher: hash::Words::new(0) };
    words.read(article.title.as_deref().unwrap_or_default(), usize::MAX, TITLE_WEIGHT);
    let text = [&article.text, &article.summary].into_iter().flatten().find(|text| !text.is_empty());
    let own = text.map(|text| body::own(text, is_boilerplate)).unwrap_or_default();
    let mut left = WORDS_MAX;
    for paragraph in own {
        left -= words.read(paragraph, left, 1.0);
    }
    let mut terms = words.terms();
    for entity in &story.entities {
        let name = entity.wikidata.as_deref().unwrap_or(&entity.name);
        let hash = hash::of(name, 1) as u32;
        terms.push(Term { hash, weight: ENTITY_WEIGHT, word: entity.name.clone() });
    }
    terms.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.word.cmp(&b.word)));
    terms.truncate(TERMS_MAX * 4);
    terms
}

impl Words {
    /// Takes in a text's words, at most `max`; how many it took.
    fn read(&mut self, text: &str, max: usize, weight: f32) -> usize {
        let (mut count, mut begins) = (0, true);
        for stretch in text.split_whitespace() {
            let is_capital =
                stretch.chars().find(|letter| letter.is_alphanumeric()).is_some_and(char::is_uppercase);
            let start = self.folded.len();
            fold::words(stretch, &mut self.folded);
            let mut at = start;
            for word in self.folded[start..].split(' ') {
                let end = at + word.len();
                if !word.is_empty() {
                    if count == max {
                        return count;
                    }
                    count += 1;
                    let is_name = is_capital && !begins;
                    self.said.push(Said { hash: self.hasher.of(word), at: at..end, weight, is_name });
                }
                at = end + 1;
            }
            begins =
                (begins && self.folded.len() == start) || stretch.ends_with(['.', '!', '?', ':', '“', '"']);
        }
        count
    }

    /// Each word that tells something, once, with its weight, in no order.
    fn terms(&mut self) -> Vec<Term> {
        self.said.sort_unstable_by_key(|said| said.hash);
        let each = self.said.chunk_by(|a, b| a.hash == b.hash);
        each.filter_map(|said| {
            let word = &self.folded[said[0].at.clone()];
            if word.chars().nth(1).is_none() || STOPS.contains(word) {
                return None;
            }
            let sum: f32 = said.iter().map(|said| said.weight).sum();
            let factor = if said.iter().any(|said| said.is_name) { NAME_FACTOR } else { 1.0 };
            Some(Term { hash: said[0].hash as u32, weight: (1.0 + sum.ln()) * factor, word: word.to_owned() })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::article;
    use record::{Enrichment, EnrichmentState};

    #[test]
    fn names_weigh_more_than_words_and_stop_words_nothing() {
        let off = EnrichmentState::Disabled;
        let story = Story {
            article: article(|a| {
                a.title = Some("Harbour".into());
                a.text = Some("The ferry to Zürich sank. The crew of the ferry swam.".into());
            }),
            language: None,
            entities: vec![],
            topics: vec![],
            keywords: vec![],
            attribution: vec![],
            labels: vec![],
            enrichment: Enrichment { entities: off, topics: off, keywords: off, attribution: off },
        };
        let terms = terms(&story, &|_| false);
        let weight = |word: &str| terms.iter().find(|term| term.word == word).map(|term| term.weight);
        assert_eq!(weight("the"), None);
        assert!(weight("zürich") > weight("sank"));
        assert!(weight("harbour") > weight("sank"));
        assert!(terms.is_sorted_by(|a, b| a.weight >= b.weight));
    }
}
