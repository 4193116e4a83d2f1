//! One settlement, decided article by article. The verdicts are the rules'; here they are carried
//! out: an id is given, a revision counted, the records written, the keys pointed.

use crate::Error;
use crate::codec::{ArticleState, Counters, Kind, StoredRow};
use crate::config::DedupConfig;
use crate::familiar::Familiar;
use crate::feeds::FeedState;
use crate::memory::Memory;
use crate::overlay::Overlay;
use fault::Mutant;
use jiff::Timestamp;
use model::page::Waiting;
use model::settle::{
    Candidate, Item, Judgement, Neighbours, Outcome, Place, Quirk, Rules, Settled, Settlement, Sighting,
    Verdict,
};
use model::{ArticleId, FeedId, FetchNote, HostPace, Key, Keys, StoreId};
use std::collections::HashSet;

/// Ids that are tried for an article before giving up; each is free but for a collision of 128 bits.
const NAMES_MAX: u32 = 1000;
/// A feed moved when at least so many items, and half of them all, are known under other names only.
const MOVED_MIN: usize = 3;

pub(crate) struct Decider<'s, 'a> {
    pub(crate) overlay: Overlay<'s>,
    pub(crate) memory: &'a mut Memory,
    /// None: everything is looked up.
    pub(crate) familiar: Option<&'a Familiar>,
    pub(crate) config: &'a DedupConfig,
    pub(crate) counters: Counters,
    pub(crate) rows: Vec<StoredRow>,
    pub(crate) hosts: Vec<(String, HostPace)>,
    pub(crate) notes: Vec<(FeedId, u8, FetchNote)>,
    /// Held articles with a time at which they go out: that time, milliseconds since 1970, and the key.
    pub(crate) dues: Vec<(i64, Vec<u8>)>,
    /// What began to wait for its page.
    pub(crate) waiting: Vec<Waiting>,
    /// Bytes of what was held.
    pub(crate) held_bytes: u64,
    pub(crate) rules: Rules,
    pub(crate) store: StoreId,
    pub(crate) now: Timestamp,
    /// The article that was decided last.
    pub(crate) touched: Option<ArticleId>,
    /// Items come with their whole document: what it does not name is gone from the feed.
    pub(crate) has_documents: bool,
}

/// A feed while one of its documents is settled.
pub(crate) struct Sheet<'f> {
    pub(crate) feed: &'f FeedId,
    pub(crate) state: FeedState,
    /// Articles that items of the document name by guid or URL.
    named: HashSet<ArticleId>,
    moved: bool,
    /// So much is new that it has to be looked at first.
    pub(crate) improbable: bool,
}

/// Each kind of key with the key that a sighting has of it.
pub(crate) fn by_kind(keys: &Keys) -> impl Iterator<Item = (Kind, Key)> {
    Kind::ALL
        .into_iter()
        .zip([keys.guid, keys.url, keys.text, keys.title, keys.said])
        .filter_map(|(kind, key)| Some((kind, key?)))
}

pub(crate) fn sighting_of(item: &Item) -> &Sighting {
    match item {
        Item::Known(sighting, _) | Item::MarkSeen(sighting) => sighting,
        Item::Fresh(candidate) => &candidate.sighting,
    }
}

/// Where a known item stands, as far as it has to be told.
fn place_of(item: &mut Item) -> Option<Place> {
    match item {
        Item::Known(_, place) => place.take().map(|place| *place),
        Item::Fresh(candidate) => Some(Place::from(&candidate.story.article)),
        Item::MarkSeen(_) => None,
    }
}

