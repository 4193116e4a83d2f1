//! One settlement, decided article by article. The verdicts are the rules'; here they are carried
//! out: an id is given, a revision counted, the record written, the keys pointed.

use crate::Error;
use crate::codec::{ArticleState, Counters, Kind, StoredRow};
use crate::overlay::Overlay;
use fault::Mutant;
use jiff::Timestamp;
use model::settle::{
    Candidate, Decision, FIELD_NAMES, FieldHashes, Item, Neighbours, Outcome, Rules, Settled, Settlement,
    Sighting, Verdict,
};
use model::{ArticleId, FeedId, FetchNote, HostPace, Key, Keys, StoreId};
use record::{Change, Duplicate, DuplicateKind};

/// Ids that are tried for an article before giving up; each is free but for a collision of 128 bits.
const NAMES_MAX: u32 = 1000;

pub(crate) struct Decider<'a> {
    pub(crate) overlay: Overlay<'a>,
    pub(crate) counters: Counters,
    pub(crate) rows: Vec<StoredRow>,
    pub(crate) hosts: Vec<(String, HostPace)>,
    pub(crate) notes: Vec<(FeedId, u8, FetchNote)>,
    pub(crate) rules: Rules,
    pub(crate) store: StoreId,
    pub(crate) now: Timestamp,
}

/// Each kind of key with the key that a sighting has of it.
pub(crate) fn by_kind(keys: &Keys) -> impl Iterator<Item = (Kind, Key)> {
    Kind::ALL
        .into_iter()
        .zip([keys.guid, keys.url, keys.text, keys.title])
        .filter_map(|(kind, key)| Some((kind, key?)))
}

