//! The same article, the same text, the same story: the real rules in the real ledger, over restarts.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use jiff::{SignedDuration, Timestamp};
use ledger::{Config, DedupConfig, Ledger};
use model::settle::{Candidate, Item, Outcome, Settled, Settlement};
use model::units::Span;
use model::{Article, Feed, FirstPoll, Planned, Row, Story, Topic, Validators};
use record::{Change, Enrichment, EnrichmentState, Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// An article of feed `feed`, by numbers: which one, and from where its words run.
fn article(feed: &str, number: u32, from: u32) -> Article {
    let host = format!("{feed}.example");
    Article {
        feed: Arc::new(Feed {
            id: feed.parse().unwrap(),
            url: format!("https://{host}/feed").parse().unwrap(),
            title: None,
            labels: vec![],
            country: None,
            interval: None,
            first_poll: FirstPoll::Publish,
            polling: Default::default(),
        }),
        feed_title: None,
        outlet: Outlet { name: None, domain: Some(host.clone()) },
        guid: Some(format!("guid-{number}")),
        url: Some(format!("https://{host}/{number}")),
        source_url: None,
        title: Some(format!("Headline {number}")),
        summary: None,
        text: Some((from..from + 120).map(|n| format!("word{number}x{n} ")).collect()),
        text_source: None,
        teaser: false,
        language_claim: None,
        authors: vec![],
        media: vec![],
        categories: vec![],
        published_at: Some("2026-11-19T14:05:00Z".parse().unwrap()),
        published_quality: PublishedQuality::Claimed,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: vec![] },
        rights: Rights::default(),
    }
}

fn item(ledger: &Ledger, article: Article) -> Item {
    let domain = article.outlet.domain.clone().unwrap();
    let boilerplate = ledger.boilerplate(&domain).unwrap();
    let is_boilerplate = |hash| boilerplate.binary_search(&hash).is_ok();
    let sketch = dedup::sketch(&article, ledger.seed(), &is_boilerplate);
    let mut sighting = dedup::sighting(&article);
    sighting.gist = sketch.as_ref().and_then(dedup::gist);
    let (withdrawn, paragraphs) = (dedup::is_retraction(&article), dedup::paragraphs(&article));
    let off = EnrichmentState::Disabled;
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
    let terms = dedup::terms(&story, &is_boilerplate);
    Item::Fresh(Box::new(Candidate {
        sighting,
        story,
        backfill: false,
        withdrawn,
        sketch,
        terms,
        paragraphs,
        page: model::page::Page::Unasked,
    }))
}

async fn poll(ledger: &Ledger, feed: &str, articles: Vec<Article>) -> Settled {
    let items = articles.into_iter().map(|article| item(ledger, article)).collect();
    let outcome = Outcome::Document { validators: Validators::default(), items, flawed: 0 };
    let (feed, at) = (feed.parse().unwrap(), Timestamp::now());
    let planned = Planned::default();
    ledger.settle(Settlement { feed, at, outcome, planned }).await.unwrap()
}

fn open(dir: &Path, dedup: DedupConfig) -> Ledger {
    let config = Config { dir: dir.into(), dedup, ..Config::default() };
    // A ledger that was dropped lets go of the directory when its sequencer has ended, a moment later.
    for _ in 0..1000 {
        match Ledger::open(&config, pipeline::RULES) {
            Err(ledger::Error::Locked(_)) => std::thread::sleep(std::time::Duration::from_millis(10)),
            opened => return opened.unwrap(),
        }
    }
    panic!("the directory stays locked");
}

fn rows(ledger: &Ledger, topic: Topic) -> Vec<Row> {
    let all = ledger.take(0, 100_000, 1 << 30).unwrap();
    all.into_iter().filter(|row| row.topic == topic).collect()
}

fn records(ledger: &Ledger) -> Vec<record::Article> {
    let read = |row: Row| serde_json::from_slice(&row.payload.unwrap()).unwrap();
    rows(ledger, Topic::Articles).into_iter().map(read).collect()
}

fn counted(settled: Settled) -> (u32, u32, u32) {
    (settled.created, settled.updated, settled.known)
}

