//! The record as it is published: a story and what the sequencer decided of it, written once.

use jiff::Timestamp;
use model::settle::{Carried, Decision, FeedNews, Told};
use model::{Row, Story, Topic};
use record::{Article, Change, Feed, Producer, PublishedQuality, header};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A record's value is cut to this many bytes before it is settled: below the broker's usual
/// `max.message.bytes` of 1,048,588 with room for key, headers and framing.
pub const RECORD_BYTES_MAX: usize = 900_000;

static MODELS: LazyLock<BTreeMap<String, String>> = LazyLock::new(enrich::models);

/// Writes the outbox row of a decided story.
pub(crate) fn row(story: &Story, decision: &Decision) -> Row {
    let mut article = article(story, decision);
    if article.change == Change::Withdrawn {
        take_back(&mut article);
    }
    let headers = headers(&article, decision);
    Row {
        seq: decision.seq,
        topic: Topic::Articles,
        key: article.id.clone(),
        headers,
        payload: Some(fitting(article)),
        settled_at_ms: decision.settled_at.as_millisecond(),
    }
}

/// The record of a story.
pub(crate) fn article(story: &Story, decision: &Decision) -> Article {
    let from = &story.article;
    let usable = matches!(from.published_quality, PublishedQuality::Claimed | PublishedQuality::DateOnly);
    Article {
        schema_version: record::SCHEMA_VERSION.into(),
        id: decision.id.to_string(),
        revision: decision.revision,
        previous_revision: (1 < decision.revision).then(|| decision.revision - 1),
        change: decision.change,
        changed_fields: decision.changed_fields.iter().map(|&name| name.into()).collect(),
        backfill: decision.backfill,
        url: from.url.clone(),
        source_url: from.source_url.clone(),
        feed: Feed {
            id: from.feed.id.to_string(),
            title: from.feed_title.clone(),
            labels: from.feed.labels.clone(),
            country: from.feed.country.clone(),
        },
        outlet: from.outlet.clone(),
        guid: from.guid.clone(),
        title: from.title.clone(),
        summary: from.summary.clone(),
        text: from.text.clone(),
        text_source: from.text_source,
        teaser: from.teaser,
        truncated: false,
        html: None,
        language: story.language.clone(),
        authors: from.authors.clone(),
        media: from.media.clone(),
        categories: from.categories.clone(),
        published_at: from.published_at,
        published_quality: from.published_quality,
        modified_at: from.modified_at,
        first_seen_at: millis(decision.first_seen_at),
        fetched_at: millis(from.fetched_at),
        settled_at: millis(decision.settled_at),
        sort_at: from.published_at.filter(|_| usable).unwrap_or(millis(decision.first_seen_at)),
        duplicate: decision.duplicate.clone(),
        story_id: decision.story.map(|story| story.to_string()),
        entities: story.entities.clone(),
        topics: story.topics.clone(),
        topics_scheme: record::TOPICS_SCHEME.into(),
        keywords: story.keywords.clone(),
        attribution: story.attribution.clone(),
        labels: story.labels.clone(),
        enrichment: story.enrichment.clone(),
        quality: from.quality.clone(),
        rights: from.rights.clone(),
        producer: Producer { version: env!("CARGO_PKG_VERSION").into(), models: MODELS.clone() },
    }
}

/// Who, where and when stay; what the publisher took back goes.
fn take_back(article: &mut Article) {
    (article.title, article.summary, article.text, article.html) = (None, None, None, None);
    (article.text_source, article.language) = (None, None);
    (article.authors, article.media, article.categories) = (vec![], vec![], vec![]);
    article.labels = vec![];
    (article.entities, article.topics, article.keywords, article.attribution) =
        (vec![], vec![], vec![], vec![]);
}

/// Writes the outbox row of an article's first appearance in a feed.
pub(crate) fn sighting(carried: &Carried) -> Row {
    let id = carried.id.to_string();
    let record = record::Sighting {
        schema_version: record::SCHEMA_VERSION.into(),
        article_id: id.clone(),
        revision: carried.revision,
        feed_id: carried.feed.to_string(),
        url: carried.place.url.clone(),
        guid: carried.place.guid.clone(),
        published_at: carried.place.published_at,
        seen_at: millis(carried.seen_at),
    };
    let about = About {
        id: format!("{id}:{}", carried.feed),
        kind: header::SIGHTING_TYPE,
        source: format!("urn:wireroom:feed:{}", carried.feed),
        subject: id,
        at: record.seen_at,
        sequence: format!("{}:{}", carried.store, carried.topic_seq),
    };
    row_of(Topic::Sightings, carried.seq, about, &record)
}

