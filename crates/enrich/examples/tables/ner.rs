//! `train-ner`: the tagger's weights, clusters and list of names.

use crate::{Arguments, Outcome, corpus, packed};
use enrich::train::{Labelled, Settings, lexicon, train_tagger};
use std::collections::BTreeMap;
use std::path::Path;

/// What is trained on, and how often each is seen in an epoch.
const MIX: [(&str, u32); 7] = [
    ("gmb", 1),
    ("gum_ccby", 3),
    ("gum_news", 3),
    ("wnut_train", 1),
    ("wnut_dev", 1),
    ("btc", 1),
    ("wikigold", 3),
];

/// Trains on the mix, without the corpora that are named, and packs the model into the crate.
pub(crate) fn train(arguments: &Arguments) -> Outcome<()> {
    let without = arguments.list("without").unwrap_or_default();
    let mut documents: Vec<Labelled> = Vec::new();
    for (name, weight) in MIX {
        if without.iter().any(|skipped| skipped == name) {
            continue;
        }
        let path = arguments.data.join("ner").join(format!("{name}.json.gz"));
        let read = corpus::labelled(&path, name)?;
        eprintln!("{name}: {} documents, seen {weight} times", read.len());
        documents.extend(read.into_iter().map(|document| Labelled { weight, ..document }));
    }
    let parts = lexicon(&clusters(&arguments.data)?, &names(&arguments.data)?);
    let mut report = |line: String| eprintln!("{line}");
    let bytes = train_tagger(&parts, &documents, Settings::default(), &mut report);
    println!("{} bytes", bytes.len());
    let place = arguments.list("out").map_or_else(|| packed("ner-en.bin"), |out| out.concat().into());
    std::fs::write(&place, bytes)?;
    println!("{}", place.display());
    Ok(())
}

fn clusters(data: &Path) -> Outcome<Vec<(String, u16, u16, u16)>> {
    let text = corpus::text(&data.join("ner/clusters_glove.tsv.gz"))?;
    let row = |line: &str| {
        let mut cells = line.split('\t');
        let word = cells.next()?.to_owned();
        let mut number = || cells.next()?.parse().ok();
        Some((word, number()?, number()?, number()?))
    };
    Ok(text.lines().filter_map(row).collect())
}

/// Names with their kinds: bits 0 to 9 as `names.tsv` has them, 10 to 15 from the base: people, well-known and
/// other organisations, well-known and other places, others.
fn names(data: &Path) -> Outcome<Vec<(Vec<String>, u16)>> {
    let mut kinds: BTreeMap<String, u16> = BTreeMap::new();
    let listed = corpus::text(&data.join("ner/names.tsv.gz"))?;
    for (name, bits) in listed.lines().filter_map(|line| line.rsplit_once('\t')) {
        *kinds.entry(name.to_owned()).or_default() |= bits.parse::<u16>()? & 0x3ff;
    }
    for table in ["kb/kb.tsv.gz", "kb/kb_news.tsv.gz"] {
        for line in corpus::text(&data.join(table))?.lines() {
            from_base(line, &mut kinds);
        }
    }
    let cut = |name: &str| enrich::train::words(name);
    Ok(kinds.into_iter().map(|(name, bits)| (cut(&name), bits)).collect())
}

/// Adds the names of one row of the base.
fn from_base(line: &str, kinds: &mut BTreeMap<String, u16>) {
    const OPEN: [&str; 6] = ["dwnb", "fb15k", "elevant", "wikitrivia", "papers", "files"];
    let cells: Vec<&str> = line.split('\t').collect();
    let &[_, label, kind, aliases, prior, source, ..] = &cells[..] else { return };
    let Ok(prior) = prior.parse::<f32>() else { return };
    let sources: usize = cells.get(7).and_then(|count| count.parse().ok()).unwrap_or(2);
    if sources < 2 && !source.split('+').any(|tag| OPEN.contains(&tag)) {
        return;
    }
    let bit = match kind {
        "PER" => 10,
        "ORG" => {
            if 0.3 <= prior {
                11
            } else {
                12
            }
        }
        "LOC" => {
            if 0.6 <= prior {
                13
            } else {
                14
            }
        }
        _ => 15,
    };
    for name in std::iter::once(label).chain(aliases.split('|')) {
        let name = name.strip_prefix("The ").or_else(|| name.strip_prefix("the ")).unwrap_or(name);
        let is_name = name.bytes().any(|b| b.is_ascii_uppercase()) && (kind != "PER" || name.contains(' '));
        if is_name {
            *kinds.entry(name.to_owned()).or_default() |= 1 << bit;
        }
    }
}