impl Decider<'_> {
    /// Decides a whole settlement; what is to be written is left in `self`.
    pub(crate) fn settle(&mut self, settlement: &mut Settlement) -> Result<Settled, Error> {
        let mut settled = Settled::default();
        let mut state = self.overlay.feed(&settlement.feed)?;
        let validators_before = state.validators.clone();
        let (slot, note) = state.note(settlement);
        self.notes.push((settlement.feed.clone(), slot, note));
        if let Outcome::Document { items, .. } = &mut settlement.outcome {
            for item in items {
                self.item(&settlement.feed, item, &mut settled)?;
            }
        }
        if settled.stale > 0 {
            // Something changed under the visit: without new validators the next one brings it all again.
            state.validators = validators_before;
        }
        self.overlay.set_feed(&settlement.feed, state);
        self.hosts.extend(settlement.planned.host.take());
        settled.last_seq = self.counters.last_seq;
        Ok(settled)
    }

    fn item(&mut self, feed: &FeedId, item: &mut Item, settled: &mut Settled) -> Result<(), Error> {
        let sighting = match item {
            Item::Known(sighting) | Item::MarkSeen(sighting) => *sighting,
            Item::Fresh(candidate) => candidate.sighting,
        };
        let near = match item {
            Item::Fresh(_) if fault::is(Mutant::NoSequencer) => Neighbours::default(),
            _ => self.neighbours(feed, &sighting)?,
        };
        let judgement = (self.rules.judge)(&sighting, &near);
        settled.disagreements += u32::from(judgement.disagreement);
        self.counters.disagreements += u64::from(judgement.disagreement);
        match (judgement.verdict, item) {
            (Verdict::Known(id), _) => {
                settled.known += 1;
                self.seen_again(feed, id, &sighting)
            }
            (Verdict::New { copy_of }, Item::Fresh(candidate)) => {
                self.create(feed, candidate, copy_of, settled)
            }
            (Verdict::Revision(id), Item::Fresh(candidate)) => {
                self.revise(feed, id, candidate, &near, settled)
            }
            (Verdict::New { copy_of }, Item::MarkSeen(_)) => {
                settled.marked_seen += 1;
                self.remember(feed, &sighting, copy_of).map(|_| ())
            }
            (Verdict::Revision(id), Item::MarkSeen(_)) => {
                settled.known += 1;
                self.seen_again(feed, id, &sighting)
            }
            (Verdict::New { .. } | Verdict::Revision(_), Item::Known(_)) => {
                settled.stale += 1;
                Ok(())
            }
        }
    }

    /// What is known under a sighting's keys.
    fn neighbours(&mut self, feed: &FeedId, sighting: &Sighting) -> Result<Neighbours, Error> {
        let mut near = Neighbours::default();
        for (kind, key) in by_kind(&sighting.keys) {
            let Some(alias) = self.overlay.alias(kind, key)? else { continue };
            let state = self.overlay.article(alias.id)?;
            let known = state.map(|state| state.known(alias.id, feed, &sighting.fingerprint));
            *slot(&mut near, kind) = known;
        }
        Ok(near)
    }

    fn create(
        &mut self,
        feed: &FeedId,
        candidate: &Candidate,
        copy_of: Option<ArticleId>,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let (id, mut state) = self.remember(feed, &candidate.sighting, copy_of)?;
        state.revision = 1;
        settled.created += 1;
        settled.copies += u32::from(copy_of.is_some());
        self.publish(id, &state, candidate, Vec::new());
        self.overlay.set_article(id, state);
        Ok(())
    }

    fn revise(
        &mut self,
        feed: &FeedId,
        id: ArticleId,
        candidate: &Candidate,
        near: &Neighbours,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let sighting = &candidate.sighting;
        let Some(mut state) = self.overlay.article(id)? else {
            return Err(Error::Refused(format!("article {id} was judged known, but has no state")));
        };
        let changed =
            if state.revision == 0 { vec![] } else { changed_fields(&state.fields, &sighting.fields) };
        let other = near.text.as_ref().filter(|text| text.id != id);
        state.root = other.map(|text| text.root.unwrap_or(text.id)).filter(|root| *root != id);
        state.revision += 1;
        state.fingerprint = sighting.fingerprint;
        state.fields = sighting.fields;
        state.hear(feed, &sighting.fingerprint);
        if state.revision == 1 {
            settled.created += 1
        } else {
            settled.updated += 1
        }
        self.publish(id, &state, candidate, changed);
        self.overlay.set_article(id, state);
        self.point(sighting, id)
    }

    /// Gives an article its id and its keys; it is not published by this.
    fn remember(
        &mut self,
        feed: &FeedId,
        sighting: &Sighting,
        copy_of: Option<ArticleId>,
    ) -> Result<(ArticleId, ArticleState), Error> {
        let id = self.free_id(sighting)?;
        let mut state = ArticleState {
            seen: self.overlay.today,
            revision: 0,
            fingerprint: sighting.fingerprint,
            fields: sighting.fields,
            root: copy_of,
            first_seen_ms: self.now.as_millisecond(),
            said: Vec::new(),
        };
        state.hear(feed, &sighting.fingerprint);
        self.overlay.set_article(id, state.clone());
        self.point(sighting, id)?;
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

    /// Points every key that is free to the article, and renews those that point to it already.
    fn point(&mut self, sighting: &Sighting, id: ArticleId) -> Result<(), Error> {
        for (kind, key) in by_kind(&sighting.keys) {
            match self.overlay.alias(kind, key)? {
                Some(alias) if alias.id != id || alias.seen == self.overlay.today => {}
                _ => self.overlay.set_alias(kind, key, id),
            }
        }
        Ok(())
    }

    fn seen_again(&mut self, feed: &FeedId, id: ArticleId, sighting: &Sighting) -> Result<(), Error> {
        if let Some(mut state) = self.overlay.article(id)?
            && (state.hear(feed, &sighting.fingerprint) || state.seen != self.overlay.today)
        {
            self.overlay.set_article(id, state);
        }
        self.point(sighting, id)
    }

    fn publish(
        &mut self,
        id: ArticleId,
        state: &ArticleState,
        candidate: &Candidate,
        changed_fields: Vec<&'static str>,
    ) {
        let duplicate = state.root.map(|root| Duplicate {
            of: root.to_string(),
            kind: DuplicateKind::Copy,
            containment: 1.0,
        });
        self.counters.last_seq += 1;
        self.counters.topics[model::Topic::Articles as usize] += 1;
        let decision = Decision {
            id,
            revision: state.revision,
            change: if state.revision == 1 { Change::Created } else { Change::Updated },
            changed_fields,
            duplicate,
            backfill: candidate.backfill,
            first_seen_at: Timestamp::from_millisecond(state.first_seen_ms).unwrap_or(self.now),
            settled_at: self.now,
            store: self.store,
            seq: self.counters.last_seq,
            topic_seq: self.counters.topics[model::Topic::Articles as usize],
        };
        let row = (self.rules.compose)(&candidate.story, &decision);
        self.counters.cumulated += row.weight() as u64;
        self.rows.push(StoredRow { cumulated: self.counters.cumulated, row });
    }
}

pub(crate) fn slot(near: &mut Neighbours, kind: Kind) -> &mut Option<model::settle::Known> {
    match kind {
        Kind::Guid => &mut near.guid,
        Kind::Url => &mut near.url,
        Kind::Text => &mut near.text,
        Kind::Title => &mut near.title,
    }
}

fn changed_fields(before: &FieldHashes, now: &FieldHashes) -> Vec<&'static str> {
    let pairs = before.iter().zip(now).zip(FIELD_NAMES);
    pairs.filter_map(|((before, now), name)| (before != now).then_some(name)).collect()
}
