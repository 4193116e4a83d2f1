//! What waits for its page, under the real rules in the real ledger: whose it is, and when it goes out.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use jiff::Timestamp;
use ledger::{Config, DedupConfig, Ledger};
use model::page::{Names, Page, Visited, Waiting, Wish};
use model::settle::{Candidate, Item, Outcome, Settled, Settlement};
use model::units::Span;
use model::{Article, Feed, FirstPoll, Planned, Story, Topic, Validators};
use record::{Change, Enrichment, EnrichmentState, Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::sync::Arc;
use tempfile::TempDir;

fn article(feed: &str, path: &str, title: &str) -> Article {
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
        guid: Some(path.to_owned()),
        url: Some(format!("https://{host}{path}")),
        source_url: None,
        title: Some(title.to_owned()),
        summary: Some(format!("{title} in short")),
        text: Some(format!("{title} in short")),
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

fn candidate(ledger: &Ledger, article: Article, page: Page) -> Candidate {
    let sketch = dedup::sketch(&article, ledger.seed(), &|_| false);
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
    let terms = dedup::terms(&story, &|_| false);
    Candidate { sighting, story, backfill: false, withdrawn, sketch, terms, paragraphs, page }
}

/// Settles a document of a feed whose articles wait for their pages so long.
async fn poll(ledger: &Ledger, wait: Option<Span>, articles: Vec<Article>) -> Settled {
    let feed = articles[0].feed.id.clone();
    let page = |article: &Article| match wait {
        Some(wait) => Page::Wanted(Wish { url: article.url.as_ref().unwrap().parse().unwrap(), wait }),
        None => Page::Unasked,
    };
    let items = articles
        .into_iter()
        .map(|article| {
            let page = page(&article);
            Item::Fresh(Box::new(candidate(ledger, article, page)))
        })
        .collect();
    let outcome = Outcome::Document { validators: Validators::default(), items, flawed: 0 };
    let settlement = Settlement { feed, at: Timestamp::now(), outcome, planned: Planned::default() };
    ledger.settle(settlement).await.unwrap()
}

/// What a visit of the page of what waits brings: a text, and the URL that the page gives itself.
fn read(ledger: &Ledger, waiting: &Waiting, text: &str, canonical: Option<&str>) -> Visited {
    let waits = ledger.waits(&waiting.key).unwrap().unwrap().candidate;
    let sighting = waits.sighting;
    let mut article = waits.story.article;
    article.text = Some(text.to_owned());
    article.url = canonical.map(str::to_owned).or(article.url);
    let own = dedup::sighting(&article);
    let names = Names { url: own.keys.url, text: own.keys.text, fields: own.fields };
    let candidate = Candidate { sighting, ..candidate(ledger, article, Page::Read(names)) };
    let (key, asked) = (waiting.key.clone(), sighting.fingerprint);
    Visited { key, asked, candidate: Some(Box::new(candidate)), is_gone: false, host: None }
}

fn words(from: u32) -> String {
    (from..from + 80).map(|n| format!("word{n} ")).collect()
}

fn open(dir: &TempDir, dedup: DedupConfig) -> Ledger {
    Ledger::open(&Config { dir: dir.path().into(), dedup, ..Config::default() }, pipeline::RULES).unwrap()
}

fn records(ledger: &Ledger) -> Vec<record::Article> {
    let rows = ledger.take(0, 1000, 1 << 30).unwrap().into_iter().filter(|row| row.topic == Topic::Articles);
    rows.map(|row| serde_json::from_slice(&row.payload.unwrap()).unwrap()).collect()
}

const LONG: Option<Span> = Some(Span::from_secs(3600));

#[tokio::test]
async fn the_url_of_a_page_finds_its_article_under_the_same_title_only() {
    let dir = TempDir::new().unwrap();
    let ledger = open(&dir, DedupConfig::default());
    poll(&ledger, None, vec![article("a", "/1", "Harbour closes")]).await;
    let other = |path: &str, title: &str| {
        let mut other = article("b", path, title);
        other.url = Some(format!("https://a.example{path}"));
        other
    };
    let waits = vec![other("/story?id=1", "Harbour closes"), other("/story?id=2", "Ferry saved")];
    assert_eq!(poll(&ledger, LONG, waits).await.waiting, 2);
    let waiting = ledger.take_waiting();
    assert_eq!((waiting.len(), ledger.take_waiting().len()), (2, 0));
    let mut settled = Vec::new();
    for one in &waiting {
        settled.push(
            ledger.settle_page(read(&ledger, one, &words(0), Some("https://a.example/1"))).await.unwrap(),
        );
    }
    settled.sort_by_key(|settled| settled.created);
    assert_eq!((settled[0].known, settled[1].created), (1, 1));
    let found = records(&ledger);
    assert_eq!(found.len(), 2);
    // A page that names another article's URL is not believed.
    assert_eq!(found[1].url.as_deref(), Some("https://a.example/story?id=2"));
    let sightings = ledger.take(0, 1000, 1 << 30).unwrap();
    assert_eq!(sightings.iter().filter(|row| row.topic == Topic::Sightings).count(), 3);
    // From now on the feed's own URL is known.
    assert_eq!(poll(&ledger, LONG, vec![other("/story?id=1", "Harbour closes")]).await.known, 1);
}

#[tokio::test]
async fn a_page_with_the_text_of_another_outlet_is_a_copy_and_its_url_is_a_name() {
    let dir = TempDir::new().unwrap();
    let ledger = open(&dir, DedupConfig::default());
    let mut first = article("a", "/1", "Harbour closes");
    first.text = Some(words(0));
    poll(&ledger, None, vec![first]).await;
    poll(&ledger, LONG, vec![article("b", "/amp/9", "Harbour is closed")]).await;
    let waiting = ledger.take_waiting();
    let canonical = Some("https://b.example/9");
    let settled = ledger.settle_page(read(&ledger, &waiting[0], &words(0), canonical)).await.unwrap();
    assert_eq!((settled.created, settled.copies), (1, 1));
    let found = records(&ledger);
    assert_eq!(found[1].duplicate.as_ref().unwrap().of, found[0].id);
    assert_eq!(found[1].url.as_deref(), canonical);
    // Another feed that has the page's own URL carries the same article.
    let mut third = article("c", "/9", "Harbour is closed");
    third.url = canonical.map(str::to_owned);
    assert_eq!(poll(&ledger, None, vec![third]).await.known, 1);
}

#[tokio::test]
async fn a_page_is_put_to_what_the_feed_says_last_and_an_edit_taken_back_is_none() {
    let dir = TempDir::new().unwrap();
    let ledger = open(&dir, DedupConfig::default());
    poll(&ledger, LONG, vec![article("a", "/1", "Harbour closes")]).await;
    let waiting = ledger.take_waiting().remove(0);
    let early = read(&ledger, &waiting, &words(0), None);
    poll(&ledger, LONG, vec![article("a", "/1", "Harbour closes early")]).await;
    let again = ledger.take_waiting();
    assert_eq!((&again[0].key, again[0].due_ms), (&waiting.key, waiting.due_ms));
    assert_eq!(ledger.settle_page(early).await.unwrap().stale, 1);
    assert_eq!(ledger.settle_page(read(&ledger, &waiting, &words(0), None)).await.unwrap().created, 1);
    assert_eq!(records(&ledger)[0].title.as_deref(), Some("Harbour closes early"));
    assert!(ledger.waits(&waiting.key).unwrap().is_none());

    let edit = || vec![article("a", "/1", "Harbour closed")];
    assert_eq!(poll(&ledger, LONG, edit()).await.waiting, 1);
    let waiting = ledger.take_waiting().remove(0);
    let late = read(&ledger, &waiting, &words(0), None);
    assert_eq!(poll(&ledger, LONG, vec![article("a", "/1", "Harbour closes early")]).await.known, 1);
    let settled = ledger.settle_page(late).await.unwrap();
    assert_eq!(settled, Settled { last_seq: settled.last_seq, ..Settled::default() });
    // Without its page it would go out at once, and take the place of what waits.
    poll(&ledger, LONG, edit()).await;
    assert_eq!(poll(&ledger, None, vec![article("a", "/1", "Harbour closed for good")]).await.updated, 1);
    let left = ledger.take_waiting().remove(0);
    assert!(ledger.waits(&left.key).unwrap().is_none());
    assert_eq!(records(&ledger).len(), 2);
}

#[tokio::test]
async fn a_word_of_the_publisher_takes_back_what_waits() {
    let dir = TempDir::new().unwrap();
    let ledger = open(&dir, DedupConfig::default());
    poll(&ledger, LONG, vec![article("a", "/1", "Harbour closes")]).await;
    let settled = poll(&ledger, LONG, vec![article("a", "/1", "WITHDRAWN: Harbour closes")]).await;
    assert_eq!((settled.marked_seen, settled.waiting), (1, 0));
    assert!(ledger.waits(&ledger.take_waiting()[0].key).unwrap().is_none());
    poll(&ledger, None, vec![article("a", "/2", "Ferry saved")]).await;
    poll(&ledger, LONG, vec![article("a", "/2", "Ferry saved again")]).await;
    assert_eq!(poll(&ledger, LONG, vec![article("a", "/2", "WITHDRAWN: Ferry")]).await.withdrawn, 1);
    assert!(ledger.waits(&ledger.take_waiting()[0].key).unwrap().is_none());
    let changes: Vec<Change> = records(&ledger).iter().map(|article| article.change).collect();
    assert_eq!(changes, [Change::Created, Change::Withdrawn]);
}

#[tokio::test]
async fn what_is_due_goes_out_by_itself_also_after_a_restart_and_a_flood_waits_for_its_word_first() {
    let dir = TempDir::new().unwrap();
    let config = DedupConfig { hold_over: 5, ..DedupConfig::default() };
    let soon = Some(Span::from_millis(300));
    let ledger = open(&dir, config.clone());
    poll(&ledger, None, vec![article("a", "/0", "Ferry saved")]).await;
    let flood = (1..=10).map(|n| article("a", &format!("/{n}"), &format!("Harbour closes {n}"))).collect();
    let settled = poll(&ledger, soon, flood).await;
    assert_eq!((settled.held, settled.waiting), (10, 0));
    let released = ledger.release(&"a".parse().unwrap(), true).await.unwrap();
    assert_eq!((released.created, released.waiting), (0, 10));
    assert_eq!(ledger.count_waiting(&"a".parse().unwrap()).unwrap(), 10);
    ledger.close().unwrap();
    let ledger = open(&dir, config);
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    // Whatever is asked of the writer, it looks at what is due first.
    ledger.trim(0).await.unwrap();
    assert_eq!(records(&ledger).len(), 11);
    // A page that came in time leaves its own time behind: the next wait has another one.
    let edit = |title: &str| vec![article("a", "/0", title)];
    poll(&ledger, Some(Span::from_secs(2)), edit("Ferry saved again")).await;
    let waiting = ledger.take_waiting().pop().unwrap();
    assert_eq!(ledger.settle_page(read(&ledger, &waiting, &words(0), None)).await.unwrap().updated, 1);
    poll(&ledger, LONG, edit("Ferry saved for good")).await;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    ledger.trim(0).await.unwrap();
    assert!(ledger.waits(&waiting.key).unwrap().is_some());
    assert_eq!(records(&ledger).len(), 12);
}