#[tokio::test]
async fn forty_feeds_with_slightly_different_texts_make_one_revision_and_forty_sightings() {
    let dir = TempDir::new().unwrap();
    for round in 0..3 {
        // Dropped without being closed, as a crash leaves it; every feed brings its document again.
        let ledger = open(dir.path(), DedupConfig::default());
        let visits = (0..40_u32).map(|n| {
            let ledger = ledger.clone();
            tokio::spawn(async move {
                let mut one = article(&format!("f{n}"), 1, n);
                one.url = Some("https://wire.example/one".into());
                poll(&ledger, &format!("f{n}"), vec![one]).await
            })
        });
        let mut created = 0;
        for visit in visits.collect::<Vec<_>>() {
            created += visit.await.unwrap().created;
        }
        assert_eq!(created, u32::from(round == 0));
        let (articles, sightings) = (records(&ledger), rows(&ledger, Topic::Sightings));
        assert_eq!(articles.iter().map(|article| article.revision).collect::<Vec<_>>(), [1]);
        let carried = sightings.iter().map(|row| -> record::Sighting {
            serde_json::from_slice(row.payload.as_ref().unwrap()).unwrap()
        });
        let feeds: BTreeSet<String> = carried.map(|carried| carried.feed_id).collect();
        assert_eq!((sightings.len(), feeds.len()), (40, 40));
        let numbers: Vec<u64> = ledger.take(0, 1000, 1 << 30).unwrap().iter().map(|row| row.seq).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn an_edited_text_elsewhere_is_a_near_duplicate_also_after_a_crash() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path(), DedupConfig::default());
    poll(&ledger, "a", vec![article("a", 1, 0), article("a", 2, 0)]).await;
    drop(ledger);
    let ledger = open(dir.path(), DedupConfig::default());
    let settled = poll(&ledger, "b", vec![article("b", 1, 6), article("b", 3, 0)]).await;
    assert_eq!((settled.created, settled.near), (2, 1));
    let records = records(&ledger);
    let duplicate = records[2].duplicate.as_ref().unwrap();
    assert_eq!((&duplicate.of, duplicate.kind), (&records[0].id, record::DuplicateKind::Near));
    assert_eq!(records[2].story_id, records[0].story_id);
    assert_eq!(records[3].duplicate, None);
    assert_ne!(records[3].story_id, records[0].story_id);
    let told: Vec<record::Story> = rows(&ledger, Topic::Stories)
        .into_iter()
        .map(|row| serde_json::from_slice(&row.payload.unwrap()).unwrap())
        .collect();
    assert_eq!(told.iter().filter(|told| told.change == record::StoryChange::Grew).count(), 1);
    let traces = ledger.explain(records[2].id.parse().unwrap()).unwrap();
    assert_eq!(traces[0].nearest[0].id, records[0].id);
    assert!(traces[0].nearest[0].is_near && 0 < traces[0].nearest[0].bands);
}

#[tokio::test]
async fn a_feed_that_changes_every_name_and_date_brings_nothing_new() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path(), DedupConfig::default());
    let short = |number: u32, change: &dyn Fn(&mut Article)| {
        let mut one = article("a", number, 0);
        if number.is_multiple_of(2) {
            one.text = Some(format!("Only a few words about event {number}."));
        }
        change(&mut one);
        one
    };
    let all = |change: &dyn Fn(&mut Article)| (1..=20).map(|number| short(number, change)).collect();
    assert_eq!(counted(poll(&ledger, "a", all(&|_| {})).await), (20, 0, 0));
    let moved = |one: &mut Article| {
        one.guid = one.guid.as_ref().map(|guid| format!("new-{guid}"));
        one.url = one.url.as_ref().map(|url| url.replace("a.example", "moved.example"));
        one.published_at = Some("2026-11-25T00:00:00Z".parse().unwrap());
    };
    assert_eq!(counted(poll(&ledger, "a", all(&moved)).await), (0, 0, 20));
    assert_eq!(counted(poll(&ledger, "a", all(&moved)).await), (0, 0, 20));
    // One article alone that is worded like an old one is another one: a column.
    let mut column = short(2, &moved);
    (column.guid, column.url) = (Some("other".into()), Some("https://moved.example/other".into()));
    column.published_at = Some("2026-11-26T00:00:00Z".parse().unwrap());
    let mut document: Vec<Article> = all(&moved);
    document.push(column);
    assert_eq!(counted(poll(&ledger, "a", document).await), (1, 0, 20));
}

#[tokio::test]
async fn guids_that_change_with_every_poll_are_learned_and_not_kept() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path(), DedupConfig::default());
    for round in 0..8 {
        let documents = (1..=20).map(|number| {
            let mut one = article("a", number, 0);
            one.guid = Some(format!("{number}-{round}"));
            one
        });
        let settled = poll(&ledger, "a", documents.collect()).await;
        assert_eq!(settled.created, if round == 0 { 20 } else { 0 });
    }
    assert!(ledger.feed(&"a".parse().unwrap()).unwrap().unwrap().quirks.guids_are_bad());
    ledger.close().unwrap();
    let kept = ledger::check(dir.path()).unwrap().values["guid"];
    assert!(kept < 100, "{kept} guids are kept of 160");
}

