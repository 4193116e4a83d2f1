//! What the ledger keeps beside keys, articles, feeds and the outbox, each in a keyspace of its own.

use crate::codec::{self, Day};
use model::ArticleId;
use model::settle::Candidate;
use serde::{Deserialize, Serialize};

/// Keyspaces of the smaller things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shelf {
    /// Paragraphs that each outlet puts under its articles, by the outlet's domain.
    Outlets,
    /// How each article came to be what it is, by its id.
    Evidence,
    /// Feeds that carried an article after many others did, by article and feed.
    Carried,
    /// Open stories, by id.
    Stories,
    /// Articles that wait, by [`held_poll_key`], [`held_edit_key`] or [`held_page_key`].
    Held,
}

impl Shelf {
    pub(crate) const ALL: [Self; 5] =
        [Self::Outlets, Self::Evidence, Self::Carried, Self::Stories, Self::Held];

    pub(crate) fn keyspace(self) -> &'static str {
        match self {
            Self::Outlets => "outlets",
            Self::Evidence => "evidence",
            Self::Carried => "carried",
            Self::Stories => "stories",
            Self::Held => "held",
        }
    }

    /// Whether its values start with a day and go when it is long past.
    pub(crate) fn expires(self) -> bool {
        matches!(self, Self::Outlets | Self::Evidence | Self::Carried)
    }

    /// Whether a value of it can be read.
    pub(crate) fn is_readable(self, value: &[u8]) -> bool {
        match self {
            Self::Outlets => dated::<Outlet>(value).is_some(),
            Self::Evidence => dated::<Vec<Trace>>(value).is_some(),
            Self::Carried => codec::day_of(value).is_some(),
            Self::Stories => crate::stories::is_readable(value),
            Self::Held => Held::read(value).is_some(),
        }
    }
}

/// A value that starts with the day on which it was written.
pub(crate) fn with_day<T: Serialize>(day: Day, value: &T) -> Vec<u8> {
    let mut out = day.to_be_bytes().to_vec();
    codec::encode(&mut out, value);
    out
}

pub(crate) fn dated<T: serde::de::DeserializeOwned>(value: &[u8]) -> Option<T> {
    codec::decode(value.get(2..)?)
}

/// Paragraphs that an outlet may be putting under its articles: a Space-Saving list (Metwally, Agrawal and
/// El Abbadi 2005), least recently met first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outlet {
    marks: Vec<Mark>,
    /// Articles since the counts were last halved.
    articles: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Mark {
    paragraph: u32,
    /// Half a hash of the last title above it: one article in several versions counts once.
    title: u16,
    count: u8,
}

/// A paragraph in so many articles of an outlet is the outlet's, not the article's.
const BOILERPLATE_MIN: u8 = 4;
/// Paragraphs that are watched of an outlet.
const MARKS_MAX: usize = 128;
/// After so many articles counts are halved: what is not used any more is forgotten.
const HALVED_AFTER: u16 = 1024;

impl Outlet {
    /// Takes in the paragraphs of a new article.
    pub(crate) fn note(&mut self, paragraphs: &[u32], title: u32) {
        let title = (title ^ title >> 16) as u16;
        for paragraph in paragraphs {
            let known = self.marks.iter().position(|mark| mark.paragraph == *paragraph);
            let mark = match known {
                Some(place) => {
                    let mark = self.marks.remove(place);
                    let count = mark.count.saturating_add(u8::from(mark.title != title));
                    Mark { title, count, ..mark }
                }
                None => {
                    self.make_room();
                    Mark { paragraph: *paragraph, title, count: 1 }
                }
            };
            self.marks.push(mark);
        }
        self.articles += 1;
        if HALVED_AFTER <= self.articles {
            self.articles = 0;
            // Never below what is known already: that goes only when it is not met any more.
            self.marks
                .iter_mut()
                .for_each(|mark| mark.count = (mark.count / 2).max(mark.count.min(BOILERPLATE_MIN)));
        }
    }

    /// Drops, of those that were met least, the one met longest ago.
    fn make_room(&mut self) {
        if self.marks.len() < MARKS_MAX {
            return;
        }
        let least = self.marks.iter().enumerate().min_by_key(|(place, mark)| (mark.count, *place));
        if let Some((place, _)) = least {
            self.marks.remove(place);
        }
    }

