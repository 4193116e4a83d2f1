//! How values are written. Every value that expires starts with the day on which its article was last
//! seen, so that a compaction can tell without reading further.

use crate::feeds::FeedState;
use crate::shelf::Shelf;
use model::settle::{FieldHashes, Known, Root};
use model::{ArticleId, FeedId, FetchNote, Fingerprint, Gist, HostPace, Row};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Days since 1970; 65,535 of them last until 2149.
pub(crate) type Day = u16;

const DAY_MS: i64 = 86_400_000;

pub(crate) fn day(millis: i64) -> Day {
    Day::try_from(millis.div_euclid(DAY_MS).max(0)).unwrap_or(Day::MAX)
}

/// The day that an expiring value starts with.
pub(crate) fn day_of(value: &[u8]) -> Option<Day> {
    value.first_chunk().map(|bytes| Day::from_be_bytes(*bytes))
}

/// Where a key points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Alias {
    pub(crate) seen: Day,
    pub(crate) id: ArticleId,
}

impl Alias {
    pub(crate) fn write(self) -> [u8; 18] {
        let mut out = [0; 18];
        out[..2].copy_from_slice(&self.seen.to_be_bytes());
        out[2..].copy_from_slice(&self.id.0);
        out
    }

    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let id = value.get(2..18)?.try_into().ok()?;
        Some(Self { seen: day_of(value)?, id: ArticleId(id) })
    }
}

/// What is remembered of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ArticleState {
    #[serde(skip)]
    pub(crate) seen: Day,
    pub(crate) revision: u32,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) fields: FieldHashes,
    pub(crate) root: Option<Root>,
    pub(crate) first_seen_ms: i64,
    /// When the last revision was settled.
    pub(crate) changed_ms: i64,
    pub(crate) published_day: Option<i32>,
    pub(crate) gist: Option<Gist>,
    pub(crate) story: Option<ArticleId>,
    pub(crate) is_withdrawn: bool,
    /// An edit waits for its time.
    pub(crate) has_held_edit: bool,
    /// What each feed last said, oldest first: a hash of the feed's id and half a fingerprint.
    pub(crate) said: Vec<(u64, u64)>,
}

/// An article carried by more feeds than this forgets what the one longest silent said.
const SAID_MAX: usize = 64;

impl ArticleState {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        out.extend(self.seen.to_be_bytes());
        encode(&mut out, self);
        out
    }

    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        let mut state: Self = decode(value.get(2..)?)?;
        state.seen = day_of(value)?;
        Some(state)
    }

    /// As a visit of `feed` sees it.
    pub(crate) fn known(&self, id: ArticleId, feed: &FeedId, asked: &Fingerprint) -> Known {
        let said = self.said.iter().find(|(who, _)| *who == voice(feed)).map(|(_, what)| *what);
        Known {
            id,
            revision: self.revision,
            fingerprint: self.fingerprint,
            fields: self.fields,
            root: self.root.map(|root| root.id),
            published_day: self.published_day,
            gist: self.gist,
            first_seen_at: jiff::Timestamp::from_millisecond(self.first_seen_ms).unwrap_or_default(),
            // Only half is kept: it can be compared, not given back, unless it is what was asked.
            said_before: said.map(|what| if what == half(asked) { *asked } else { Fingerprint([0xff; 16]) }),
        }
    }

    /// Whether `feed` is among those that are remembered, and whether all of them are.
    pub(crate) fn has_heard(&self, feed: &FeedId) -> (bool, bool) {
        let who = voice(feed);
        (self.said.iter().any(|(known, _)| *known == who), self.said.len() < SAID_MAX)
    }

    /// Notes what `feed` said; true when that is news.
    pub(crate) fn hear(&mut self, feed: &FeedId, said: &Fingerprint) -> bool {
        let (who, what) = (voice(feed), half(said));
        match self.said.iter().position(|(known, _)| *known == who) {
            Some(place) if self.said[place].1 == what => return false,
            Some(place) => drop(self.said.remove(place)),
            None if self.said.len() == SAID_MAX => drop(self.said.remove(0)),
            None => {}
        }
        self.said.push((who, what));
        true
    }
}

