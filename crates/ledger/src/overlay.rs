//! The store as it will be once the group in hand is written: reads go through to it, writes are
//! kept here, so that each settlement of a group sees the ones before it.

use crate::Error;
use crate::codec::{Alias, ArticleState, Day, Kind};
use crate::feeds::FeedState;
use crate::store::{Batch, Store};
use model::{ArticleId, FeedId, Key};
use std::collections::HashMap;
use std::hash::Hash;

pub(crate) struct Overlay<'a> {
    store: &'a Store,
    pub(crate) today: Day,
    aliases: Layer<(Kind, Key), Alias>,
    articles: Layer<ArticleId, ArticleState>,
    feeds: Layer<FeedId, FeedState>,
}

/// What was read, and what was changed since.
struct Layer<K, V>(HashMap<K, (Option<V>, bool)>);

impl<K: Eq + Hash, V: Clone> Layer<K, V> {
    fn read(&mut self, key: K, load: impl FnOnce() -> Result<Option<V>, Error>) -> Result<Option<V>, Error> {
        if let Some((value, _)) = self.0.get(&key) {
            return Ok(value.clone());
        }
        let value = load()?;
        self.0.insert(key, (value.clone(), false));
        Ok(value)
    }

    fn write(&mut self, key: K, value: V) {
        self.0.insert(key, (Some(value), true));
    }

    fn changed(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().filter_map(|(key, (value, changed))| changed.then_some((key, value.as_ref()?)))
    }
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(store: &'a Store, today: Day) -> Self {
        let (aliases, articles, feeds) =
            (Layer(HashMap::new()), Layer(HashMap::new()), Layer(HashMap::new()));
        Self { store, today, aliases, articles, feeds }
    }

    pub(crate) fn alias(&mut self, kind: Kind, key: Key) -> Result<Option<Alias>, Error> {
        self.aliases.read((kind, key), || self.store.alias(kind, &key, self.today))
    }

    pub(crate) fn set_alias(&mut self, kind: Kind, key: Key, id: ArticleId) {
        self.aliases.write((kind, key), Alias { seen: self.today, id });
    }

    pub(crate) fn article(&mut self, id: ArticleId) -> Result<Option<ArticleState>, Error> {
        self.articles.read(id, || self.store.article(id))
    }

    pub(crate) fn set_article(&mut self, id: ArticleId, mut state: ArticleState) {
        state.seen = self.today;
        self.articles.write(id, state);
    }

    pub(crate) fn feed(&mut self, feed: &FeedId) -> Result<FeedState, Error> {
        Ok(self.feeds.read(feed.clone(), || self.store.feed(feed))?.unwrap_or_default())
    }

    pub(crate) fn set_feed(&mut self, feed: &FeedId, state: FeedState) {
        self.feeds.write(feed.clone(), state);
    }

    pub(crate) fn write_to(&self, batch: &mut Batch) {
        self.aliases.changed().for_each(|((kind, key), alias)| batch.alias(*kind, key, *alias));
        self.articles.changed().for_each(|(id, state)| batch.article(*id, state));
        self.feeds.changed().for_each(|(feed, state)| batch.feed(feed, state));
    }
}
