//! Online grouping of articles into stories. An article joins the story that it resembles most, or opens
//! one; two stories that turn out to be one are merged. What an article costs depends on its terms and on
//! the stories that share the rare ones among them, never on how many stories there are.

use crate::codec;
use model::settle::Root;
use model::{ArticleId, Term};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Terms of an article that count, the heaviest.
const TERMS_MAX: usize = 30;
/// Terms of a story's centroid.
const CENTROID_MAX: usize = 100;
/// Articles of a story that a new one is compared with: the first, and the latest.
const MEMBERS_MAX: usize = 8;
/// Stories that a term leads to, the latest.
const POSTINGS_MAX: usize = 128;
/// Stories that are compared in full.
const COMPARED_MAX: usize = 16;
/// Share of the nearest member in the likeness; the rest is the centroid's.
const MEMBER_SHARE: f32 = 0.6;
/// An article this like a story joins it. Tuned on half the stories of the development set, see the benchmarks.
const JOIN: f32 = 0.24;
/// Two stories whose centroids are this much alike are one, when an article could join either.
const MERGE: f32 = 0.5;
/// Terms that an article shares with a story at least.
const SHARED_MIN: usize = 3;
/// What is left of the likeness at the end of the window.
const AGED: f32 = 0.7;
/// Counters of document frequency; terms share them by chance.
const COUNTERS: usize = 1 << 17;
/// After so many articles the counters are halved.
const ARTICLES_MAX: u32 = 60_000;
/// Words of explanation.
const WORDS_MAX: usize = 8;

type Vector = Vec<(u32, f32)>;

/// How an article came to its story.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Joined {
    pub(crate) story: ArticleId,
    pub(crate) is_new: bool,
    pub(crate) similarity: f32,
    pub(crate) words: Vec<String>,
    pub(crate) title: Option<String>,
    pub(crate) articles: u32,
    /// A story that turned out to be this one, and its articles.
    pub(crate) merged: Option<(ArticleId, u32, Option<String>)>,
}

