//! What goes out when an article is new, changed or taken back: its record, its sighting, its story's
//! record, each a row of the outbox, and the evidence for `explain`.

use crate::Error;
use crate::codec::{self, ArticleState, Kind, StoredRow};
use crate::decide::{Decider, Sheet};
use crate::shelf::{self, NearTrace, Shelf, StoryTrace, Trace};
use crate::stories::Joined;
use jiff::Timestamp;
use model::page::Page;
use model::settle::{
    Candidate, Carried, Decision, FIELD_NAMES, FeedNews, FieldHashes, Judgement, Known, Neighbours, Place,
    Root, Settled, Told, Verdict,
};
use model::{ArticleId, FeedId, Row, Sketch, Topic};
use record::{Change, DuplicateKind, FeedChange, StoryChange};

/// Texts that are named as nearest.
const NEAREST_MAX: usize = 3;

/// What a text was found to be near to.
#[derive(Default)]
struct Looked {
    root: Option<Root>,
    /// The story of the article that it repeats.
    story: Option<ArticleId>,
    /// The text that is repeated is a summary, this one is not.
    is_fuller: bool,
    nearest: Vec<NearTrace>,
}

impl Decider<'_, '_> {
    pub(crate) fn create(
        &mut self,
        sheet: &mut Sheet<'_>,
        candidate: &Candidate,
        judged: &Judgement,
        near: &Neighbours,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let (id, mut state) = self.remember(sheet, &candidate.sighting, judged)?;
        let looked = self.look(id, candidate, judged)?;
        state.revision = 1;
        (state.root, state.fields) = (looked.root, candidate.fields());
        settled.created += 1;
        match looked.root.map(|root| root.kind) {
            Some(DuplicateKind::Copy) => settled.copies += 1,
            Some(DuplicateKind::Near) => settled.near += 1,
            Some(DuplicateKind::Other) | None => {}
        }
        self.learn(candidate, looked.root)?;
        let joined = self.join_story(id, candidate, &looked);
        state.story = Some(joined.story);
        self.publish(id, &state, candidate, Change::Created, Vec::new());
        let place = Place::from(&candidate.story.article);
        self.carried(sheet.feed, id, &state, place);
        self.tell(id, &joined);
        let trace = self.trace(sheet, &state, candidate, judged, near);
        let story =
            StoryTrace { id: joined.story.to_string(), similarity: joined.similarity, words: joined.words };
        self.note(id, Trace { nearest: looked.nearest, story: Some(story), ..trace })?;
        self.overlay.set_article(id, state);
        self.point_page(id, candidate)
    }

    pub(crate) fn revise(
        &mut self,
        sheet: &mut Sheet<'_>,
        id: ArticleId,
        candidate: &Candidate,
        judged: &Judgement,
        near: &Neighbours,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let sighting = &candidate.sighting;
        self.touched = Some(id);
        let Some(mut state) = self.overlay.article(id)? else {
            return Err(Error::Refused(format!("article {id} was judged known, but has no state")));
        };
        let fields = candidate.fields();
        let changed = if state.revision == 0 { vec![] } else { changed_fields(&state.fields, &fields) };
        let mut trace = self.trace(sheet, &state, candidate, judged, near);
        let copied = near.text.as_ref().filter(|text| text.id != id);
        if let Some(root) = copied.map(|text| text.root.unwrap_or(text.id)).filter(|root| *root != id) {
            state.root = Some(Root { id: root, kind: DuplicateKind::Copy, containment: 1.0 });
        }
        let has_page = matches!(candidate.page, Page::Read(_));
        if (sighting.gist.is_some() && sighting.gist != state.gist) || (has_page && changed.contains(&"text"))
        {
            self.index(id, candidate)?;
        }
        let was_heard = state.has_heard(sheet.feed).0;
        (state.gist, state.published_day) = (sighting.gist.or(state.gist), sighting.published_day);
        (state.fingerprint, state.fields) = (sighting.fingerprint, fields);
        state.revision += 1;
        state.changed_ms = self.now.as_millisecond();
        (state.is_withdrawn, state.has_held_edit) = (candidate.withdrawn, false);
        let change = match state.revision {
            _ if candidate.withdrawn => Change::Withdrawn,
            1 => Change::Created,
            _ => Change::Updated,
        };
        let mut joined = None;
        if state.story.is_none() {
            let opened = self.join_story(id, candidate, &Looked::default());
            state.story = Some(opened.story);
            joined = Some(opened);
        }
        match change {
            Change::Created => settled.created += 1,
            Change::Updated | Change::Other => settled.updated += 1,
            Change::Withdrawn => settled.withdrawn += 1,
        }
        trace.revision = state.revision;
        trace.change = word(change).into();
        trace.changed_fields = changed.iter().map(|&name| name.into()).collect();
        self.publish(id, &state, candidate, change, changed);
        let place = Place::from(&candidate.story.article);
        if was_heard && state.revision == 1 {
            self.carried(sheet.feed, id, &state, place);
        } else {
            self.carry(sheet.feed, id, &state, place)?;
        }
        state.hear(sheet.feed, &sighting.fingerprint);
        if let Some(joined) = joined {
            self.tell(id, &joined);
        }
        self.note(id, trace)?;
        self.overlay.set_article(id, state);
        self.point_page(id, candidate)?;
        let quirk = judged.quirk.filter(|_| matches!(judged.verdict, Verdict::New { .. }));
        self.point(sheet, sighting, id, quirk)
    }

