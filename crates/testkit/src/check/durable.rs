//! D: nothing is acknowledged to a feed before it is synced.

use super::index::Index;
use super::{Invariant, Verdict};
use crate::history::Sync;
use std::collections::BTreeMap;

pub(super) fn check(syncs: &[Sync], index: &Index, verdict: &mut Verdict) {
    verdict.count("syncs traced", syncs.len());
    let mut claimed: BTreeMap<(&str, u32), u64> = BTreeMap::new();
    for request in &index.requests {
        if let Some(version) = request.claims {
            claimed.entry((&request.feed, version)).or_insert(request.start);
        }
    }
    for ((feed, version), claim) in claimed {
        let brought = index
            .requests
            .iter()
            .filter(|request| request.feed == feed && request.version == Some(version) && request.completed)
            .map(|request| request.end)
            .rfind(|end| *end <= claim);
        let Some(end) = brought else { continue };
        let synced = syncs.iter().any(|sync| sync.ok && sync.start >= end && sync.end <= claim);
        if !synced {
            let sentence = format!("{feed} was asked with version {version} before anything was synced");
            verdict.violation(Invariant::Durable, sentence);
        }
    }
}
