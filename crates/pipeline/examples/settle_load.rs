//! What sameness costs: `cargo run --release -p pipeline --example settle_load -- ARTICLES [DIR]`.
//!
//! Settles that many different articles of 258 words (one in ten an edited copy of an earlier one) through the
//! real rules and the real ledger, trims the outbox as delivery would, then shows some again as known
//! items, then crashes (no close) and opens the state again. Prints rates by CPU time of the process, memory and
//! disk.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example measures or fails")]

use jiff::Timestamp;
use ledger::{Config, Ledger};
use model::settle::{Candidate, Item, Outcome, Settlement, Verdict};
use model::{Article, Feed, FirstPoll, Planned, Story, Validators};
use record::{Enrichment, EnrichmentState, Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const WORDS: u64 = 258;
const POLL: u64 = 50;
/// Words of the language, used as often as in one: the n-th 1/n as often as the first.
const VOCABULARY: f64 = 60_000.0;

fn main() {
    let mut args = std::env::args().skip(1);
    let articles: u64 = args.next().and_then(|count| count.parse().ok()).unwrap_or(50_000);
    let dir = args.next().map_or_else(|| std::env::temp_dir().join("wireroom-settle-load"), PathBuf::from);
    let _ = std::fs::remove_dir_all(&dir);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&dir, articles));
    let _ = std::fs::remove_dir_all(&dir);
}

async fn run(dir: &Path, articles: u64) {
    let config = Config { dir: dir.to_owned(), ..Config::default() };
    let ledger = Ledger::open(&config, pipeline::RULES).unwrap();
    let (mut making, mut settling, mut near) = (0.0, 0.0, 0);
    for poll in 0..articles / POLL {
        let began = cpu();
        let items: Vec<Item> =
            (0..POLL).map(|place| Item::Fresh(Box::new(candidate(&ledger, poll * POLL + place)))).collect();
        let made = cpu();
        let settled = ledger.settle(settlement(poll % 1000, items)).await.unwrap();
        ledger.trim(settled.last_seq).await.unwrap();
        near += settled.near;
        making += made - began;
        settling += cpu() - made;
        if poll % 2000 == 1999 {
            let so_far = (poll + 1) * POLL;
            println!("{so_far} articles: {:.0} settled/s so far, {}", so_far as f64 / settling, memory());
        }
    }
    let sketches = size(&dir.join("near"));
    println!("made: {:.0} candidates/s of CPU (text, keys, sketch, terms)", articles as f64 / making);
    println!("settled: {:.0} new articles/s of CPU", articles as f64 / settling);
    println!("near-duplicates: {near} of {}", articles / 10);
    println!("memory: {}; disk: {} bytes, {sketches} of them sketches and tables", memory(), size(dir));
    println!("sketches and tables: {} bytes an article", sketches / articles.max(1));
    again("seen again, for the first time", &ledger, articles.min(20_000)).await;
    again("seen again, and again that day", &ledger, articles.min(20_000)).await;
    // Not closed: as a crash leaves it. The sequencer ends a moment after its last handle is gone.
    drop(ledger);
    std::thread::sleep(Duration::from_secs(2));
    let (began, wall) = (cpu(), Instant::now());
    let ledger = Ledger::open(&config, pipeline::RULES).unwrap();
    println!(
        "restart: {:.2} s of CPU, {:.2} s in all, {}",
        cpu() - began,
        wall.elapsed().as_secs_f64(),
        memory()
    );
    ledger.close().unwrap();
}

/// Every item known: what most polls bring.
async fn again(what: &str, ledger: &Ledger, articles: u64) {
    let known: Vec<Article> = (0..articles).map(article).collect();
    let began = cpu();
    for (poll, chunk) in known.chunks(POLL as usize).enumerate() {
        let items = chunk.iter().map(|article| {
            let sighting = dedup::sighting(article);
            if !ledger.is_familiar(&article.feed.id, &sighting) {
                let near = ledger.neighbours(&article.feed.id, &sighting).unwrap();
                assert!(matches!(dedup::judge(&sighting, &near).verdict, Verdict::Known(_)));
            }
            Item::Known(sighting, None)
        });
        ledger.settle(settlement(poll as u64 % 1000, items.collect())).await.unwrap();
    }
    println!("{what}: {:.0} items/s of CPU", articles as f64 / (cpu() - began));
}

fn settlement(feed: u64, items: Vec<Item>) -> Settlement {
    let outcome = Outcome::Document { validators: Validators::default(), items, flawed: 0 };
    let (feed, at) = (format!("feed-{feed}").parse().unwrap(), Timestamp::now());
    Settlement { feed, at, outcome, planned: Planned::default() }
}

fn candidate(ledger: &Ledger, number: u64) -> Candidate {
    let article = article(number);
    let sketch = dedup::sketch(&article, ledger.seed(), &|_| false);
    let mut sighting = dedup::sighting(&article);
    sighting.gist = sketch.as_ref().and_then(dedup::gist);
    let paragraphs = dedup::paragraphs(&article);
    let off = EnrichmentState::Disabled;
    let enrichment = Enrichment { entities: off, topics: off, keywords: off, attribution: off };
    let (entities, topics, keywords, attribution) = (vec![], vec![], vec![], vec![]);
    let story = Story {
        article,
        language: None,
        entities,
        topics,
        keywords,
        attribution,
        labels: vec![],
        enrichment,
    };
    let terms = dedup::terms(&story, &|_| false);
    Candidate {
        sighting,
        story,
        backfill: false,
        withdrawn: false,
        sketch,
        terms,
        paragraphs,
        page: model::page::Page::Unasked,
    }
}

/// One in ten says what the one nine before it says, with every twentieth word changed.
fn text(number: u64) -> String {
    let is_copy = number % 10 == 9;
    let mut state = mix(if is_copy { number - 9 } else { number });
    let mut text = String::with_capacity(2000);
    for place in 0..WORDS {
        state = mix(state ^ place);
        let word = if is_copy && place % 20 == 7 { mix(number ^ place << 40) } else { state };
        // Zipf's law by inversion: the logarithm of the rank is spread evenly.
        let rank = VOCABULARY.powf((word >> 11) as f64 / (1_u64 << 53) as f64) as u64;
        let _ = write!(text, "w{rank}{}", if place % 60 == 59 { "\n\n" } else { " " });
    }
    text
}

fn article(number: u64) -> Article {
    let text = text(number);
    let host = format!("o{}.example", number % 1000);
    Article {
        feed: Arc::new(Feed {
            id: format!("feed-{}", number / POLL % 1000).parse().unwrap(),
            url: "https://o.example/feed".parse().unwrap(),
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
        title: Some(text.split(' ').take(8).collect::<Vec<_>>().join(" ")),
        summary: None,
        text: Some(text),
        text_source: None,
        teaser: false,
        language_claim: None,
        authors: vec![],
        media: vec![],
        categories: vec![],
        published_at: Some(Timestamp::UNIX_EPOCH),
        published_quality: PublishedQuality::Claimed,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: vec![] },
        rights: Rights::default(),
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
fn mix(state: u64) -> u64 {
    let mut bits = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// CPU seconds of this process, all threads: user and system time, in ticks of a hundredth of a second.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let one = |entry: std::fs::DirEntry| match entry.path() {
        path if path.is_dir() => size(&path),
        _ => entry.metadata().map_or(0, |meta| meta.len()),
    };
    entries.map(one).sum()
}
