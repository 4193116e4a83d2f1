//! One visit of an article's page, top to bottom: what waits, its page, the two as one article, settled.
//! Stopping anywhere before `settle_page` costs a repeat: the article waits until then, and no longer than
//! its time.

use crate::visit::Rooms;
use fault::Point;
use fetch::Fetched;
use jiff::Timestamp;
use ledger::Ledger;
use model::page::{self, Names, Page, Visited, Waiting, Waits, Wish};
use model::settle::{Candidate, FIELD_NAMES, Settled, Verdict};
use model::{Article, Document, Failure, FailureClass, Feed, Fulltext, HostPace};
use normalise::page::Unread;
use record::TextSource;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use url::Url;

/// Visits of one page.
const VISITS_MAX: u32 = 4;
/// Before a page is visited again, times the square of the visits so far.
const AGAIN_MS: i64 = 20_000;
/// How often a page that was read is put to what its feed says by now, when that changes all the while.
const STALE_MAX: usize = 3;

/// What became of a page.
#[derive(Debug)]
pub(crate) struct PageTally {
    /// `read`, `late`, the name of a failure's class, or of what stood in the article's place.
    pub(crate) outcome: &'static str,
    /// One sentence, where it was not read.
    pub(crate) detail: Option<String>,
    /// What was published.
    pub(crate) settled: Settled,
    /// What its host, or one on the way, wished for.
    pub(crate) host: Option<(String, HostPace)>,
    /// When it is visited again, milliseconds since 1970; none: it is done with.
    pub(crate) again_ms: Option<i64>,
}

/// Which pages are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    /// `[pages]`
    pub(crate) config: crate::config::Pages,
    /// Articles that wait by now.
    pub(crate) waiting: Arc<std::sync::atomic::AtomicUsize>,
}

impl Wishes {
    pub(crate) fn new(config: &crate::config::Pages) -> Self {
        Self { config: config.clone(), waiting: Arc::default() }
    }

    /// What becomes of the page of an article that is new or different. One that is wanted marks the article
    /// until it was read.
    pub(crate) fn of(&self, article: &mut Article) -> Page {
        let is_wanted = match article.feed.polling.fulltext {
            Fulltext::Never => false,
            Fulltext::WhenShort => self.is_short(article),
            Fulltext::Always => true,
        };
        let url = article.source_url.as_deref().or(article.url.as_deref()).filter(|_| is_wanted);
        let Some(url) = url.and_then(|url| Url::parse(url).ok()) else { return Page::Unasked };
        page::mark(article, Some(page::UNREAD));
        if self.config.waiting_max as usize <= self.waiting.load(Ordering::Relaxed) {
            return Page::Unasked;
        }
        Page::Wanted(Wish { url, wait: self.config.deadline })
    }

    fn is_short(&self, article: &Article) -> bool {
        let is_whole = article.text_source == Some(TextSource::Feed) && !article.teaser;
        let reaches = |text: &str| text.chars().nth((self.config.short as usize).saturating_sub(1)).is_some();
        !is_whole || !article.text.as_deref().is_some_and(reaches)
    }
}

/// What a visit brought.
enum Brought {
    /// A page that may be the article's.
    Document(Document),
    /// Another feed has published the article: there is nothing to read it for.
    Published,
    Nothing(Refused),
}

/// Why a page adds nothing to its article.
struct Refused {
    outcome: &'static str,
    /// In `quality.flags`.
    flag: &'static str,
    detail: String,
    /// It may be there later.
    is_passing: bool,
    is_gone: bool,
}

/// Visits the page of what waits; `visits` were made before. With `is_last`, it is not visited again.
///
/// # Errors
///
/// Only the ledger's: then nothing of the visit is remembered, and the daemon must end.
pub(crate) async fn visit(
    rooms: &Arc<Rooms>,
    feed: &Arc<Feed>,
    waiting: &Waiting,
    (visits, is_last): (u32, bool),
) -> Result<PageTally, ledger::Error> {
    let mut tally =
        PageTally { outcome: "late", detail: None, settled: Settled::default(), host: None, again_ms: None };
    let Some(waits) = rooms.ledger.waits(&waiting.key)? else { return Ok(tally) };
    let brought = if is_published(&rooms.ledger, &waits)? {
        Brought::Published
    } else {
        let fetched = rooms.fetch.article(feed, waiting.url.clone()).await;
        tally.host = wished(rooms, &waiting.url, &fetched)?;
        of_fetched(&waiting.url, fetched)
    };
    fault::point(Point::BodyReceived);
    if let Brought::Nothing(why) = &brought
        && why.is_passing
        && let Some(at) = again(visits, waiting, tally.host.as_ref()).filter(|_| !is_last)
    {
        (tally.outcome, tally.detail, tally.again_ms) = (why.outcome, Some(why.detail.clone()), Some(at));
        if let Some(host) = tally.host.clone() {
            // A host that asked for peace has it over restarts, too.
            let (key, asked) = (waiting.key.clone(), waits.candidate.sighting.fingerprint);
            let visited = Visited { key, asked, candidate: None, is_gone: false, host: Some(host) };
            rooms.ledger.settle_page(visited).await?;
        }
        return Ok(tally);
    }
    settle(rooms, waiting, brought, tally).await
}

