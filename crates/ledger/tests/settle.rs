//! What the sequencer promises, through the ledger's public face and over restarts.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use jiff::Timestamp;
use ledger::{Config, Error, Ledger};
use model::settle::{
    Candidate, Carried, Decision, FeedNews, Item, Judgement, Neighbours, Outcome, Rules, Settled, Settlement,
    Sighting, Told, Verdict,
};
use model::{
    Article, ArticleId, Feed, Fingerprint, FirstPoll, Key, Keys, Likeness, Row, Sketch, Story, Topic,
    Validators,
};
use record::{Enrichment, EnrichmentState, Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const RULES: Rules =
    Rules { judge, name, compose, compose_sighting, compose_story, compose_feed, bands, compare };

fn judge(sighting: &Sighting, near: &Neighbours) -> Judgement {
    let found = near.guid.as_ref().or(near.url.as_ref());
    let verdict = match found {
        Some(known) if known.fingerprint == sighting.fingerprint => Verdict::Known(known.id),
        Some(known) => Verdict::Revision(known.id),
        None => Verdict::New { copy_of: near.text.as_ref().map(|copy| copy.root.unwrap_or(copy.id)) },
    };
    Judgement { verdict, disagreement: false, quirk: None }
}

fn name(sighting: &Sighting, attempt: u32) -> ArticleId {
    let mut id = sighting.keys.url.or(sighting.keys.guid).unwrap().0;
    id[15] = attempt as u8;
    ArticleId(id)
}

fn compose(_: &Story, decision: &Decision) -> Row {
    Row {
        seq: decision.seq,
        topic: Topic::Articles,
        key: decision.id.to_string(),
        headers: vec![("wireroom_seq".into(), format!("{}:{}", decision.store, decision.topic_seq))],
        payload: Some(format!("{} {}", decision.revision, decision.changed_fields.join(",")).into_bytes()),
        settled_at_ms: decision.settled_at.as_millisecond(),
    }
}

fn beside(topic: Topic, seq: u64, key: String, store: model::StoreId, topic_seq: u64) -> Row {
    let headers = vec![("wireroom_seq".into(), format!("{store}:{topic_seq}"))];
    Row { seq, topic, key, headers, payload: Some(Vec::new()), settled_at_ms: 0 }
}

fn compose_sighting(carried: &Carried) -> Row {
    let (feed, seq) = (carried.feed.to_string(), carried.seq);
    let row = beside(Topic::Sightings, seq, carried.id.to_string(), carried.store, carried.topic_seq);
    Row { payload: Some(feed.into_bytes()), ..row }
}

fn compose_feed(news: &FeedNews) -> Row {
    let row = beside(Topic::Feeds, news.seq, news.feed.to_string(), news.store, news.topic_seq);
    Row { payload: Some(format!("{:?} {}", news.change, news.detail).into_bytes()), ..row }
}

fn compose_story(told: &Told) -> Row {
    beside(Topic::Stories, told.seq, told.story.to_string(), told.store, told.topic_seq)
}

fn bands(sketch: &Sketch, out: &mut Vec<u32>) {
    out.extend(
        sketch.slots.chunks(16).map(|slots| slots.iter().fold(7, |hash, slot| hash * 31 + u32::from(*slot))),
    );
}

fn compare(a: &Sketch, b: &Sketch) -> Likeness {
    let same = a.slots.iter().zip(&b.slots).filter(|(a, b)| a == b).count();
    Likeness { containment: same as f32 / 128.0, is_near: 64 <= same }
}

/// An article by small numbers: its URL, its text (0: too short for a key) and its meaning.
fn sighting(url: u8, text: u8, meaning: u8) -> Sighting {
    let key = |kind: u8, n: u8| (n != 0).then_some(Key([kind, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    let mut fields = [0; 9];
    fields[0] = u32::from(meaning);
    Sighting {
        keys: Keys { url: key(1, url), text: key(2, text), ..Keys::default() },
        fingerprint: Fingerprint([meaning; 16]),
        fields,
        published_day: None,
        gist: None,
    }
}

fn fresh(sighting: Sighting) -> Item {
    let off = EnrichmentState::Disabled;
    let article = Article {
        feed: Arc::new(Feed {
            id: "f".parse().unwrap(),
            url: "https://f.example/".parse().unwrap(),
            title: None,
            labels: vec![],
            country: None,
            interval: None,
            first_poll: FirstPoll::Publish,
            polling: Default::default(),
        }),
        feed_title: None,
        outlet: Outlet { name: None, domain: None },
        guid: None,
        url: None,
        source_url: None,
        title: None,
        summary: None,
        text: None,
        text_source: None,
        teaser: false,
        language_claim: None,
        authors: vec![],
        media: vec![],
        categories: vec![],
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: vec![] },
        rights: Rights::default(),
    };
    let story = Story {
        article,
        language: None,
        entities: vec![],
        topics: vec![],
        keywords: vec![],
        attribution: vec![],
        labels: vec![],
        enrichment: Enrichment { entities: off, topics: off, keywords: off, attribution: off },
    };
    Item::Fresh(Box::new(Candidate {
        sighting,
        story,
        backfill: false,
        withdrawn: false,
        sketch: None,
        terms: vec![],
        paragraphs: vec![],
        page: model::page::Page::Unasked,
    }))
}

fn settlement(feed: &str, etag: &str, items: Vec<Item>) -> Settlement {
    let validators = Validators { etag: Some(etag.into()), ..Validators::default() };
    Settlement {
        feed: feed.parse().unwrap(),
        at: Timestamp::now(),
        outcome: Outcome::Document { validators, items, flawed: 0 },
        planned: model::Planned::default(),
    }
}

fn open(dir: &Path) -> Result<Ledger, Error> {
    Ledger::open(&Config { dir: dir.into(), ..Config::default() }, RULES)
}

fn payloads(ledger: &Ledger, after: u64) -> Vec<String> {
    let rows = ledger.take(after, 1000, 1 << 20).unwrap();
    let text = |row: Row| format!("{} {}", row.seq, String::from_utf8(row.payload.unwrap()).unwrap());
    rows.into_iter().filter(|row| row.topic == Topic::Articles).map(text).collect()
}

#[tokio::test]
async fn created_known_revised_over_a_restart() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    let one =
        ledger.settle(settlement("a", "1", vec![fresh(sighting(1, 1, 1)), fresh(sighting(2, 2, 2))])).await;
    assert_eq!(one.unwrap(), Settled { created: 2, last_seq: 6, ..Settled::default() });
    ledger.close().unwrap();

    let ledger = open(dir.path()).unwrap();
    assert!(ledger.was_clean());
    let again =
        ledger.settle(settlement("a", "2", vec![fresh(sighting(1, 1, 1)), fresh(sighting(2, 2, 9))])).await;
    assert_eq!(again.unwrap(), Settled { known: 1, updated: 1, last_seq: 7, ..Settled::default() });
    assert_eq!(payloads(&ledger, 0), ["1 1 ", "4 1 ", "7 2 title"]);
    let state = ledger.feed(&"a".parse().unwrap()).unwrap().unwrap();
    assert_eq!(state.validators.etag.as_deref(), Some(&b"2"[..]));
    assert_eq!((state.fetches, ledger.history(&"a".parse().unwrap()).unwrap().len()), (2, 2));
    let rows = ledger.take(6, 10, 1 << 20).unwrap();
    assert_eq!(rows[0].headers[0].1, format!("{}:3", ledger.store_id()));
}

#[tokio::test]
async fn forty_feeds_with_one_article_at_once_make_one_revision() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    let visits = (0..40).map(|n| {
        let ledger = ledger.clone();
        tokio::spawn(async move {
            ledger.settle(settlement(&format!("f{n}"), "1", vec![fresh(sighting(1, 1, 1))])).await
        })
    });
    let mut total = Settled::default();
    for visit in visits.collect::<Vec<_>>() {
        let settled = visit.await.unwrap().unwrap();
        total.created += settled.created;
        total.known += settled.known;
    }
    assert_eq!((total.created, total.known), (1, 39));
    assert_eq!(payloads(&ledger, 0).len(), 1);
    let rows = ledger.take(0, 1000, 1 << 20).unwrap();
    let carried =
        rows.into_iter().filter(|row| row.topic == Topic::Sightings).map(|row| row.payload.unwrap());
    assert_eq!(carried.collect::<std::collections::BTreeSet<_>>().len(), 40);
}

#[tokio::test]
async fn a_document_may_hold_an_article_twice_and_a_copy_points_to_its_root() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    let items = vec![
        fresh(sighting(1, 1, 1)),
        fresh(sighting(1, 1, 1)),
        fresh(sighting(2, 1, 2)),
        fresh(sighting(3, 1, 3)),
    ];
    let settled = ledger.settle(settlement("a", "1", items)).await.unwrap();
    assert_eq!(settled, Settled { created: 3, copies: 2, known: 1, last_seq: 9, ..Settled::default() });
    let near = ledger.neighbours(&"a".parse().unwrap(), &sighting(3, 1, 3)).unwrap();
    let root = near.text.unwrap().id;
    assert_eq!(near.url.unwrap().root, Some(root));
}

