//! I2: each revision once, each article under one key.

use super::index::{Index, Published};
use super::{Invariant, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(index: &Index, verdict: &mut Verdict) {
    repeats(index, verdict);
    let mut keys: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut articles: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for record in &index.published {
        let url = record.article.url.clone().unwrap_or_default();
        keys.entry(format!("a{}", record.token.article)).or_default().insert(&record.key);
        keys.entry(url).or_default().insert(&record.key);
        articles.entry(&record.key).or_default().insert(record.token.article);
    }
    for (name, keys) in keys.iter().filter(|(_, keys)| keys.len() > 1) {
        verdict.violation(Invariant::Duplicate, format!("{name} is published under several keys: {keys:?}"));
    }
    for (key, articles) in articles.iter().filter(|(_, articles)| articles.len() > 1) {
        verdict.violation(Invariant::Duplicate, format!("{key} holds several articles: {articles:?}"));
    }
    unchanged(index, verdict);
}

fn repeats(index: &Index, verdict: &mut Verdict) {
    let mut revisions: BTreeMap<(&str, u32), &Published> = BTreeMap::new();
    let mut numbers: BTreeMap<(&str, u64), &Published> = BTreeMap::new();
    for record in &index.published {
        if let Some(first) = revisions.insert((&record.key, record.article.revision), record) {
            let (first, second) = (first.place(), record.place());
            verdict.violation(Invariant::Duplicate, format!("{first} and {second} are one revision"));
        }
        if let Some(first) = numbers.insert((&record.store, record.seq), record) {
            let (first, second, seq) = (first.place(), record.place(), record.seq);
            verdict.violation(Invariant::Duplicate, format!("{first} and {second} are both number {seq}"));
        }
    }
}

fn unchanged(index: &Index, verdict: &mut Verdict) {
    let mut by_key: BTreeMap<&str, BTreeMap<u32, &Published>> = BTreeMap::new();
    for record in &index.published {
        by_key.entry(&record.key).or_default().insert(record.article.revision, record);
    }
    for records in by_key.values() {
        let records: Vec<_> = records.values().collect();
        for pair in records.windows(2) {
            let (older, newer) = (pair[0], pair[1]);
            if older.digest == newer.digest && older.article.title == newer.article.title {
                let (older, newer) = (older.place(), newer.place());
                verdict.violation(Invariant::Duplicate, format!("{newer} says what {older} said"));
            } else if newer.token.article == older.token.article && newer.token.rev < older.token.rev {
                // An answer that was on its way while another feed brought the newer revision.
                verdict.count("revisions that went back to an older text", 1);
            }
        }
    }
}
