//! What an article is about, as words and weights: what stories are grouped by.

use crate::body;
use crate::fold;
use crate::hash;
use model::{Story, Term};
use std::collections::{HashMap, HashSet};
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

struct Seen {
    weight: f32,
    is_name: bool,
}

/// The article's terms, heaviest first; at most 60. `is_boilerplate` as for [`fn@crate::sketch`].
pub fn terms(story: &Story, is_boilerplate: &dyn Fn(u32) -> bool) -> Vec<Term> {
    let article = &story.article;
    let mut seen: HashMap<String, Seen> = HashMap::new();
    each_word(article.title.as_deref().unwrap_or_default(), usize::MAX, |word, _| {
        note(&mut seen, word, TITLE_WEIGHT, false);
    });
    let text = [&article.text, &article.summary].into_iter().flatten().find(|text| !text.is_empty());
    let own = text.map(|text| body::own(text, is_boilerplate)).unwrap_or_default();
    let mut left = WORDS_MAX;
    for paragraph in own {
        left -= each_word(paragraph, left, |word, is_name| note(&mut seen, word, 1.0, is_name));
    }
    let words =
        seen.into_iter().filter(|(word, _)| 1 < word.chars().count() && !STOPS.contains(word.as_str()));
    let mut terms: Vec<Term> = words
        .map(|(word, seen)| {
            let factor = if seen.is_name { NAME_FACTOR } else { 1.0 };
            Term { hash: hash::of(&word, 0) as u32, weight: (1.0 + seen.weight.ln()) * factor, word }
        })
        .filter(|term| 0.0 < term.weight)
        .collect();
    for entity in &story.entities {
        let name = entity.wikidata.as_deref().unwrap_or(&entity.name);
        let hash = hash::of(name, 1) as u32;
        terms.push(Term { hash, weight: ENTITY_WEIGHT, word: entity.name.clone() });
    }
    terms.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.word.cmp(&b.word)));
    terms.truncate(TERMS_MAX * 4);
    terms
}

/// Only a word that is new is copied.
fn note(seen: &mut HashMap<String, Seen>, word: &str, weight: f32, is_name: bool) {
    match seen.get_mut(word) {
        Some(seen) => *seen = Seen { weight: seen.weight + weight, is_name: seen.is_name || is_name },
        None => drop(seen.insert(word.to_owned(), Seen { weight, is_name })),
    }
}

/// Tells each folded word, and whether it is written like a name inside a sentence; how many there were.
fn each_word(text: &str, max: usize, mut tell: impl FnMut(&str, bool)) -> usize {
    let (mut count, mut begins) = (0, true);
    let mut folded = String::new();
    for stretch in text.split_whitespace() {
        let is_capital =
            stretch.chars().find(|letter| letter.is_alphanumeric()).is_some_and(char::is_uppercase);
        folded.clear();
        fold::words(stretch, &mut folded);
        for word in folded.split(' ').filter(|word| !word.is_empty()) {
            if count == max {
                return count;
            }
            count += 1;
            tell(word, is_capital && !begins);
        }
        begins = (begins && folded.is_empty()) || stretch.ends_with(['.', '!', '?', ':', '“', '"']);
    }
    count
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
