//! The publisher's own words in IPTC Media Topics: categories by code, by IPTC's label in any language of the
//! table, or by a name that news sites use for the same thing; sections of the URL by the same names.

use super::tree::{self, Id, TREE, rows};
use crate::fold::fold;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Scores are fixed confidences in a publisher's own words, not measurements: 1 for IPTC's code itself,
/// 0.9 for IPTC's label, 0.8 for a section's name from our list, and 0.7 for any of them in the URL.
const CODE_SCORE: f64 = 1.0;
const LABEL_SCORE: f64 = 0.9;
const SECTION_SCORE: f64 = 0.8;
const URL_SCORE: f64 = 0.7;

/// Sections of a URL that are looked at: what follows is the article's own name.
const SECTIONS_MAX: usize = 4;

/// Names of sections: id, language, names parted by bars.
const SECTIONS: &str = include_str!("../../data/sections.tsv");

/// Folded name to id and score; none where the name stands for several topics.
type Names = HashMap<String, Option<(Id, f64)>>;

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = HashMap::new();
    // English labels win over other languages, all labels over our own list.
    tree::labels().filter(|row| row.1 == "en").for_each(|(id, _, label)| {
        names.insert(fold(label), Some((id, LABEL_SCORE)));
    });
    add(
        &mut names,
        tree::labels().filter(|row| row.1 != "en").map(|(id, _, label)| (id, label)),
        LABEL_SCORE,
    );
    let sections = rows(SECTIONS).flat_map(|(id, _, words)| words.split('|').map(move |name| (id, name)));
    add(&mut names, sections.filter_map(|(id, name)| Some((TREE.topic(id)?.0, name))), SECTION_SCORE);
    names
});

/// Adds names of one rank: one that is known from a higher rank stays, two of this rank cancel out.
fn add(names: &mut Names, more: impl Iterator<Item = (Id, &'static str)>, score: f64) {
    let mut rank: Names = HashMap::new();
    for (id, name) in more {
        let topic = rank.entry(fold(name)).or_insert(Some((id, score)));
        if topic.is_some_and(|(known, _)| known != id) {
            *topic = None;
        }
    }
    for (name, topic) in rank {
        // What a higher rank left open is this one's to say.
        let known = names.entry(name).or_insert(topic);
        *known = known.or(topic);
    }
}

/// The topic that a category names, and how surely.
pub(crate) fn of_category(category: &str) -> Option<(Id, f64)> {
    if let Some(id) = code(category) {
        return TREE.topic(id).map(|(id, _)| (id, CODE_SCORE));
    }
    NAMES.get(&fold(category)).copied().flatten()
}

/// The topics that the URL's sections name, each with the section; the last part, which is the article's
/// own, does not count.
pub(crate) fn of_url(url: &str) -> Vec<(Id, f64, &str)> {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let Some((sections, _)) = path.trim_end_matches('/').rsplit_once('/') else { return Vec::new() };
    let known = |section: &str| NAMES.get(&fold(section)).copied().flatten();
    let found = sections.split('/').take(SECTIONS_MAX);
    found.filter_map(|section| Some((known(section)?.0, URL_SCORE, section))).collect()
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

    fn check(category: &str, expect: &str) {
        let found = of_category(category).map(|(id, score)| format!("{id} {score}"));
        assert_eq!(found.as_deref(), Some(expect).filter(|expect| !expect.is_empty()), "{category}");
    }

    #[test]
    fn iptc_labels() {
        check("Politics", "11000000 0.8");
        check("  DIPLOMACY ", "20000639 0.9");
        check("Crime, Law & Justice", "02000000 0.9");
        for nothing in ["Middle East", "", "Uncategorized", "news"] {
            check(nothing, "");
        }
    }

    #[test]
    fn sections_in_many_languages() {
        for name in ["Politik", "Politique", "política", "Politica", "politiek", "Politikk", "政治", "سياسة"]
        {
            assert_eq!(of_category(name).map(|found| found.0), Some("11000000"), "{name}");
        }
        for name in ["Sports", "Deportes", "esportes", "スポーツ", "体育", "الرياضة"] {
            assert_eq!(of_category(name).unwrap().0, "15000000", "{name}");
        }
    }

    #[test]
    fn codes() {
        check("medtop:16000000", "16000000 1");
        check("http://cv.iptc.org/newscodes/mediatopic/20000639", "20000639 1");
        for nothing in ["medtop:99999999", "medtop:1", "medtop:"] {
            check(nothing, "");
        }
    }

    #[test]
    fn sections_of_urls() {
        let check = |url: &str, expect: &[&str]| {
            let found: Vec<&str> = of_url(url).iter().map(|(id, ..)| *id).collect();
            assert_eq!(found, expect, "{url}");
        };
        check("https://daily.example/sport/tennis/2026/01/open-final", &["15000000", "20001085"]);
        check("https://daily.example/news/politics/", &[]);
        check("https://daily.example/news/sports-are-fun", &[]);
        check("https://sport.example", &[]);
    }

    #[test]
    fn the_tables_hold_together() {
        let languages: std::collections::BTreeSet<_> = rows(SECTIONS).map(|row| row.1).collect();
        assert_eq!(languages.len(), 13, "{languages:?}");
        for (id, language, words) in rows(SECTIONS) {
            assert!(TREE.topic(id).is_some(), "{id} is no active topic");
            for name in words.split('|') {
                assert!(of_category(name).is_some(), "{language}: {name:?} stands for two topics");
            }
        }
        for (id, label) in TREE.ids() {
            assert_eq!(of_category(label).map(|found| found.0), Some(id), "{label}");
        }
    }
}
