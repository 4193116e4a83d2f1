//! I3: one partition a key, rising revisions, rising numbers, one store.

use super::index::Index;
use super::{History, Invariant, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(history: &History, index: &Index, verdict: &mut Verdict) {
    let mut last: BTreeMap<&str, (i32, u32)> = BTreeMap::new();
    let mut numbers: BTreeMap<(i32, &str), u64> = BTreeMap::new();
    for record in &index.published {
        let revision = record.article.revision;
        if let Some((partition, older)) = last.insert(&record.key, (record.partition, revision)) {
            if partition != record.partition {
                let place = record.place();
                verdict.violation(Invariant::Order, format!("{place} is also in partition {partition}"));
            } else if revision < older {
                let place = record.place();
                verdict.violation(Invariant::Order, format!("{place} comes after revision {older}"));
            }
        }
        if let Some(older) = numbers.insert((record.partition, &record.store), record.seq)
            && record.seq < older
        {
            let (place, seq) = (record.place(), record.seq);
            verdict.violation(Invariant::Order, format!("{place} is number {seq} and comes after {older}"));
        }
    }
    let mut stores: BTreeSet<String> = index.published.iter().map(|record| record.store.clone()).collect();
    progress(history, &mut stores, verdict);
    if stores.len() > 1 {
        verdict.violation(Invariant::Order, format!("several stores wrote: {stores:?}"));
    }
}

fn progress(history: &History, stores: &mut BTreeSet<String>, verdict: &mut Verdict) {
    let mut last: BTreeMap<(i32, &str), u64> = BTreeMap::new();
    for record in &history.progress {
        let value: serde_json::Value =
            record.value.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let (Some(store), Some(seq)) = (value["store_id"].as_str(), value["last_seq"].as_u64()) else {
            let place = format!("{}/{}", record.partition, record.offset);
            verdict.violation(Invariant::Order, format!("the progress record at {place} cannot be read"));
            continue;
        };
        stores.insert(store.to_owned());
        let older = last.insert((record.partition, &record.key), seq);
        if older.is_some_and(|older| seq < older) {
            let older = older.unwrap_or_default();
            verdict.violation(Invariant::Order, format!("progress went back from {older} to {seq}"));
        }
    }
    verdict.count("progress records", history.progress.len());
}