#[tokio::test]
async fn an_improbable_poll_is_held_over_a_restart_until_it_is_released() {
    let dir = TempDir::new().unwrap();
    let config = DedupConfig { hold_over: 10, ..DedupConfig::default() };
    let ledger = open(dir.path(), config.clone());
    poll(&ledger, "a", (1..=20).map(|n| article("a", n, 0)).collect()).await;
    let flood = || (100..=130).map(|n| article("a", n, 0)).collect::<Vec<_>>();
    let held = poll(&ledger, "a", flood()).await;
    assert_eq!((held.created, held.held), (0, 31));
    drop(ledger);
    let ledger = open(dir.path(), config);
    // What is left of it in a smaller poll still waits, other news does not.
    let mut fewer = flood();
    fewer.truncate(5);
    fewer.extend((21..=25).map(|n| article("a", n, 0)));
    let settled = poll(&ledger, "a", fewer).await;
    assert_eq!((settled.created, settled.held), (5, 5));
    let feed = "a".parse().unwrap();
    assert_eq!(ledger.feed(&feed).unwrap().unwrap().held, 31);
    assert_eq!(ledger.release(&feed, true).await.unwrap().created, 31);
    assert_eq!(ledger.feed(&feed).unwrap().unwrap().held, 0);
    assert_eq!(counted(poll(&ledger, "a", flood()).await), (0, 0, 31));
}

#[tokio::test]
async fn quick_edits_go_out_as_one_and_an_edit_that_is_taken_back_does_not() {
    let dir = TempDir::new().unwrap();
    let config = DedupConfig { hold_edits: Span::from_millis(400), ..DedupConfig::default() };
    let ledger = open(dir.path(), config.clone());
    let edited = |number, title: &str| Article { title: Some(title.into()), ..article("a", number, 0) };
    poll(&ledger, "a", vec![edited(1, "one"), edited(2, "one")]).await;
    assert_eq!(poll(&ledger, "a", vec![edited(1, "two"), edited(2, "two")]).await.held, 2);
    assert_eq!(poll(&ledger, "a", vec![edited(1, "three"), edited(2, "one")]).await.held, 1);
    drop(ledger);
    let ledger = open(dir.path(), config);
    tokio::time::sleep(std::time::Duration::from_millis(450)).await;
    let later = Timestamp::now() + SignedDuration::from_secs(1);
    ledger.release_due(later.as_millisecond());
    let settled = poll(&ledger, "a", vec![edited(1, "three"), edited(2, "one")]).await;
    assert_eq!(settled.known, 2);
    let records: Vec<(u32, String, Vec<String>)> = records(&ledger)
        .into_iter()
        .map(|record| (record.revision, record.title.unwrap(), record.changed_fields))
        .collect();
    assert_eq!(records.len(), 3, "{records:?}");
    assert_eq!(records[2], (2, "three".into(), vec!["title".to_owned()]));
}

#[tokio::test]
async fn a_retraction_withdraws_what_was_published_once() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path(), DedupConfig::default());
    poll(&ledger, "a", vec![article("a", 1, 0)]).await;
    let notice = || {
        let text = Some("This story has been withdrawn because it was wrong.".to_owned());
        vec![Article { text, ..article("a", 1, 0) }]
    };
    assert_eq!(poll(&ledger, "a", notice()).await.withdrawn, 1);
    assert_eq!(poll(&ledger, "a", notice()).await.known, 1);
    let records = records(&ledger);
    assert_eq!(records.len(), 2);
    assert_eq!((records[1].change, records[1].previous_revision), (Change::Withdrawn, Some(1)));
    assert_eq!((&records[1].title, &records[1].text, &records[1].url), (&None, &None, &records[0].url));
    // Shown again as it was, it is published again.
    assert_eq!(poll(&ledger, "a", vec![article("a", 1, 0)]).await.updated, 1);
}

#[tokio::test]
async fn a_column_under_one_url_is_an_article_each_day() {
    let dir = TempDir::new().unwrap();
    let ledger = open(dir.path(), DedupConfig::default());
    let column = |day: u32| {
        let mut one = article("a", 1, day * 1000);
        one.title = Some(format!("Notes of day {day}"));
        one.guid = None;
        one.published_at = Some(format!("2026-11-{:02}T06:00:00Z", day + 10).parse().unwrap());
        one
    };
    for day in 0..3 {
        assert_eq!(counted(poll(&ledger, "a", vec![column(day)]).await), (1, 0, 0));
        assert_eq!(counted(poll(&ledger, "a", vec![column(day)]).await), (0, 0, 1));
    }
    let ids: BTreeSet<String> = records(&ledger).into_iter().map(|record| record.id).collect();
    assert_eq!(ids.len(), 3);
    // All three in one document, as a feed whose items share a link has them.
    assert_eq!(counted(poll(&ledger, "a", (0..3).map(column).collect()).await), (0, 0, 3));
}
