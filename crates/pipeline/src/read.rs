//! The pure middle of a visit: a document in, items for the sequencer out. Runs on a blocking thread.

use crate::page::Wishes;
use enrich::Enricher;
use ledger::Ledger;
use model::page::Page;
use model::settle::{Candidate, Item, Neighbours, Outcome, Place, Verdict};
use model::{
    Article, ArticleId, Document, Entry, FailureClass, FirstPoll, FlawKind, Fulltext, Parsed, Visit,
};
use normalise::Context;
use record::{PublishedQuality, Quality};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Entries of a visit by what became of them before the sequencer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Items in the document.
    pub entries: u32,
    /// Of these, not readable or with nothing in them.
    pub flawed: u32,
    /// Articles that nobody had brought before.
    pub new: u32,
    /// Articles that the feed itself had not shown before.
    pub unseen: u32,
    /// When the latter were published, milliseconds since 1970, where they give a time of day.
    pub dates: Vec<i64>,
    /// What the publisher suggests as the time between two polls, milliseconds; 0: nothing.
    pub period_ms: u32,
    /// Hours of the day, UTC, that it says may be skipped: bit 0 is midnight.
    pub skip_hours: u32,
}

/// The rooms that a document passes through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desks<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) enricher: &'a Enricher,
    pub(crate) wishes: &'a Wishes,
}

/// Parses, normalises, looks up and enriches: what is known is not enriched again.
pub(crate) fn read(
    desks: Desks<'_>,
    visit: &Visit,
    document: &Document,
) -> Result<(Outcome, Read), ledger::Error> {
    let parsed = match parse::parse(document) {
        Ok(parsed) => parsed,
        Err(error) => {
            let (class, detail) = (unread(document, &error), error.to_string());
            return Ok((Outcome::Failed { class, status: Some(200), detail }, Read::default()));
        }
    };
    let quality = quality(&parsed);
    let lost = parsed.flaws.iter().filter(|flaw| flaw.kind == FlawKind::LostItem).count() as u32;
    let mut read = Read { entries: parsed.entries.len() as u32 + lost, flawed: lost, ..Read::default() };
    let hints = parse::hints(&document.body);
    read.period_ms = parsed.meta.ttl_minutes.unwrap_or(0).max(hints.period_minutes).saturating_mul(60_000);
    read.skip_hours = hints.skip_hours;
    let context = Context {
        feed: &visit.feed,
        meta: &parsed.meta,
        document_url: &document.url,
        fetched_at: document.fetched_at,
        quality: &quality,
    };
    let mut items = Vec::with_capacity(parsed.entries.len());
    for entry in parsed.entries {
        match one(desks, visit, &context, entry, &mut read)? {
            Some(item) => items.push(item),
            None => read.flawed += 1,
        }
    }
    let outcome = Outcome::Document { validators: document.validators.clone(), items, flawed: read.flawed };
    Ok((outcome, read))
}