    /// Paragraphs that are the outlet's own, ascending.
    pub(crate) fn boilerplate(&self) -> Vec<u32> {
        let known = self.marks.iter().filter(|mark| BOILERPLATE_MIN <= mark.count);
        let mut known: Vec<u32> = known.map(|mark| mark.paragraph).collect();
        known.sort_unstable();
        known
    }
}

/// How one revision of an article came to be; what `explain` shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The revision.
    pub revision: u32,
    /// `created`, `updated` or `withdrawn`.
    pub change: String,
    /// When it was settled, milliseconds since 1970.
    pub at_ms: i64,
    /// The feed that brought it.
    pub feed: String,
    /// Fields that differ from the revision before.
    pub changed_fields: Vec<String>,
    /// Keys by which an article was found, and that article.
    pub keys: Vec<(String, String)>,
    /// What was odd about the names, if anything was.
    pub quirk: Option<String>,
    /// Texts of the window that share most with this one.
    pub nearest: Vec<NearTrace>,
    /// Why it is in its story.
    pub story: Option<StoryTrace>,
}

/// A text that resembles an article's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NearTrace {
    /// Whose text.
    pub id: String,
    /// Share of the smaller text that is in the other, 0 to 1.
    pub containment: f32,
    /// Bands of the index that the two share, of 32.
    pub bands: u32,
    /// Whether the rule calls one a repetition of the other.
    pub is_near: bool,
}

/// Why an article is in its story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoryTrace {
    /// The story.
    pub id: String,
    /// Likeness to the story at that time; 1 for its first article and for repetitions.
    pub similarity: f32,
    /// Heaviest shared words.
    pub words: Vec<String>,
}

/// An article that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Held {
    /// When it is settled without further asking, milliseconds since 1970; none: only by command.
    pub(crate) due_ms: Option<i64>,
    /// Since when it waits, milliseconds since 1970.
    pub(crate) since_ms: i64,
    /// Of what waits for its page, the article that it revises; none: it is new.
    #[serde(default)]
    pub(crate) revises: Option<ArticleId>,
    /// What waits.
    pub(crate) candidate: Candidate,
}

impl Held {
    /// JSON, so that a later version can release what an earlier one held.
    pub(crate) fn write(&self) -> Vec<u8> {
        // Nothing in a candidate can fail to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }
}

/// What the keys of all held articles of improbable polls begin with.
pub(crate) const HELD_POLLS: &[u8] = b"poll/";

/// Key of a held new article: its feed, then its first name.
pub(crate) fn held_poll_key(feed: &str, name: ArticleId) -> Vec<u8> {
    [b"poll/", feed.as_bytes(), b"/", &name.0[..]].concat()
}

/// What the keys of all held articles of a feed begin with.
pub(crate) fn held_poll_prefix(feed: &str) -> Vec<u8> {
    [b"poll/", feed.as_bytes(), b"/"].concat()
}

/// What the keys of all articles that wait for their page begin with.
pub(crate) const HELD_PAGES: &[u8] = b"page/";

/// Key of what waits for its page: its feed, then the article; of a new one its first name.
pub(crate) fn held_page_key(feed: &str, article: ArticleId, is_new: bool) -> Vec<u8> {
    [HELD_PAGES, feed.as_bytes(), if is_new { b"/new/" } else { b"/old/" }, &article.0[..]].concat()
}

/// What the keys of all articles of a feed that wait for their page begin with.
pub(crate) fn held_page_prefix(feed: &str) -> Vec<u8> {
    [HELD_PAGES, feed.as_bytes(), b"/"].concat()
}

/// Key of a held edit.
pub(crate) fn held_edit_key(id: ArticleId) -> Vec<u8> {
    [b"edit/", &id.0[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_in_four_articles_is_boilerplate_and_one_article_counts_once() {
        let mut outlet = Outlet::default();
        (0..10).for_each(|_| outlet.note(&[1, 2], 77));
        assert_eq!(outlet.boilerplate(), [0_u32; 0]);
        (0..3).for_each(|title| outlet.note(&[2, 100 + title], title));
        assert_eq!(outlet.boilerplate(), [2]);
        (0..5000).for_each(|n| outlet.note(&[2, 10_000 + n], n));
        assert_eq!(outlet.boilerplate(), [2]);
        assert!(outlet.marks.len() <= MARKS_MAX);
        assert_eq!(dated::<Outlet>(&with_day(3, &outlet)), Some(outlet));
    }
}
