//! Which mentions name the same thing, by their words alone.

use super::mentions::Mention;
use crate::tagger::Kind;
use std::collections::{BTreeMap, HashMap};

/// Mentions of one entity, in the order of the text.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) kind: Kind,
    pub(super) mentions: Vec<Mention>,
}

impl Group {
    /// Different keys of the group, longest first.
    pub(super) fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.mentions.iter().map(|mention| mention.key.as_str()).collect();
        keys.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        keys.dedup();
        keys
    }
}

/// Most names of one kind that are compared with each other; longer lists are grouped by equality alone.
const COMPARED_MAX: usize = 400;

/// Groups mentions: equal names, surnames and given names of people, short forms of organisations and places,
/// parts of organisations.
pub(super) fn group(mentions: Vec<Mention>) -> Vec<Group> {
    let mut by_name: BTreeMap<(Kind, String), Vec<usize>> = BTreeMap::new();
    for (at, mention) in mentions.iter().enumerate() {
        by_name.entry((mention.kind, bare(&mention.key, mention.kind).to_owned())).or_default().push(at);
    }
    let mut leaders: HashMap<(Kind, String), String> = HashMap::new();
    for kind in [Kind::Person, Kind::Organisation, Kind::Place] {
        let mut names: Vec<(&str, usize, usize)> = by_name
            .iter()
            .filter(|((of, _), _)| *of == kind)
            .map(|((_, name), places)| (name.as_str(), places.len(), places[0]))
            .collect();
        // Most mentioned first, then as the text has them: the first that fits is the one that is meant.
        names.sort_by(|a, b| b.1.cmp(&a.1).then(a.2.cmp(&b.2)));
        if COMPARED_MAX < names.len() {
            continue;
        }
        for (name, _, first) in &names {
            let leader = match kind {
                Kind::Person => person(name, *first, &names),
                _ if kind == Kind::Place && !is_short(name) => None,
                _ => organisation(name, &names),
            };
            if let Some(leader) = leader {
                leaders.insert((kind, (*name).to_owned()), leader.to_owned());
            }
        }
    }
    let mut groups: BTreeMap<(Kind, String), Vec<usize>> = BTreeMap::new();
    for ((kind, name), places) in by_name {
        let mut leader = name;
        // A short form's long form may itself be a part of a longer one.
        for _ in 0..3 {
            match leaders.get(&(kind, leader.clone())) {
                Some(next) => leader.clone_from(next),
                None => break,
            }
        }
        groups.entry((kind, leader)).or_default().extend(places);
    }
    let mut mentions: Vec<Option<Mention>> = mentions.into_iter().map(Some).collect();
    let collect = |((kind, _), mut places): ((Kind, String), Vec<usize>)| {
        places.sort_unstable();
        Group { kind, mentions: places.into_iter().filter_map(|place| mentions[place].take()).collect() }
    };
    groups.into_iter().map(collect).collect()
}

/// A name without what is added to it: "Jr" of a person, "Inc" of a firm.
fn bare(key: &str, kind: Kind) -> &str {
    const PERSON: [&str; 5] = [" jr", " sr", " ii", " iii", " iv"];
    const FIRM: [&str; 8] = [" inc", " corp", " corporation", " ltd", " llc", " plc", " co", " company"];
    let endings: &[&str] = match kind {
        Kind::Person => &PERSON,
        Kind::Organisation => &FIRM,
        _ => &[],
    };
    endings.iter().find_map(|ending| key.strip_suffix(ending)).unwrap_or(key)
}

/// The fuller name that a person's name is a part of: a surname, or a given name that only one person has
/// who was named before.
fn person<'a>(name: &str, first: usize, names: &[(&'a str, usize, usize)]) -> Option<&'a str> {
    let longer = || names.iter().filter(|other| name.len() < other.0.len());
    let ends = |other: &str| other.strip_suffix(name).is_some_and(|head| head.ends_with(' '));
    if let Some(found) = longer().find(|other| ends(other.0)) {
        return Some(found.0);
    }
    let words: Vec<&str> = name.split(' ').collect();
    let (head, tail) = (words[0], words[words.len() - 1]);
    if 2 <= words.len() {
        // "Donald Trump" is "Donald J Trump".
        let same = |other: &str| {
            let others: Vec<&str> = other.split(' ').collect();
            words.len() == 2 && 2 < others.len() && others[0] == head && others[others.len() - 1] == tail
        };
        return longer().find(|other| same(other.0)).map(|other| other.0);
    }
    let begins = |other: &str| other.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
    let mut found = longer().filter(|other| begins(other.0) && other.2 < first);
    let only = found.next()?;
    found.next().is_none().then_some(only.0)
}

/// The fuller name that an organisation's name is a part or the short form of, where only one fits.
fn organisation<'a>(name: &str, names: &[(&'a str, usize, usize)]) -> Option<&'a str> {
    let is_short = is_short(name);
    let fits = |other: &str| {
        if is_short {
            return initials(other, name);
        }
        // The end of a name is its head: "Security Council"; its beginning is another thing: "Kennedy Space Center Visitor Complex".
        name.contains(' ') && other.strip_suffix(name).is_some_and(|head| head.ends_with(' '))
    };
    let mut found = names.iter().filter(|other| name.len() < other.0.len() && fits(other.0));
    let only = found.next()?;
    found.next().is_none().then_some(only.0)
}

/// Two to six capitals and nothing else.
fn is_short(name: &str) -> bool {
    (2..=6).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase())
}

/// Whether the capitals are the first letters of the words, with or without the small ones.
fn initials(name: &str, short: &str) -> bool {
    let first = |word: &str| word.chars().next().and_then(|c| c.to_uppercase().next());
    let all: String = name.split(' ').filter_map(first).collect();
    let is_small =
        |word: &&str| matches!(*word, "of" | "the" | "and" | "for" | "in" | "on" | "&" | "de" | "to");
    let large: String = name.split(' ').filter(|word| !is_small(word)).filter_map(first).collect();
    name.contains(' ') && (all == short || large == short)
}
