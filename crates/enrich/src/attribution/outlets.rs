//! Names of outlets in a text.

use crate::analysis::Passage;
use crate::packed::{ByHash, hash};
use crate::text::{self, Forms};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Name, Wikidata id or `-`, further names parted by bars.
const TABLE: &str = include_str!("../../data/outlets.tsv");
/// Longest name, tokens.
const LENGTH_MAX: usize = 8;
/// Most abbreviations that a text may explain.
const ABBREVIATIONS_MAX: usize = 50;

/// Last words of names that only outlets have.
const LAST: [&str; 36] = [
    "News",
    "Times",
    "Post",
    "Herald",
    "Tribune",
    "Gazette",
    "Journal",
    "Daily",
    "Telegraph",
    "Chronicle",
    "Observer",
    "Guardian",
    "Examiner",
    "Courier",
    "Dispatch",
    "Syndicate",
    "Newspaper",
    "Magazine",
    "Weekly",
    "Radio",
    "TV",
    "Television",
    "Broadcasting",
    "Broadcaster",
    "Wire",
    "Newswire",
    "Gazeta",
    "Zeitung",
    "Shimbun",
    "Review",
    "Reporter",
    "Press",
    "Mirror",
    "Inquirer",
    "Sentinel",
    "Bulletin",
];

/// How a name is known to be an outlet's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Table,
    Shape,
    /// An abbreviation that the text explains.
    Explained,
    /// Not at all: it needs words that credit outlets only.
    Unknown,
}

/// A name that is, or may be, an outlet's.
#[derive(Clone, Debug)]
pub(super) struct Outlet {
    /// Empty when it is as written.
    name: String,
    pub(super) wikidata: Option<&'static str>,
    pub(super) origin: Origin,
    /// Its tokens, with an article and an abbreviation in brackets.
    pub(super) tokens: Range<usize>,
}

impl Outlet {
    /// The outlet's name.
    pub(super) fn name(&self, passage: &Passage<'_>) -> String {
        if self.name.is_empty() { words(passage, self.tokens.clone()) } else { self.name.clone() }
    }
}

/// An abbreviation, the name that it stands for, its id.
pub(super) type Abbreviation = (String, String, Option<&'static str>);

/// Written name to name and id.
static NAMES: LazyLock<HashMap<&'static str, (&'static str, Option<&'static str>)>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let (Some(name), Some(id)) = (cells.next(), cells.next()) else { continue };
        let id = Some(id).filter(|id| *id != "-");
        let others = cells.next().unwrap_or_default().split('|').filter(|other| !other.is_empty());
        for written in std::iter::once(name).chain(others) {
            names.insert(written.strip_prefix("The ").unwrap_or(written), (name, id));
        }
    }
    names
});

/// Hashes of the first tokens of these names.
static FIRST: LazyLock<ByHash<()>> = LazyLock::new(|| {
    let first = |name: &str| text::tokens(name).first().map(|token| hash(token.of(name).as_bytes()));
    NAMES.keys().filter_map(|name| first(name)).map(|first| (first, ())).collect()
});

/// Hashes of the last words of names that only outlets have.
static LAST_WORDS: LazyLock<ByHash<()>> =
    LazyLock::new(|| LAST.iter().map(|word| (hash(word.as_bytes()), ())).collect());

/// Abbreviations in brackets after outlets' names: "The Jewish News Syndicate (JNS)".
pub(super) fn explained(passage: &Passage<'_>, outlets: &[Outlet], out: &mut Vec<Abbreviation>) {
    for outlet in outlets {
        let last = outlet.tokens.end - 1;
        if outlet.origin != Origin::Unknown && passage.word(last) == ")" {
            let short = passage.word(last - 1).to_owned();
            if out.len() < ABBREVIATIONS_MAX && out.iter().all(|(known, ..)| *known != short) {
                out.push((short, outlet.name(passage), outlet.wikidata));
            }
        }
    }
}

/// All names that are or may be outlets', in order, none within another.
pub(super) fn find(passage: &Passage<'_>, forms: &Forms, abbreviations: &[Abbreviation]) -> Vec<Outlet> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < passage.tokens.len() {
        if !is_capital(passage.word(at)) {
            at += 1;
            continue;
        }
        let run = run(passage, at);
        let outlet = known(passage, forms, &run, abbreviations)
            .or_else(|| by_shape(passage, forms, &run))
            .unwrap_or_else(|| Outlet {
                name: String::new(),
                wikidata: None,
                origin: Origin::Unknown,
                tokens: run.clone(),
            });
        let outlet = widened(passage, outlet);
        at = outlet.tokens.end;
        found.push(outlet);
    }
    found
}

