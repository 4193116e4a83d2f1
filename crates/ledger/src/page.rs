//! What waits for its page: new articles and edits, each by its feed and its own name. Whichever comes
//! first lets it out, the page or its time; both find it on the shelf [`Shelf::Held`], and take it away in
//! the batch that publishes it.

use crate::Error;
use crate::codec::Kind;
use crate::decide::{Decider, Sheet};
use crate::ledger::Ledger;
use crate::sequencer::Request;
use crate::shelf::{self, Held, Shelf};
use model::page::{Names, Page, Visited, Waiting, Waits};
use model::settle::{Candidate, FIELD_NAMES, Judgement, Neighbours, Place, Settled, Verdict};
use model::{ArticleId, FeedId, Fingerprint};
use tokio::sync::oneshot;

impl Ledger {
    /// Settles what the visit of a page brought: when this returns `Ok`, it is on disk. With `stale` set, the
    /// feed says something else of the article by now: nothing was settled, and the page is to be put to
    /// that. All zero: the article was published before, without its page.
    ///
    /// # Errors
    ///
    /// As for [`Self::settle`].
    pub async fn settle_page(&self, visited: Visited) -> Result<Settled, Error> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Page(Box::new(visited), answer), answered).await
    }

    /// What began to wait for its page since this was last asked; the first time, all that waits.
    pub fn take_waiting(&self) -> Vec<Waiting> {
        self.shared.waiting.take()
    }

    /// What waits under a key of [`Waiting`]; none: it is published. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn waits(&self, key: &[u8]) -> Result<Option<Waits>, Error> {
        let Some(value) = self.shared.store.shelved(Shelf::Held, key)? else { return Ok(None) };
        let damaged = || Error::corrupt(self.dir(), "a held article is unreadable");
        let Held { candidate, revises, .. } = Held::read(&value).ok_or_else(damaged)?;
        Ok(Some(Waits { candidate, revises }))
    }

    /// What a feed says of a new article that waits for its page, by the article's first name; none: no such
    /// article waits. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`], [`Error::Corrupt`].
    pub fn waiting(&self, feed: &FeedId, name: ArticleId) -> Result<Option<Fingerprint>, Error> {
        let waits = self.waits(&shelf::held_page_key(feed.as_str(), name, true))?;
        Ok(waits.map(|waits| waits.candidate.sighting.fingerprint))
    }

    /// How many articles of a feed wait for their page. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn count_waiting(&self, feed: &FeedId) -> Result<u64, Error> {
        let mut count = 0;
        self.shared.store.each_shelved(Shelf::Held, &shelf::held_page_prefix(feed.as_str()), |_, _| {
            count += 1;
            true
        })?;
        Ok(count)
    }
}

/// What began to wait for its page, for whoever visits pages.
#[derive(Debug, Default)]
pub(crate) struct Mailbox(std::sync::Mutex<Vec<Waiting>>);

impl Mailbox {
    pub(crate) fn put(&self, waiting: Vec<Waiting>) {
        if !waiting.is_empty() {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(waiting);
        }
    }

    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// The wait that a held article is, if it waits for its page.
pub(crate) fn waiting(key: &[u8], held: &Held) -> Option<Waiting> {
    let Page::Wanted(wish) = &held.candidate.page else { return None };
    let feed = held.candidate.story.article.feed.id.clone();
    let due_ms = held.due_ms?;
    key.starts_with(shelf::HELD_PAGES).then(|| Waiting {
        key: key.to_owned(),
        feed,
        url: wish.url.clone(),
        due_ms,
    })
}

impl Decider<'_, '_> {
    fn page_key(&self, feed: &FeedId, revises: Option<ArticleId>, candidate: &Candidate) -> Vec<u8> {
        let article = revises.unwrap_or_else(|| (self.rules.name)(&candidate.sighting, 0));
        shelf::held_page_key(feed.as_str(), article, revises.is_none())
    }

    /// Whether a new article waits for its page, whatever the feed says of it.
    pub(crate) fn is_waiting(
        &mut self,
        feed: &FeedId,
        sighting: &model::settle::Sighting,
    ) -> Result<bool, Error> {
        let key = shelf::held_page_key(feed.as_str(), (self.rules.name)(sighting, 0), true);
        Ok(self.overlay.shelved(Shelf::Held, &key)?.is_some())
    }

    /// A new article, or an edit, waits for its page; what its feed said of it before is forgotten, but not
    /// since when it waits. False: it has no wish to wait.
    pub(crate) fn hold_for_page(
        &mut self,
        sheet: &mut Sheet<'_>,
        revises: Option<ArticleId>,
        candidate: &Candidate,
        settled: &mut Settled,
    ) -> Result<bool, Error> {
        let Page::Wanted(wish) = &candidate.page else { return Ok(false) };
        settled.waiting += 1;
        let key = self.page_key(sheet.feed, revises, candidate);
        let before = self.overlay.shelved(Shelf::Held, &key)?.and_then(|value| Held::read(&value));
        let now_ms = self.now.as_millisecond();
        let since_ms = before.as_ref().map_or(now_ms, |held| held.since_ms);
        let due_ms = before.and_then(|held| held.due_ms);
        let due_ms = due_ms.unwrap_or_else(|| now_ms.saturating_add_unsigned(wish.wait.as_millis()));
        let held = Held { due_ms: Some(due_ms), since_ms, revises, candidate: candidate.clone() };
        self.waiting.extend(waiting(&key, &held));
        let value = held.write();
        self.held_bytes += value.len() as u64;
        self.overlay.shelve(Shelf::Held, key.clone(), Some(value));
        self.dues.push((due_ms, key));
        if let Some(id) = revises {
            self.note_held_edit(sheet, id, candidate)?;
        }
        Ok(true)
    }

