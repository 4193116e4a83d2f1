mod hostile;
mod targets;

use super::*;
use jiff::Timestamp;
use model::{Feed, FirstPoll};
use proptest::prelude::*;
use record::{Outlet, ParseMode, PublishedQuality, Quality, Rights};
use std::sync::Arc;
use url::Url;

pub(crate) fn article(title: &str, text: &str, claim: Option<&str>, categories: Vec<String>) -> Article {
    Article {
        feed: Arc::new(Feed {
            id: "harbour".parse().unwrap(),
            url: Url::parse("https://harbour.example/feed").unwrap(),
            title: None,
            labels: Vec::new(),
            country: None,
            interval: None,
            first_poll: FirstPoll::default(),
            polling: Default::default(),
        }),
        feed_title: None,
        outlet: Outlet { name: None, domain: None },
        guid: None,
        url: None,
        source_url: None,
        title: Some(title.to_owned()),
        summary: None,
        text: Some(text.to_owned()),
        text_source: None,
        teaser: false,
        language_claim: claim.map(str::to_owned),
        authors: Vec::new(),
        media: Vec::new(),
        categories,
        published_at: None,
        published_quality: PublishedQuality::Missing,
        modified_at: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: Quality { parse_mode: ParseMode::Strict, flags: Vec::new() },
        rights: Rights::default(),
    }
}

#[test]
fn a_story_says_what_was_done() {
    let text =
        "The envoy is expected to meet the owners of the pier on Wednesday, according to several papers. "
            .repeat(4);
    let story = enrich(article(
        "Envoy to Meet Pier Owners",
        &text,
        Some("en-US"),
        vec!["Middle Coast".into(), "Politics".into()],
    ));
    assert_eq!(story.language, Some(record::Language { code: "en".into(), confidence: 1.0 }));
    assert_eq!(story.topics.first().map(|topic| topic.id.as_str()), Some("medtop:11000000"));
    assert_eq!(story.enrichment.topics, EnrichmentState::Ok);
    assert_eq!(story.enrichment.entities, EnrichmentState::Ok);
    assert!(story.attribution.is_empty());
    assert!(story.keywords.iter().any(|keyword| keyword.contains("envoy") || keyword.contains("Envoy")));
    assert!(models()["ner"].starts_with("en-crf-") && models()["kb"] == "2026-11-23");
    assert_eq!(models()["topics"], "iptc-2025-03-31+linear-1");
}

proptest! {
    #[test]
    fn scores_are_between_0_and_1_with_three_places(
        title in any::<String>(),
        text in any::<String>(),
        categories in proptest::collection::vec("(Politics|Sport|medtop:[0-9]{7,9}|\\PC{0,20})", 0..20),
    ) {
        let story = enrich(article(&title, &text, Some("en"), categories));
        let scores = story.topics.iter().map(|topic| topic.score).chain(story.language.map(|language| language.confidence));
        for score in scores {
            prop_assert!((0.0..=1.0).contains(&score) && score == (score * 1000.0).round() / 1000.0, "{}", score);
        }
    }
}

#[test]
fn what_is_found_has_its_reasons() {
    let text = "LONDON (Reuters) - The peace talks between the two armies failed and the ceasefire ended, diplomats said. \
        Troops crossed the border and the envoy left the peace talks in Geneva. The army shelled two towns.";
    let article = article("Peace talks fail", text, Some("en"), vec!["Politics".into()]);
    let story = enrich(article.clone());
    let reasons = Enricher::default().reasons(&article);
    let ids: Vec<&str> = story.topics.iter().map(|topic| topic.id.as_str()).collect();
    for id in ["medtop:11000000", "medtop:16000000", "medtop:20000076"] {
        assert!(ids.contains(&id), "{id} {ids:?}");
    }
    let of = |kind: &str| reasons.iter().filter(|reason| reason.kind == kind).count();
    assert_eq!(of("topic"), story.topics.len());
    assert_eq!(of("keyword"), story.keywords.len());
    assert_eq!(of("attribution"), 1);
    assert!(reasons.iter().all(|reason| !reason.because.is_empty()), "{reasons:#?}");
    let words = reasons.iter().find(|reason| reason.found.starts_with("medtop:16000000")).unwrap();
    assert!(words.because.iter().any(|because| because.contains("troops")), "{words:?}");
}