impl Default for Joined {
    fn default() -> Self {
        Self {
            story: ArticleId([0; 16]),
            is_new: false,
            similarity: 0.0,
            words: Vec::new(),
            title: None,
            articles: 0,
            merged: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Story {
    title: Option<String>,
    articles: u32,
    opened_ms: i64,
    last_ms: i64,
    members: Vec<Vector>,
    /// Sum of the members' vectors, the heaviest terms, ascending by term; empty while there is one member.
    centroid: Vector,
}

#[derive(Serialize, Deserialize)]
enum Stored {
    Open(Box<Story>),
    Merged { into: ArticleId, at_ms: i64 },
}

pub(crate) fn is_readable(value: &[u8]) -> bool {
    value.first() == Some(&b'f') || codec::decode::<Stored>(value).is_some()
}

#[derive(Debug)]
pub(crate) struct Stories {
    window_ms: i64,
    stories_max: usize,
    open: HashMap<ArticleId, Story>,
    merged: HashMap<ArticleId, (ArticleId, i64)>,
    by_time: BTreeSet<(i64, ArticleId)>,
    postings: HashMap<u32, Vec<ArticleId>>,
    frequency: Vec<u16>,
    articles: u32,
    changed: HashSet<ArticleId>,
    frequency_is_due: bool,
    keeps_all: bool,
}

impl Stories {
    pub(crate) fn new(window_ms: i64, stories_max: usize) -> Self {
        Self {
            window_ms,
            stories_max: stories_max.max(1),
            open: HashMap::new(),
            merged: HashMap::new(),
            by_time: BTreeSet::new(),
            postings: HashMap::new(),
            frequency: vec![0; COUNTERS],
            articles: 0,
            changed: HashSet::new(),
            frequency_is_due: false,
            keeps_all: false,
        }
    }

    /// Stories out of the window stay open for articles from their time, which may come in any order.
    pub(crate) fn that_keep_all(self) -> Self {
        Self { keeps_all: true, ..self }
    }

    /// Takes in a value as it was written; one that cannot be read is an old story less.
    pub(crate) fn load(&mut self, key: &[u8], value: &[u8]) {
        if let Some(counts) = value.strip_prefix(b"f") {
            let pairs = counts.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]]));
            self.frequency.iter_mut().zip(pairs).for_each(|(to, from)| *to = from);
            self.articles = self.frequency.iter().copied().max().unwrap_or_default().into();
            return;
        }
        let Some(id) = key.try_into().ok().map(ArticleId) else { return };
        match codec::decode::<Stored>(value) {
            Some(Stored::Open(story)) => self.insert(id, *story),
            Some(Stored::Merged { into, at_ms }) => drop(self.merged.insert(id, (into, at_ms))),
            None => {}
        }
    }

    /// What changed since this was last asked: key, and value or none for what is gone.
    pub(crate) fn take_changes(&mut self) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
        let mut changes = Vec::with_capacity(self.changed.len() + 1);
        for id in self.changed.drain() {
            let value = match (self.open.get(&id), self.merged.get(&id)) {
                (Some(story), _) => Some(codec::encoded(&Stored::Open(Box::new(story.clone())))),
                (None, Some((into, at_ms))) => {
                    Some(codec::encoded(&Stored::Merged { into: *into, at_ms: *at_ms }))
                }
                (None, None) => None,
            };
            changes.push((id.0.to_vec(), value));
        }
        if std::mem::take(&mut self.frequency_is_due) {
            let counts = self.frequency.iter().flat_map(|count| count.to_le_bytes());
            changes.push((b"frequency".to_vec(), Some([b'f'].into_iter().chain(counts).collect())));
        }
        changes
    }

    /// The story that goes by this id today.
    fn today(&self, mut id: ArticleId) -> ArticleId {
        // Merges point to the older story, so that there is no circle; the bound is for damage.
        for _ in 0..64 {
            match self.merged.get(&id) {
                Some((into, _)) => id = *into,
                None => break,
            }
        }
        id
    }

    /// One more article that repeats one of the story `of`.
    pub(crate) fn repeat(&mut self, of: ArticleId, root: &Root, now_ms: i64) -> Joined {
        let story = self.today(of);
        let (mut articles, mut title) = (0, None);
        if let Some(open) = self.open.get_mut(&story) {
            open.articles += 1;
            (articles, title) = (open.articles, open.title.clone());
            self.by_time.remove(&(open.last_ms, story));
            open.last_ms = open.last_ms.max(now_ms);
            self.by_time.insert((open.last_ms, story));
            self.changed.insert(story);
        }
        Joined { story, similarity: root.containment, articles, title, ..Joined::default() }
    }

    /// A full text of what the story knew from a summary: it counts, and is what others are compared with.
    pub(crate) fn deepen(&mut self, of: ArticleId, terms: &[Term], now_ms: i64) -> Joined {
        let story = self.today(of);
        self.count(terms);
        let vector = self.vector(terms);
        self.join(story, vector, now_ms);
        let open = self.open.get(&story);
        let (title, articles) = open.map_or((None, 0), |open| (open.title.clone(), open.articles));
        Joined { story, similarity: 1.0, title, articles, ..Joined::default() }
    }

    /// Finds the story of a new text, or opens one that gets the article's id.
    pub(crate) fn place(
        &mut self,
        article: ArticleId,
        title: Option<&str>,
        terms: &[Term],
        now_ms: i64,
    ) -> Joined {
        self.expire(now_ms);
        self.count(terms);
        let vector = self.vector(terms);
        let ranked = self.ranked(&vector, now_ms);
        let Some(&(similarity, story)) = ranked.first() else {
            return self.begin(article, title, vector, now_ms);
        };
        let words = self.shared_words(story, &vector, terms);
        let rival = ranked.get(1).map(|(_, rival)| *rival);
        let merged = rival.and_then(|rival| self.merge(story, rival, now_ms));
        let story = self.today(story);
        self.join(story, vector, now_ms);
        let open = self.open.get(&story);
        Joined {
            story,
            is_new: false,
            similarity,
            words,
            title: open.and_then(|open| open.title.clone()),
            articles: open.map_or(0, |open| open.articles),
            merged,
        }
    }

    fn count(&mut self, terms: &[Term]) {
        for term in terms {
            let counter = &mut self.frequency[term.hash as usize % COUNTERS];
            *counter = counter.saturating_add(1);
        }
        self.articles += 1;
        if ARTICLES_MAX <= self.articles {
            self.articles /= 2;
            self.frequency.iter_mut().for_each(|count| *count /= 2);
        }
        self.frequency_is_due |= self.articles.is_multiple_of(1024);
    }

    /// TF-IDF, the heaviest terms, of length 1, ascending by term.
    fn vector(&self, terms: &[Term]) -> Vector {
        let all = self.articles as f32 + 1.0;
        let rarity =
            |hash: u32| (all / (f32::from(self.frequency[hash as usize % COUNTERS]) + 0.5)).ln().max(0.0);
        let mut vector: Vector =
            terms.iter().map(|term| (term.hash, term.weight * rarity(term.hash))).collect();
        vector.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        vector.truncate(TERMS_MAX);
        vector.sort_unstable_by_key(|(term, _)| *term);
        vector.dedup_by_key(|(term, _)| *term);
        unit(&mut vector);
        vector
    }

    /// Stories that the article could join, most alike first.
    fn ranked(&self, vector: &Vector, now_ms: i64) -> Vec<(f32, ArticleId)> {
        let mut hits: HashMap<ArticleId, (f32, usize)> = HashMap::new();
        for (term, weight) in vector {
            for story in self.postings.get(term).into_iter().flatten() {
                let hit = hits.entry(*story).or_default();
                *hit = (hit.0 + weight, hit.1 + 1);
            }
        }
        let needed = SHARED_MIN.min(vector.len().max(2));
        let mut hits: Vec<(f32, ArticleId)> = hits
            .into_iter()
            .filter(|(_, (_, shared))| needed <= *shared)
            .map(|(story, (weight, _))| (weight, story))
            .collect();
        hits.sort_by(best_first);
        hits.truncate(COMPARED_MAX);
        let mut ranked: Vec<(f32, ArticleId)> = hits
            .into_iter()
            .filter_map(|(_, id)| Some((self.likeness(self.open.get(&id)?, vector, now_ms), id)))
            .filter(|(likeness, _)| JOIN <= *likeness)
            .collect();
        ranked.sort_by(best_first);
        ranked
    }

    fn likeness(&self, story: &Story, vector: &Vector, now_ms: i64) -> f32 {
        let nearest = story.members.iter().map(|member| dot(member, vector)).fold(0.0, f32::max);
        let centre = match story.centroid.is_empty() {
            true => nearest,
            false => dot(&story.centroid, vector) / length(&story.centroid),
        };
        let apart_ms = (now_ms - story.last_ms).abs();
        if self.window_ms < apart_ms {
            return 0.0;
        }
        let age = apart_ms as f32 / self.window_ms.max(1) as f32;
        (MEMBER_SHARE * nearest + (1.0 - MEMBER_SHARE) * centre) * (1.0 - (1.0 - AGED) * age)
    }

    fn begin(&mut self, id: ArticleId, title: Option<&str>, vector: Vector, now_ms: i64) -> Joined {
        let title = title.map(str::to_owned);
        let story = Story {
            title: title.clone(),
            articles: 1,
            opened_ms: now_ms,
            last_ms: now_ms,
            members: vec![vector],
            centroid: Vector::new(),
        };
        if self.stories_max <= self.open.len()
            && let Some((_, oldest)) = self.by_time.first().copied()
        {
            self.remove(oldest);
        }
        self.insert(id, story);
        self.changed.insert(id);
        Joined { story: id, is_new: true, similarity: 1.0, title, articles: 1, ..Joined::default() }
    }

    fn insert(&mut self, id: ArticleId, story: Story) {
        self.by_time.insert((story.last_ms, id));
        for (term, _) in terms_of(&story) {
            post(&mut self.postings, *term, id);
        }
        self.open.insert(id, story);
    }

    fn remove(&mut self, id: ArticleId) -> Option<Story> {
        let story = self.open.remove(&id)?;
        self.by_time.remove(&(story.last_ms, id));
        for (term, _) in terms_of(&story) {
            self.unpost(*term, id);
        }
        self.changed.insert(id);
        Some(story)
    }

    fn unpost(&mut self, term: u32, id: ArticleId) {
        if let Some(stories) = self.postings.get_mut(&term) {
            stories.retain(|story| *story != id);
            if stories.is_empty() {
                self.postings.remove(&term);
            }
        }
    }

    fn join(&mut self, id: ArticleId, vector: Vector, now_ms: i64) {
        let Some(mut story) = self.remove(id) else { return };
        story.articles += 1;
        story.last_ms = story.last_ms.max(now_ms);
        add_member(&mut story, vector);
        self.insert(id, story);
    }

    /// Merges the younger of two stories into the older, when they are alike; what went where.
    fn merge(&mut self, a: ArticleId, b: ArticleId, now_ms: i64) -> Option<(ArticleId, u32, Option<String>)> {
        let (first, second) = (self.open.get(&a)?, self.open.get(&b)?);
        let (x, y) = (centre_of(first), centre_of(second));
        if dot(x, y) / (length(x) * length(y)).max(f32::MIN_POSITIVE) < MERGE {
            return None;
        }
        let a_is_older = (first.opened_ms, a) <= (second.opened_ms, b);
        let (into, from) = if a_is_older { (a, b) } else { (b, a) };
        let gone = self.remove(from)?;
        let mut kept = self.remove(into)?;
        kept.articles += gone.articles;
        kept.last_ms = kept.last_ms.max(gone.last_ms);
        gone.members.into_iter().for_each(|member| add_member(&mut kept, member));
        self.insert(into, kept);
        self.merged.insert(from, (into, now_ms));
        Some((from, gone.articles, gone.title))
    }

    fn expire(&mut self, now_ms: i64) {
        while !self.keeps_all
            && let Some((last_ms, id)) = self.by_time.first().copied()
            && last_ms.saturating_add(self.window_ms) < now_ms
        {
            self.remove(id);
        }
        if self.articles.is_multiple_of(1024) {
            let before = now_ms.saturating_sub(self.window_ms.saturating_mul(4));
            let old = self.merged.iter().filter(|(_, (_, at_ms))| *at_ms < before).map(|(id, _)| *id);
            for id in old.collect::<Vec<_>>() {
                self.merged.remove(&id);
                self.changed.insert(id);
            }
        }
    }

    fn shared_words(&self, story: ArticleId, vector: &Vector, terms: &[Term]) -> Vec<String> {
        let Some(story) = self.open.get(&story) else { return Vec::new() };
        let centre = centre_of(story);
        let mut shared: Vec<(f32, u32)> = vector
            .iter()
            .filter_map(|(term, weight)| {
                let place = centre.binary_search_by_key(term, |(term, _)| *term).ok()?;
                Some((weight * centre[place].1, *term))
            })
            .collect();
        shared.sort_by(|a, b| b.0.total_cmp(&a.0));
        let word = |hash: u32| terms.iter().find(|term| term.hash == hash).map(|term| term.word.clone());
        shared.into_iter().take(WORDS_MAX).filter_map(|(_, hash)| word(hash)).collect()
    }
}