#[tokio::test]
async fn what_is_familiar_is_known_until_the_feed_says_something_else() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    let feed = "a".parse().unwrap();
    let (first, edit) = (sighting(1, 1, 1), sighting(1, 2, 2));
    let show = async |item| ledger.settle(settlement("a", "1", vec![item])).await.unwrap();
    assert_eq!(show(fresh(first)).await.created, 1);
    assert!(!ledger.is_familiar(&feed, &first), "it was new, not known");
    for _ in 0..2 {
        assert_eq!(show(Item::Known(first, None)).await.known, 1);
        assert!(ledger.is_familiar(&feed, &first));
        assert!(!ledger.is_familiar(&"b".parse().unwrap(), &first) && !ledger.is_familiar(&feed, &edit));
    }
    assert_eq!(show(fresh(edit)).await.updated, 1);
    assert!(!ledger.is_familiar(&feed, &first) && !ledger.is_familiar(&feed, &edit));
    assert_eq!(show(Item::Known(first, None)).await.stale, 1);
    assert_eq!(show(fresh(first)).await.updated, 1);
}

#[tokio::test]
async fn what_changed_under_a_visit_keeps_its_old_validators() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    let settled =
        ledger.settle(settlement("a", "new", vec![Item::Known(sighting(1, 1, 1), None)])).await.unwrap();
    assert_eq!(settled.stale, 1);
    let state = ledger.feed(&"a".parse().unwrap()).unwrap().unwrap();
    assert_eq!(state.validators, Validators::default());
}

