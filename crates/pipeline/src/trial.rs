//! `wireroom try URL`: one feed through every pure room, nothing remembered, nothing sent.

use crate::compose;
use enrich::Enricher;
use fetch::{Fetch, Fetched};
use jiff::Timestamp;
use model::settle::Decision;
use model::{Failure, FailureClass, Feed, Flaw, StoreId, Visit};
use normalise::Context;
use record::{Change, Quality};
use std::sync::Arc;

/// One feed, as every stage saw it.
#[derive(Debug)]
pub struct Trial {
    /// Where the body came from, after redirects.
    pub url: String,
    /// Bytes of the body.
    pub bytes: usize,
    /// `Content-Type` as sent.
    pub content_type: Option<String>,
    /// True when the server gave an ETag or Last-Modified.
    pub conditional: bool,
    /// `rss`, `atom`, `json` or `sitemap`.
    pub format: String,
    /// What it took to read it.
    pub mode: record::ParseMode,
    /// The feed's title.
    pub title: Option<String>,
    /// Faults of the document.
    pub flaws: Vec<Flaw>,
    /// Entries that hold nothing to publish.
    pub empty: usize,
    /// The records as they would be published if each were new.
    pub articles: Vec<record::Article>,
}

/// Fetches a feed and shows what would become of it.
///
/// # Errors
///
/// The failure of the visit, as it would be remembered.
pub async fn try_feed(config: &fetch::Config, enricher: Enricher, feed: Arc<Feed>) -> Result<Trial, Failure> {
    let fetch = Fetch::new(config).map_err(|error| failure(FailureClass::Internal, &error.to_string()))?;
    let url = feed.url.clone();
    let visit = Visit { feed, url, validators: model::Validators::default(), first: true, failures: 0 };
    let document = match fetch.get(&visit).await? {
        Fetched::Document(document, _) => document,
        Fetched::NotModified(_) => {
            return Err(failure(FailureClass::BadHttp, "304 without being asked for it"));
        }
    };
    let work = tokio::task::spawn_blocking(move || examine(&visit, &document, &enricher));
    work.await.map_err(|_| failure(FailureClass::Internal, "reading the document made wireroom panic"))?
}

fn examine(visit: &Visit, document: &model::Document, enricher: &Enricher) -> Result<Trial, Failure> {
    let parsed =
        parse::parse(document).map_err(|error| failure(FailureClass::NotAFeed, &error.to_string()))?;
    let quality = Quality { parse_mode: parsed.mode, flags: vec![] };
    let context = Context {
        feed: &visit.feed,
        meta: &parsed.meta,
        document_url: &document.url,
        fetched_at: document.fetched_at,
        quality: &quality,
    };
    let entries = parsed.entries.len();
    let articles: Vec<_> = parsed
        .entries
        .into_iter()
        .filter_map(|entry| normalise::normalise(&context, entry).ok())
        .map(|article| record_of(article, enricher))
        .collect();
    Ok(Trial {
        url: document.url.to_string(),
        bytes: document.body.len(),
        content_type: document.content_type.clone(),
        conditional: document.validators != model::Validators::default(),
        format: format!("{:?}", parsed.format).to_lowercase(),
        mode: parsed.mode,
        title: parsed.meta.title.clone(),
        flaws: parsed.flaws,
        empty: entries - articles.len(),
        articles,
    })
}

/// The record that an article would become if it were new.
fn record_of(article: model::Article, enricher: &Enricher) -> record::Article {
    let sighting = dedup::sighting(&article);
    let now = Timestamp::now();
    let decision = Decision {
        id: dedup::name(&sighting, 0),
        revision: 1,
        change: Change::Created,
        changed_fields: vec![],
        duplicate: None,
        story: None,
        backfill: true,
        first_seen_at: article.fetched_at,
        settled_at: now,
        store: StoreId([0; 8]),
        seq: 0,
        topic_seq: 0,
    };
    compose::article(&enricher.enrich(article), &decision)
}

fn failure(class: FailureClass, detail: &str) -> Failure {
    Failure { class, status: None, detail: detail.to_owned(), retry_after: None, host: None }
}
