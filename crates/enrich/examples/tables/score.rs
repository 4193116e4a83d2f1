//! `score-ner`: names found in labelled texts, by us and by spaCy.

use crate::{Arguments, Outcome, article, corpus};
use enrich::train::{Candidate, Labelled, Recut, recut};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A name: first scalar, one past the last, type.
pub(crate) type Span = (u32, u32, String);
/// Types that are scored.
const SCORED: [&str; 3] = ["PER", "ORG", "LOC"];

/// Right, wrong and missed, by type.
#[derive(Clone, Debug, Default)]
struct Counts(BTreeMap<String, [usize; 3]>);

impl Counts {
    fn add(&mut self, gold: &BTreeSet<Span>, found: &BTreeSet<Span>) {
        for span in found {
            self.0.entry(span.2.clone()).or_default()[usize::from(!gold.contains(span))] += 1;
        }
        for span in gold.difference(found) {
            self.0.entry(span.2.clone()).or_default()[2] += 1;
        }
    }

    /// F1 over these types, percent.
    fn f1(&self, types: &[&str]) -> f64 {
        let sum = |at: usize| {
            types.iter().filter_map(|kind| self.0.get(*kind)).map(|counts| counts[at]).sum::<usize>() as f64
        };
        200.0 * sum(0) / (2.0 * sum(0) + sum(1) + sum(2)).max(1.0)
    }

    fn row(&self) -> String {
        let one = |kind| self.f1(&[kind]);
        format!("{:5.1} | {:5.1} | {:5.1} | {:5.1}", self.f1(&SCORED), one("PER"), one("ORG"), one("LOC"))
    }
}

/// Scores what `--sets` names (`ner/NAME.json.gz`, or files of that form) with the tables of this build or those
/// of `--model` and `--base`; `--alone yes` leaves the document pass out; `--spans FILE` has the spans of another system, `--texts FILE` takes the texts
/// out for it.
pub(crate) fn ner(arguments: &Arguments) -> Outcome<()> {
    let sets = arguments.list("sets").unwrap_or_else(|| vec!["uner_test".into(), "wnut_test".into()]);
    let candidate = candidate(arguments)?;
    let tagger_alone = arguments.list("alone").is_some();
    let spans = match arguments.list("spans") {
        Some(path) => Some(serde_json::from_str::<Vec<Vec<Span>>>(&std::fs::read_to_string(path.concat())?)?),
        None => None,
    };
    let mut texts = Vec::new();
    println!("| texts | F1 | PER | ORG | LOC |\n|---|---|---|---|---|");
    let mut document = 0;
    for set in sets {
        let (mut ours, mut theirs) = (Counts::default(), Counts::default());
        for labelled in corpus::labelled(&place(&arguments.data, &set), &set)? {
            let recut = recut(&labelled);
            let gold = gold(&labelled, &recut);
            ours.add(&gold, &found(&candidate, tagger_alone, &recut)?);
            if let Some(spans) = &spans {
                let given = spans.get(document).ok_or("the other system's spans are of other texts")?;
                theirs.add(&gold, &given.iter().cloned().collect());
            }
            document += 1;
            texts.push(recut.text);
        }
        println!("| {set}, ours | {} |", ours.row());
        if spans.is_some() {
            println!("| {set}, the other | {} |", theirs.row());
        }
    }
    if let Some(path) = arguments.list("texts") {
        std::fs::write(path.concat(), serde_json::to_string(&texts)?)?;
    }
    speed(&candidate, &texts)?;
    Ok(())
}

fn place(data: &Path, set: &str) -> PathBuf {
    if set.contains('.') { PathBuf::from(set) } else { data.join("ner").join(format!("{set}.json.gz")) }
}

