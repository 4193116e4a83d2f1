//! Which item of the base a group names, or none: null rather than a guess.

use super::group::Group;
use super::may_be;
use crate::analysis::Analysis;
use crate::link::{Base, COUNTRY, Item, OwnNames};
use crate::packed::{ByHash, hash};
use crate::tagger::Kind;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// Priors from which on an item is taken, by kind, for a name of several words and of one.
#[derive(Clone, Copy, Debug)]
struct Limits {
    several: f32,
    one: f32,
    /// The same for a name that means one item of the base only.
    several_alone: f32,
    one_alone: f32,
    /// With the item's country named in the document.
    with_country: f32,
    /// How much better known than the next of its kind it must be.
    lead: f32,
}

/// Chosen on half of a labelled set of news and interviews; `docs/models/kb.md` has the figures of the other half.
fn limits(kind: Kind) -> Limits {
    let limits = |several, one, several_alone, one_alone, with_country| Limits {
        several,
        one,
        several_alone,
        one_alone,
        with_country,
        lead: 0.03,
    };
    match kind {
        Kind::Person => limits(0.1, 0.5, 0.02, 0.5, 0.05),
        Kind::Organisation => limits(0.2, 0.45, 0.1, 0.3, 0.15),
        Kind::Place => limits(0.4, 0.55, 0.2, 0.4, 0.4),
        Kind::Other => limits(0.3, 0.6, 0.2, 0.6, 0.3),
    }
}

/// Words of sports pages; so many of them make an article one.
const SPORT: [&str; 30] = [
    "match",
    "matches",
    "goal",
    "goals",
    "coach",
    "tournament",
    "league",
    "season",
    "scored",
    "striker",
    "midfielder",
    "defender",
    "goalkeeper",
    "innings",
    "wicket",
    "wickets",
    "semifinal",
    "semi-final",
    "quarterfinal",
    "quarter-final",
    "qualifier",
    "qualifiers",
    "championship",
    "medal",
    "medals",
    "squad",
    "batting",
    "halftime",
    "playoffs",
    "penalty",
];
const SPORT_WORDS_MIN: usize = 4;
/// At least one in so many words is one of them.
const SPORT_WORDS_APART: usize = 150;
/// Their hashes.
static SPORT_WORDS: LazyLock<ByHash<()>> =
    LazyLock::new(|| SPORT.iter().map(|word| (hash(word.as_bytes()), ())).collect());

/// Gives each group its item, and joins groups with the same one.
pub(super) fn link(
    base: &Base,
    own: Option<&OwnNames>,
    analysis: &Analysis<'_>,
    groups: Vec<Group>,
    sport: bool,
) -> Vec<(Group, Option<u32>)> {
    let countries = countries(base, &groups);
    let groups = if sport { teams_apart(base, analysis, groups) } else { groups };
    let mut joined: BTreeMap<u32, Group> = BTreeMap::new();
    let mut alone = Vec::new();
    for group in groups {
        let given = group.mentions.iter().find_map(|mention| mention.own);
        let from_file = || own.and_then(|own| own.find_key(group.keys().first()?)?.qid);
        let is_team = group.mentions.iter().all(|mention| mention.team);
        let item = given
            .or_else(from_file)
            .or_else(|| if is_team { None } else { choose(base, &group, &countries) });
        match item {
            Some(qid) => match joined.get_mut(&qid) {
                Some(other) => merge(other, group),
                None => {
                    joined.insert(qid, group);
                }
            },
            None => alone.push((group, None)),
        }
    }
    alone.extend(joined.into_iter().map(|(qid, group)| (group, Some(qid))));
    alone
}

/// Both groups' mentions; the kind of the larger.
fn merge(one: &mut Group, other: Group) {
    if one.mentions.len() < other.mentions.len() {
        one.kind = other.kind;
    }
    one.mentions.extend(other.mentions);
    one.mentions.sort_by_key(|mention| (mention.passage, mention.tokens.start));
}

/// How often the document names each country, or a place in it, by the country's code.
type Countries = HashMap<[u8; 2], usize>;