    pub(crate) fn withdraw(
        &mut self,
        sheet: &mut Sheet<'_>,
        id: ArticleId,
        candidate: &Candidate,
        settled: &mut Settled,
    ) -> Result<(), Error> {
        let is_news =
            self.overlay.article(id)?.is_some_and(|state| 0 < state.revision && !state.is_withdrawn);
        if !is_news {
            self.touched = Some(id);
            settled.known += 1;
            return Ok(());
        }
        self.drop_edit(sheet.feed, id)?;
        let judged = Judgement { verdict: Verdict::Revision(id), disagreement: false, quirk: None };
        self.revise(sheet, id, candidate, &judged, &Neighbours::default(), settled)
    }

    /// Looks for what the text repeats, and puts it where later ones find it.
    fn look(&mut self, id: ArticleId, candidate: &Candidate, judged: &Judgement) -> Result<Looked, Error> {
        let mut looked = Looked::default();
        if let Verdict::New { copy_of: Some(root) } = judged.verdict {
            looked.root = Some(Root { id: root, kind: DuplicateKind::Copy, containment: 1.0 });
            looked.story = self.overlay.article(root)?.and_then(|state| state.story);
            return Ok(looked);
        }
        let Some(sketch) = &candidate.sketch else { return Ok(looked) };
        let mut best = 0.0;
        let at_s = self.at_s();
        let mut hashes = Vec::with_capacity(32);
        (self.rules.bands)(sketch, &mut hashes);
        for near in self.memory.near.look(&hashes, at_s) {
            let likeness = (self.rules.compare)(sketch, &near.sketch);
            looked.nearest.push(NearTrace {
                id: near.id.to_string(),
                containment: likeness.containment,
                bands: near.bands,
                is_near: likeness.is_near,
            });
            if !likeness.is_near || likeness.containment <= best || near.id == id {
                continue;
            }
            // A text of a batch that was never written is nobody's.
            let Some(state) = self.overlay.article(near.id)? else { continue };
            best = likeness.containment;
            let root = state.root.map_or(near.id, |root| root.id);
            looked.root =
                Some(Root { id: root, kind: DuplicateKind::Near, containment: likeness.containment });
            looked.story = state.story;
            looked.is_fuller = is_fuller(sketch, &near.sketch);
        }
        looked.nearest.sort_by(|a, b| b.containment.total_cmp(&a.containment));
        looked.nearest.truncate(NEAREST_MAX);
        self.memory.near.insert(id, at_s, sketch, &hashes)?;
        Ok(looked)
    }