/// One entry; none when there is nothing in it, or when it makes a room panic: that costs the entry, not
/// its neighbours.
fn one(
    desks: Desks<'_>,
    visit: &Visit,
    context: &Context<'_>,
    entry: Entry,
    read: &mut Read,
) -> Result<Option<Item>, ledger::Error> {
    let Some(mut article) = guarded(|| normalise::normalise(context, entry).ok()).flatten() else {
        return Ok(None);
    };
    let Desks { ledger, enricher, wishes } = desks;
    let withdrawn = dedup::is_retraction(&article);
    let mut sighting = dedup::sighting(&article);
    if !withdrawn && ledger.is_familiar(&visit.feed.id, &sighting) {
        return Ok(Some(Item::Known(sighting, None)));
    }
    let near = ledger.neighbours(&visit.feed.id, &sighting)?;
    let verdict = dedup::judge(&sighting, &near).verdict;
    let waits = match verdict {
        // Seen before, though not published: no news for planning.
        Verdict::New { .. } if visit.feed.polling.fulltext != Fulltext::Never => {
            ledger.waiting(&visit.feed.id, dedup::name(&sighting, 0))?
        }
        _ => None,
    };
    if waits.is_none() {
        read.count(&article, &near, &verdict);
    }
    if waits == Some(sighting.fingerprint) && !withdrawn {
        return Ok(Some(Item::Known(sighting, None)));
    }
    if let Verdict::Known(id) = verdict
        && !withdrawn
    {
        return Ok(Some(Item::Known(sighting, place(&article, &near, id))));
    }
    let boilerplate = match &article.outlet.domain {
        Some(domain) => ledger.boilerplate(domain)?,
        None => Vec::new(),
    };
    let is_boilerplate = |hash| boilerplate.binary_search(&hash).is_ok();
    let sketch = dedup::sketch(&article, ledger.seed(), &is_boilerplate);
    sighting.gist = sketch.as_ref().and_then(dedup::gist);
    if visit.first && !is_wanted(&article, visit.feed.first_poll) {
        return Ok(Some(Item::MarkSeen(sighting)));
    }
    let (paragraphs, backfill) = (dedup::paragraphs(&article), visit.first);
    let page = if withdrawn { Page::Unasked } else { wishes.of(&mut article) };
    let story = guarded(|| enricher.enrich(article));
    Ok(story.map(|story| {
        let terms = dedup::terms(&story, &is_boilerplate);
        let candidate = Candidate { sighting, story, backfill, withdrawn, sketch, terms, paragraphs, page };
        Item::Fresh(Box::new(candidate))
    }))
}

/// Where a known article stands in a feed that had not carried it before.
fn place(article: &Article, near: &Neighbours, id: ArticleId) -> Option<Box<Place>> {
    let all = [&near.guid, &near.url, &near.text, &near.title, &near.said];
    let known = all.into_iter().flatten().find(|known| known.id == id);
    known.is_none_or(|known| known.said_before.is_none()).then(|| Box::new(Place::from(article)))
}

impl Read {
    /// Takes in what another document of the same visit held.
    pub(crate) fn add(&mut self, other: Self) {
        self.entries += other.entries;
        self.flawed += other.flawed;
        self.new += other.new;
        self.unseen += other.unseen;
        self.dates.extend(other.dates);
    }

    /// Counts what planning wants to know of an article.
    fn count(&mut self, article: &Article, near: &Neighbours, verdict: &Verdict) {
        self.new += u32::from(matches!(verdict, Verdict::New { .. }));
        let near = [&near.guid, &near.url, &near.text, &near.title, &near.said];
        if near.into_iter().flatten().any(|known| known.said_before.is_some()) {
            return;
        }
        self.unseen += 1;
        if article.published_quality == PublishedQuality::Claimed {
            self.dates.extend(article.published_at.map(|at| at.as_millisecond()));
        }
    }
}

/// What a document is that cannot be read.
fn unread(document: &Document, error: &parse::Error) -> FailureClass {
    match () {
        () if document.body.trim_ascii().is_empty() => FailureClass::Empty,
        () if fetch::page(&document.body) == fetch::Page::Challenge => FailureClass::Challenge,
        () if error.is_html_page() => FailureClass::HtmlPage,
        () => FailureClass::NotAFeed,
    }
}

fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn quality(parsed: &Parsed) -> Quality {
    let flags: BTreeSet<&str> = parsed.flaws.iter().map(|flaw| flaw.kind.name()).collect();
    Quality { parse_mode: parsed.mode, flags: flags.into_iter().map(str::to_owned).collect() }
}

/// Whether the first poll of a feed publishes an article.
fn is_wanted(article: &Article, first_poll: FirstPoll) -> bool {
    match first_poll {
        FirstPoll::Publish => true,
        FirstPoll::MarkSeen => false,
        FirstPoll::Since(span) => match article.published_at {
            Some(at) => article.fetched_at.as_millisecond() - at.as_millisecond() <= span.as_millis() as i64,
            None => true,
        },
    }
}

#[cfg(test)]
mod tests;
