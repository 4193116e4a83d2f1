use model::Gist;
use model::settle::{Habits, Judgement, Known, Neighbours, Quirk, Sighting, Verdict};

/// Slots of a gist that unrelated texts share at most, of 32: two texts with a Jaccard index of .3 share
/// fewer with a chance of 1 in 500.
const UNRELATED_SLOTS_MAX: usize = 2;

/// Says what a sighting is, from what is known under its keys.
///
/// Guid and URL name an article; the text alone names a copy. When guid and URL name different
/// articles the text decides, else the guid wins, unless the feed's guids are known to be bad, and the
/// disagreement is reported. A known article is revised when it means something else than its last
/// revision **and** the same feed did not say so before: one feed that is a revision behind the others, or
/// that cuts its text differently, makes no revision each time it is polled. A name that is found on a
/// text of another day with another title was used again. And what the same feed said before, word for
/// word, under names that are gone from its document, is the same article still.
pub fn judge(sighting: &Sighting, near: &Neighbours) -> Judgement {
    let (found, disagreement) = named(near);
    let judged = |verdict, quirk| Judgement { verdict, disagreement, quirk };
    let Some(known) = found else {
        return match moved(sighting, near) {
            Some(known) => judged(Verdict::Known(known.id), Some(Quirk::GuidChurn)),
            None => judged(new(near), None),
        };
    };
    if is_unchanged(sighting, known) {
        return judged(Verdict::Known(known.id), churn(near, known));
    }
    if !is_used_again(sighting, known, near.habits) {
        return judged(Verdict::Revision(known.id), churn(near, known));
    }
    let by_guid = near.guid.as_ref().is_some_and(|guid| guid.id == known.id);
    let quirk = Some(if by_guid { Quirk::GuidReuse } else { Quirk::UrlReuse });
    // One name for several articles: which of them, its title and time say, or its very words.
    match (&near.title, said_here(sighting, near)) {
        (Some(other), _) if is_unchanged(sighting, other) => judged(Verdict::Known(other.id), quirk),
        (Some(other), _) => judged(Verdict::Revision(other.id), quirk),
        (None, Some(other)) => judged(Verdict::Known(other.id), quirk),
        (None, None) => judged(new(near), quirk),
    }
}

/// The article of which this feed said the same before, word for word.
fn said_here<'a>(sighting: &Sighting, near: &'a Neighbours) -> Option<&'a Known> {
    let known = near.text.as_ref().or(near.said.as_ref())?;
    (known.said_before == Some(sighting.fingerprint)).then_some(known)
}

fn new(near: &Neighbours) -> Verdict {
    Verdict::New { copy_of: near.text.as_ref().map(|copy| copy.root.unwrap_or(copy.id)) }
}

fn named(near: &Neighbours) -> (Option<&Known>, bool) {
    match (&near.guid, &near.url) {
        (Some(guid), Some(url)) if guid.id != url.id => {
            let by_text = near.text.as_ref().map(|text| text.id);
            let prefers_url = by_text == Some(url.id) || near.habits.guids_are_bad;
            (Some(if prefers_url { url } else { guid }), true)
        }
        (None, Some(known)) | (Some(known), _) => (Some(known), false),
        (None, None) => (near.title.as_ref(), false),
    }
}

fn is_unchanged(sighting: &Sighting, known: &Known) -> bool {
    if known.fingerprint == sighting.fingerprint {
        return true;
    }
    match known.said_before {
        Some(said) => said == sighting.fingerprint,
        // Another feed's cut of an article that is already published is a sighting, not an edit.
        None => known.revision > 0,
    }
}

/// A known article that this feed carried before, under a guid that it did not have.
fn churn(near: &Neighbours, known: &Known) -> Option<Quirk> {
    (near.guid.is_none() && known.said_before.is_some()).then_some(Quirk::GuidChurn)
}

/// Another day, another title, another text: a column or a live page under its old name.
fn is_used_again(sighting: &Sighting, known: &Known, habits: Habits) -> bool {
    let differs = |a: Option<i32>, b: Option<i32>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let title = 0;
    differs(sighting.published_day, known.published_day)
        && sighting.fields[title] != known.fields[title]
        && match (&sighting.gist, &known.gist) {
            (Some(a), Some(b)) => are_unrelated(a, b),
            _ => habits.urls_are_reused,
        }
}