fn half(fingerprint: &Fingerprint) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = fingerprint.0;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// FNV-1a (Fowler, Noll and Vo), 64 bits: stable across versions, and feed ids are the operator's own.
pub(crate) fn voice(feed: &FeedId) -> u64 {
    feed.as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A row and the weight of all rows up to it, ever: two of these tell what lies between.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredRow {
    pub(crate) cumulated: u64,
    pub(crate) row: Row,
}

/// The store's counters; rewritten with each batch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counters {
    /// Last row given out.
    pub(crate) last_seq: u64,
    /// Weight of all rows, ever.
    pub(crate) cumulated: u64,
    /// Records of each topic, ever, in the order of `model::Topic`.
    pub(crate) topics: [u64; 5],
    /// Entries ever accounted for.
    pub(crate) disagreements: u64,
}

/// How far delivery has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watermark {
    pub(crate) seq: u64,
    pub(crate) cumulated: u64,
}

pub(crate) fn encode<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    // Writing to a vector cannot fail, and none of our types has a length that is not known.
    if let Ok(bytes) = postcard::to_allocvec(value) {
        out.extend(bytes);
    }
}

pub(crate) fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out, value);
    out
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// Kinds of key, each with a keyspace of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Guid,
    Url,
    Text,
    Title,
    Said,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Guid, Self::Url, Self::Text, Self::Title, Self::Said];

    pub(crate) fn keyspace(self) -> &'static str {
        match self {
            Self::Guid => "guid",
            Self::Url => "url",
            Self::Text => "text",
            Self::Title => "title",
            Self::Said => "said",
        }
    }
}

/// All values that `state check` reads through.
pub(crate) fn readable(keyspace: &str, value: &[u8]) -> bool {
    match keyspace {
        "articles" => ArticleState::read(value).is_some(),
        "feeds" => decode::<FeedState>(value).is_some(),
        "outbox" => decode::<StoredRow>(value).is_some(),
        "fetches" => decode::<FetchNote>(value).is_some(),
        "hosts" => decode::<HostPace>(value).is_some(),
        "meta" => true,
        "subscriptions" => serde_json::from_slice::<model::Feed>(value).is_ok(),
        _ => match Shelf::ALL.into_iter().find(|shelf| shelf.keyspace() == keyspace) {
            Some(shelf) => shelf.is_readable(value),
            None => Alias::read(value).is_some(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> ArticleState {
        ArticleState {
            seen: 20_781,
            revision: 3,
            fingerprint: Fingerprint([7; 16]),
            fields: [1, 2, 3, 4, 5, 6, 7, 8, 9],
            root: Some(Root { id: ArticleId([1; 16]), kind: record::DuplicateKind::Near, containment: 0.8 }),
            first_seen_ms: 1_795_000_000_000,
            changed_ms: 1_795_000_000_001,
            published_day: Some(20_780),
            gist: Some(Gist([3; 32])),
            story: Some(ArticleId([1; 16])),
            is_withdrawn: false,
            has_held_edit: true,
            said: vec![(1, 2)],
        }
    }

    #[test]
    fn values_read_back() {
        assert_eq!(ArticleState::read(&state().write()).unwrap(), state());
        let alias = Alias { seen: 20_781, id: ArticleId([9; 16]) };
        assert_eq!(Alias::read(&alias.write()).unwrap(), alias);
        assert_eq!(day_of(&state().write()), Some(20_781));
        assert_eq!(Alias::read(b"short"), None);
        assert_eq!(ArticleState::read(&[0; 4]), None);
    }

    #[test]
    fn each_feed_is_heard_for_itself_and_the_list_is_bounded() {
        let mut state = state();
        let (a, b): (FeedId, FeedId) = ("a".parse().unwrap(), "b".parse().unwrap());
        let said = Fingerprint([4; 16]);
        assert!(state.hear(&a, &said));
        assert!(!state.hear(&a, &said));
        assert_eq!(state.known(ArticleId([0; 16]), &a, &said).said_before, Some(said));
        assert_eq!(state.known(ArticleId([0; 16]), &b, &said).said_before, None);
        assert_ne!(state.known(ArticleId([0; 16]), &a, &Fingerprint([5; 16])).said_before, Some(said));
        for n in 0..200 {
            state.hear(&format!("feed-{n}").parse().unwrap(), &said);
        }
        assert_eq!(state.said.len(), SAID_MAX);
    }
}
