use super::key::key;
use crate::tagger::Kind;
use std::collections::HashMap;
use thiserror::Error;

/// Most names that a file may bring.
const NAMES_MAX: usize = 1_000_000;
/// Most words of a name.
pub(crate) const WORDS_MAX: usize = 8;

/// The user's own names, on top of the base: tab-separated `qid, label, type, aliases`, a line each, aliases
/// joined by `|`. What stands here is found in every language and outweighs both tagger and base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnNames {
    names: HashMap<String, Own>,
    first_words: std::collections::HashSet<String>,
}

/// What one of the user's names means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    /// The number after the Q; none for a name that has no item.
    pub(crate) qid: Option<u32>,
    pub(crate) kind: Kind,
}

/// A line of the user's file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{file}, line {line}: {what}")]
pub struct OwnNamesError {
    /// The file as it was called.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl OwnNames {
    /// Reads the file's text. Empty lines, lines that begin with `#` and a heading that begins with `qid` are skipped.
    ///
    /// # Errors
    ///
    /// At the first line that is not of this form, or with too many names.
    pub fn parse(text: &str, file: &str) -> Result<Self, OwnNamesError> {
        let mut own = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_end_matches('\r');
            if line.trim().is_empty() || line.starts_with('#') || number == 0 && line.starts_with("qid") {
                continue;
            }
            let refuse = |what: String| OwnNamesError { file: file.to_owned(), line: number + 1, what };
            own.line(line).map_err(refuse)?;
            if NAMES_MAX < own.names.len() {
                return Err(refuse(format!("more than {NAMES_MAX} names")));
            }
        }
        Ok(own)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let mut cells = line.split('\t').map(str::trim);
        let (qid, label, kind) = (cells.next(), cells.next(), cells.next());
        let (Some(qid), Some(label), Some(kind)) = (qid, label, kind) else {
            return Err("expected qid, label, type and aliases, with tabs between".to_owned());
        };
        let qid = match qid {
            "" | "-" => None,
            _ => Some(
                qid.strip_prefix('Q')
                    .and_then(|number| number.parse().ok())
                    .ok_or_else(|| format!("{qid:?} is not a Wikidata id: Q and a number, or - for none"))?,
            ),
        };
        let kind = match kind {
            "PER" => Kind::Person,
            "ORG" => Kind::Organisation,
            "LOC" => Kind::Place,
            "MISC" | "OTHER" | "EVENT" => Kind::Other,
            _ => return Err(format!("{kind:?} is not a type: PER, ORG, LOC or MISC")),
        };
        if label.is_empty() {
            return Err("the label is empty".to_owned());
        }
        for name in std::iter::once(label).chain(cells.next().unwrap_or_default().split('|')) {
            let key = key(name);
            if let Some(first) = key.split(' ').next().filter(|first| !first.is_empty()) {
                self.first_words.insert(first.to_owned());
                self.names.insert(key, Own { qid, kind });
            }
        }
        Ok(())
    }

    /// Whether a name may begin with the word, in the form of `key`.
    pub(crate) fn begins(&self, word: &str) -> bool {
        self.first_words.contains(word)
    }

    /// What the name, in the form of `key`, means.
    pub(crate) fn find_key(&self, key: &str) -> Option<Own> {
        self.names.get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        let own = OwnNames::parse(
            "qid\tlabel\ttype\taliases\nQ1\tAcme Rockets\tORG\tAcme|ACME\n-\tOld Pier\tLOC\n",
            "own.tsv",
        )
        .unwrap();
        assert_eq!(own.find_key("acme rockets"), Some(Own { qid: Some(1), kind: Kind::Organisation }));
        assert_eq!(own.find_key("old pier"), Some(Own { qid: None, kind: Kind::Place }));
        assert_eq!(own.len(), 4);
        assert!(own.begins("acme") && !own.begins("pier"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let check = |text: &str, expected: &str| {
            assert_eq!(OwnNames::parse(text, "own.tsv").unwrap_err().to_string(), expected);
        };
        check(
            "Q1\tA\tORG\nX2\tB\tORG\n",
            "own.tsv, line 2: \"X2\" is not a Wikidata id: Q and a number, or - for none",
        );
        check("Q1\tA\tCAT\n", "own.tsv, line 1: \"CAT\" is not a type: PER, ORG, LOC or MISC");
        check("Q1 A ORG\n", "own.tsv, line 1: expected qid, label, type and aliases, with tabs between");
        check("Q1\t\tORG\n", "own.tsv, line 1: the label is empty");
    }
}