    fn index(&mut self, id: ArticleId, candidate: &Candidate) -> Result<(), Error> {
        let Some(sketch) = &candidate.sketch else { return Ok(()) };
        let mut hashes = Vec::with_capacity(32);
        (self.rules.bands)(sketch, &mut hashes);
        let at_s = self.at_s();
        self.memory.near.insert(id, at_s, sketch, &hashes)
    }

    fn at_s(&self) -> u32 {
        u32::try_from(self.now.as_second().max(0)).unwrap_or(u32::MAX)
    }

    /// What the outlet puts under its articles is learned from every text but plain copies.
    fn learn(&mut self, candidate: &Candidate, root: Option<Root>) -> Result<(), Error> {
        let Some(domain) = candidate.story.article.outlet.domain.as_deref() else { return Ok(()) };
        if candidate.paragraphs.is_empty() || root.is_some_and(|root| root.kind == DuplicateKind::Copy) {
            return Ok(());
        }
        let mut outlet = self.overlay.outlet(domain)?;
        outlet.note(&candidate.paragraphs, candidate.sketch.as_ref().map_or(0, |sketch| sketch.title));
        self.overlay.set_outlet(domain, outlet);
        Ok(())
    }

    fn join_story(&mut self, id: ArticleId, candidate: &Candidate, looked: &Looked) -> Joined {
        let now_ms = self.now.as_millisecond();
        match (&looked.root, looked.story) {
            // A summary is no good to go by once the full text is there.
            (Some(root), Some(story)) if !looked.is_fuller => self.memory.stories.repeat(story, root, now_ms),
            (Some(_), Some(story)) => self.memory.stories.deepen(story, &candidate.terms, now_ms),
            _ => {
                let title = candidate.story.article.title.as_deref();
                self.memory.stories.place(id, title, &candidate.terms, now_ms)
            }
        }
    }

    fn trace(
        &self,
        sheet: &Sheet<'_>,
        state: &ArticleState,
        candidate: &Candidate,
        judged: &Judgement,
        near: &Neighbours,
    ) -> Trace {
        let kinds: [(Kind, &Option<Known>); 5] = [
            (Kind::Guid, &near.guid),
            (Kind::Url, &near.url),
            (Kind::Text, &near.text),
            (Kind::Title, &near.title),
            (Kind::Said, &near.said),
        ];
        let hits = kinds
            .into_iter()
            .filter_map(|(kind, known)| Some((kind.keyspace().to_owned(), known.as_ref()?.id.to_string())));
        Trace {
            revision: state.revision,
            change: word(if candidate.withdrawn { Change::Withdrawn } else { Change::Created }).into(),
            at_ms: self.now.as_millisecond(),
            feed: sheet.feed.to_string(),
            changed_fields: Vec::new(),
            keys: hits.collect(),
            quirk: judged.quirk.map(|quirk| format!("{quirk:?}")),
            nearest: Vec::new(),
            story: None,
        }
    }

    fn note(&mut self, id: ArticleId, trace: Trace) -> Result<(), Error> {
        let mut traces: Vec<Trace> = match trace.revision {
            0 | 1 => Vec::new(),
            _ => {
                let before = self.overlay.shelved(Shelf::Evidence, &id.0)?;
                before.and_then(|value| shelf::dated(&value)).unwrap_or_default()
            }
        };
        if traces.len() == TRACES_MAX {
            traces.remove(1);
        }
        traces.push(trace);
        let value = shelf::with_day(self.overlay.today, &traces);
        self.overlay.shelve(Shelf::Evidence, id.0.to_vec(), Some(value));
        Ok(())
    }

    fn publish(
        &mut self,
        id: ArticleId,
        state: &ArticleState,
        candidate: &Candidate,
        change: Change,
        changed_fields: Vec<&'static str>,
    ) {
        let (seq, topic_seq) = self.next(Topic::Articles);
        let decision = Decision {
            id,
            revision: state.revision,
            change,
            changed_fields,
            duplicate: state.root.map(|root| root.duplicate()),
            story: state.story,
            backfill: candidate.backfill,
            first_seen_at: Timestamp::from_millisecond(state.first_seen_ms).unwrap_or(self.now),
            settled_at: self.now,
            store: self.store,
            seq,
            topic_seq,
        };
        self.push((self.rules.compose)(&candidate.story, &decision));
    }