#[tokio::test]
async fn what_is_marked_as_seen_is_created_by_its_first_change() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    let seen = ledger.settle(settlement("a", "1", vec![Item::MarkSeen(sighting(1, 1, 1))])).await.unwrap();
    assert_eq!(seen, Settled { marked_seen: 1, ..Settled::default() });
    let same = ledger.settle(settlement("a", "2", vec![fresh(sighting(1, 1, 1))])).await.unwrap();
    assert_eq!(same, Settled { known: 1, ..Settled::default() });
    let changed = ledger.settle(settlement("a", "3", vec![fresh(sighting(1, 1, 2))])).await.unwrap();
    assert_eq!(changed, Settled { created: 1, last_seq: 3, ..Settled::default() });
    assert_eq!(payloads(&ledger, 0), ["1 1 "]);
}

#[tokio::test]
async fn the_outbox_is_trimmed_once_and_weighed() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    ledger.settle(settlement("a", "1", (1..=9).map(|n| fresh(sighting(n, n, n))).collect())).await.unwrap();
    let full = ledger.outbox_bytes();
    ledger.trim(4).await.unwrap();
    ledger.trim(4).await.unwrap();
    ledger.trim(2).await.unwrap();
    assert_eq!(ledger.delivered_seq(), 4);
    assert!(0 < ledger.outbox_bytes() && ledger.outbox_bytes() < full);
    assert_eq!(ledger.take(4, 100, 1 << 20).unwrap().len(), 23);
    ledger.trim(99).await.unwrap();
    assert_eq!((ledger.delivered_seq(), ledger.outbox_bytes()), (27, 0));
    ledger.close().unwrap();
    assert_eq!(open(dir.path()).unwrap().delivered_seq(), 27);
}

#[tokio::test]
async fn one_process_at_a_time() {
    let dir = TempDir::new().unwrap();
    let _open = open(dir.path()).unwrap();
    let error = open(dir.path()).err().unwrap();
    assert_eq!(error.exit_code(), 75);
    assert_eq!(ledger::check(dir.path()).unwrap_err().exit_code(), 75);
}