fn are_unrelated(a: &Gist, b: &Gist) -> bool {
    a.0.iter().zip(&b.0).filter(|(a, b)| a == b).count() <= UNRELATED_SLOTS_MAX
}

/// The article that the feed shows under new names: all its names changed, none is left in the document.
/// One article alone may be another that is worded the same; then its date has to be the old one, too.
fn moved<'a>(sighting: &Sighting, near: &'a Neighbours) -> Option<&'a Known> {
    let known = said_here(sighting, near)?;
    let published = 7;
    let is_dated_the_same =
        sighting.published_day.is_some() && known.fields[published] == sighting.fields[published];
    (near.habits.text_is_free && (near.habits.feed_moved || is_dated_the_same)).then_some(known)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::names;
    use jiff::Timestamp;
    use model::{Article, ArticleId, Feed, Fingerprint, FirstPoll};
    use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights, TextSource};
    use std::sync::Arc;

    pub(crate) fn article(change: impl FnOnce(&mut Article)) -> Article {
        let mut article = Article {
            feed: Arc::new(Feed {
                id: "harbour-news".parse().unwrap(),
                url: "https://harbour.example/feed".parse().unwrap(),
                title: None,
                labels: vec![],
                country: None,
                interval: None,
                first_poll: FirstPoll::Publish,
                polling: Default::default(),
            }),
            feed_title: None,
            outlet: Outlet { name: None, domain: Some("harbour.example".into()) },
            guid: Some("48211".into()),
            url: Some("https://harbour.example/ferry".into()),
            source_url: None,
            title: Some("Ferry's last crossing".into()),
            summary: None,
            text: Some("The ferry that has linked the two shores made its last crossing. ".repeat(5)),
            text_source: Some(TextSource::Feed),
            teaser: false,
            language_claim: None,
            authors: vec![],
            media: vec![],
            categories: vec![],
            published_at: Some("2026-11-19T14:05:00Z".parse().unwrap()),
            published_quality: PublishedQuality::Claimed,
            modified_at: None,
            fetched_at: Timestamp::UNIX_EPOCH,
            quality: Quality { parse_mode: ParseMode::Strict, flags: vec![] },
            rights: Rights::default(),
        };
        change(&mut article);
        article
    }

    fn known(id: u8, sighting: &Sighting) -> Known {
        Known {
            id: ArticleId([id; 16]),
            revision: 1,
            fingerprint: sighting.fingerprint,
            fields: sighting.fields,
            root: None,
            published_day: sighting.published_day,
            gist: sighting.gist,
            first_seen_at: Timestamp::UNIX_EPOCH,
            said_before: Some(sighting.fingerprint),
        }
    }

    fn check(near: &Neighbours, sighting: &Sighting, verdict: Verdict, disagreement: bool) {
        let judged = judge(sighting, near);
        assert_eq!((judged.verdict, judged.disagreement), (verdict, disagreement));
    }

    #[test]
    fn verdicts() {
        let old = names::sighting(&article(|_| {}));
        let new = names::sighting(&article(|a| a.title = Some("Ferry saved".into())));
        let (a, b) = (known(1, &old), known(2, &old));
        let ids = (a.id, b.id);
        let at = |guid: Option<&Known>, url: Option<&Known>, text: Option<&Known>| Neighbours {
            guid: guid.cloned(),
            url: url.cloned(),
            text: text.cloned(),
            ..Neighbours::default()
        };
        check(&at(None, None, None), &old, Verdict::New { copy_of: None }, false);
        check(&at(None, None, Some(&a)), &old, Verdict::New { copy_of: Some(ids.0) }, false);
        check(&at(Some(&a), None, None), &old, Verdict::Known(ids.0), false);
        check(&at(None, Some(&a), Some(&b)), &old, Verdict::Known(ids.0), false);
        check(&at(Some(&a), Some(&a), None), &new, Verdict::Revision(ids.0), false);
        check(&at(Some(&a), Some(&b), None), &old, Verdict::Known(ids.0), true);
        check(&at(Some(&a), Some(&b), Some(&b)), &new, Verdict::Revision(ids.1), true);
    }

    #[test]
    fn a_copy_points_to_the_root_not_to_another_copy() {
        let old = names::sighting(&article(|_| {}));
        let mut copy = known(2, &old);
        copy.root = Some(ArticleId([1; 16]));
        let near = Neighbours { text: Some(copy), ..Neighbours::default() };
        check(&near, &old, Verdict::New { copy_of: Some(ArticleId([1; 16])) }, false);
    }

    #[test]
    fn a_feed_that_lags_behind_or_cuts_differently_revises_nothing() {
        let second = names::sighting(&article(|a| a.title = Some("Ferry saved".into())));
        let first = names::sighting(&article(|_| {}));
        let mut state = known(1, &second);
        state.revision = 2;
        state.said_before = Some(first.fingerprint);
        check(&by_url(&state), &first, Verdict::Known(state.id), false);
        state.said_before = None;
        check(&by_url(&state), &first, Verdict::Known(state.id), false);
        state.said_before = Some(Fingerprint([9; 16]));
        check(&by_url(&state), &first, Verdict::Revision(state.id), false);
    }

    #[test]
    fn what_was_only_marked_as_seen_is_created_by_its_first_change() {
        let first = names::sighting(&article(|_| {}));
        let changed = names::sighting(&article(|a| a.title = Some("Ferry saved".into())));
        let mut state = known(1, &first);
        state.revision = 0;
        check(&by_url(&state), &first, Verdict::Known(state.id), false);
        check(&by_url(&state), &changed, Verdict::Revision(state.id), false);
    }

    fn by_url(known: &Known) -> Neighbours {
        Neighbours { url: Some(known.clone()), ..Neighbours::default() }
    }

    fn gist_of(text: &str) -> Option<Gist> {
        crate::gist(&crate::sketch(&article(|a| a.text = Some(text.into())), 1, &|_| false).unwrap())
    }

    #[test]
    fn a_column_under_its_old_url_is_another_article_and_an_edit_of_the_day_is_not() {
        let text = |from: u32| (from..from + 60).map(|n| format!("word{n} ")).collect::<String>();
        let mut monday = names::sighting(&article(|_| {}));
        monday.gist = gist_of(&text(0));
        let mut tuesday = names::sighting(&article(|a| {
            a.title = Some("Another title".into());
            a.text = Some(text(100));
            a.published_at = Some("2026-11-20T14:05:00Z".parse().unwrap());
        }));
        tuesday.gist = gist_of(&text(100));
        let state = known(1, &monday);
        let judged = judge(&tuesday, &by_url(&state));
        assert_eq!(judged.verdict, Verdict::New { copy_of: None });
        assert_eq!(judged.quirk, Some(Quirk::UrlReuse));
        let mut edited = tuesday;
        edited.gist = gist_of(&(text(0) + "and more"));
        assert_eq!(judge(&edited, &by_url(&state)).verdict, Verdict::Revision(state.id));
        let mut same_day = tuesday;
        same_day.published_day = monday.published_day;
        assert_eq!(judge(&same_day, &by_url(&state)).verdict, Verdict::Revision(state.id));
        let mut near = by_url(&state);
        near.title = Some(known(2, &tuesday));
        assert_eq!(judge(&tuesday, &near).verdict, Verdict::Known(ArticleId([2; 16])));
    }

    #[test]
    fn a_feed_that_changes_all_its_names_brings_nothing_new() {
        let old = names::sighting(&article(|_| {}));
        let redated = names::sighting(&article(|a| a.published_at = Some(Timestamp::UNIX_EPOCH)));
        let state = known(1, &old);
        let habits = |text_is_free, feed_moved| Habits { text_is_free, feed_moved, ..Habits::default() };
        let near = |habits| Neighbours { text: Some(state.clone()), habits, ..Neighbours::default() };
        let new = Verdict::New { copy_of: Some(state.id) };
        check(&near(habits(true, false)), &old, Verdict::Known(state.id), false);
        check(&near(habits(false, false)), &old, new.clone(), false);
        check(&near(habits(true, false)), &redated, new.clone(), false);
        check(&near(habits(true, true)), &redated, Verdict::Known(state.id), false);
        let mut elsewhere = near(habits(true, true));
        elsewhere.text = Some(Known { said_before: None, ..state.clone() });
        check(&elsewhere, &old, new, false);
    }

    #[test]
    fn bad_guids_lose_against_the_url() {
        let old = names::sighting(&article(|_| {}));
        let (guid, url) = (known(1, &old), known(2, &old));
        let mut near = Neighbours { guid: Some(guid), url: Some(url.clone()), ..Neighbours::default() };
        near.habits.guids_are_bad = true;
        check(&near, &old, Verdict::Known(url.id), true);
    }
}