    /// Tells that a feed carries an article, if that was not told before.
    pub(crate) fn carry(
        &mut self,
        feed: &FeedId,
        id: ArticleId,
        state: &ArticleState,
        place: Place,
    ) -> Result<(), Error> {
        let (was_heard, all_are_remembered) = state.has_heard(feed);
        if was_heard {
            return Ok(());
        }
        if !all_are_remembered {
            // The article is in more feeds than its state remembers.
            let key = [&id.0[..], &codec::voice(feed).to_be_bytes()].concat();
            if self.overlay.shelved(Shelf::Carried, &key)?.is_some() {
                return Ok(());
            }
            self.overlay.shelve(Shelf::Carried, key, Some(self.overlay.today.to_be_bytes().to_vec()));
        }
        self.carried(feed, id, state, place);
        Ok(())
    }

    fn carried(&mut self, feed: &FeedId, id: ArticleId, state: &ArticleState, place: Place) {
        let (seq, topic_seq) = self.next(Topic::Sightings);
        let (revision, seen_at, store) = (state.revision, self.now, self.store);
        let carried = Carried { id, revision, feed: feed.clone(), place, seen_at, store, seq, topic_seq };
        self.push((self.rules.compose_sighting)(&carried));
    }

    fn tell(&mut self, article: ArticleId, joined: &Joined) {
        if let Some((from, articles, title)) = &joined.merged {
            let merged = Joined { story: *from, title: title.clone(), articles: *articles, ..joined.clone() };
            self.tell_one(article, &merged, StoryChange::Merged, Some(joined.story));
        }
        let change = if joined.is_new { StoryChange::Opened } else { StoryChange::Grew };
        self.tell_one(article, joined, change, None);
    }

    fn tell_one(
        &mut self,
        article: ArticleId,
        joined: &Joined,
        change: StoryChange,
        into: Option<ArticleId>,
    ) {
        let (seq, topic_seq) = self.next(Topic::Stories);
        let told = Told {
            story: joined.story,
            change,
            into,
            article,
            title: joined.title.clone(),
            articles: joined.articles,
            similarity: joined.similarity,
            at: self.now,
            store: self.store,
            seq,
            topic_seq,
        };
        self.push((self.rules.compose_story)(&told));
    }

    /// Tells what happened to a feed.
    pub(crate) fn feed_news(&mut self, feed: &FeedId, change: FeedChange, detail: String) {
        let (seq, topic_seq) = self.next(Topic::Feeds);
        let (feed, at, store) = (feed.clone(), self.now, self.store);
        self.push((self.rules.compose_feed)(&FeedNews { feed, change, detail, at, store, seq, topic_seq }));
    }

    /// The next place in the outbox, and among the records of a topic.
    fn next(&mut self, topic: Topic) -> (u64, u64) {
        self.counters.last_seq += 1;
        let count = &mut self.counters.topics[topic as usize];
        *count += 1;
        (self.counters.last_seq, *count)
    }

    fn push(&mut self, row: Row) {
        self.counters.cumulated += row.weight() as u64;
        self.rows.push(StoredRow { cumulated: self.counters.cumulated, row });
    }
}

/// Revisions of an article whose evidence is kept: the first, and the latest.
const TRACES_MAX: usize = 50;

/// Words from which a text is no summary.
const FULL_WORDS: u16 = 60;

fn is_fuller(text: &Sketch, than: &Sketch) -> bool {
    than.words < FULL_WORDS && FULL_WORDS <= text.words
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Created => "created",
        Change::Updated | Change::Other => "updated",
        Change::Withdrawn => "withdrawn",
    }
}

fn changed_fields(before: &FieldHashes, now: &FieldHashes) -> Vec<&'static str> {
    let pairs = before.iter().zip(now).zip(FIELD_NAMES);
    pairs.filter_map(|((before, now), name)| (before != now).then_some(name)).collect()
}
