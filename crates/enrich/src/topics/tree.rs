//! IPTC's Media Topics themselves: ids, labels in many languages, which is broader than which.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Made by `cargo xtask train-topics` from IPTC's spreadsheet: id, language or `broader`, label or broader id.
const TABLE: &str = include_str!("../../data/mediatopics.tsv");
/// More names: English label, language, names parted by bars.
const NAMES: &str = include_str!("../../data/topic_names.tsv");

/// A topic's eight digits, as IPTC writes them after `medtop:`.
pub(crate) type Id = &'static str;

/// The vocabulary.
#[derive(Debug)]
pub(crate) struct Tree {
    english: HashMap<Id, &'static str>,
    broader: HashMap<Id, Id>,
}

/// The vocabulary in the binary.
pub(crate) static TREE: LazyLock<Tree> = LazyLock::new(|| Tree {
    english: rows(TABLE).filter(|row| row.1 == "en").map(|(id, _, label)| (id, label)).collect(),
    broader: rows(TABLE).filter(|row| row.1 == "broader").map(|(id, _, broader)| (id, broader)).collect(),
});

impl Tree {
    /// The topic's English label, and the id as the table has it; none for an id that is no active topic.
    pub(crate) fn topic(&self, id: &str) -> Option<(Id, &'static str)> {
        self.english.get_key_value(id).map(|(id, label)| (*id, *label))
    }

    /// The next broader topic.
    pub(crate) fn broader(&self, id: &str) -> Option<Id> {
        self.broader.get(id).copied()
    }

    /// The topic of the first level above, or the topic itself when it is one.
    pub(crate) fn top(&self, id: Id) -> Id {
        let mut top = id;
        // IPTC's tree has six levels.
        for _ in 0..6 {
            let Some(broader) = self.broader(top) else { break };
            top = broader;
        }
        top
    }

    /// All active topics.
    #[cfg(test)]
    pub(crate) fn ids(&self) -> impl Iterator<Item = (Id, &'static str)> {
        self.english.iter().map(|(id, label)| (*id, *label))
    }
}

/// Rows of a table of three columns.
pub(crate) fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut cells = line.splitn(3, '\t');
        Some((cells.next()?, cells.next()?, cells.next()?))
    })
}

/// Every label: id, language, label.
pub(crate) fn labels() -> impl Iterator<Item = (Id, &'static str, &'static str)> {
    rows(TABLE).filter(|row| row.1 != "broader")
}

/// Every further name: id, language, name.
pub(crate) fn names() -> impl Iterator<Item = (Id, &'static str, &'static str)> {
    let ids: HashMap<&str, Id> = TREE.english.iter().map(|(id, label)| (*label, *id)).collect();
    rows(NAMES).flat_map(move |(label, language, names)| {
        let id = ids.get(label).copied();
        names.split('|').filter_map(move |name| Some((id?, language, name)))
    })
}

/// The id of the top topic with this number, from 0.
pub(crate) fn top_id(number: usize) -> Option<Id> {
    TREE.topic(&format!("{:02}000000", number + 1)).map(|(id, _)| id)
}

/// The number, from 0, of a top topic's id.
pub(crate) fn number(top: Id) -> usize {
    top[..2].parse::<usize>().map_or(0, |number| number.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_whole() {
        assert!(1_000 < TREE.english.len());
        for (id, _) in TREE.ids() {
            assert!(TREE.top(id).ends_with("000000"), "{id}");
        }
        for number_of in 0..17 {
            assert_eq!(number(top_id(number_of).unwrap()), number_of);
        }
        assert_eq!(TREE.top("20000076"), "16000000");
    }

    #[test]
    fn every_name_has_its_topic() {
        for (label, _, _) in rows(NAMES) {
            assert_eq!(TREE.ids().filter(|(_, known)| *known == label).count(), 1, "{label}");
        }
        let languages: std::collections::BTreeSet<_> = labels().map(|row| row.1).collect();
        assert_eq!(languages.len(), 13, "{languages:?}");
    }
}
