//! The checker checked: a history that keeps every promise, and one mutation for each way to break one.

use super::{History, Invariant, check};
use crate::history::{Process, Record, Served, Sync};
use crate::text;
use serde_json::json;
use std::collections::BTreeMap;

const SEED: u64 = 3;
const STORE: &str = "0123456789abcdef";

fn url(article: u32) -> String {
    format!("https://outlet.example/news/{article}")
}

/// What is the same in every record here.
const BLANK: &str = r#"{
    "schema_version": "1.0", "changed_fields": [], "backfill": false,
    "outlet": {"name": null, "domain": "outlet.example"},
    "text_source": "feed", "teaser": false, "truncated": false, "html": null, "language": null,
    "authors": [], "media": [], "categories": [], "published_at": null, "published_quality": "missing",
    "modified_at": null, "duplicate": null, "story_id": null, "entities": [], "topics": [],
    "topics_scheme": "x", "keywords": [], "attribution": [], "labels": [],
    "enrichment": {"entities": "disabled", "topics": "ok", "keywords": "disabled", "attribution": "disabled"},
    "quality": {"parse_mode": "strict", "flags": []},
    "rights": {"copyright": null, "license": null, "ai_opt_out": null},
    "producer": {"version": "0", "models": {}}
}"#;

fn value(article: u32, rev: u32, revision: u32, feed: &str, settled: u64) -> serde_json::Value {
    let made = text::revision(SEED, article, rev);
    let at = jiff::Timestamp::from_millisecond(settled as i64).unwrap().to_string();
    let own = json!({
        "id": format!("key{article}"), "revision": revision,
        "previous_revision": (revision > 1).then(|| revision - 1),
        "change": if revision == 1 { "created" } else { "updated" },
        "url": url(article), "source_url": url(article), "guid": format!("{feed}-{article}"),
        "feed": {"id": feed, "title": null, "labels": [], "country": null},
        "title": made.title, "summary": made.summary, "text": made.paragraphs.join("\n\n"),
        "first_seen_at": at, "fetched_at": at, "settled_at": at, "sort_at": at,
    });
    let mut value: serde_json::Value = serde_json::from_str(BLANK).unwrap();
    value.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    value
}

/// A healthy history in the making.
#[derive(Default)]
struct Maker {
    history: History,
    versions: BTreeMap<String, u32>,
    revisions: BTreeMap<u32, u32>,
    offsets: BTreeMap<i32, i64>,
}

impl Maker {
    fn article(&mut self, article: u32, rev: u32, at: u64) {
        self.history.served.push(Served::Article {
            article,
            rev,
            url: url(article),
            feeds: vec!["f0".into(), "f1".into()],
            visible_from: at,
            digest: text::revision(SEED, article, rev).digest,
        });
    }

    fn request(&mut self, feed: &str, start: u64, claims: Option<u32>, version: Option<u32>) {
        self.history.served.push(Served::Request {
            feed: feed.into(),
            start,
            end: start + 5,
            etag: claims.map(|version| format!("\"{feed}-v{version}\"")),
            since: None,
            claims,
            status: if version.is_some() { 200 } else { 304 },
            version,
            completed: true,
            life: Some(1),
        });
    }

    /// A visit that brings `items`; those in `fresh` are published by it.
    fn visit(&mut self, feed: &str, start: u64, items: &[(u32, u32)], fresh: &[(u32, u32)]) {
        let before = self.versions.get(feed).copied();
        let version = before.unwrap_or_default() + 1;
        self.versions.insert(feed.into(), version);
        self.history.served.push(Served::Version {
            feed: feed.into(),
            version,
            at: start,
            items: items.to_vec(),
        });
        self.request(feed, start, before, Some(version));
        for (article, rev) in fresh {
            self.publish(*article, *rev, feed, start + 20);
        }
        self.history.syncs.get_or_insert_default().push(Sync {
            start: start + 21,
            end: start + 24,
            ok: true,
        });
        self.request(feed, start + 1000, Some(version), None);
    }