impl Decider<'_, '_> {
    /// Decides a whole settlement; what is to be written is left in `self`.
    pub(crate) fn settle(&mut self, settlement: &mut Settlement) -> Result<Settled, Error> {
        let mut settled = Settled::default();
        let state = self.overlay.feed(&settlement.feed)?;
        let (validators_before, is_first) = (state.validators.clone(), !state.settled_once);
        let feed = settlement.feed.clone();
        let mut sheet = Sheet { feed: &feed, state, named: HashSet::new(), moved: false, improbable: false };
        let (slot, note) = sheet.state.note(settlement);
        self.notes.push((settlement.feed.clone(), slot, note));
        if let Outcome::Document { items, .. } = &mut settlement.outcome {
            self.survey(&mut sheet, items, is_first)?;
            for item in items {
                self.item(&mut sheet, item, &mut settled)?;
            }
        }
        if settled.stale > 0 {
            // Something changed under the visit: without new validators the next one brings it all again.
            sheet.state.validators = validators_before;
        }
        self.overlay.set_feed(&settlement.feed, sheet.state);
        for (change, detail) in std::mem::take(&mut settlement.planned.events) {
            self.feed_news(&feed, change, detail);
        }
        self.hosts.extend(settlement.planned.host.take());
        settled.last_seq = self.counters.last_seq;
        Ok(settled)
    }

    /// Looks at a document as a whole: a feed that gave all its articles new names, or that brings more new
    /// ones at once than is likely, is not to be taken article by article.
    fn survey(&mut self, sheet: &mut Sheet<'_>, items: &[Item], is_first: bool) -> Result<(), Error> {
        if !items.iter().any(|item| matches!(item, Item::Fresh(_))) {
            return Ok(());
        }
        let (mut renamed, mut new) = (0, 0);
        for item in items {
            let sighting = sighting_of(item);
            let mut found = false;
            for (kind, key) in
                by_kind(&sighting.keys).filter(|(kind, _)| matches!(kind, Kind::Guid | Kind::Url))
            {
                if let Some(alias) = self.overlay.alias(kind, key)? {
                    found = true;
                    sheet.named.insert(alias.id);
                }
            }
            if !found && self.was_said(sheet.feed, sighting)? {
                renamed += 1;
            } else {
                new += usize::from(!found);
            }
        }
        sheet.moved = MOVED_MIN <= renamed && items.len() <= renamed * 2;
        let (over, share) = (self.config.hold_over as usize, self.config.hold_share as usize);
        sheet.improbable = !is_first && 0 < over && over < new && items.len() * share < new * 100;
        Ok(())
    }

    /// Whether the feed said the same before, word for word.
    fn was_said(&mut self, feed: &FeedId, sighting: &Sighting) -> Result<bool, Error> {
        let known = match self.overlay.known(Kind::Text, sighting.keys.text, feed, sighting)? {
            None => self.overlay.known(Kind::Said, sighting.keys.said, feed, sighting)?,
            known => known,
        };
        Ok(known.is_some_and(|known| known.said_before == Some(sighting.fingerprint)))
    }

    fn item(&mut self, sheet: &mut Sheet<'_>, item: &mut Item, settled: &mut Settled) -> Result<(), Error> {
        let (sighting, today) = (*sighting_of(item), self.overlay.today);
        let is_familiar = |familiar: &Familiar| {
            matches!(item, Item::Known(_, None)) && familiar.is(sheet.feed, &sighting, today)
        };
        if self.familiar.is_some_and(is_familiar) {
            settled.known += 1;
            sheet.state.quirks.note(None);
            return Ok(());
        }
        let judged = self.decide(sheet, item, &sighting, settled)?;
        if let Some(familiar) = self.familiar {
            let is_withdrawn = matches!(item, Item::Fresh(candidate) if candidate.withdrawn);
            let known = match judged {
                Judgement { verdict: Verdict::Known(id), disagreement: false, quirk: None } => {
                    !is_withdrawn && self.stays_known(sheet.feed, id)?
                }
                _ => false,
            };
            familiar.note(sheet.feed, &sighting, today, known);
        }
        Ok(())
    }

    /// Whether showing a known article again, as it was just shown, would change nothing.
    fn stays_known(&mut self, feed: &FeedId, id: ArticleId) -> Result<bool, Error> {
        let state = self.overlay.article(id)?;
        Ok(state.is_some_and(|state| !state.has_held_edit && state.has_heard(feed) == (true, true)))
    }