fn best_first(a: &(f32, ArticleId), b: &(f32, ArticleId)) -> std::cmp::Ordering {
    b.0.total_cmp(&a.0).then(a.1.0.cmp(&b.1.0))
}

fn post(postings: &mut HashMap<u32, Vec<ArticleId>>, term: u32, id: ArticleId) {
    let stories = postings.entry(term).or_default();
    if stories.len() == POSTINGS_MAX {
        stories.remove(0);
    }
    stories.push(id);
}

/// What a story is found by: its centroid's terms, else its only member's.
fn terms_of(story: &Story) -> &Vector {
    centre_of(story)
}

fn centre_of(story: &Story) -> &Vector {
    const NOTHING: &Vector = &Vec::new();
    if story.centroid.is_empty() { story.members.first().unwrap_or(NOTHING) } else { &story.centroid }
}

fn add_member(story: &mut Story, vector: Vector) {
    let mut sum: HashMap<u32, f32> = centre_of(story).iter().copied().collect();
    for (term, weight) in &vector {
        *sum.entry(*term).or_default() += weight;
    }
    let mut centroid: Vector = sum.into_iter().collect();
    centroid.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    centroid.truncate(CENTROID_MAX);
    centroid.sort_unstable_by_key(|(term, _)| *term);
    story.centroid = centroid;
    if story.members.len() == MEMBERS_MAX {
        story.members.remove(1);
    }
    story.members.push(vector);
}

fn dot(a: &Vector, b: &Vector) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.0.cmp(&y.0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += x.1 * y.1;
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    sum
}

fn length(vector: &Vector) -> f32 {
    vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
}

fn unit(vector: &mut Vector) {
    let length = length(vector);
    vector.iter_mut().for_each(|(_, weight)| *weight /= length);
}

#[cfg(test)]
mod tests;
