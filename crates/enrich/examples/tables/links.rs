//! `score-links`: Wikidata ids of labelled mentions, against a base that was built without them.

use crate::score::{Span, candidate, gold};
use crate::{Arguments, Outcome, article, corpus};
use enrich::train::{Candidate, Labelled, recut};
use record::Entity;
use std::collections::{BTreeMap, BTreeSet};

/// A labelled mention: words, type, title, id, whether there is a name in it.
type Gold = (String, String, String, String, bool);

/// What became of some mentions.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    linkable: usize,
    linked: usize,
    right: usize,
}

/// What became of the mentions of one type: of all that hold a name and have an id, and of those that flat labels of
/// names have too, which leaves out descriptions and names inside of longer names.
#[derive(Clone, Copy, Debug, Default)]
struct Tallies {
    all: Tally,
    flat: Tally,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.linkable += other.linkable;
        self.linked += other.linked;
        self.right += other.right;
    }
}

/// Scores the documents of `gum_links.json` whose texts are in `gum_news` and `gum_ccby`; `--half` takes those
/// with even (`tune`) or odd (`report`) numbers.
pub(crate) fn score(arguments: &Arguments) -> Outcome<()> {
    let gold: Vec<(String, Vec<Gold>)> =
        serde_json::from_str(&corpus::text(&arguments.data.join("kb/gum_links.json.gz"))?)?;
    let candidate = candidate(arguments)?;
    let mut texts: Vec<Labelled> = Vec::new();
    for set in ["gum_news", "gum_ccby"] {
        texts.extend(corpus::labelled(&arguments.data.join("ner").join(format!("{set}.json.gz")), set)?);
    }
    let half = arguments.list("half").map(|half| half.concat());
    let shown = arguments.list("show").is_some();
    let mut tallies: BTreeMap<String, Tallies> = BTreeMap::new();
    let mut documents = 0;
    for (number, (name, mentions)) in gold.iter().enumerate() {
        let wanted = match half.as_deref() {
            Some("tune") => number % 2 == 0,
            Some("report") => number % 2 == 1,
            _ => true,
        };
        let best = texts.iter().max_by_key(|text| overlap(text, mentions)).filter(|_| wanted);
        let Some(labelled) = best.filter(|text| 90 <= overlap(text, mentions)) else {
            if wanted {
                println!("{name}: no text");
            }
            continue;
        };
        documents += 1;
        document(&candidate, labelled, mentions, shown, &mut tallies)?;
    }
    println!("{documents} documents");
    table("all mentions that hold a name and have an id", &tallies, |tallies| tallies.all);
    table("of them those that flat labels of names have too", &tallies, |tallies| tallies.flat);
    Ok(())
}

/// One count of the two, by type and in sum.
fn table(title: &str, tallies: &BTreeMap<String, Tallies>, count: fn(&Tallies) -> Tally) {
    println!(
        "{title}\n| type | linkable | linked | right | precision | of all linkable |\n|---|---|---|---|---|---|"
    );
    let mut all = Tally::default();
    for (kind, tallies) in tallies {
        row(kind, &count(tallies));
        all.add(count(tallies));
    }
    row("all", &all);
}

fn row(kind: &str, tally: &Tally) {
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let Tally { linkable, linked, right } = *tally;
    println!(
        "| {kind} | {linkable} | {linked} | {right} | {:.1} % | {:.1} % |",
        share(right, linked),
        share(right, linkable)
    );
}

fn words(labelled: &Labelled) -> Vec<&str> {
    labelled.sentences.iter().flatten().map(|(word, _)| word.as_str()).collect()
}

/// How many percent of the mentions' words the text has.
fn overlap(labelled: &Labelled, mentions: &[Gold]) -> usize {
    let known: BTreeSet<&str> = words(labelled).into_iter().collect();
    let all: Vec<&str> = mentions.iter().flat_map(|mention| mention.0.split(' ')).collect();
    all.iter().filter(|word| known.contains(*word)).count() * 100 / all.len().max(1)
}

/// Where the mention's words stand as whole words, from a byte on.
fn spans<'a>(text: &'a str, plain: &'a str, from: usize) -> impl Iterator<Item = (usize, usize)> + 'a {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let whole = move |at: &usize| {
        is_edge(text[..*at].chars().next_back()) && is_edge(text[at + plain.len()..].chars().next())
    };
    let places = text[from..].match_indices(plain).map(move |(at, _)| at + from).filter(whole);
    places.map(|at| (at, at + plain.len()))
}

/// The corpus' mentions so far, by place: each with what it means.
type Seen<'a> = Vec<(usize, usize, &'a str)>;

/// The mention's own place: the next after the last mention's beginning, and not a part of a longer mention of the
/// same thing, which the corpus does not label apart.
fn place(text: &str, surface: &str, title: &str, seen: &Seen<'_>) -> Option<(usize, usize)> {
    let plain = surface.replace(" - ", "-");
    let last = seen.last().map_or(0, |(start, ..)| *start);
    let is_free = |(start, end): &(usize, usize)| {
        !seen.iter().any(|(from, to, of)| *of == title && from <= start && end <= to)
    };
    spans(text, &plain, last).find(is_free).or_else(|| spans(text, &plain, 0).find(is_free))
}