/// Countries that the document names, by code, and how often.
fn countries(base: &Base, groups: &[Group]) -> Countries {
    let mut out = Countries::new();
    for group in groups.iter().filter(|group| group.kind != Kind::Person) {
        let Some(name) = group.keys().first().copied() else { continue };
        let mut places = base.find_key(name).filter(|item| item.kind == Kind::Place);
        let known = places.next().filter(|item| 0.6 <= item.prior);
        // Of a city's or region's name that several countries have nothing follows.
        let is_rival =
            |next: &Item| known.is_some_and(|known| known.prior < COUNTRY && known.prior < next.prior + 0.2);
        let rival = places.next().filter(is_rival);
        if let Some(country) = known.filter(|_| rival.is_none()).and_then(|item| item.country) {
            *out.entry(country).or_insert(0) += group.mentions.len();
        }
    }
    out
}

/// The item that the group's fullest name means, where one stands out. When that name is not in the base, its short form
/// in capitals may be; a surname or a part of the name alone would be another's.
fn choose(base: &Base, group: &Group, countries: &Countries) -> Option<u32> {
    let keys = group.keys();
    let fullest = *keys.first()?;
    let short = keys.iter().copied().filter(|key| key.bytes().all(|b| b.is_ascii_uppercase()));
    let is_person = group.kind == Kind::Person;
    let plain = if is_person { without_initial(fullest) } else { None };
    let ends = |name: &str| fullest.strip_suffix(name).is_some_and(|head| head.ends_with(' '));
    let shorter = keys.iter().copied().filter(|name| is_person && name.contains(' ') && ends(name));
    for name in std::iter::once(fullest).chain(plain.as_deref()).chain(shorter).chain(short) {
        let mut fitting = base.find_key(name).filter(|item| may_be(group.kind, item.kind));
        let Some(mut best) = fitting.next() else { continue };
        let mut next: Option<Item> = None;
        for item in fitting.take(20) {
            if worth(&best, group, countries) < worth(&item, group, countries) {
                next = Some(best);
                best = item;
            } else if next.is_none_or(|next| worth(&next, group, countries) < worth(&item, group, countries))
            {
                next = Some(item);
            }
        }
        return is_safe(&best, next.as_ref(), name, group, countries).then_some(best.qid);
    }
    None
}

/// "Donald J Trump" without what stands between the first name and the last.
fn without_initial(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split(' ').collect();
    match words[..] {
        [first, initial, last] if initial.len() == 1 => Some(format!("{first} {last}")),
        _ => None,
    }
}

/// What an item weighs against others of the same name.
fn worth(item: &Item, group: &Group, countries: &Countries) -> f32 {
    let near = item.country.is_some_and(|country| countries.contains_key(&country));
    let home = near && item.kind == Kind::Place && is_from_here(item, countries);
    let bonus = |given: bool, weight: f32| if given { weight } else { 0.0 };
    item.prior + bonus(near, 0.1) + bonus(home, 0.1) + bonus(item.kind == group.kind, 0.2)
}

fn is_safe(item: &Item, next: Option<&Item>, name: &str, group: &Group, countries: &Countries) -> bool {
    if item.kind == Kind::Other && !name.contains(' ') {
        // Peoples and languages share their names.
        return false;
    }
    if item.kind == Kind::Organisation && is_general(name) && !is_from_here(item, countries) {
        return false;
    }
    let limits = limits(item.kind);
    let several = name.contains(' ');
    let near = item.country.is_some_and(|country| countries.contains_key(&country));
    if item.kind != group.kind && !may_stand_for(item, next, several, group.kind) {
        return false;
    }
    if !item.sure && item.kind == Kind::Person && item.prior < 0.2 && !near {
        return false;
    }
    let enough = match (several, next.is_none()) {
        (true, false) => limits.several,
        (true, true) => limits.several_alone,
        (false, false) => limits.one,
        (false, true) => limits.one_alone,
    };
    let known = enough <= item.prior
        || near && limits.with_country <= item.prior && (several || item.kind == Kind::Place);
    let leads =
        next.is_none_or(|next| worth(next, group, countries) + limits.lead <= worth(item, group, countries));
    known && leads
}

