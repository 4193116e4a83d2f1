//! The pure rooms as filters: `wireroom parse`, `wireroom extract`, `wireroom enrich`. Standard output holds
//! articles only.

mod extract;
mod ordered;
mod parse;

pub(crate) use extract::{Options as ExtractOptions, extract};
pub(crate) use parse::{Options as ParseOptions, parse};

use crate::cli::{complain, load};
use crate::config::{self, Feeds};
use bytes::Bytes;
use enrich::Enricher;
use jiff::Timestamp;
use model::{Article, Feed};
use record::{Author, Media, Outlet, PublishedQuality, Quality, Rights, TextSource};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use url::Url;

/// Longest document and longest line, bytes.
const INPUT_MAX: u64 = 64 << 20;
/// Stands for the address of a document that came from a file; `.invalid` is nobody's (RFC 2606).
pub(crate) const NOWHERE: &str = "https://feed.invalid/";

/// An article before it has an identity: the fields of the record that are known by then.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    source_url: Option<String>,
    #[serde(default)]
    feed: Option<record::Feed>,
    #[serde(default)]
    outlet: Option<Outlet>,
    #[serde(default)]
    guid: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    text_source: Option<TextSource>,
    #[serde(default)]
    teaser: bool,
    /// What the publisher says; the record has the verdict instead.
    #[serde(default)]
    language_claim: Option<String>,
    #[serde(default)]
    authors: Vec<Author>,
    #[serde(default)]
    media: Vec<Media>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    published_at: Option<Timestamp>,
    #[serde(default)]
    published_quality: Option<PublishedQuality>,
    #[serde(default)]
    modified_at: Option<Timestamp>,
    #[serde(default)]
    quality: Option<Quality>,
    #[serde(default)]
    rights: Option<Rights>,
}

impl From<Article> for Line {
    fn from(article: Article) -> Self {
        let feed = record::Feed {
            id: article.feed.id.to_string(),
            title: article.feed_title,
            labels: article.feed.labels.clone(),
            country: article.feed.country.clone(),
        };
        Self {
            url: article.url,
            source_url: article.source_url,
            feed: Some(feed),
            outlet: Some(article.outlet),
            guid: article.guid,
            title: article.title,
            summary: article.summary,
            text: article.text,
            text_source: article.text_source,
            teaser: article.teaser,
            language_claim: article.language_claim,
            authors: article.authors,
            media: article.media,
            categories: article.categories,
            published_at: article.published_at,
            published_quality: Some(article.published_quality),
            modified_at: article.modified_at,
            quality: Some(article.quality),
            rights: Some(article.rights),
        }
    }
}

impl Line {
    /// The article; what the line does not say is unknown.
    fn article(self, nobody: &Arc<Feed>) -> Article {
        let strict = || Quality { parse_mode: record::ParseMode::Strict, flags: Vec::new() };
        // Watch lists may ask for a feed's name and labels.
        let known = self.feed.as_ref().and_then(|feed| {
            let (id, labels, country) = (feed.id.parse().ok()?, feed.labels.clone(), feed.country.clone());
            Some(Arc::new(Feed { id, labels, country, ..(**nobody).clone() }))
        });
        Article {
            feed: known.unwrap_or_else(|| nobody.clone()),
            feed_title: self.feed.and_then(|feed| feed.title),
            outlet: self.outlet.unwrap_or(Outlet { name: None, domain: None }),
            guid: self.guid,
            url: self.url,
            source_url: self.source_url,
            title: self.title,
            summary: self.summary,
            text: self.text,
            text_source: self.text_source,
            teaser: self.teaser,
            language_claim: self.language_claim,
            authors: self.authors,
            media: self.media,
            categories: self.categories,
            published_at: self.published_at,
            published_quality: self.published_quality.unwrap_or(PublishedQuality::Missing),
            modified_at: self.modified_at,
            fetched_at: Timestamp::UNIX_EPOCH,
            quality: self.quality.unwrap_or_else(strict),
            rights: self.rights.unwrap_or(Rights { copyright: None, license: None, ai_opt_out: None }),
        }
    }
}

/// What a filter found fault with, and whether anybody still reads.
pub(crate) struct Output<W: Write> {
    out: W,
    failed: bool,
}

