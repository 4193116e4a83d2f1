//! I4: nothing is in the topic that its feed did not serve.

use super::index::{Index, Published};
use super::{Invariant, Verdict};
use std::collections::BTreeSet;

pub(super) fn check(index: &Index, verdict: &mut Verdict) {
    let mut served: BTreeSet<(&str, u32, u32)> = BTreeSet::new();
    for request in index.requests.iter().filter(|request| request.version.is_some()) {
        for (article, rev) in index.body(request) {
            served.insert((&request.feed, *article, *rev));
        }
    }
    for record in &index.published {
        if let Some(fault) = fault(index, &served, record) {
            verdict.violation(Invariant::Phantom, format!("{}: {fault}", record.place()));
        }
    }
}

fn fault(index: &Index, served: &BTreeSet<(&str, u32, u32)>, record: &Published) -> Option<String> {
    let (token, article) = (&record.token, &record.article);
    let Some(made) = index.made.get(&token.article).and_then(|made| made.get(&token.rev)) else {
        return Some("no such revision was ever made".into());
    };
    if !served.contains(&(article.feed.id.as_str(), token.article, token.rev)) {
        return Some(format!("feed {} never served it", article.feed.id));
    }
    if record.digest != made.digest {
        return Some(format!(
            "its text is not what was served (digest {} for {})",
            record.digest, made.digest
        ));
    }
    if !made.digest.starts_with(&token.check) {
        return Some("title and text belong to different revisions".into());
    }
    if article.url.as_deref() != Some(&made.url) {
        return Some(format!("its url is {:?}, not {}", article.url, made.url));
    }
    if record.key != article.id || record.ce_id != format!("{}:{}", article.id, article.revision) {
        return Some(format!("key {}, id {} and ce_id {} disagree", record.key, article.id, record.ce_id));
    }
    if record.ce_source != format!("urn:wireroom:feed:{}", article.feed.id) {
        return Some(format!("ce_source {} is not feed {}", record.ce_source, article.feed.id));
    }
    (record.settled < made.visible_from).then(|| "it was settled before it was published".into())
}
