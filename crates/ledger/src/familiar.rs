//! What feeds show again and again. An item that was known earlier today, under the same names and with the
//! same meaning, is known still: nothing has to be read for it, and nothing written. Kept in memory only,
//! bounded, and allowed to forget: what it has forgotten is looked up.

use crate::codec::Day;
use crate::decide::by_kind;
use model::FeedId;
use model::settle::Sighting;
use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Places; an item takes one for each of its names, mostly four, so 16 MiB are enough for half a million items.
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
        self.hash.hash_one((feed, sighting.keys, sighting.fingerprint.0, today)) | 1
    }

    /// A place for each name by which an item can be taken for another.
    fn places_of<'a>(
        &'a self,
        feed: &'a FeedId,
        sighting: &'a Sighting,
    ) -> impl Iterator<Item = (&'a Page, usize)> {
        by_kind(&sighting.keys).filter_map(move |name| {
            let place = self.hash.hash_one((feed, name)) as usize % PLACES;
            Some((self.pages.get(place / PAGE)?, place % PAGE))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Kind;
    use model::{Fingerprint, Key, Keys};

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

    #[test]
    fn a_text_or_title_under_other_names_is_one_of_its_names_too() {
        let feed: FeedId = "a".parse().unwrap();
        for name in [Kind::Text, Kind::Title, Kind::Said] {
            let with = |mut sighting: Sighting| {
                let keys = &mut sighting.keys;
                let key = match name {
                    Kind::Text => &mut keys.text,
                    Kind::Title => &mut keys.title,
                    _ => &mut keys.said,
                };
                *key = Some(Key([9; 16]));
                sighting
            };
            let (familiar, first) = (Familiar::new(), with(sighting(1, 1, 1)));
            familiar.note(&feed, &first, 7, true);
            assert!(familiar.is(&feed, &first, 7));
            familiar.note(&feed, &with(sighting(2, 2, 2)), 7, false);
            assert!(!familiar.is(&feed, &first, 7), "{name:?}");
        }
    }
}