    /// A new article that its feed takes back, or that is published otherwise, does not wait any longer.
    pub(crate) fn drop_new(&mut self, feed: &FeedId, candidate: &Candidate) -> Result<(), Error> {
        let key = self.page_key(feed, None, candidate);
        if self.overlay.shelved(Shelf::Held, &key)?.is_some() {
            self.overlay.shelve(Shelf::Held, key, None);
        }
        Ok(())
    }

    /// A page was visited: what waits for it goes out, unless its feed says something else of it by now.
    pub(crate) fn page_is_read(&mut self, visited: &mut Visited) -> Result<Settled, Error> {
        let mut settled = Settled::default();
        self.hosts.extend(visited.host.take());
        let held = self.overlay.shelved(Shelf::Held, &visited.key)?.and_then(|value| Held::read(&value));
        match (held, visited.candidate.take()) {
            (Some(held), Some(_)) if held.candidate.sighting.fingerprint != visited.asked => {
                settled.stale = 1
            }
            (Some(held), Some(read)) => {
                self.overlay.shelve(Shelf::Held, visited.key.clone(), None);
                self.let_out(held, *read, visited.is_gone, &mut settled)?;
            }
            _ => {}
        }
        settled.last_seq = self.counters.last_seq;
        Ok(settled)
    }

    /// What waits for its page has waited long enough.
    pub(crate) fn page_is_due(&mut self, key: &[u8], settled: &mut Settled) -> Result<(), Error> {
        let held = self.overlay.shelved(Shelf::Held, key)?.and_then(|value| Held::read(&value));
        // What waited before under the same key may have had an earlier time.
        let is_due = |held: &Held| held.due_ms.is_some_and(|due_ms| due_ms <= self.now.as_millisecond());
        let Some(held) = held.filter(is_due) else { return Ok(()) };
        self.overlay.shelve(Shelf::Held, key.to_vec(), None);
        let candidate = held.candidate.clone();
        self.let_out(held, candidate, false, settled)
    }

    fn let_out(
        &mut self,
        held: Held,
        mut read: Candidate,
        is_gone: bool,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let feed = held.candidate.story.article.feed.id.clone();
        let mut sheet = self.loose_sheet(&feed)?;
        let Some(id) = held.revises else { return self.let_new_out(&mut sheet, &held, read, settled) };
        let Some(mut state) = self.overlay.article(id)? else { return Ok(()) };
        let is_withdrawn = state.is_withdrawn && (is_gone || held.since_ms <= state.changed_ms);
        read.withdrawn = is_gone && 0 < state.revision;
        if is_withdrawn || (state.fingerprint == read.sighting.fingerprint && !read.withdrawn) {
            settled.known += 1;
            state.has_held_edit = false;
            self.overlay.set_article(id, state);
            return Ok(());
        }
        let judged = Judgement { verdict: Verdict::Revision(id), disagreement: false, quirk: None };
        self.revise(&mut sheet, id, &read, &judged, &Neighbours::default(), settled)
    }

    /// The article may have come by another way meanwhile, and its page may say whose it is.
    fn let_new_out(
        &mut self,
        sheet: &mut Sheet<'_>,
        held: &Held,
        mut read: Candidate,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let mut near = self.neighbours(sheet, &read.sighting)?;
        // Its document was looked at when it began to wait: there it was new.
        near.habits.text_is_free = false;
        let mut judged = (self.rules.judge)(&read.sighting, &near);
        if let Verdict::New { copy_of: None } = judged.verdict
            && let Page::Read(names) = read.page
        {
            judged.verdict = self.judge_by_page(sheet, held, &names, &mut read)?;
        }
        match judged.verdict {
            Verdict::New { .. } => self.create(sheet, &read, &judged, &near, settled),
            Verdict::Revision(id) => self.revise(sheet, id, &read, &judged, &near, settled),
            Verdict::Known(id) => {
                settled.known += 1;
                let place = Place::from(&held.candidate.story.article);
                self.seen_again(sheet, id, &read.sighting, Some(place))
            }
        }
    }

    /// The URL that a page gives itself may be known: then, under the same title, it is that article. Under
    /// another one the page names something else (its section, the front of a series), and is not believed.
    fn judge_by_page(
        &mut self,
        sheet: &Sheet<'_>,
        held: &Held,
        names: &Names,
        read: &mut Candidate,
    ) -> Result<Verdict, Error> {
        let sighting = read.sighting;
        if let Some(known) = self.overlay.known(Kind::Url, names.url, sheet.feed, &sighting)? {
            let title = 0;
            if known.fields[title] == sighting.fields[title] {
                return Ok(Verdict::Known(known.id));
            }
            read.story.article.url = held.candidate.story.article.url.clone();
            let url = FIELD_NAMES.iter().position(|name| *name == "url").unwrap_or_default();
            let mut fields = names.fields;
            fields[url] = sighting.fields[url];
            read.page = Page::Read(Names { url: None, fields, ..*names });
        }
        let copy = self.overlay.known(Kind::Text, names.text, sheet.feed, &sighting)?;
        Ok(Verdict::New { copy_of: copy.map(|copy| copy.root.unwrap_or(copy.id)) })
    }

    /// Points the names that the page adds to the article, where they are free.
    pub(crate) fn point_page(&mut self, id: ArticleId, candidate: &Candidate) -> Result<(), Error> {
        let Page::Read(names) = &candidate.page else { return Ok(()) };
        for (kind, key) in [(Kind::Url, names.url), (Kind::Text, names.text)] {
            if let Some(key) = key
                && self.overlay.alias(kind, key)?.is_none()
            {
                self.overlay.set_alias(kind, key, id);
            }
        }
        Ok(())
    }
}
