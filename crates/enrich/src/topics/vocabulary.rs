//! The narrower topics by their own names: labels and further names of the vocabulary, looked for in the text
//! with their inflected forms (Snowball stemmers; Chinese by characters).

use super::hash::hash;
use super::tree::{self, Id};
use crate::analysis::Passage;
use crate::text;
use record::Field;
use rust_stemmers::{Algorithm, Stemmer};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Words of a passage that are looked at.
const WORDS_MAX: usize = super::words::WORDS_MAX;
/// A mention in the title counts as this many in the text.
const TITLE: f32 = 3.0;
/// Letters by which a word is known not to begin any name, before it is stemmed.
const HEAD: usize = 4;

/// A language whose names are known: its code, the codes in the table, how it inflects.
type Language = (&'static str, &'static [&'static str], Option<Algorithm>);

const LANGUAGES: [Language; 11] = [
    ("en", &["en", "en-US"], Some(Algorithm::English)),
    ("ar", &["ar"], Some(Algorithm::Arabic)),
    ("da", &["da"], Some(Algorithm::Danish)),
    ("de", &["de"], Some(Algorithm::German)),
    ("es", &["es"], Some(Algorithm::Spanish)),
    ("fr", &["fr"], Some(Algorithm::French)),
    ("nb", &["nb"], Some(Algorithm::Norwegian)),
    ("nn", &["nn"], Some(Algorithm::Norwegian)),
    ("pt", &["pt", "pt-BR"], Some(Algorithm::Portuguese)),
    ("sv", &["sv"], Some(Algorithm::Swedish)),
    ("zh", &["zh"], None),
];

/// A topic that the text names.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// Which.
    pub(crate) id: Id,
    /// Mentions, those in the title for more.
    pub(crate) weight: f32,
    /// Whether a name of several words stands there.
    pub(crate) is_phrase: bool,
    /// The first mention as it stands.
    pub(crate) surface: String,
}

struct Vocabulary {
    stemmer: Option<Stemmer>,
    /// Beginnings of all words of all names; none where words are inflected in front.
    heads: Option<HashSet<u64>>,
    /// Names by the stem of their first word; longest first.
    names: HashMap<u64, Vec<(Box<[u64]>, Id)>>,
}

/// The vocabulary for a language's code; none when IPTC has no labels in it.
fn vocabulary(code: &str) -> Option<&'static Vocabulary> {
    static ALL: [OnceLock<Vocabulary>; LANGUAGES.len()] = [const { OnceLock::new() }; LANGUAGES.len()];
    let primary = code.split('-').next().unwrap_or(code);
    let primary = if primary == "no" { "nb" } else { primary };
    let at = LANGUAGES.iter().position(|language| language.0 == primary)?;
    Some(ALL[at].get_or_init(|| Vocabulary::new(&LANGUAGES[at])))
}