impl<W: Write> Output<W> {
    #[cfg(test)]
    pub(crate) fn to(out: W) -> Self {
        Self { out, failed: false }
    }

    #[cfg(test)]
    pub(crate) fn into_inner(self) -> W {
        self.out
    }

    pub(crate) fn fault(&mut self, text: &str) {
        self.failed = true;
        complain(text);
    }

    /// Writes lines that are whole.
    fn whole(&mut self, lines: &[u8]) -> io::Result<()> {
        self.out.write_all(lines)
    }

    pub(crate) fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")
    }
}

pub(crate) fn filter(
    work: impl FnOnce(&mut Output<BufWriter<io::StdoutLock<'static>>>) -> io::Result<()>,
) -> ExitCode {
    let mut output = Output { out: BufWriter::new(io::stdout().lock()), failed: false };
    match work(&mut output).and_then(|()| output.out.flush()) {
        // A reader that has gone has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(74)
        }
        Ok(()) if output.failed => ExitCode::FAILURE,
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn body(file: &Path) -> io::Result<Bytes> {
    let mut body = Vec::new();
    let read = |input: &mut dyn Read, body: &mut Vec<u8>| input.take(INPUT_MAX + 1).read_to_end(body);
    match file.to_str() {
        Some("-") => read(&mut io::stdin().lock(), &mut body)?,
        _ => read(&mut File::open(file)?, &mut body)?,
    };
    if INPUT_MAX < body.len() as u64 {
        return Err(io::Error::other(format!("longer than {INPUT_MAX} bytes")));
    }
    Ok(body.into())
}

/// `wireroom enrich`: articles in, the same with what is found out about them out.
pub(crate) fn enrich(named: Option<&Path>) -> ExitCode {
    let enricher = match enricher(named) {
        Ok(enricher) => enricher,
        Err(code) => return code,
    };
    let Some(nobody) = Url::parse(NOWHERE).ok().and_then(config::stray) else { return ExitCode::FAILURE };
    filter(|output| {
        each_line(output, |number, line, output| match enriched(line, &enricher, &nobody) {
            Ok(article) => output.line(&article),
            Err(error) => {
                output.fault(&format!("line {number}: error: {error}"));
                Ok(())
            }
        })
    })
}

/// Reads standard input line by line; empty lines are passed over.
pub(crate) fn each_line<W: Write>(
    output: &mut Output<W>,
    mut each: impl FnMut(u64, &[u8], &mut Output<W>) -> io::Result<()>,
) -> io::Result<()> {
    let mut input = BufReader::new(io::stdin().lock());
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        (&mut input).take(INPUT_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            break;
        }
        if !line.trim_ascii().is_empty() {
            each(number, &line, output)?;
        }
    }
    Ok(())
}

/// What the config adds to enrichment; nothing without a config.
fn enricher(named: Option<&Path>) -> Result<Enricher, ExitCode> {
    let has_config = named.is_some() || config::find(None).is_ok();
    let config = has_config.then(|| load(named, Feeds::Skip)).transpose()?;
    let config = config.map(|config| config.pipeline.enrich).unwrap_or_default();
    // A rule that is wrong was told when the config was read.
    Enricher::new(&config).map_err(|_| ExitCode::from(78))
}

/// An article from a line's fields; none when a field is not of its kind.
pub(crate) fn article(fields: Value) -> Option<Article> {
    let line: Line = serde_json::from_value(fields).ok()?;
    let nobody = Url::parse(NOWHERE).ok().and_then(config::stray)?;
    Some(line.article(&nobody))
}

fn enriched(line: &[u8], enricher: &Enricher, nobody: &Arc<Feed>) -> serde_json::Result<Map<String, Value>> {
    let mut fields: Map<String, Value> = serde_json::from_slice(line)?;
    let line: Line = serde_json::from_value(Value::Object(fields.clone()))?;
    let story = enricher.enrich(line.article(nobody));
    let found = json!({
        "language": story.language,
        "entities": story.entities,
        "topics": story.topics,
        "keywords": story.keywords,
        "attribution": story.attribution,
        "labels": story.labels,
        "enrichment": story.enrichment,
    });
    if let Value::Object(found) = found {
        fields.extend(found);
    }
    Ok(fields)
}