/// Words with a capital that follow each other, with the small words that names have inside.
fn run(passage: &Passage<'_>, from: usize) -> Range<usize> {
    let mut end = from + 1;
    let mut at = end;
    while at < passage.tokens.len() && at - from < LENGTH_MAX {
        let word = passage.word(at);
        let apart = passage.tokens[at].start - passage.tokens[at - 1].end;
        if is_capital(word) && apart < 2 {
            end = at + 1;
        } else if !matches!(word, "of" | "de" | "della" | "dello" | "the" | "and" | "&" | "i" | "/") {
            break;
        }
        at += 1;
    }
    from..end
}

fn known(
    passage: &Passage<'_>,
    forms: &Forms,
    run: &Range<usize>,
    abbreviations: &[Abbreviation],
) -> Option<Outlet> {
    let begins = |at: usize| {
        let form = passage.forms.get(at);
        form.is_some_and(|form| FIRST.contains_key(&forms.hash(*form)))
    };
    // A name of the table may begin within the run: "Saudi Arabia's" is cut off, "US broadcaster CNN" is not.
    for start in run.clone() {
        let may_be = begins(start) || passage.word(start) == "The" && begins(start + 1);
        if !may_be && abbreviations.is_empty() {
            continue;
        }
        for end in (start + 1..=run.end.max(start + 1)).rev() {
            let text = words(passage, start..end);
            let bare = text.strip_prefix("The ").unwrap_or(&text);
            if let Some((name, wikidata)) = NAMES.get(bare) {
                let (name, wikidata, origin) = ((*name).to_owned(), *wikidata, Origin::Table);
                // A longer name that only holds this one is another's: "Reuters Building", "CBS Sunday Morning".
                let is_part = end < run.end && is_capital(passage.word(end));
                if !is_part {
                    return Some(Outlet {
                        name: as_written(&text, name),
                        wikidata,
                        origin,
                        tokens: start..end,
                    });
                }
            }
            if let Some((_, name, wikidata)) = abbreviations.iter().find(|(short, ..)| *short == bare) {
                let origin = Origin::Explained;
                return Some(Outlet { name: name.clone(), wikidata: *wikidata, origin, tokens: start..end });
            }
        }
    }
    None
}

/// The table's name, unless the text writes it out in another way that is no abbreviation.
fn as_written(text: &str, name: String) -> String {
    if name.strip_prefix("The ").is_some_and(|bare| bare == text) || text.contains(' ') {
        text.to_owned()
    } else {
        name
    }
}

fn by_shape(passage: &Passage<'_>, forms: &Forms, run: &Range<usize>) -> Option<Outlet> {
    let is_last = |at: &usize| LAST_WORDS.contains_key(&forms.hash(passage.forms[*at]));
    let last = (run.start + 1..run.end).rev().find(is_last)?;
    let tokens = run.start..last + 1;
    // "The Times" of which town nobody knows; three words or two that are not an article.
    let bare = passage.word(run.start) != "The" || 2 < tokens.len();
    bare.then(|| Outlet {
        name: words(passage, tokens.clone()),
        wikidata: None,
        origin: Origin::Shape,
        tokens,
    })
}

/// With the article before it and an abbreviation in brackets after it.
fn widened(passage: &Passage<'_>, mut outlet: Outlet) -> Outlet {
    let start = outlet.tokens.start;
    if start != 0 && passage.word(start - 1) == "The" {
        outlet.tokens.start -= 1;
        if !outlet.name.is_empty() && !outlet.name.starts_with("The ") && outlet.origin != Origin::Table {
            outlet.name.insert_str(0, "The ");
        }
    }
    let end = outlet.tokens.end;
    let is_short = |at: usize| {
        let word = passage.word(at);
        (2..=6).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'.')
    };
    if outlet.origin != Origin::Unknown
        && end + 2 < passage.tokens.len()
        && passage.word(end) == "("
        && is_short(end + 1)
        && passage.word(end + 2) == ")"
    {
        outlet.tokens.end += 3;
    }
    outlet
}

/// The text of some tokens, spaces as written but never more than one.
fn words(passage: &Passage<'_>, tokens: Range<usize>) -> String {
    let (first, last) = (passage.tokens[tokens.start], passage.tokens[tokens.end - 1]);
    passage.text[first.start as usize..last.end as usize].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase) || word == "60"
}