/// Takes each labelled mention in the order of the text, and what we say of it.
fn document(
    candidate: &Candidate,
    labelled: &Labelled,
    mentions: &[Gold],
    shown: bool,
    tallies: &mut BTreeMap<String, Tallies>,
) -> Outcome<()> {
    let recut = recut(labelled);
    let names = names(&recut.text, gold(labelled, &recut));
    let text = recut.text;
    let story = candidate.enrich(article::of(&text)?);
    let places = places(&text, &story.entities);
    let mut seen = Seen::new();
    for (surface, kind, title, qid, has_name) in mentions {
        let Some((start, end)) = place(&text, surface, title, &seen) else { continue };
        seen.push((start, end, title));
        if !has_name {
            continue;
        }
        let mention = Mention { start, end, words: &text[start..end], kind };
        let found = mention.answer(&places).and_then(|place| Some((place.qid.as_ref()?, place)));
        let right = found.is_some_and(|(found, _)| found == qid);
        let tally = Tally { linkable: 1, linked: usize::from(found.is_some()), right: usize::from(right) };
        let tallies = tallies.entry(kind.clone()).or_default();
        tallies.all.add(tally);
        if mention.answer(&names).is_some() {
            tallies.flat.add(tally);
        }
        match found {
            Some((found, place)) if shown && !right => {
                println!("{kind} {surface:?} is {title} {qid}, linked {:?} {found}", place.name);
            }
            None if shown => {
                let near = places.iter().filter(|place| place.start < end && start < place.end);
                let near: Vec<_> = near.map(|place| (&text[place.start..place.end], &place.kind)).collect();
                println!("missed {kind} {surface:?} {title}: {near:?}");
            }
            _ => {}
        }
    }
    Ok(())
}

/// A labelled mention in its text.
struct Mention<'a> {
    start: usize,
    end: usize,
    words: &'a str,
    kind: &'a str,
}

impl Mention<'_> {
    /// Which of the names inside of the mention is the answer to it. Of a person the last one that owns nothing after
    /// it ("New Zealand's Prime Minister John Key"); of others the longest, when it is half of the mention's own name:
    /// "Virginia" is no answer to "the Governor of Virginia".
    fn answer<'a>(&self, places: &'a [Place]) -> Option<&'a Place> {
        let fitting = places
            .iter()
            .filter(|place| self.start <= place.start && place.end <= self.end && place.fits(self.kind));
        if self.kind == "PER" {
            let owns = |place: &Place| {
                let rest = self.words[place.end - self.start..].trim_start();
                (rest.starts_with("'s") || rest.starts_with("’s")) && 2 < rest.trim_end().chars().count()
            };
            return fitting.filter(|place| !owns(place)).max_by_key(|place| place.end);
        }
        let core = core(self.words);
        fitting
            .filter(|place| core <= 2 * (place.end - place.start))
            .max_by_key(|place| place.end - place.start)
    }
}

/// Letters of the mention's last run of capitalised words with the small words that names have inside.
fn core(mention: &str) -> usize {
    let words: Vec<&str> = mention.split(' ').collect();
    let capital = |word: &str| word.starts_with(char::is_uppercase);
    let inner = |word: &str| matches!(word, "of" | "for" | "and" | "the" | "de" | "&");
    let end = words.iter().rposition(|word| capital(word)).map_or(words.len(), |last| last + 1);
    let outside = words[..end].iter().rposition(|word| !capital(word) && !inner(word));
    let run = &words[outside.map_or(0, |at| at + 1)..end];
    let start = run.iter().position(|word| capital(word)).unwrap_or_default();
    run[start..].join(" ").len()
}

/// A name: first and last byte, and, when we found it, its entity.
struct Place {
    start: usize,
    end: usize,
    kind: String,
    name: String,
    qid: Option<String>,
}

impl Place {
    /// Whether it can be the answer for a mention of this type; places act, and the corpus calls many an event other.
    fn fits(&self, kind: &str) -> bool {
        let acts = |kind: &str| kind == "ORG" || kind == "LOC";
        self.kind == kind || acts(&self.kind) && acts(kind) || self.kind == "MISC" && kind != "PER"
    }
}

/// The byte at which each scalar begins, and the end.
fn bytes(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

/// The corpus' own flat labels of names.
fn names(text: &str, spans: BTreeSet<Span>) -> Vec<Place> {
    let bytes = bytes(text);
    let place = |(from, to, kind): Span| Place {
        start: bytes[from as usize],
        end: bytes[to as usize],
        kind,
        name: String::new(),
        qid: None,
    };
    spans.into_iter().map(place).collect()
}

fn places(text: &str, entities: &[Entity]) -> Vec<Place> {
    let bytes = bytes(text);
    let place = |entity: &Entity, mention: &record::Mention| Place {
        start: bytes[mention.start as usize],
        end: bytes[mention.end as usize],
        kind: entity.kind.clone(),
        name: entity.name.clone(),
        qid: entity.wikidata.clone(),
    };
    entities
        .iter()
        .flat_map(|entity| entity.mentions.iter().map(move |mention| place(entity, mention)))
        .collect()
}
