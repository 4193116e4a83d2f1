use super::Token;
use crate::packed::{ByHash, hash};

/// The distinct words of a document: what is asked of a word is asked once, however often it stands there. A form
/// is a word as written, a lemma is what forms have in common that differ in capitals only. Words are told apart by 64
/// bits of hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms {
    forms: Vec<Form>,
    lemmas: Vec<Lemma>,
    /// All lemmas' letters.
    small: String,
    by_hash: ByHash<u32>,
    by_small: ByHash<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Form {
    hash: u64,
    lemma: u32,
}

#[derive(Clone, Copy, Debug)]
struct Lemma {
    hash: u64,
    start: u32,
    end: u32,
}

impl Forms {
    /// Takes a text's words in; returns the number of each token's form.
    pub(crate) fn read(&mut self, text: &str, tokens: &[Token]) -> Vec<u32> {
        tokens.iter().map(|token| self.form(token.of(text))).collect()
    }

    fn form(&mut self, written: &str) -> u32 {
        let written_hash = hash(written.as_bytes());
        let next = self.forms.len() as u32;
        let form = *self.by_hash.entry(written_hash).or_insert(next);
        if form == next {
            let lemma = self.new_lemma(written);
            self.forms.push(Form { hash: written_hash, lemma });
        }
        form
    }

    fn new_lemma(&mut self, written: &str) -> u32 {
        let start = self.small.len();
        if written.is_ascii() {
            self.small.push_str(written);
            self.small[start..].make_ascii_lowercase();
        } else {
            self.small.push_str(&written.to_lowercase());
        }
        let hash = hash(&self.small.as_bytes()[start..]);
        let next = self.lemmas.len() as u32;
        let lemma = *self.by_small.entry(hash).or_insert(next);
        if lemma == next {
            self.lemmas.push(Lemma { hash, start: start as u32, end: self.small.len() as u32 });
        } else {
            self.small.truncate(start);
        }
        lemma
    }

    /// How many forms there are; their numbers are those below.
    pub(crate) fn len(&self) -> usize {
        self.forms.len()
    }

    /// How many lemmas there are; their numbers are those below.
    pub(crate) fn lemmas(&self) -> usize {
        self.lemmas.len()
    }

    /// The form's hash as written.
    pub(crate) fn hash(&self, form: u32) -> u64 {
        self.forms[form as usize].hash
    }

    /// The form's lemma.
    pub(crate) fn lemma(&self, form: u32) -> u32 {
        self.forms[form as usize].lemma
    }

    /// The lemma in lower case.
    pub(crate) fn small(&self, lemma: u32) -> &str {
        let Lemma { start, end, .. } = self.lemmas[lemma as usize];
        &self.small[start as usize..end as usize]
    }

    /// The hash of `small`.
    pub(crate) fn small_hash(&self, lemma: u32) -> u64 {
        self.lemmas[lemma as usize].hash
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_token_has_its_word(text in "(The|the|THE|É|é|ß|[A-Za-z]{1,4}|\\PC| ){0,80}") {
            let words = tokens(&text);
            let mut forms = Forms::default();
            let numbers = forms.read(&text, &words);
            prop_assert_eq!(numbers.len(), words.len());
            for (number, token) in numbers.iter().zip(&words) {
                let written = token.of(&text);
                prop_assert_eq!(forms.small(forms.lemma(*number)), written.to_lowercase());
                prop_assert_eq!(forms.hash(*number), hash(written.as_bytes()));
            }
            let distinct: std::collections::BTreeSet<&str> = words.iter().map(|token| token.of(&text)).collect();
            prop_assert_eq!(forms.len(), distinct.len());
            prop_assert!(forms.lemmas() <= forms.len());
        }
    }
}
