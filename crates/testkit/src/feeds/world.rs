//! The world that the scripted server shows: outlets, articles, revisions, feeds and their windows.
//! Pure: it is told the time and draws from one seed.

use super::render::{self, Format};
use crate::rng::Rng;
use crate::text;
use std::collections::{BTreeMap, VecDeque};

/// What happens in the world, and how often.
#[derive(Clone, Debug)]
pub struct Script {
    /// Everything follows from it.
    pub seed: u64,
    /// Well-behaved feeds.
    pub feeds: usize,
    /// Feeds that hang, lie or are no feed.
    pub hostile: usize,
    /// New articles a second.
    pub articles_per_second: f64,
    /// Most revisions of one article, 1 or more.
    pub revisions_max: u32,
    /// Time between two revisions of one article, milliseconds, shortest and longest.
    pub revision_gap: (u64, u64),
    /// Most feeds that carry one article.
    pub copies_max: usize,
    /// Answers of well-behaved feeds that are slow, broken off or a 503, of 100.
    pub trouble_percent: u64,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            seed: 1,
            feeds: 12,
            hostile: 0,
            articles_per_second: 8.0,
            revisions_max: 3,
            revision_gap: (2500, 6000),
            copies_max: 4,
            trouble_percent: 3,
        }
    }
}

/// One article and its plan.
#[derive(Clone, Debug)]
pub(super) struct Article {
    pub(super) url: String,
    pub(super) born: u64,
    /// When each revision becomes visible, the first included.
    pub(super) due: Vec<u64>,
    /// Revisions visible now.
    pub(super) rev: u32,
    pub(super) feeds: Vec<usize>,
}

impl Article {
    fn is_final(&self) -> bool {
        self.rev as usize == self.due.len()
    }
}

/// Which headers a feed validates by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validation {
    Both,
    Strong,
    Weak,
    Date,
}

pub(super) struct FeedState {
    pub(super) id: String,
    pub(super) format: Format,
    pub(super) validation: Validation,
    pub(super) gzip: bool,
    /// Items shown once they are safe; more while some are not.
    window: usize,
    /// Newest first.
    items: VecDeque<u32>,
    /// Newest revision of each shown article that a validator named.
    acknowledged: BTreeMap<u32, u32>,
    /// Items of each version that was made, from version 1.
    pub(super) versions: Vec<Vec<(u32, u32)>>,
    changed: bool,
}

/// Something that became visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct News {
    pub(super) article: u32,
    pub(super) rev: u32,
}

pub(super) struct World {
    pub(super) script: Script,
    rng: Rng,
    pub(super) articles: Vec<Article>,
    pub(super) feeds: Vec<FeedState>,
    owed: f64,
    last: u64,
    pub(super) stopped: bool,
}

impl World {
    pub(super) fn new(script: Script, now: u64) -> Self {
        let rng = Rng::new(script.seed);
        let feeds = (0..script.feeds).map(feed).collect();
        Self { script, rng, articles: Vec::new(), feeds, owed: 0.0, last: now, stopped: false }
    }

    /// Lets time pass; says what became visible.
    pub(super) fn tick(&mut self, now: u64) -> Vec<News> {
        let passed = now.saturating_sub(self.last);
        self.last = now;
        if self.stopped {
            return Vec::new();
        }
        let mut news = Vec::new();
        self.owed += self.script.articles_per_second * passed as f64 / 1000.0;
        while self.owed >= 1.0 {
            self.owed -= 1.0;
            news.push(self.publish(now));
        }
        for number in 0..self.articles.len() {
            let article = &mut self.articles[number];
            if !article.is_final() && article.due[article.rev as usize] <= now {
                article.rev += 1;
                news.push(News { article: number as u32, rev: article.rev });
                let feeds = article.feeds.clone();
                feeds.into_iter().for_each(|feed| self.feeds[feed].changed = true);
            }
        }
        news
    }

    fn publish(&mut self, now: u64) -> News {
        let number = self.articles.len() as u32;
        let revisions = 1 + self.rng.below(u64::from(self.script.revisions_max));
        let (short, long) = self.script.revision_gap;
        let mut due = vec![now];
        for _ in 1..revisions {
            due.push(due[due.len() - 1] + self.rng.between(short, long));
        }
        let copies = 1 + self.rng.below(self.script.copies_max.min(self.feeds.len()) as u64) as usize;
        let mut feeds: Vec<usize> = Vec::new();
        while feeds.len() < copies {
            let feed = self.rng.below(self.feeds.len() as u64) as usize;
            if !feeds.contains(&feed) {
                feeds.push(feed);
            }
        }
        for feed in &feeds {
            let feed = &mut self.feeds[*feed];
            feed.items.push_front(number);
            feed.changed = true;
        }
        let url = format!("https://outlet{}.example/news/{number}", number % 7);
        self.articles.push(Article { url, born: now, due, rev: 1, feeds });
        News { article: number, rev: 1 }
    }