    fn publish(&mut self, article: u32, rev: u32, feed: &str, settled: u64) {
        let revision = self.revisions.entry(article).or_default();
        *revision += 1;
        let revision = *revision;
        let partition = (article % 2) as i32;
        let offset = self.offsets.entry(partition).or_default();
        *offset += 1;
        let seq = self.history.articles.len() + 1;
        let key = format!("key{article}");
        self.history.articles.push(Record {
            topic: "t.articles.v1".into(),
            partition,
            offset: *offset * 10,
            timestamp: settled as i64,
            key: key.clone(),
            headers: BTreeMap::from([
                ("ce_id".into(), format!("{key}:{revision}")),
                ("ce_source".into(), format!("urn:wireroom:feed:{feed}")),
                ("wireroom_seq".into(), format!("{STORE}:{seq}")),
            ]),
            value: Some(value(article, rev, revision, feed, settled).to_string()),
        });
        self.history.progress.push(Record {
            topic: "t.progress.v1".into(),
            partition: 0,
            offset: seq as i64,
            timestamp: settled as i64,
            key: "wireroom".into(),
            headers: BTreeMap::new(),
            value: Some(json!({"store_id": STORE, "last_seq": seq, "ts": settled}).to_string()),
        });
    }
}

fn healthy() -> History {
    let mut maker = Maker::default();
    maker.history.process.push(Process::Started { at: 0, life: 1 });
    maker.article(0, 1, 1000);
    maker.article(1, 1, 1000);
    maker.visit("f0", 1100, &[(0, 1), (1, 1)], &[(0, 1), (1, 1)]);
    maker.visit("f1", 1200, &[(0, 1)], &[]);
    maker.article(0, 2, 9000);
    maker.visit("f1", 9100, &[(0, 2)], &[(0, 2)]);
    maker.visit("f0", 9200, &[(0, 2), (1, 1)], &[]);
    maker.article(2, 1, 20_000);
    maker.article(0, 3, 20_000);
    maker.visit("f0", 20_100, &[(2, 1), (0, 3), (1, 1)], &[(2, 1), (0, 3)]);
    maker.history
}

fn mutated(change: impl FnOnce(&mut History)) -> Vec<Invariant> {
    let mut history = healthy();
    change(&mut history);
    check(&history).broken()
}

fn of_article(history: &History, article: u32, revision: usize) -> usize {
    let key = format!("key{article}");
    let mut places = history.articles.iter().enumerate().filter(|(_, record)| record.key == key);
    places.nth(revision - 1).unwrap().0
}

#[test]
fn a_healthy_history_breaks_nothing() {
    let verdict = check(&healthy());
    assert_eq!(verdict.violations, vec![]);
    assert_eq!(verdict.counted["records"], 5);
    assert_eq!(verdict.counted["superseded revisions in the topic"], 2);
    assert_eq!(verdict.exempted.len(), 0);
}

#[test]
fn an_empty_history_proves_nothing() {
    assert_eq!(check(&History::default()).broken(), [Invariant::Loss]);
}

#[test]
fn losses_are_seen() {
    let gone = |article, revision| {
        mutated(move |history| {
            history.articles.remove(of_article(history, article, revision));
        })
    };
    assert_eq!(gone(1, 1), [Invariant::Loss]);
    assert_eq!(gone(0, 3), [Invariant::Loss]);
    // A revision in the middle was vouched for by a validator, too.
    assert_eq!(gone(0, 2), [Invariant::Loss, Invariant::Validators]);
    let dead = mutated(|history| history.dlq.push(history.articles[0].clone()));
    assert_eq!(dead, [Invariant::Loss]);
}

#[test]
fn a_revision_that_had_no_time_may_be_missing() {
    let mut history = healthy();
    let ended = Process::Ended { at: 9300, how: "random".into() };
    history.process.push(ended);
    for line in &mut history.served {
        if let Served::Request { claims, version, .. } = line
            && (*claims == Some(2) || *version == Some(2))
        {
            *claims = claims.filter(|version| *version != 2);
        }
    }
    history.served.retain(|line| !matches!(line, Served::Request { claims: None, version: None, .. }));
    let place = of_article(&history, 0, 2);
    history.articles.remove(place);
    let verdict = check(&history);
    // Nothing but the numbers, which a daemon would have given differently, speaks against it.
    let only: Vec<_> = verdict.violations.iter().filter(|(_, text)| text.contains("a0-r2")).collect();
    assert_eq!(only, Vec::<&(Invariant, String)>::new());
    assert_eq!(verdict.exempted["revision superseded before it was due"], 1);
}