    /// Decides one item by what is stored.
    fn decide(
        &mut self,
        sheet: &mut Sheet<'_>,
        item: &mut Item,
        sighting: &Sighting,
        settled: &mut Settled,
    ) -> Result<Judgement, Error> {
        let near = match item {
            Item::Fresh(_) if fault::is(Mutant::NoSequencer) => Neighbours::default(),
            _ => self.neighbours(sheet, sighting)?,
        };
        let judged = (self.rules.judge)(sighting, &near);
        settled.disagreements += u32::from(judged.disagreement);
        self.counters.disagreements += u64::from(judged.disagreement);
        if matches!(judged.verdict, Verdict::Known(_) | Verdict::Revision(_)) || judged.quirk.is_some() {
            sheet.state.quirks.note(judged.quirk);
        }
        match (&judged.verdict, item) {
            (Verdict::Known(id) | Verdict::Revision(id), Item::Fresh(candidate)) if candidate.withdrawn => {
                self.withdraw(sheet, *id, candidate, settled)
            }
            (Verdict::Known(id), item) | (Verdict::Revision(id), item @ Item::MarkSeen(_)) => {
                settled.known += 1;
                let place = place_of(item);
                self.seen_again(sheet, *id, sighting, place)
            }
            (Verdict::New { .. }, Item::Fresh(candidate)) if candidate.withdrawn => {
                settled.marked_seen += 1;
                self.drop_new(sheet.feed, candidate)?;
                self.remember(sheet, sighting, &judged).map(|_| ())
            }
            (Verdict::New { .. }, Item::Fresh(candidate)) => {
                if self.is_held(sheet, candidate)? {
                    self.hold_new(sheet, candidate, settled)
                } else if self.hold_for_page(sheet, None, candidate, settled)? {
                    Ok(())
                } else {
                    self.drop_new(sheet.feed, candidate)?;
                    self.create(sheet, candidate, &judged, &near, settled)
                }
            }
            (Verdict::Revision(id), Item::Fresh(candidate)) => {
                if self.comes_too_soon(*id)? {
                    self.hold_edit(sheet, *id, candidate, settled)
                } else if self.hold_for_page(sheet, Some(*id), candidate, settled)? {
                    Ok(())
                } else {
                    // What this feed said before it is not to come out after it.
                    self.drop_edit(sheet.feed, *id)?;
                    self.revise(sheet, *id, candidate, &judged, &near, settled)
                }
            }
            (Verdict::New { .. }, Item::Known(..)) if self.is_waiting(sheet.feed, sighting)? => {
                settled.waiting += 1;
                Ok(())
            }
            (Verdict::New { .. }, Item::MarkSeen(_)) => {
                settled.marked_seen += 1;
                self.remember(sheet, sighting, &judged).map(|_| ())
            }
            (Verdict::New { .. } | Verdict::Revision(_), Item::Known(..)) => {
                settled.stale += 1;
                Ok(())
            }
        }?;
        Ok(judged)
    }

    /// What is known under a sighting's keys, and of the document that it stands in.
    pub(crate) fn neighbours(&mut self, sheet: &Sheet<'_>, sighting: &Sighting) -> Result<Neighbours, Error> {
        let mut near = self.overlay.neighbours(sheet.feed, &sheet.state.quirks, sighting)?;
        let by_text = near.text.as_ref().or(near.said.as_ref());
        near.habits.text_is_free =
            self.has_documents && by_text.is_some_and(|known| !sheet.named.contains(&known.id));
        near.habits.feed_moved = sheet.moved;
        Ok(near)
    }

    /// Gives an article its id and its keys; it is not published by this.
    pub(crate) fn remember(
        &mut self,
        sheet: &mut Sheet<'_>,
        sighting: &Sighting,
        judged: &Judgement,
    ) -> Result<(ArticleId, ArticleState), Error> {
        let id = self.free_id(sighting)?;
        let mut state = ArticleState {
            seen: self.overlay.today,
            revision: 0,
            fingerprint: sighting.fingerprint,
            fields: sighting.fields,
            root: None,
            first_seen_ms: self.now.as_millisecond(),
            changed_ms: self.now.as_millisecond(),
            published_day: sighting.published_day,
            gist: sighting.gist,
            story: None,
            is_withdrawn: false,
            has_held_edit: false,
            said: Vec::new(),
        };
        state.hear(sheet.feed, &sighting.fingerprint);
        self.touched = Some(id);
        self.overlay.set_article(id, state.clone());
        sheet.named.insert(id);
        self.point(sheet, sighting, id, judged.quirk)?;
        Ok((id, state))
    }