    /// The feed's version now; made anew when something changed. True beside it: it is new.
    pub(super) fn version(&mut self, feed: usize) -> (u32, bool) {
        let state = &mut self.feeds[feed];
        if !state.changed && !state.versions.is_empty() {
            return (state.versions.len() as u32, false);
        }
        state.changed = false;
        state.shed(&self.articles);
        let items = state.items.iter().map(|number| (*number, self.articles[*number as usize].rev)).collect();
        state.versions.push(items);
        (state.versions.len() as u32, true)
    }

    /// Notes that a client claims to have `version`, so that its settled items may leave the window.
    pub(super) fn acknowledge(&mut self, feed: usize, version: u32) {
        let state = &mut self.feeds[feed];
        let Some(items) = state.versions.get(version as usize - 1) else { return };
        for (article, rev) in items {
            let known = state.acknowledged.entry(*article).or_default();
            *known = (*known).max(*rev);
        }
    }

    /// The version that the validators of a request name.
    pub(super) fn claimed(&self, feed: usize, etag: Option<&str>, since: Option<&str>) -> Option<u32> {
        let state = &self.feeds[feed];
        let versions = state.versions.len() as u32;
        let by_tag = etag.map(|tag| render::read_etag(&state.id, tag));
        let by_date = since.map(render::read_date);
        let named = match (by_tag, by_date) {
            (Some(tag), Some(date)) if tag != date => None,
            (Some(named), _) | (None, Some(named)) => named,
            (None, None) => None,
        };
        named.filter(|version| (1..=versions).contains(version))
    }

    /// The body of a version.
    pub(super) fn body(&self, feed: usize, version: u32) -> Vec<u8> {
        let state = &self.feeds[feed];
        let items: Vec<render::Item> = state.versions[version as usize - 1]
            .iter()
            .map(|(number, rev)| {
                let article = &self.articles[*number as usize];
                render::Item {
                    number: *number,
                    url: &article.url,
                    published: article.born,
                    revision: text::revision(self.script.seed, *number, *rev),
                }
            })
            .collect();
        render::document(state.format, &state.id, &items)
    }
}

impl FeedState {
    /// Lets go of the oldest items that are over the window. An item leaves only when a validator has
    /// named its last revision: what a client never claimed to have stays on offer.
    fn shed(&mut self, articles: &[Article]) {
        let mut over = self.items.len().saturating_sub(self.window);
        let mut place = self.items.len();
        while over > 0 && place > 0 {
            place -= 1;
            let number = self.items[place];
            let article = &articles[number as usize];
            let known = self.acknowledged.get(&number).copied().unwrap_or_default();
            if article.is_final() && known == article.rev {
                self.items.remove(place);
                self.acknowledged.remove(&number);
                over -= 1;
            }
        }
    }
}

fn feed(number: usize) -> FeedState {
    FeedState {
        id: format!("f{number:02}"),
        format: [Format::Rss, Format::Atom, Format::Json][number % 3],
        validation: [Validation::Both, Validation::Strong, Validation::Weak, Validation::Date][number % 4],
        gzip: number % 2 == 1,
        window: [3, 12, 20][(number / 3) % 3],
        items: VecDeque::new(),
        acknowledged: BTreeMap::new(),
        versions: Vec::new(),
        changed: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: Script, seconds: u64, client: bool) -> World {
        let mut world = World::new(script, 0);
        for now in (0..seconds * 1000).step_by(100) {
            world.tick(now);
            for feed in 0..world.feeds.len() {
                let (version, _) = world.version(feed);
                if client {
                    world.acknowledge(feed, version);
                }
            }
        }
        world
    }

    #[test]
    fn a_client_that_keeps_up_sees_short_windows() {
        let world = run(Script::default(), 60, true);
        assert!(world.articles.len() > 400);
        assert!(world.articles.iter().any(|article| article.rev == 3));
        let shortest = world.feeds.iter().map(|feed| feed.items.len()).min().unwrap();
        assert!(shortest < 40, "{shortest}");
    }

    #[test]
    fn nothing_leaves_before_it_was_acknowledged() {
        let world = run(Script::default(), 60, false);
        let carried: usize = world.articles.iter().map(|article| article.feeds.len()).sum();
        let shown: usize = world.feeds.iter().map(|feed| feed.items.len()).sum();
        assert_eq!(carried, shown);
    }

    #[test]
    fn the_same_seed_makes_the_same_world() {
        let (one, two) = (run(Script::default(), 10, true), run(Script::default(), 10, true));
        for (one, two) in one.feeds.iter().zip(&two.feeds) {
            assert_eq!(one.versions, two.versions);
        }
    }

    #[test]
    fn validators_name_their_version_only() {
        let mut world = run(Script::default(), 5, true);
        for feed in 0..4 {
            let (version, _) = world.version(feed);
            let id = world.feeds[feed].id.clone();
            let tag = render::etag(&id, version, false);
            let date = render::date(version);
            assert_eq!(world.claimed(feed, Some(&tag), Some(&date)), Some(version));
            assert_eq!(world.claimed(feed, None, Some(&date)), Some(version));
            assert_eq!(world.claimed(feed, Some(&tag), Some(&render::date(version + 1))), None);
            assert_eq!(world.claimed(feed, Some("\"other\""), None), None);
            assert_eq!(world.claimed(feed, Some(&render::etag(&id, version + 9, false)), None), None);
        }
    }
}