/// Writes the outbox row of what became of a story.
pub(crate) fn story(told: &Told) -> Row {
    let id = told.story.to_string();
    let record = record::Story {
        schema_version: record::SCHEMA_VERSION.into(),
        story_id: id.clone(),
        change: told.change,
        merged_into: told.into.map(|into| into.to_string()),
        article_id: told.article.to_string(),
        title: told.title.clone(),
        articles: told.articles,
        similarity: (f64::from(told.similarity) * 1000.0).round() / 1000.0,
        settled_at: millis(told.at),
    };
    let about = About {
        id: format!("{id}:{}", told.topic_seq),
        kind: header::story_type(told.change),
        source: format!("urn:wireroom:store:{}", told.store),
        subject: id,
        at: record.settled_at,
        sequence: format!("{}:{}", told.store, told.topic_seq),
    };
    row_of(Topic::Stories, told.seq, about, &record)
}

/// Writes the outbox row of what happened to a feed.
pub(crate) fn feed(news: &FeedNews) -> Row {
    let id = news.feed.to_string();
    let record = record::FeedEvent {
        schema_version: record::SCHEMA_VERSION.into(),
        feed_id: id.clone(),
        change: news.change,
        detail: news.detail.clone(),
        settled_at: millis(news.at),
    };
    let about = About {
        id: format!("{id}:{}", news.topic_seq),
        kind: header::feed_type(news.change),
        source: format!("urn:wireroom:feed:{id}"),
        subject: id,
        at: record.settled_at,
        sequence: format!("{}:{}", news.store, news.topic_seq),
    };
    row_of(Topic::Feeds, news.seq, about, &record)
}

/// What the headers of a record beside the articles say.
struct About {
    id: String,
    kind: &'static str,
    source: String,
    subject: String,
    at: Timestamp,
    sequence: String,
}

fn row_of(topic: Topic, seq: u64, about: About, record: &impl serde::Serialize) -> Row {
    let headers = [
        (header::SPEC_VERSION, "1.0".to_owned()),
        (header::ID, about.id),
        (header::TYPE, about.kind.to_owned()),
        (header::SOURCE, about.source),
        (header::SUBJECT, about.subject.clone()),
        (header::TIME, about.at.to_string()),
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::SEQUENCE, about.sequence),
    ];
    Row {
        seq,
        topic,
        key: about.subject,
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
        payload: Some(serde_json::to_vec(record).unwrap_or_default()),
        settled_at_ms: about.at.as_millisecond(),
    }
}

fn headers(article: &Article, decision: &Decision) -> Vec<(String, String)> {
    [
        (header::SPEC_VERSION, "1.0".into()),
        (header::ID, format!("{}:{}", article.id, article.revision)),
        (header::TYPE, header::article_type(article.change).into()),
        (header::SOURCE, format!("urn:wireroom:feed:{}", article.feed.id)),
        (header::SUBJECT, article.id.clone()),
        (header::TIME, article.settled_at.to_string()),
        (header::DATA_SCHEMA, header::ARTICLE_SCHEMA.into()),
        (header::CONTENT_TYPE, "application/json".into()),
        (header::SEQUENCE, format!("{}:{}", decision.store, decision.topic_seq)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// The record as JSON, its text cut where it would be too long for the broker.
fn fitting(mut article: Article) -> Vec<u8> {
    let mut payload = json(&article);
    while RECORD_BYTES_MAX < payload.len() {
        let Some(text) = article.text.take().filter(|text| !text.is_empty()) else { break };
        // A character may be written in more bytes than it has: cut by share, and at least something.
        let excess = payload.len() - RECORD_BYTES_MAX;
        let keep = text.len().saturating_sub(excess.max(text.len() / 20 + 1));
        article.text = Some(text[..text.floor_char_boundary(keep)].to_owned());
        article.truncated = true;
        drop_mentions_beyond(&mut article);
        payload = json(&article);
    }
    payload
}

/// Mentions in the part that was cut point nowhere.
fn drop_mentions_beyond(article: &mut Article) {
    let length = article.text.as_ref().map_or(0, |text| text.chars().count()) as u32;
    let inside = |field: record::Field, end: u32| field != record::Field::Text || end <= length;
    for entity in &mut article.entities {
        entity.mentions.retain(|mention| inside(mention.field, mention.end));
    }
    article.attribution.retain(|credit| inside(credit.field, credit.end));
}

fn json(article: &Article) -> Vec<u8> {
    // The record has string keys only and no type that can fail to be written.
    serde_json::to_vec(article).unwrap_or_default()
}

fn millis(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