/// What the corpus says, in scalars of the text that was joined from it.
pub(crate) fn gold(labelled: &Labelled, recut: &Recut) -> BTreeSet<Span> {
    let mut out = BTreeSet::new();
    let (mut byte, mut scalar) = (0, 0_u32);
    let mut open: Option<Span> = None;
    for sentence in &labelled.sentences {
        for (word, tag) in sentence {
            let at = byte + recut.text[byte..].find(word.as_str()).unwrap_or_default();
            let from = scalar + recut.text[byte..at].chars().count() as u32;
            let to = from + word.chars().count() as u32;
            (byte, scalar) = (at + word.len(), to);
            let kind = tag.split_once('-').map(|(_, kind)| kind);
            let goes_on =
                tag.starts_with("I-") && open.as_ref().is_some_and(|open| Some(open.2.as_str()) == kind);
            if let Some(open) = open.as_mut().filter(|_| goes_on) {
                open.1 = to;
                continue;
            }
            out.extend(open.take());
            open = kind.map(|kind| (from, to, kind.to_owned()));
        }
        out.extend(open.take());
    }
    out
}

/// What we find: by the whole enrichment, or by the tagger alone.
fn found(candidate: &Candidate, alone: bool, recut: &Recut) -> Outcome<BTreeSet<Span>> {
    if alone {
        let scalars = |byte: u32| recut.text[..byte as usize].chars().count() as u32;
        let names = candidate.names(recut).into_iter();
        return Ok(names
            .map(|(range, kind)| (scalars(range.start), scalars(range.end), kind.to_owned()))
            .collect());
    }
    let story = candidate.enrich(article::of(&recut.text)?);
    let spans = story.entities.into_iter().flat_map(|entity| {
        entity.mentions.into_iter().map(move |mention| (mention.start, mention.end, entity.kind.clone()))
    });
    Ok(spans.collect())
}

/// The tables in the files `--model` and `--base`, else the built-in ones.
pub(crate) fn candidate(arguments: &Arguments) -> Outcome<Candidate> {
    let bytes = |name: &str| -> Outcome<Option<&'static [u8]>> {
        let Some(path) = arguments.list(name) else { return Ok(None) };
        Ok(Some(Vec::leak(std::fs::read(path.concat())?)))
    };
    Ok(Candidate::read(bytes("model")?, bytes("base")?).ok_or("a table is not of this version")?)
}

/// Processor time of this process, seconds; the wall's where the system does not tell.
fn processor_seconds(start: Instant) -> f64 {
    let read = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = read.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Best of five rounds: tokens in a second of processor time by the tagger, by all that finds entities, and by the
/// whole enrichment.
fn speed(candidate: &Candidate, texts: &[String]) -> Outcome<()> {
    let start = Instant::now();
    let articles = texts.iter().map(|text| article::of(text)).collect::<Outcome<Vec<_>>>()?;
    let tokens: usize = texts.iter().map(|text| candidate.count(text).0).sum();
    let best = |work: &dyn Fn()| {
        let rounds = (0..5).map(|_| {
            let before = processor_seconds(start);
            work();
            processor_seconds(start) - before
        });
        tokens as f64 / rounds.fold(f64::MAX, f64::min)
    };
    let tagger = best(&|| texts.iter().for_each(|text| _ = std::hint::black_box(candidate.count(text))));
    let entities =
        best(&|| articles.iter().for_each(|article| _ = std::hint::black_box(candidate.entities(article))));
    let all = best(&|| {
        articles.iter().for_each(|article| _ = std::hint::black_box(candidate.enrich(article.clone())))
    });
    println!(
        "tokens/s of processor time: {tagger:.0} tagger from raw text, {entities:.0} entities, {all:.0} everything"
    );
    Ok(())
}

/// Prints the entities of the text in the file `--data`.
pub(crate) fn show(arguments: &Arguments) -> Outcome<()> {
    let story = candidate(arguments)?.enrich(article::of(&corpus::text(&arguments.data)?)?);
    for entity in story.entities {
        let qid = entity.wikidata.as_deref().unwrap_or("-");
        let surfaces: BTreeSet<&str> =
            entity.mentions.iter().map(|mention| mention.surface.as_str()).collect();
        let count = entity.mentions.len();
        println!(
            "{} {} {qid} {} {} {count} {surfaces:?}",
            entity.kind, entity.name, entity.salience, entity.confidence
        );
    }
    Ok(())
}
