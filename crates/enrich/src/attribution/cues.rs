//! Words that give credit.

use super::outlets::{Origin, Outlet};
use crate::analysis::{Analysis, Passage};

/// What an outlet does with news, before "by", "in", "on".
const DONE: [&str; 19] = [
    "reported",
    "detailed",
    "published",
    "revealed",
    "obtained",
    "seen",
    "reviewed",
    "released",
    "quoted",
    "cited",
    "carried",
    "aired",
    "broadcast",
    "posted",
    "written",
    "conducted",
    "confirmed",
    "appeared",
    "shared",
];
/// What may stand between a cue and the name it is for, words.
const REACH: usize = 5;
/// What an outlet says.
const SAYS: [&str; 26] = [
    "reported",
    "reports",
    "said",
    "says",
    "wrote",
    "writes",
    "noted",
    "notes",
    "revealed",
    "reveals",
    "quoted",
    "quotes",
    "cited",
    "cites",
    "published",
    "claimed",
    "claims",
    "added",
    "learned",
    "understands",
    "makes",
    "put",
    "described",
    "confirmed",
    "broadcast",
    "aired",
];
/// Names of what an outlet makes, for "in a report … at", "the JNS report".
const WORKS: [&str; 16] = [
    "report",
    "reports",
    "interview",
    "article",
    "story",
    "investigation",
    "dispatch",
    "op-ed",
    "column",
    "editorial",
    "poll",
    "analysis",
    "broadcast",
    "coverage",
    "reporting",
    "exclusive",
];
/// What stands between a name and its verb.
const BETWEEN: [&str; 12] = [
    "has",
    "have",
    "had",
    "also",
    "first",
    "earlier",
    "later",
    "since",
    "repeatedly",
    "previously",
    "then",
    "separately",
];

/// A credit: the words that give it, and whether they are said of outlets only.
#[derive(Clone, Debug)]
pub(super) struct Credit {
    pub(super) words: String,
    pub(super) is_strong: bool,
}

/// The credit that the words around a name give to it.
pub(super) fn credit(analysis: &Analysis<'_>, passage: &Passage<'_>, outlet: &Outlet) -> Option<Credit> {
    let around = Around { analysis, passage, outlet };
    around.dateline().or_else(|| around.before()).or_else(|| around.after())
}

struct Around<'a, 'b> {
    analysis: &'a Analysis<'b>,
    passage: &'a Passage<'b>,
    outlet: &'a Outlet,
}

impl<'a> Around<'a, '_> {
    /// The word so many places before the name, in lower case; 1 is next to it. Empty before the text's beginning.
    fn back(&self, places: usize) -> &'a str {
        let at = self.outlet.tokens.start.checked_sub(places);
        at.map_or("", |at| self.analysis.small(self.passage, at))
    }

    fn next(&self, places: usize) -> &'a str {
        let at = self.outlet.tokens.end + places;
        if at < self.passage.tokens.len() { self.analysis.small(self.passage, at) } else { "" }
    }

    fn from(&self, places: usize, is_strong: bool) -> Option<Credit> {
        let start = self.passage.tokens[self.outlet.tokens.start - places].start as usize;
        let end = self.passage.tokens[self.outlet.tokens.start].start as usize;
        Some(Credit { words: self.passage.text[start..end].trim_end().to_owned(), is_strong })
    }

    fn until(&self, places: usize) -> Option<Credit> {
        let start = self.passage.tokens[self.outlet.tokens.end - 1].end as usize;
        let end = self.passage.tokens[self.outlet.tokens.end + places].end as usize;
        Some(Credit { words: self.passage.text[start..end].trim_start().to_owned(), is_strong: false })
    }

    /// "WASHINGTON (AP) —" at the beginning.
    fn dateline(&self) -> Option<Credit> {
        let is_known = self.outlet.origin != Origin::Unknown;
        let marks = ["—", "–", "-", "--", ":"];
        let is_dateline = self.outlet.tokens.start < 12
            && self.back(1) == "("
            && self.next(0) == ")"
            && marks.contains(&self.next(1));
        (is_dateline && is_known).then(|| Credit { words: "dateline".to_owned(), is_strong: true })
    }

    fn before(&self) -> Option<Credit> {
        // "the JNS report", "state broadcaster NHK", "Saudi Arabia's Asharq Al-Awsat": what qualifies the name.
        let mut at = 1;
        while at < REACH && self.is_qualifier(at) {
            at += 1;
        }
        let (word, earlier) = (self.back(at), self.back(at + 1));
        match (earlier, word) {
            ("according", "to") => return self.from(at + 1, false),
            ("courtesy", "of") => return self.from(at + 1, true),
            ("speaking" | "spoke" | "speak" | "talking", "to" | "with") => return self.from(at + 1, false),
            ("quoted" | "cited", "by") => return self.from(at + 1, false),
            (_, "told" | "tells" | "telling" | "citing" | "quoting" | "via") => return self.from(at, false),
            ("source" | "sources" | "credit", ":") => return self.from(at + 1, true),
            _ => {}
        }
        if !matches!(word, "by" | "in" | "on" | "at" | "with" | "from" | "to") {
            return None;
        }
        for places in at + 1..=at + REACH {
            let word = self.back(places);
            if word == "." || word.is_empty() {
                break;
            }
            if DONE.contains(&word) {
                let helper = self.back(places + 1);
                let is_strong = places == at + 1
                    && self.back(at) == "by"
                    && matches!(word, "reported" | "published")
                    && matches!(helper, "as" | "first" | "originally" | "previously");
                // "seen in London", "confirmed by Mr Smith": of an outlet that is known.
                return self.from(places, is_strong);
            }
            if WORKS.contains(&word) {
                return self.from(places, false);
            }
        }
        None
    }

    /// Words that stand before a name and belong to it.
    fn is_qualifier(&self, places: usize) -> bool {
        let Some(at) = self.outlet.tokens.start.checked_sub(places) else { return false };
        let word = self.passage.word(at);
        let is_name = word.chars().next().is_some_and(char::is_uppercase);
        let roles = [
            "the",
            "a",
            "newspaper",
            "daily",
            "broadcaster",
            "agency",
            "news",
            "website",
            "magazine",
            "channel",
            "network",
            "outlet",
            "state-run",
            "state",
            "media",
            "'s",
            "’s",
            "tv",
            "television",
            "radio",
            "local",
            "public",
        ];
        is_name || roles.contains(&self.analysis.small(self.passage, at))
    }

    fn after(&self) -> Option<Credit> {
        if self.outlet.origin == Origin::Unknown {
            return None;
        }
        let mut at = 0;
        while at < 3 && (BETWEEN.contains(&self.next(at)) || self.next(at).ends_with("ly")) {
            at += 1;
        }
        let word = self.next(at);
        let is_work =
            at == 0 && WORKS.contains(&word) || matches!(word, "'s" | "’s") && WORKS.contains(&self.next(1));
        if SAYS.contains(&word) || is_work {
            return self.until(at);
        }
        // "…, CNN reported" and "…, reported CNN" are both written.
        let inverted = self.back(1);
        matches!(inverted, "reported" | "reports" | "wrote").then(|| self.from(1, false)).flatten()
    }
}
