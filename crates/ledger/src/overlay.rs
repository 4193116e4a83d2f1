//! The store as it will be once the group in hand is written: reads go through to it, writes are
//! kept here, so that each settlement of a group sees the ones before it. Without a store it is all there is.

use crate::Error;
use crate::codec::{Alias, ArticleState, Day, Kind};
use crate::feeds::{FeedState, Quirks};
use crate::shelf::{self, Outlet, Shelf};
use crate::store::{Batch, Store};
use model::settle::{Known, Neighbours, Sighting};
use model::{ArticleId, FeedId, Key};
use std::collections::HashMap;
use std::hash::Hash;

pub(crate) struct Overlay<'a> {
    store: Option<&'a Store>,
    pub(crate) today: Day,
    aliases: Layer<(Kind, Key), Alias>,
    articles: Layer<ArticleId, ArticleState>,
    feeds: Layer<FeedId, FeedState>,
    outlets: Layer<String, Outlet>,
    shelved: HashMap<(Shelf, Vec<u8>), Option<Vec<u8>>>,
}

/// What was read, and what was changed since.
struct Layer<K, V>(HashMap<K, (Option<V>, bool)>);

impl<K: Eq + Hash, V: Clone> Layer<K, V> {
    fn new() -> Self {
        Self(HashMap::new())
    }

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
    pub(crate) fn new(store: Option<&'a Store>, today: Day) -> Self {
        Self {
            store,
            today,
            aliases: Layer::new(),
            articles: Layer::new(),
            feeds: Layer::new(),
            outlets: Layer::new(),
            shelved: HashMap::new(),
        }
    }

    pub(crate) fn alias(&mut self, kind: Kind, key: Key) -> Result<Option<Alias>, Error> {
        let store = self.store;
        self.aliases.read((kind, key), || store.map_or(Ok(None), |store| store.alias(kind, &key)))
    }

    /// The article that a key names, as a visit of `feed` sees it.
    pub(crate) fn known(
        &mut self,
        kind: Kind,
        key: Option<Key>,
        feed: &FeedId,
        sighting: &Sighting,
    ) -> Result<Option<Known>, Error> {
        let Some(key) = key else { return Ok(None) };
        let Some(alias) = self.alias(kind, key)? else { return Ok(None) };
        let state = self.article(alias.id)?;
        Ok(state.map(|state| state.known(alias.id, feed, &sighting.fingerprint)))
    }

    /// What is known under a sighting's keys, and of its feed.
    pub(crate) fn neighbours(
        &mut self,
        feed: &FeedId,
        quirks: &Quirks,
        sighting: &Sighting,
    ) -> Result<Neighbours, Error> {
        let keys = &sighting.keys;
        let mut near = Neighbours {
            guid: self.known(Kind::Guid, keys.guid, feed, sighting)?,
            url: self.known(Kind::Url, keys.url, feed, sighting)?,
            text: self.known(Kind::Text, keys.text, feed, sighting)?,
            ..Neighbours::default()
        };
        near.habits.guids_are_bad = quirks.guids_are_bad();
        near.habits.urls_are_reused = quirks.urls_are_reused();
        let named = near.guid.as_ref().or(near.url.as_ref());
        // Its title or its words may have to say which of several articles under one name is meant.
        if named.is_none_or(|known| known.fingerprint != sighting.fingerprint) {
            near.title = self.known(Kind::Title, keys.title, feed, sighting)?;
            near.said = self.known(Kind::Said, keys.said, feed, sighting)?;
        }
        Ok(near)
    }

    pub(crate) fn set_alias(&mut self, kind: Kind, key: Key, id: ArticleId) {
        self.aliases.write((kind, key), Alias { seen: self.today, id });
    }

    pub(crate) fn article(&mut self, id: ArticleId) -> Result<Option<ArticleState>, Error> {
        let store = self.store;
        self.articles.read(id, || store.map_or(Ok(None), |store| store.article(id)))
    }

    pub(crate) fn set_article(&mut self, id: ArticleId, mut state: ArticleState) {
        state.seen = self.today;
        self.articles.write(id, state);
    }

    pub(crate) fn feed(&mut self, feed: &FeedId) -> Result<FeedState, Error> {
        let store = self.store;
        let load = || store.map_or(Ok(None), |store| store.feed(feed));
        Ok(self.feeds.read(feed.clone(), load)?.unwrap_or_default())
    }

    pub(crate) fn set_feed(&mut self, feed: &FeedId, state: FeedState) {
        self.feeds.write(feed.clone(), state);
    }

    pub(crate) fn outlet(&mut self, domain: &str) -> Result<Outlet, Error> {
        let store = self.store;
        let load = || match store {
            // What cannot be read is learned anew.
            Some(store) => {
                Ok(store.shelved(Shelf::Outlets, domain.as_bytes())?.and_then(|value| shelf::dated(&value)))
            }
            None => Ok(None),
        };
        Ok(self.outlets.read(domain.to_owned(), load)?.unwrap_or_default())
    }

    pub(crate) fn set_outlet(&mut self, domain: &str, outlet: Outlet) {
        self.outlets.write(domain.to_owned(), outlet);
    }

    pub(crate) fn shelved(&self, shelf: Shelf, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match (self.shelved.get(&(shelf, key.to_owned())), self.store) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(store)) => store.shelved(shelf, key),
            (None, None) => Ok(None),
        }
    }

    /// Puts a value on a shelf; none: takes it away.
    pub(crate) fn shelve(&mut self, shelf: Shelf, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.shelved.insert((shelf, key), value);
    }

    pub(crate) fn write_to(&self, batch: &mut Batch) {
        self.aliases.changed().for_each(|((kind, key), alias)| batch.alias(*kind, key, *alias));
        self.articles.changed().for_each(|(id, state)| batch.article(*id, state));
        self.feeds.changed().for_each(|(feed, state)| batch.feed(feed, state));
        for (domain, outlet) in self.outlets.changed() {
            let value = shelf::with_day(self.today, outlet);
            batch.shelve(Shelf::Outlets, domain.as_bytes(), Some(&value));
        }
        self.shelved.iter().for_each(|((shelf, key), value)| batch.shelve(*shelf, key, value.as_deref()));
    }
}