/// Whether the item may be meant although it is of another kind than the tagger says. "Washington" as a government is
/// not the city, but of a region ("Pennsylvania voted") or a building the tagger says now this, now that.
fn may_stand_for(item: &Item, next: Option<&Item>, several: bool, tagged: Kind) -> bool {
    const REGIONS: std::ops::Range<f32> = 0.6..0.85;
    let alone = next.is_none_or(|next| next.prior + 0.3 <= item.prior);
    let is_work = item.kind == Kind::Other || tagged == Kind::Other;
    let enough = if is_work { 0.3 } else { 0.5 };
    let acts = item.kind == Kind::Place && alone && REGIONS.contains(&item.prior);
    let is_building = item.kind == Kind::Organisation && tagged == Kind::Place && alone;
    let enough = if is_building { 0.2 } else { enough };
    acts || several && enough <= item.prior && item.prior < COUNTRY
}

/// Words of names that many countries' institutions have.
const GENERAL: [&str; 44] = [
    "supreme",
    "high",
    "court",
    "constitutional",
    "ministry",
    "minister",
    "parliament",
    "national",
    "assembly",
    "senate",
    "congress",
    "house",
    "representatives",
    "army",
    "navy",
    "police",
    "air",
    "force",
    "state",
    "department",
    "cabinet",
    "council",
    "commission",
    "committee",
    "labour",
    "labor",
    "party",
    "democratic",
    "republican",
    "liberal",
    "conservative",
    "socialist",
    "communist",
    "central",
    "bank",
    "health",
    "education",
    "defense",
    "defence",
    "interior",
    "justice",
    "foreign",
    "federal",
    "government",
];

/// Whether the name says what the thing is and not whose.
fn is_general(name: &str) -> bool {
    name.split(' ')
        .all(|word| GENERAL.contains(&word) || matches!(word, "of" | "and" | "the" | "for" | "affairs"))
}

/// Whether the item is of the country that the document is about.
fn is_from_here(item: &Item, countries: &Countries) -> bool {
    let most = countries.values().max().copied().unwrap_or_default();
    item.country.is_some_and(|country| countries.get(&country) == Some(&most))
}

/// Whether the article is about sport, where countries play: several such words, and not here and there in a long text.
pub(super) fn is_sport(analysis: &Analysis<'_>) -> bool {
    let words = analysis.passages.iter().flat_map(|passage| &passage.forms);
    let of_sport = words.filter(|form| SPORT_WORDS.contains_key(&analysis.forms.hash(**form))).count();
    let all: usize = analysis.passages.iter().map(|passage| passage.forms.len()).sum();
    SPORT_WORDS_MIN <= of_sport && all <= SPORT_WORDS_APART * of_sport
}

/// Words before a country that is a place even on the sports page.
const PLACE: [&str; 12] =
    ["in", "from", "at", "to", "across", "of", "near", "leave", "left", "visit", "through", "around"];

/// Takes mentions of countries out that are teams: not after "in" and its like.
fn teams_apart(base: &Base, analysis: &Analysis<'_>, groups: Vec<Group>) -> Vec<Group> {
    let mut out = Vec::with_capacity(groups.len());
    for mut group in groups {
        let is_country = group.keys().first().is_some_and(|name| {
            base.find_key(name).any(|item| item.kind == Kind::Place && COUNTRY <= item.prior)
        });
        if !is_country {
            out.push(group);
            continue;
        }
        for mention in &mut group.mentions {
            let passage = &analysis.passages[mention.passage];
            let before = mention.tokens.start.checked_sub(1).map(|at| passage.word(at));
            mention.team = !before.is_some_and(|before| PLACE.contains(&before));
        }
        let (teams, places): (Vec<_>, Vec<_>) = group.mentions.into_iter().partition(|mention| mention.team);
        out.extend(
            [teams, places]
                .into_iter()
                .filter(|mentions| !mentions.is_empty())
                .map(|mentions| Group { kind: group.kind, mentions }),
        );
    }
    out
}
