//! What feeds show again and again. An item that was known earlier today, under the same names and with the
//! same meaning, is known still: nothing has to be read for it, and nothing written. Kept in memory only,
//! bounded, and allowed to forget: what it has forgotten is looked up.

use crate::codec::{Day, Kind};
use model::settle::Sighting;
use model::{FeedId, Key};
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Places; an item takes one for each of its names, so 16 MiB are enough for about a million items.
const PLACES: usize = 1 << 21;
/// Places that get their memory together, when the first of them is written.
const PAGE: usize = 64;

type Page = OnceLock<Box<[AtomicU64; PAGE]>>;

/// A table in which each name of an item has one place, that holds a hash of all that was said under it. Only
/// the sequencer writes; two names that share a place drive each other out.
#[derive(Debug)]
pub(crate) struct Familiar {
    pages: Box<[Page]>,
    hash: RandomState,
}

impl Familiar {
    pub(crate) fn new() -> Self {
        let pages = std::iter::repeat_with(Page::default).take(PLACES / PAGE).collect();
        Self { pages, hash: RandomState::new() }
    }

    /// Whether this was the last that the feed said under each of these names, today, and it was known.
    pub(crate) fn is(&self, feed: &FeedId, sighting: &Sighting, today: Day) -> bool {
        let mark = self.mark(feed, sighting, today);
        let mut places = self.places_of(feed, sighting).peekable();
        // What has no name is nobody's acquaintance.
        places.peek().is_some()
            && places.all(|(page, place)| {
                page.get().is_some_and(|page| page[place].load(Ordering::Relaxed) == mark)
            })
    }

    /// Notes what became of an item: whether it is `known`, and would be if it were shown again.
    pub(crate) fn note(&self, feed: &FeedId, sighting: &Sighting, today: Day, known: bool) {
        let mark = if known { self.mark(feed, sighting, today) } else { 0 };
        for (page, place) in self.places_of(feed, sighting) {
            let page = page.get_or_init(|| Box::new(std::array::from_fn(|_| AtomicU64::default())));
            page[place].store(mark, Ordering::Relaxed);
        }
    }

    fn mark(&self, feed: &FeedId, sighting: &Sighting, today: Day) -> u64 {
        let keys = &sighting.keys;
        let names = (keys.guid, keys.url, keys.text, keys.title, keys.said);
        self.hash.hash_one((feed, names, sighting.fingerprint.0, today)) | 1
    }

    /// The places of guid and URL, or of the title where there is neither.
    fn places_of<'a>(
        &'a self,
        feed: &'a FeedId,
        sighting: &Sighting,
    ) -> impl Iterator<Item = (&'a Page, usize)> + use<'a> {
        let keys = sighting.keys;
        let title = keys.title.filter(|_| keys.guid.is_none() && keys.url.is_none());
        let names: [(Kind, Option<Key>); 3] =
            [(Kind::Guid, keys.guid), (Kind::Url, keys.url), (Kind::Title, title)];
        names.into_iter().filter_map(move |(kind, key)| {
            let place = self.hash.hash_one((feed, kind, key?)) as usize % PLACES;
            Some((self.pages.get(place / PAGE)?, place % PAGE))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Fingerprint, Keys};

    fn sighting(guid: u8, url: u8, says: u8) -> Sighting {
        Sighting {
            keys: Keys { guid: Some(Key([guid; 16])), url: Some(Key([url; 16])), ..Keys::default() },
            fingerprint: Fingerprint([says; 16]),
            fields: Default::default(),
            published_day: None,
            gist: None,
        }
    }

    #[test]
    fn what_was_said_last_under_all_its_names_is_familiar_for_the_day() {
        let familiar = Familiar::new();
        let (a, b): (FeedId, FeedId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let first = sighting(1, 1, 1);
        assert!(!familiar.is(&a, &first, 7));
        let nameless = Sighting { keys: Keys::default(), ..first };
        familiar.note(&a, &nameless, 7, true);
        assert!(!familiar.is(&a, &nameless, 7));
        familiar.note(&a, &first, 7, true);
        assert!(familiar.is(&a, &first, 7));
        assert!(!familiar.is(&b, &first, 7) && !familiar.is(&a, &first, 8));
        assert!(!familiar.is(&a, &sighting(1, 1, 2), 7));
        // Something else under one of the names, be it known or not: the first has to be looked up again.
        familiar.note(&a, &sighting(2, 1, 2), 7, true);
        assert!(!familiar.is(&a, &first, 7));
        familiar.note(&a, &first, 7, true);
        familiar.note(&a, &sighting(1, 3, 1), 7, false);
        assert!(!familiar.is(&a, &first, 7));
    }
}