#[test]
fn repeats_are_seen() {
    let twice = mutated(|history| {
        let mut again = history.articles[of_article(history, 1, 1)].clone();
        again.offset += 1;
        history.articles.push(again);
    });
    assert_eq!(twice, [Invariant::Duplicate]);
    let unchanged = mutated(|history| {
        let mut again = history.articles[of_article(history, 1, 1)].clone();
        again.offset += 1000;
        again.value = Some(value(1, 1, 2, "f0", 1120).to_string());
        again.headers.insert("ce_id".into(), "key1:2".into());
        again.headers.insert("wireroom_seq".into(), format!("{STORE}:6"));
        history.articles.push(again);
    });
    assert_eq!(unchanged, [Invariant::Duplicate]);
    let two_keys = mutated(|history| {
        let mut again = history.articles[of_article(history, 1, 1)].clone();
        again.offset += 1000;
        let mut words = value(1, 1, 1, "f0", 1120);
        words["id"] = "other".into();
        again.key = "other".into();
        again.value = Some(words.to_string());
        again.headers.insert("ce_id".into(), "other:1".into());
        again.headers.insert("wireroom_seq".into(), format!("{STORE}:6"));
        history.articles.push(again);
    });
    assert_eq!(two_keys, [Invariant::Duplicate]);
}

#[test]
fn disorder_is_seen() {
    let swapped = mutated(|history| {
        let (one, two) = (of_article(history, 0, 1), of_article(history, 0, 2));
        let offset = history.articles[one].offset;
        history.articles[one].offset = history.articles[two].offset;
        history.articles[two].offset = offset;
    });
    assert_eq!(swapped, [Invariant::Order]);
    let moved = mutated(|history| {
        let place = of_article(history, 0, 3);
        history.articles[place].partition = 5;
    });
    assert_eq!(moved, [Invariant::Order]);
    let foreign = mutated(|history| {
        let value = json!({"store_id": "ffff456789abcdef", "last_seq": 9, "ts": 1});
        history.progress[2].value = Some(value.to_string());
    });
    assert_eq!(foreign, [Invariant::Order]);
    let back = mutated(|history| {
        let value = json!({"store_id": STORE, "last_seq": 1, "ts": 1});
        history.progress[4].value = Some(value.to_string());
    });
    assert_eq!(back, [Invariant::Order]);
}

#[test]
fn what_was_never_served_is_seen() {
    let altered = mutated(|history| {
        let place = of_article(history, 1, 1);
        let value = history.articles[place].value.take().unwrap();
        history.articles[place].value = Some(value.replacen(". ", ". Suddenly ", 1));
    });
    assert_eq!(altered, [Invariant::Phantom]);
    let other_feed = mutated(|history| {
        let place = of_article(history, 2, 1);
        history.articles[place].value = Some(value(2, 1, 1, "f1", 20_120).to_string());
        history.articles[place].headers.insert("ce_source".into(), "urn:wireroom:feed:f1".into());
    });
    assert_eq!(other_feed, [Invariant::Phantom]);
    let not_ours = mutated(|history| history.articles[3].value = Some("{}".into()));
    assert!(not_ours.contains(&Invariant::Phantom));
}

fn asked(start: u64, claims: Option<u32>) -> Served {
    Served::Request {
        feed: "f0".into(),
        start,
        end: start + 1,
        etag: Some("\"x\"".into()),
        since: None,
        claims,
        status: 304,
        version: None,
        completed: true,
        life: Some(1),
    }
}

#[test]
fn validators_ahead_are_seen() {
    let ahead = |start, claims| {
        mutated(move |history| {
            history.syncs = None;
            history.served.push(asked(start, claims));
        })
    };
    // The body of version 3 came at 20100; its articles were settled at 20120.
    assert_eq!(ahead(20_110, Some(3)), [Invariant::Validators]);
    assert_eq!(ahead(20_121, Some(3)), []);
    assert_eq!(ahead(20_090, Some(3)), [Invariant::Validators]);
    assert_eq!(ahead(20_130, None), [Invariant::Validators]);
}

#[test]
fn a_missing_sync_is_seen() {
    let without = |place: usize| {
        mutated(move |history| {
            history.syncs.as_mut().unwrap().remove(place);
        })
    };
    assert_eq!(without(4), [Invariant::Durable]);
    let failed = mutated(|history| history.syncs.as_mut().unwrap()[0].ok = false);
    // The second feed's sync came in time for the first feed's validators as well.
    assert_eq!(failed, []);
    assert_eq!(mutated(|history| history.syncs = Some(vec![])), [Invariant::Durable]);
}
