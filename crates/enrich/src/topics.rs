//! The publisher's own categories in IPTC Media Topics: by code, by IPTC's label in any language of the
//! table, or by a name that news sites use for the same thing. Nothing is guessed from the text.

use crate::fold::fold;
use record::Topic;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Version of the tables.
pub(crate) const VERSION: &str = "iptc-2023-10-24";

/// Scores are fixed confidences in a publisher's own words, not measurements: 1 for IPTC's code itself,
/// 0.9 for IPTC's label, 0.8 for a section's name from our list.
const CODE_SCORE: f64 = 1.0;
const LABEL_SCORE: f64 = 0.9;
const SECTION_SCORE: f64 = 0.8;

/// Topics of one article, best first.
const TOPICS_MAX: usize = 10;

/// IPTC's labels, made by `examples/build_topics.rs`: id, language, label.
const LABELS: &str = include_str!("../data/mediatopics.tsv");

/// Names of sections: id, language, names parted by bars.
const SECTIONS: &str = include_str!("../data/sections.tsv");

struct Table {
    /// Id to English label.
    english: HashMap<&'static str, &'static str>,
    /// Folded name to id and score; none where the name stands for several topics.
    names: HashMap<String, Option<(&'static str, f64)>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let labels = || rows(LABELS);
    let english: HashMap<_, _> =
        labels().filter(|row| row.1 == "en").map(|(id, _, label)| (id, label)).collect();
    let mut names = HashMap::new();
    // English labels win over other languages, all labels over our own list.
    labels().filter(|row| row.1 == "en").for_each(|(id, _, label)| {
        names.insert(fold(label), Some((id, LABEL_SCORE)));
    });
    add(&mut names, labels().filter(|row| row.1 != "en").map(|(id, _, label)| (id, label)), LABEL_SCORE);
    let sections = rows(SECTIONS).flat_map(|(id, _, words)| words.split('|').map(move |name| (id, name)));
    add(&mut names, sections.filter(|(id, _)| english.contains_key(id)), SECTION_SCORE);
    Table { english, names }
});

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut cells = line.splitn(3, '\t');
        Some((cells.next()?, cells.next()?, cells.next()?))
    })
}

/// Adds names of one rank: one that is known from a higher rank stays, two of this rank cancel out.
fn add(
    names: &mut HashMap<String, Option<(&'static str, f64)>>,
    more: impl Iterator<Item = (&'static str, &'static str)>,
    score: f64,
) {
    let mut rank: HashMap<String, Option<(&'static str, f64)>> = HashMap::new();
    for (id, name) in more {
        let topic = rank.entry(fold(name)).or_insert(Some((id, score)));
        if topic.is_some_and(|(known, _)| known != id) {
            *topic = None;
        }
    }
    for (name, topic) in rank {
        names.entry(name).or_insert(topic);
    }
}

/// The topics that the categories name, each once, best first, then in the categories' order.
pub(crate) fn of(categories: &[String]) -> Vec<Topic> {
    let mut found: Vec<Topic> = Vec::new();
    for (id, score) in categories.iter().filter_map(|category| topic(category)) {
        let Some(label) = TABLE.english.get(id) else { continue };
        let id = format!("medtop:{id}");
        match found.iter_mut().find(|known| known.id == id) {
            Some(known) => known.score = known.score.max(score),
            None => found.push(Topic { id, label: (*label).to_owned(), score }),
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(TOPICS_MAX);
    found
}

fn topic(category: &str) -> Option<(&'static str, f64)> {
    if let Some(id) = code(category) {
        return TABLE.english.get_key_value(id).map(|(id, _)| (*id, CODE_SCORE));
    }
    TABLE.names.get(&fold(category)).copied().flatten()
}

/// The eight digits of `medtop:11000000` or `http://cv.iptc.org/newscodes/mediatopic/11000000`.
fn code(category: &str) -> Option<&str> {
    let category = category.trim().trim_end_matches('/');
    let uri = || category.split_once("cv.iptc.org/newscodes/mediatopic/").map(|(_, id)| id);
    let id = category.strip_prefix("medtop:").or_else(uri)?;
    (id.len() == 8 && id.bytes().all(|b| b.is_ascii_digit())).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(categories: &[&str], expect: &str) {
        let categories: Vec<String> = categories.iter().map(|category| (*category).to_owned()).collect();
        let found: Vec<String> =
            of(&categories).iter().map(|t| format!("{} {} {}", t.id, t.label, t.score)).collect();
        assert_eq!(found.join("; "), expect, "{categories:?}");
    }

    #[test]
    fn iptc_labels() {
        check(&["Politics"], "medtop:11000000 politics 0.9");
        check(&["  DIPLOMACY "], "medtop:20000639 diplomacy 0.9");
        check(&["Crime, Law & Justice"], "medtop:02000000 crime, law and justice 0.9");
        check(&["Middle East", "", "Uncategorized", "news"], "");
    }

    #[test]
    fn sections_in_many_languages() {
        for name in ["Politik", "Politique", "política", "Politica", "politiek", "Politikk", "政治", "سياسة"]
        {
            check(&[name], "medtop:11000000 politics 0.8");
        }
        for name in ["Sports", "Deportes", "esportes", "スポーツ", "体育", "الرياضة"] {
            check(&[name], "medtop:15000000 sport 0.8");
        }
    }

    #[test]
    fn codes() {
        check(&["medtop:16000000"], "medtop:16000000 conflict, war and peace 1");
        check(&["http://cv.iptc.org/newscodes/mediatopic/20000639"], "medtop:20000639 diplomacy 1");
        check(&["medtop:99999999", "medtop:1", "medtop:"], "");
    }

    #[test]
    fn each_once_and_best_first() {
        check(
            &["Politik", "Politics", "Diplomacy", "medtop:17000000"],
            "medtop:17000000 weather 1; medtop:11000000 politics 0.9; medtop:20000639 diplomacy 0.9",
        );
    }

    #[test]
    fn the_tables_hold_together() {
        assert!(TABLE.english.len() > 1_000, "{}", TABLE.english.len());
        let languages: std::collections::BTreeSet<_> = rows(SECTIONS).map(|row| row.1).collect();
        assert_eq!(languages.len(), 13, "{languages:?}");
        for (id, language, words) in rows(SECTIONS) {
            assert!(TABLE.english.contains_key(id), "{id} is no active topic");
            for name in words.split('|') {
                assert!(
                    TABLE.names.get(&fold(name)).copied().flatten().is_some(),
                    "{language}: {name:?} stands for two topics"
                );
            }
        }
        for (id, label) in &TABLE.english {
            assert_eq!(topic(label).map(|found| found.0), Some(*id), "{label}");
        }
    }
}
