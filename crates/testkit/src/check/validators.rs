//! I7: a validator that a client sends stands for articles that are settled.

use super::index::{Index, Published, Request};
use super::{Invariant, Verdict};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(index: &Index, verdict: &mut Verdict) {
    let by_article = index.by_article();
    let brought = index.brought();
    let mut whole: BTreeMap<(&str, u32), u64> = BTreeMap::new();
    for request in index.requests.iter().filter(|request| request.completed) {
        if let Some(version) = request.version {
            whole.entry((&request.feed, version)).or_insert(request.start);
        }
    }
    // A version's first claim is the sharpest; later ones add nothing.
    let mut seen: BTreeSet<(&str, u32)> = BTreeSet::new();
    for request in index.requests.iter().filter(|request| request.conditional) {
        verdict.count("conditional requests", 1);
        let Some(version) = request.claims else {
            let feed = &request.feed;
            verdict
                .violation(Invariant::Validators, format!("{feed} was asked with validators it never gave"));
            continue;
        };
        if !seen.insert((&request.feed, version)) {
            continue;
        }
        if whole.get(&(request.feed.as_str(), version)).is_none_or(|first| *first > request.start) {
            let feed = &request.feed;
            let sentence = format!("{feed} was asked with version {version}, which had not arrived whole");
            verdict.violation(Invariant::Validators, sentence);
            continue;
        }
        for (article, rev) in index.items(&request.feed, version) {
            let none = Vec::new();
            let records = by_article.get(article).unwrap_or(&none);
            let older = brought.get(&(request.feed.as_str(), *article));
            let heard_older = older.is_some_and(|looks| {
                looks.iter().any(|look| look.rev < *rev && look.settled_by <= request.start)
            });
            judge(request, version, (*article, *rev), records, heard_older, verdict);
        }
    }
}

fn judge(
    request: &Request,
    version: u32,
    (article, rev): (u32, u32),
    records: &[&Published],
    heard_older: bool,
    verdict: &mut Verdict,
) {
    let mut settled = records.iter().filter(|record| record.settled <= request.start);
    verdict.count("articles vouched for by a validator", 1);
    if settled.clone().any(|record| record.token.rev >= rev) {
        return;
    }
    if !heard_older && settled.next().is_some() {
        verdict.exempt("validator vouches for another feed's first cut");
        return;
    }
    // What never came is a loss, and said there.
    let Some(late) = records.iter().find(|record| record.token.rev >= rev) else { return };
    let feed = &request.feed;
    let when = format!("was settled {} ms later", late.settled - request.start);
    let sentence = format!("{feed} was asked with version {version}, but its a{article}-r{rev} {when}");
    verdict.violation(Invariant::Validators, sentence);
}