/// Puts what was brought to what waits, and settles it.
async fn settle(
    rooms: &Arc<Rooms>,
    waiting: &Waiting,
    brought: Brought,
    mut tally: PageTally,
) -> Result<PageTally, ledger::Error> {
    let brought = Arc::new(brought);
    for _ in 0..STALE_MAX {
        let Some(waits) = rooms.ledger.waits(&waiting.key)? else { return Ok(tally) };
        let asked = waits.candidate.sighting.fingerprint;
        let (candidate, refused) = put_aside(rooms, waits, &brought).await?;
        let is_gone = refused.as_ref().is_some_and(|refused| refused.is_gone);
        (tally.outcome, tally.detail) = match (refused, &*brought) {
            (Some(Refused { outcome, detail, .. }), _) => (outcome, Some(detail)),
            (None, Brought::Published) => ("published", None),
            (None, _) => ("read", None),
        };
        fault::point(Point::Enriched);
        let (key, host) = (waiting.key.clone(), tally.host.clone());
        let visited = Visited { key, asked, candidate: Some(Box::new(candidate)), is_gone, host };
        tally.settled = rooms.ledger.settle_page(visited).await?;
        if tally.settled.stale == 0 {
            let is_late = tally.settled == Settled { last_seq: tally.settled.last_seq, ..Settled::default() };
            tally.outcome = if is_late { "late" } else { tally.outcome };
            return Ok(tally);
        }
    }
    // What its feed says changes as fast as it can be settled: its time, or the next visit, ends that.
    tally.again_ms = Some(Timestamp::now().as_millisecond() + AGAIN_MS);
    Ok(tally)
}

/// Reads and enriches on a blocking thread; a panic there costs the page, not the article.
async fn put_aside(
    rooms: &Arc<Rooms>,
    waits: Waits,
    brought: &Arc<Brought>,
) -> Result<(Candidate, Option<Refused>), ledger::Error> {
    let _permit = rooms.readers.acquire().await;
    let (on, page) = (rooms.clone(), brought.clone());
    let candidate = waits.candidate.clone();
    let work = tokio::task::spawn_blocking(move || put_together(&on, candidate, &page));
    match work.await {
        Ok(done) => done,
        Err(_) => {
            let detail = "reading the page made wireroom panic: please report it";
            let refused = refuse(FailureClass::Internal.name(), page::UNREAD, detail);
            let mut candidate = waits.candidate;
            page::mark(&mut candidate.story.article, Some(refused.flag));
            candidate.page = Page::Unasked;
            Ok((candidate, Some(refused)))
        }
    }
}

/// What is published: the article with what its page adds, or with a word on why that is nothing.
fn put_together(
    rooms: &Rooms,
    mut candidate: Candidate,
    brought: &Brought,
) -> Result<(Candidate, Option<Refused>), ledger::Error> {
    let read = match brought {
        Brought::Document(document) => read(document),
        Brought::Published => return Ok((candidate, None)),
        Brought::Nothing(why) => Err(Refused { detail: why.detail.clone(), ..*why }),
    };
    match read {
        Ok(page) => {
            let is_walled = page.quality.flags.iter().any(|flag| flag == "paywall");
            let refused = is_walled.then(|| refuse("paywall", "paywall", "its text is for subscribers"));
            Ok((with_page(rooms, candidate, page)?, refused))
        }
        Err(refused) => {
            page::mark(&mut candidate.story.article, Some(refused.flag));
            candidate.page = Page::Unasked;
            Ok((candidate, Some(refused)))
        }
    }
}

fn read(document: &Document) -> Result<Article, Refused> {
    let page = normalise::page::Page {
        feed: &document.feed,
        url: &document.url,
        content_type: document.content_type.as_deref(),
        fetched_at: document.fetched_at,
        body: &document.body,
    };
    normalise::page::read(&page).map_err(|unread| {
        let (outcome, flag) = match unread {
            Unread::Wall(wall) => (wall.name(), wall.name()),
            Unread::NotHtml(_) | Unread::Nothing => ("no_article", "page_without_text"),
        };
        refuse(outcome, flag, &unread.to_string())
    })
}