#[tokio::test]
async fn a_backup_is_refused_until_it_is_adopted_and_counts_anew() {
    let (dir, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let ledger = open(dir.path()).unwrap();
    let first = ledger.store_id();
    ledger.settle(settlement("a", "1", vec![fresh(sighting(1, 1, 1))])).await.unwrap();
    ledger.close().unwrap();
    ledger::backup(dir.path(), copy.path()).unwrap();
    assert!(ledger::backup(dir.path(), copy.path()).is_err());
    assert!(ledger::restore(copy.path(), dir.path()).is_err());
    std::fs::remove_dir_all(dir.path()).unwrap();
    ledger::restore(copy.path(), dir.path()).unwrap();
    let report = ledger::check(dir.path()).unwrap();
    assert_eq!((report.last_seq, report.delivered_seq), (3, 0));
    ledger::adopt(dir.path()).unwrap();
    let ledger = open(dir.path()).unwrap();
    assert_ne!(ledger.store_id(), first);
    assert_eq!(ledger.adopts(), Some(first));
    ledger.settle(settlement("a", "2", vec![fresh(sighting(2, 2, 2))])).await.unwrap();
    let rows = ledger.take(3, 10, 1 << 20).unwrap();
    assert_eq!(rows[0].headers[0].1, format!("{}:1", ledger.store_id()));
    ledger.adopted().unwrap();
    ledger.close().unwrap();
    assert_eq!(open(dir.path()).unwrap().adopts(), None);
}

/// Every file of a state, damaged in turn: opened right, or refused with exit code 65, never a panic.
#[tokio::test]
async fn damage_is_refused_by_name() {
    let (dir, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let ledger = open(dir.path()).unwrap();
    let items = (1..=200).map(|n| fresh(sighting(n, n, n))).collect();
    ledger.settle(settlement("a", "1", items)).await.unwrap();
    ledger.close().unwrap();
    ledger::backup(dir.path(), copy.path()).unwrap();
    let whole = ledger::check(copy.path()).unwrap();
    let (mut refused, mut harmless) = (0, 0);
    for file in files(copy.path()) {
        for damage in [truncate, flip, remove] {
            let trial = TempDir::new().unwrap();
            ledger::restore(copy.path(), trial.path()).unwrap();
            damage(&trial.path().join(&file));
            match ledger::check(trial.path()) {
                Ok(mut report) => {
                    // A store id that was changed is another store's: the progress topic refuses it.
                    report.store.clone_from(&whole.store);
                    assert_eq!(report, whole, "after damage to {}", file.display());
                    harmless += 1;
                }
                Err(Error::Refused(_)) => assert_eq!(file, Path::new("format")),
                Err(error) => {
                    assert_eq!(error.exit_code(), 65, "{error} after damage to {}", file.display());
                    assert!(error.to_string().contains(&*trial.path().to_string_lossy()));
                    refused += 1;
                }
            }
        }
    }
    assert!(10 < refused && 0 < harmless, "{refused} damages were noticed, {harmless} did no harm");
}

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let (mut found, mut dirs) = (vec![], vec![dir.to_owned()]);
    while let Some(next) = dirs.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path)
            } else {
                found.push(path.strip_prefix(dir).unwrap().to_owned())
            }
        }
    }
    found
}

fn truncate(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let third = bytes.len() / 3;
    if let Some(byte) = bytes.get_mut(third) {
        *byte ^= 0x55;
    }
    std::fs::write(path, bytes).unwrap();
}

fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn what_happens_to_a_feed_is_told_in_its_topic() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path()).unwrap();
    let mut told = settlement("a", "1", vec![fresh(sighting(1, 1, 1))]);
    told.planned.events = vec![(record::FeedChange::PossibleGap, "why".into())];
    ledger.settle(told).await.unwrap();
    let rows = ledger.take(0, 10, 1 << 20).unwrap();
    let news: Vec<&Row> = rows.iter().filter(|row| row.topic == Topic::Feeds).collect();
    assert_eq!(news.len(), 1);
    assert_eq!((news[0].key.as_str(), news[0].payload.as_deref()), ("a", Some(&b"PossibleGap why"[..])));
    assert_eq!(news[0].headers[0].1, format!("{}:1", ledger.store_id()));
}
