//! The narrower topics by their own names: labels and further names of the vocabulary, looked for in the text
//! with their inflected forms (Snowball stemmers; Chinese by characters).

use super::hash::hash;
use super::tree::{self, Id};
use crate::analysis::Analysis;
use crate::packed::ByHash;
use crate::text;
use record::Field;
use rust_stemmers::{Algorithm, Stemmer};
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

/// The stems of a name, and what it names.
type Name = (Box<[u64]>, Id);

struct Vocabulary {
    stemmer: Option<Stemmer>,
    /// Beginnings of all words of all names; none where words are inflected in front.
    heads: Option<ByHash<()>>,
    /// Names by the stem of their first word; longest first.
    names: ByHash<Vec<Name>>,
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
pub(crate) fn find(analysis: &Analysis<'_>, language: &str) -> Option<Vec<Named>> {
    Some(vocabulary(language)?.scan(analysis))
}

impl Vocabulary {
    fn new(language: &Language) -> Self {
        let mut vocabulary = Self {
            stemmer: language.2.map(Stemmer::create),
            heads: (language.0 != "ar").then(ByHash::default),
            names: ByHash::default(),
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
            heads.extend(words.iter().map(|word| (head(word), ())));
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

    fn scan(&self, analysis: &Analysis<'_>) -> Vec<Named> {
        let forms = &analysis.forms;
        let stems: Vec<u64> = (0..forms.lemmas() as u32)
            .map(|lemma| {
                let small = forms.small(lemma);
                let is_near = self.heads.as_ref().is_none_or(|heads| heads.contains_key(&head(small)));
                if is_near { self.stem(small).unwrap_or(0) } else { 0 }
            })
            .collect();
        let names: Vec<Option<&Vec<Name>>> =
            stems.iter().map(|stem| if *stem == 0 { None } else { self.names.get(stem) }).collect();
        let mut found: Vec<Named> = Vec::new();
        for passage in &analysis.passages {
            let lemmas = &passage.forms[..passage.forms.len().min(WORDS_MAX)];
            let lemma = |at: usize| forms.lemma(lemmas[at]) as usize;
            let stands = |at: usize, name: &[u64]| {
                at + name.len() <= lemmas.len()
                    && name.iter().zip(at..).all(|(stem, at)| stems[lemma(at)] == *stem)
            };
            let mut at = 0;
            while at < lemmas.len() {
                let hit = names[lemma(at)].and_then(|names| names.iter().find(|(name, _)| stands(at, name)));
                let Some((name, id)) = hit else {
                    at += 1;
                    continue;
                };
                let last = at + name.len() - 1;
                let range = passage.tokens[at].start as usize..passage.tokens[last].end as usize;
                let in_title = passage.field == Field::Title;
                note(&mut found, id, name.len(), in_title, &passage.text[range]);
                at += name.len();
            }
        }
        found
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
        let analysis = Analysis::read([(Field::Text, text)], None);
        let found = find(&analysis, language).unwrap();
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
        let analysis = Analysis::read([], None);
        assert!(find(&analysis, "ja").is_none());
        assert!(find(&analysis, "no").is_some());
    }
}