/// The topics that are named, in no order; none when the language has no vocabulary.
pub(crate) fn find(passages: &[Passage<'_>], language: &str) -> Option<Vec<Named>> {
    let vocabulary = vocabulary(language)?;
    let mut found: Vec<Named> = Vec::new();
    for passage in passages {
        vocabulary.scan(passage, &mut found);
    }
    Some(found)
}

impl Vocabulary {
    fn new(language: &Language) -> Self {
        let mut vocabulary = Self {
            stemmer: language.2.map(Stemmer::create),
            heads: (language.0 != "ar").then(HashSet::new),
            names: HashMap::new(),
        };
        let labels = tree::labels().filter(|(id, ..)| !id.ends_with("000000")).chain(tree::names());
        for (id, code, name) in labels {
            if language.1.contains(&code) {
                vocabulary.add(id, name);
            }
        }
        for names in vocabulary.names.values_mut() {
            // Of two topics with one name neither is meant for certain: the sort keeps the first of the table.
            names.sort_by_key(|(stems, _)| std::cmp::Reverse(stems.len()));
        }
        vocabulary
    }

    fn add(&mut self, id: Id, name: &str) {
        // What IPTC adds in brackets tells its readers more; no text has it.
        let name = name.split('(').next().unwrap_or(name).trim();
        let tokens = text::tokens(name);
        let words: Vec<String> = tokens.iter().map(|token| token.of(name).to_lowercase()).collect();
        let Some(stems) = words.iter().map(|word| self.stem(word)).collect::<Option<Box<[u64]>>>() else {
            return;
        };
        let Some(first) = stems.first() else { return };
        if let Some(heads) = &mut self.heads {
            heads.extend(words.iter().map(|word| head(word)));
        }
        let names = self.names.entry(*first).or_default();
        if names.iter().all(|(known, _)| *known != stems) {
            names.push((stems, id));
        }
    }

    fn stem(&self, word: &str) -> Option<u64> {
        match &self.stemmer {
            Some(stemmer) => Some(hash(stemmer.stem(word).as_bytes())),
            None => Some(hash(word.as_bytes())),
        }
    }

    fn scan(&self, passage: &Passage<'_>, found: &mut Vec<Named>) {
        let tokens = &passage.tokens[..passage.tokens.len().min(WORDS_MAX)];
        let mut lower = String::new();
        let stems: Vec<u64> = tokens
            .iter()
            .map(|token| {
                lower.clear();
                lower.extend(token.of(passage.text).chars().flat_map(char::to_lowercase));
                let is_near = self.heads.as_ref().is_none_or(|heads| heads.contains(&head(&lower)));
                if is_near { self.stem(&lower).unwrap_or(0) } else { 0 }
            })
            .collect();
        let mut at = 0;
        while at < stems.len() {
            let names = if stems[at] == 0 { None } else { self.names.get(&stems[at]) };
            let hit = names.and_then(|names| names.iter().find(|(name, _)| stems[at..].starts_with(name)));
            let Some((name, id)) = hit else {
                at += 1;
                continue;
            };
            let last = at + name.len() - 1;
            let range = tokens[at].start as usize..tokens[last].end as usize;
            note(found, id, name.len(), passage.field == Field::Title, &passage.text[range]);
            at += name.len();
        }
    }
}

fn note(found: &mut Vec<Named>, id: Id, length: usize, in_title: bool, surface: &str) {
    let weight = if in_title { TITLE } else { 1.0 };
    match found.iter_mut().find(|known| known.id == id) {
        Some(known) => {
            known.weight += weight;
            known.is_phrase |= 1 < length;
        }
        None => {
            found.push(Named { id, weight, is_phrase: 1 < length, surface: surface.to_owned() });
        }
    }
}

/// The first letters of a word in lower case.
fn head(word: &str) -> u64 {
    let end = word.char_indices().nth(HEAD).map_or(word.len(), |(at, _)| at);
    hash(&word.as_bytes()[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: &str, text: &str, expect: &[&str]) {
        let passages = [Passage::of(Field::Text, text)];
        let found = find(&passages, language).unwrap();
        let mut ids: Vec<&str> = found.iter().map(|named| named.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, expect, "{language}: {text}: {found:?}");
    }

    #[test]
    fn inflected_names_in_thirteen_languages() {
        check("en", "The peace processes failed; diplomats met.", &["20000073", "20000639"]);
        check("en-GB", "Two earthquakes shook it.", &["20000153"]);
        check("de", "Der Verlauf des Friedensprozesses", &["20000073"]);
        check("fr", "les processus de paix", &["20000073"]);
        check("es", "los procesos de paz", &["20000073"]);
        check("pt-BR", "os processos de paz", &["20000073"]);
        check("sv", "i fredsprocessen", &["20000073"]);
        check("da", "om diplomatiet", &["20000639"]);
        check("no", "i fredsprosessen", &["20000073"]);
        check("nn", "i fredsprosessen", &["20000073"]);
        check("ar", "عملية سلام", &["20000073"]);
        check("zh", "新的和平进程开始了", &["20000073"]);
    }

    #[test]
    fn other_languages_have_no_vocabulary() {
        assert!(find(&[], "ja").is_none());
        assert!(find(&[], "no").is_some());
    }
}