    fn free_id(&mut self, sighting: &Sighting) -> Result<ArticleId, Error> {
        for attempt in 0..NAMES_MAX {
            let id = (self.rules.name)(sighting, attempt);
            if self.overlay.article(id)?.is_none() {
                return Ok(id);
            }
        }
        Err(Error::Refused(format!("no free id for an article after {NAMES_MAX} attempts")))
    }

    /// Points every key that is free to the article, and renews those that point to it already. A name that
    /// was used again is taken over; then, and where there is no better one, the title names it, too. New
    /// guids of a feed that changes them all the time are not kept, but for a sample by which to see it stop.
    pub(crate) fn point(
        &mut self,
        sheet: &Sheet<'_>,
        sighting: &Sighting,
        id: ArticleId,
        quirk: Option<Quirk>,
    ) -> Result<(), Error> {
        let keys = &sighting.keys;
        let is_nameless = keys.guid.is_none() && keys.url.is_none();
        let is_reused = matches!(quirk, Some(Quirk::GuidReuse | Quirk::UrlReuse));
        let churns = sheet.state.quirks.guids_churn();
        for (kind, key) in by_kind(keys) {
            let alias = self.overlay.alias(kind, key)?;
            let is_kept = match kind {
                Kind::Title => is_nameless || is_reused,
                Kind::Guid => !churns || key.0[15] & 15 == 0,
                Kind::Url | Kind::Text | Kind::Said => true,
            };
            match alias {
                Some(alias) if alias.id == id && alias.seen == self.overlay.today => {}
                Some(alias) if alias.id == id => self.overlay.set_alias(kind, key, id),
                Some(_) if is_reused && matches!(kind, Kind::Guid | Kind::Url) => {
                    self.overlay.set_alias(kind, key, id);
                }
                Some(_) => {}
                None if is_kept => self.overlay.set_alias(kind, key, id),
                None => {}
            }
        }
        Ok(())
    }

    pub(crate) fn seen_again(
        &mut self,
        sheet: &mut Sheet<'_>,
        id: ArticleId,
        sighting: &Sighting,
        place: Option<Place>,
    ) -> Result<(), Error> {
        self.touched = Some(id);
        if let Some(mut state) = self.overlay.article(id)? {
            if 0 < state.revision {
                self.carry(sheet.feed, id, &state, place.unwrap_or_default())?;
            }
            let was_taken_back = state.has_held_edit && sighting.fingerprint == state.fingerprint;
            if was_taken_back && self.drop_edit(sheet.feed, id)? {
                state.has_held_edit = false;
                state.hear(sheet.feed, &sighting.fingerprint);
                self.overlay.set_article(id, state);
            } else if state.hear(sheet.feed, &sighting.fingerprint) || state.seen != self.overlay.today {
                self.overlay.set_article(id, state);
            }
        }
        self.point(sheet, sighting, id, None)
    }

    /// A sheet for articles that come from no document.
    pub(crate) fn loose_sheet<'f>(&mut self, feed: &'f FeedId) -> Result<Sheet<'f>, Error> {
        let state = self.overlay.feed(feed)?;
        Ok(Sheet { feed, state, named: HashSet::new(), moved: false, improbable: false })
    }

    /// A new article that was held goes out, unless it was settled otherwise meanwhile.
    pub(crate) fn publish_held(
        &mut self,
        sheet: &mut Sheet<'_>,
        candidate: &Candidate,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let near = self.neighbours(sheet, &candidate.sighting)?;
        let judged = (self.rules.judge)(&candidate.sighting, &near);
        match &judged.verdict {
            Verdict::New { .. } => self.create(sheet, candidate, &judged, &near, settled),
            Verdict::Known(id) | Verdict::Revision(id) => {
                settled.known += 1;
                let place = Place::from(&candidate.story.article);
                self.seen_again(sheet, *id, &candidate.sighting, Some(place))
            }
        }
    }
}