/// The article with what its page adds. Its names and its meaning stay the feed's.
fn with_page(rooms: &Rooms, waits: Candidate, page: Article) -> Result<Candidate, ledger::Error> {
    let Candidate { sighting, story, backfill, withdrawn, .. } = waits;
    let mut article = normalise::page::with_page(story.article, page);
    page::mark(&mut article, None);
    let boilerplate = match &article.outlet.domain {
        Some(domain) => rooms.ledger.boilerplate(domain)?,
        None => Vec::new(),
    };
    let is_boilerplate = |hash| boilerplate.binary_search(&hash).is_ok();
    let sketch = dedup::sketch(&article, rooms.ledger.seed(), &is_boilerplate);
    let paragraphs = dedup::paragraphs(&article);
    let own = dedup::sighting(&article);
    let mut fields = own.fields;
    for (place, name) in FIELD_NAMES.iter().enumerate() {
        // By these the next sighting is told from another article's.
        if matches!(*name, "title" | "published_at") {
            fields[place] = sighting.fields[place];
        }
    }
    let page = Page::Read(Names { url: own.keys.url, text: own.keys.text, fields });
    let story = rooms.enricher.enrich(article);
    let terms = dedup::terms(&story, &is_boilerplate);
    Ok(Candidate { sighting, story, backfill, withdrawn, sketch, terms, paragraphs, page })
}

/// Whether a new article was published meanwhile, as another feed gave it.
fn is_published(ledger: &Ledger, waits: &Waits) -> Result<bool, ledger::Error> {
    let sighting = &waits.candidate.sighting;
    let near = ledger.neighbours(&waits.candidate.story.article.feed.id, sighting)?;
    Ok(waits.revises.is_none() && matches!(dedup::judge(sighting, &near).verdict, Verdict::Known(_)))
}

/// When a page that could not be had is visited again; none: not before its article goes out without it.
fn again(visits: u32, waiting: &Waiting, host: Option<&(String, HostPace)>) -> Option<i64> {
    let visits = i64::from(visits) + 1;
    let at = Timestamp::now().as_millisecond() + AGAIN_MS * visits * visits;
    let at = at.max(host.map_or(0, |(_, pace)| pace.until_ms));
    (visits < i64::from(VISITS_MAX) && at < waiting.due_ms).then_some(at)
}

/// What the answer means for the host, if anything.
fn wished(
    rooms: &Rooms,
    asked: &Url,
    fetched: &Result<Fetched, Failure>,
) -> Result<Option<(String, HostPace)>, ledger::Error> {
    match fetched {
        Err(Failure { class: FailureClass::Throttled, status, retry_after, host, .. }) => {
            let host = host.clone().unwrap_or_else(|| fetch::host_key(asked));
            let now = Timestamp::now().as_millisecond();
            crate::outlook::throttled(rooms, host, *status, *retry_after, now).map(Some)
        }
        Ok(Fetched::Document(_, answer)) => match answer.crawl_delay {
            Some(delay) => crate::outlook::crawl_delay(rooms, fetch::host_key(asked), delay),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

fn of_fetched(asked: &Url, fetched: Result<Fetched, Failure>) -> Brought {
    let is_front = |url: &Url| url.path().trim_matches('/').is_empty() && url.query().is_none();
    match fetched {
        // Where an article was, servers like to lead to their front page.
        Ok(Fetched::Document(document, _)) if is_front(&document.url) && !is_front(asked) => {
            let detail = "its URL leads to the front page of its site";
            Brought::Nothing(refuse("elsewhere", "page_elsewhere", detail))
        }
        Ok(Fetched::Document(document, _)) => Brought::Document(document),
        Ok(Fetched::NotModified(_)) => Brought::Nothing(refuse(
            FailureClass::BadHttp.name(),
            page::UNREAD,
            "304 without being asked for it",
        )),
        Err(failure) => Brought::Nothing(of_failure(failure)),
    }
}

fn of_failure(failure: Failure) -> Refused {
    use FailureClass as Class;
    let flag = match failure.class {
        Class::Robots => "page_robots",
        Class::Denied | Class::Forbidden => "page_denied",
        Class::NotFound | Class::Gone => "page_gone",
        Class::Challenge => "robot_check",
        _ => page::UNREAD,
    };
    let is_passing = matches!(
        failure.class,
        Class::Dns | Class::Connect | Class::Timeout | Class::Throttled | Class::ServerError
    );
    let is_gone = failure.class == Class::Gone;
    Refused { outcome: failure.class.name(), flag, detail: failure.detail, is_passing, is_gone }
}

fn refuse(outcome: &'static str, flag: &'static str, detail: &str) -> Refused {
    Refused { outcome, flag, detail: detail.to_owned(), is_passing: false, is_gone: false }
}

#[cfg(test)]
mod tests;
