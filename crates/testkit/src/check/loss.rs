//! I1: what was served whole is in the topic.

use super::index::{Index, Look, Published};
use super::{History, Invariant, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(history: &History, index: &Index, verdict: &mut Verdict) {
    for record in &history.dlq {
        let place = format!("{} at {}/{}", record.key, record.partition, record.offset);
        verdict.violation(Invariant::Loss, format!("{place} was dead-lettered: {:?}", record.headers));
    }
    let by_article = index.by_article();
    let due = due(index);
    verdict.count("revisions due", due.len());
    for (article, revisions) in served(index) {
        verdict.count("articles served whole", 1);
        let none = Vec::new();
        let records = by_article.get(&article).unwrap_or(&none);
        let there: BTreeSet<u32> = records.iter().map(|record| record.token.rev).collect();
        newest(article, &revisions, records, verdict);
        let Some(newest) = revisions.last() else { continue };
        for rev in revisions.iter().filter(|rev| *rev != newest) {
            if there.contains(rev) {
                verdict.count("superseded revisions in the topic", 1);
            } else if due.contains(&(article, *rev)) {
                verdict.violation(Invariant::Loss, format!("a{article}-r{rev} was due and is missing"));
            } else {
                verdict.exempt("revision superseded before it was due");
            }
        }
    }
    numbers(index, verdict);
    revisions(index, verdict);
}

/// The newest revision served whole must be there, and be the last word on the article.
fn newest(article: u32, revisions: &BTreeSet<u32>, records: &[&Published], verdict: &mut Verdict) {
    let Some(newest) = revisions.last() else { return };
    let last = records.iter().max_by_key(|record| record.article.revision);
    match last {
        None => {
            verdict.violation(Invariant::Loss, format!("a{article} is missing: r{newest} was served whole"))
        }
        Some(last) if records.iter().all(|record| record.token.rev < *newest) => {
            let place = last.place();
            verdict.violation(Invariant::Loss, format!("a{article}-r{newest} is missing; last is {place}"));
        }
        Some(last) if last.token.rev < *newest => {
            let place = last.place();
            verdict
                .violation(Invariant::Loss, format!("a{article}-r{newest} is not the last word: {place} is"));
        }
        Some(_) => {}
    }
}

/// By article, every revision in a whole 200.
fn served(index: &Index) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut served: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for request in index.requests.iter().filter(|request| request.completed) {
        for (article, rev) in index.body(request) {
            served.entry(*article).or_default().insert(*rev);
        }
    }
    served
}

/// Revisions that must be in the topic although a newer one came.
fn due(index: &Index) -> BTreeSet<(u32, u32)> {
    let mut first: BTreeMap<u32, u32> = BTreeMap::new();
    for request in &index.requests {
        for (article, rev) in index.body(request) {
            first.entry(*article).and_modify(|first| *first = (*first).min(*rev)).or_insert(*rev);
        }
    }
    let brought = index.brought();
    let mut due = BTreeSet::new();
    for ((_, article), looks) in &brought {
        let Some(made) = index.made.get(article) else { continue };
        let mut older: Option<u32> = None;
        for &Look { rev, settled_by } in looks {
            let unchallenged = made.range(rev + 1..).all(|(_, newer)| newer.visible_from > settled_by);
            let edit = older.is_some_and(|older| older < rev) || first.get(article) == Some(&rev);
            if unchallenged && edit {
                due.insert((*article, rev));
            }
            older = Some(older.map_or(rev, |older| older.min(rev)));
        }
    }
    due
}

/// `wireroom_seq` counts each store's records without a gap.
fn numbers(index: &Index, verdict: &mut Verdict) {
    let mut stores: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for record in &index.published {
        stores.entry(&record.store).or_default().insert(record.seq);
    }
    for (store, numbers) in stores {
        let mut next = 1;
        for number in numbers {
            if number > next {
                let gap = format!("store {store}: records {next} to {} are missing", number - 1);
                verdict.violation(Invariant::Loss, gap);
            }
            next = number + 1;
        }
    }
}

/// Revisions of a key are 1, 2, 3 without a gap.
fn revisions(index: &Index, verdict: &mut Verdict) {
    let mut keys: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for record in &index.published {
        keys.entry(&record.key).or_default().insert(record.article.revision);
    }
    for (key, revisions) in keys {
        let highest = revisions.last().copied().unwrap_or_default();
        for missing in (1..highest).filter(|revision| !revisions.contains(revision)) {
            verdict.violation(Invariant::Loss, format!("{key} has revision {highest} but not {missing}"));
        }
    }
}
