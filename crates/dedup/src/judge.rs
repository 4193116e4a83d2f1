use model::settle::{Judgement, Known, Neighbours, Sighting, Verdict};

/// Says what a sighting is, from what is known under its keys.
///
/// Guid and URL name an article; the text alone names a copy. When guid and URL name different
/// articles the text decides, else the guid wins, and the disagreement is reported. A known article
/// is revised when it means something else than its last revision **and** the same feed did not say
/// so before: one feed that is a revision behind the others, or that cuts its text differently,
/// makes no revision each time it is polled.
pub fn judge(sighting: &Sighting, near: &Neighbours) -> Judgement {
    let (found, disagreement) = named(near);
    let verdict = match found {
        Some(known) if is_unchanged(sighting, known) => Verdict::Known(known.id),
        Some(known) => Verdict::Revision(known.id),
        None => Verdict::New { copy_of: near.text.as_ref().map(|copy| copy.root.unwrap_or(copy.id)) },
    };
    Judgement { verdict, disagreement }
}

fn named(near: &Neighbours) -> (Option<&Known>, bool) {
    match (&near.guid, &near.url) {
        (Some(guid), Some(url)) if guid.id != url.id => {
            let by_text = near.text.as_ref().map(|text| text.id);
            (Some(if by_text == Some(url.id) { url } else { guid }), true)
        }
        (Some(known), _) | (None, Some(known)) => (Some(known), false),
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
            first_seen_at: Timestamp::UNIX_EPOCH,
            said_before: Some(sighting.fingerprint),
        }
    }

    fn check(near: &Neighbours, sighting: &Sighting, verdict: Verdict, disagreement: bool) {
        assert_eq!(judge(sighting, near), Judgement { verdict, disagreement });
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
            title: None,
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
}
