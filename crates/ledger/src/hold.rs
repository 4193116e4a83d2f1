//! What is looked at twice before it is published: the new articles of an improbable poll, and edits in
//! quick succession. Both are durable, and both are on the shelf [`Shelf::Held`], beside what waits for its
//! page (`page.rs`).

use crate::Error;
use crate::decide::{Decider, Sheet};
use crate::shelf::{self, Held, Shelf};
use model::settle::{Candidate, Judgement, Neighbours, Settled, Verdict};
use model::{ArticleId, FeedId};

impl Decider<'_, '_> {
    /// Whether a new article waits: its poll is improbable, or it waits already.
    pub(crate) fn is_held(&mut self, sheet: &Sheet<'_>, candidate: &Candidate) -> Result<bool, Error> {
        if sheet.improbable || sheet.state.held == 0 {
            return Ok(sheet.improbable);
        }
        let key = self.poll_key(sheet.feed, candidate);
        Ok(self.overlay.shelved(Shelf::Held, &key)?.is_some())
    }

    fn poll_key(&self, feed: &FeedId, candidate: &Candidate) -> Vec<u8> {
        shelf::held_poll_key(feed.as_str(), (self.rules.name)(&candidate.sighting, 0))
    }

    pub(crate) fn hold_new(
        &mut self,
        sheet: &mut Sheet<'_>,
        candidate: &Candidate,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        settled.held += 1;
        let key = self.poll_key(sheet.feed, candidate);
        if self.overlay.shelved(Shelf::Held, &key)?.is_none() {
            sheet.state.held = sheet.state.held.saturating_add(1);
        }
        let since_ms = self.now.as_millisecond();
        let held = Held { due_ms: None, since_ms, revises: None, candidate: candidate.clone() };
        self.overlay.shelve(Shelf::Held, key, Some(held.write()));
        Ok(())
    }

    /// Releases what waits of a feed: published, or remembered as seen.
    pub(crate) fn release(
        &mut self,
        feed: &FeedId,
        held: Vec<(Vec<u8>, Held)>,
        publish: bool,
    ) -> Result<Settled, Error> {
        let mut settled = Settled::default();
        let mut sheet = self.loose_sheet(feed)?;
        for (key, Held { candidate, .. }) in held {
            if publish {
                if !self.hold_for_page(&mut sheet, None, &candidate, &mut settled)? {
                    self.publish_held(&mut sheet, &candidate, &mut settled)?;
                }
            } else {
                let near = self.neighbours(&sheet, &candidate.sighting)?;
                let judged = (self.rules.judge)(&candidate.sighting, &near);
                if let Verdict::New { .. } = judged.verdict {
                    self.remember(&mut sheet, &candidate.sighting, &judged)?;
                }
                settled.marked_seen += 1;
            }
            self.overlay.shelve(Shelf::Held, key, None);
            sheet.state.held = sheet.state.held.saturating_sub(1);
        }
        self.overlay.set_feed(feed, sheet.state);
        settled.last_seq = self.counters.last_seq;
        Ok(settled)
    }

    /// Whether the article's last revision is so young that an edit waits.
    pub(crate) fn comes_too_soon(&mut self, id: ArticleId) -> Result<bool, Error> {
        let hold = self.config.hold_edits.as_millis() as i64;
        let age = |changed_ms: i64| self.now.as_millisecond().saturating_sub(changed_ms);
        // A revision of the future was settled before the clock was set back.
        let is_soon = |changed_ms| (0..hold).contains(&age(changed_ms));
        let (holds, state) = (0 < hold, self.overlay.article(id)?);
        Ok(holds && state.is_some_and(|state| 0 < state.revision && is_soon(state.changed_ms)))
    }

    pub(crate) fn hold_edit(
        &mut self,
        sheet: &mut Sheet<'_>,
        id: ArticleId,
        candidate: &Candidate,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let Some(state) = self.overlay.article(id)? else { return Ok(()) };
        settled.held += 1;
        let due_ms = state.changed_ms + self.config.hold_edits.as_millis() as i64;
        let since_ms = self.now.as_millisecond();
        let held = Held { due_ms: Some(due_ms), since_ms, revises: Some(id), candidate: candidate.clone() };
        let key = shelf::held_edit_key(id);
        self.overlay.shelve(Shelf::Held, key.clone(), Some(held.write()));
        self.dues.push((due_ms, key));
        self.note_held_edit(sheet, id, candidate)
    }

    /// The feed has said it: until it says something else, there is nothing more to hold.
    pub(crate) fn note_held_edit(
        &mut self,
        sheet: &Sheet<'_>,
        id: ArticleId,
        candidate: &Candidate,
    ) -> Result<(), Error> {
        let Some(mut state) = self.overlay.article(id)? else { return Ok(()) };
        state.has_held_edit = true;
        state.hear(sheet.feed, &candidate.sighting.fingerprint);
        self.overlay.set_article(id, state);
        self.point(sheet, &candidate.sighting, id, None)
    }

    /// Drops the edits of an article that wait and that this feed made; true when there was one.
    pub(crate) fn drop_edit(&mut self, feed: &FeedId, id: ArticleId) -> Result<bool, Error> {
        let mut was_there = false;
        for key in [shelf::held_edit_key(id), shelf::held_page_key(feed.as_str(), id, false)] {
            let held = self.overlay.shelved(Shelf::Held, &key)?.and_then(|value| Held::read(&value));
            if held.is_some_and(|held| held.candidate.story.article.feed.id == *feed) {
                self.overlay.shelve(Shelf::Held, key, None);
                was_there = true;
            }
        }
        Ok(was_there)
    }

    /// What is on the shelf under a key has waited long enough.
    pub(crate) fn is_due(&mut self, key: &[u8], settled: &mut Settled) -> Result<(), Error> {
        if key.starts_with(shelf::HELD_PAGES) {
            return self.page_is_due(key, settled);
        }
        self.edit_is_due(key, settled)
    }

    /// An edit has waited long enough: it goes out, unless it says what the last revision says.
    fn edit_is_due(&mut self, key: &[u8], settled: &mut Settled) -> Result<(), Error> {
        let Some(value) = self.overlay.shelved(Shelf::Held, key)? else { return Ok(()) };
        self.overlay.shelve(Shelf::Held, key.to_vec(), None);
        let (Some(held), Some(id)) = (Held::read(&value), key.last_chunk().map(|id| ArticleId(*id))) else {
            return Ok(());
        };
        let Some(mut state) = self.overlay.article(id)? else { return Ok(()) };
        let candidate = held.candidate;
        if state.fingerprint == candidate.sighting.fingerprint {
            state.has_held_edit = false;
            self.overlay.set_article(id, state);
            return Ok(());
        }
        let feed = candidate.story.article.feed.id.clone();
        let mut sheet = self.loose_sheet(&feed)?;
        if self.hold_for_page(&mut sheet, Some(id), &candidate, settled)? {
            return Ok(());
        }
        let judged = Judgement { verdict: Verdict::Revision(id), disagreement: false, quirk: None };
        self.revise(&mut sheet, id, &candidate, &judged, &Neighbours::default(), settled)
    }
}
