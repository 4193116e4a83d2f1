//! `wireroom dedup`: articles in, the same lines with id, revision, duplicate and story out.

use super::filter::{NOWHERE, Output, each_line, filter};
use crate::config;
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::DedupConfig;
use model::{Article, Feed};
use pipeline::Sift;
use record::{Author, Entity, Outlet, ParseMode, PublishedQuality, Quality, Rights};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use url::Url;

/// Longest name that a feed can have.
const FEED_ID_MAX: usize = 64;

pub(crate) fn run() -> ExitCode {
    let Some(nowhere) = Url::parse(NOWHERE).ok() else { return ExitCode::FAILURE };
    let Some(nobody) = config::stray(nowhere.clone()) else { return ExitCode::FAILURE };
    let mut reader = Reader { nowhere, nobody, latest: Timestamp::UNIX_EPOCH };
    let mut sift = Sift::new(&DedupConfig::default());
    filter(|output| {
        each_line(output, |number, line, output| one(&mut reader, &mut sift, number, line, output))
    })
}

fn one<W: Write>(
    reader: &mut Reader,
    sift: &mut Sift,
    number: u64,
    line: &[u8],
    output: &mut Output<W>,
) -> io::Result<()> {
    let mut fields: Map<String, Value> = match serde_json::from_slice(line) {
        Ok(fields) => fields,
        Err(error) => {
            output.fault(&format!("line {number}: error: {error}"));
            return Ok(());
        }
    };
    let at = reader.time(&fields);
    let entities = fields.get("entities").cloned().map(serde_json::from_value::<Vec<Entity>>);
    let entities = entities.and_then(Result::ok).unwrap_or_default();
    match sift.decide(reader.article(&fields, at), entities, at) {
        Ok(identity) => {
            let identity = identity.map(|identity| {
                let story = identity.story.map(|story| story.to_string());
                json!({
                    "id": identity.id.to_string(),
                    "revision": identity.revision,
                    "duplicate": identity.duplicate,
                    "story_id": story,
                })
            });
            if let Some(Value::Object(identity)) = identity {
                fields.extend(identity);
            }
            output.line(&fields)
        }
        Err(error) => {
            output.fault(&format!("line {number}: error: {error}"));
            Ok(())
        }
    }
}

/// Reads what a line says of its article; what it does not say, or says in another shape, is unknown.
struct Reader {
    nowhere: Url,
    nobody: Arc<Feed>,
    latest: Timestamp,
}

impl Reader {
    /// When the article was seen: as the line says, else when the one before it was.
    fn time(&mut self, fields: &Map<String, Value>) -> Timestamp {
        let told = ["fetched_at", "published_at"].into_iter().find_map(|name| instant(fields.get(name)?));
        self.latest = told.unwrap_or(self.latest);
        self.latest
    }

    fn article(&self, fields: &Map<String, Value>, at: Timestamp) -> Article {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let source_url = text("source_url").or_else(|| text("url"));
        let canonical = text("url").and_then(|url| normalise::canonical(&url, &self.nowhere));
        let host = canonical.as_ref().and_then(Url::host_str).filter(|_| text("url").is_some());
        let feed = part(fields, "feed", "id");
        // Without an address, whoever is named stands for the outlet.
        let outlet = part(fields, "outlet", "domain")
            .or_else(|| host.and_then(normalise::registered_domain))
            .or_else(|| part(fields, "outlet", "name"))
            .or_else(|| feed.clone());
        let published_at = fields.get("published_at").and_then(instant);
        Article {
            feed: self.feed(feed.or_else(|| outlet.clone())),
            feed_title: part(fields, "feed", "title"),
            outlet: Outlet { name: part(fields, "outlet", "name"), domain: outlet },
            guid: text("guid"),
            url: canonical.map(String::from),
            source_url,
            title: text("title"),
            summary: text("summary"),
            text: text("text"),
            text_source: None,
            teaser: false,
            language_claim: None,
            authors: list::<Author>(fields, "authors"),
            media: list(fields, "media"),
            categories: list(fields, "categories"),
            published_at,
            published_quality: match published_at {
                Some(_) => PublishedQuality::Claimed,
                None => PublishedQuality::Missing,
            },
            modified_at: fields.get("modified_at").and_then(instant),
            fetched_at: at,
            quality: Quality { parse_mode: ParseMode::Strict, flags: Vec::new() },
            rights: Rights::default(),
        }
    }

    /// A feed of that name, bent into what can name a feed; names that differ in more than dress stay apart.
    fn feed(&self, name: Option<String>) -> Arc<Feed> {
        let Some(name) = name else { return self.nobody.clone() };
        let fits =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter);
        let lower = name.to_lowercase();
        let id = if lower.len() <= FEED_ID_MAX && lower.chars().all(fits) {
            lower
        } else {
            blake3::hash(name.as_bytes()).to_hex().to_string()
        };
        match id.parse() {
            Ok(id) => Arc::new(Feed { id, ..(*self.nobody).clone() }),
            Err(_) => self.nobody.clone(),
        }
    }
}

/// A word inside an object, or the word that stands in its place.
fn part(fields: &Map<String, Value>, name: &str, inside: &str) -> Option<String> {
    let value = fields.get(name)?;
    let inner = value.get(inside).or(if inside == "name" || inside == "title" { None } else { Some(value) });
    inner.and_then(Value::as_str).filter(|word| !word.is_empty()).map(str::to_owned)
}

fn list<T: serde::de::DeserializeOwned>(fields: &Map<String, Value>, name: &str) -> Vec<T> {
    fields.get(name).cloned().and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
}

/// RFC 3339, or a day alone.
fn instant(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    text.parse().ok().or_else(|| format!("{}T00:00:00Z", text.parse::<Date>().ok()?).parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[Value], expect: impl Fn(&[Value])) {
        let nowhere = Url::parse(NOWHERE).unwrap();
        let nobody = config::stray(nowhere.clone()).unwrap();
        let mut reader = Reader { nowhere, nobody, latest: Timestamp::UNIX_EPOCH };
        let mut sift = Sift::new(&DedupConfig::default());
        let mut output = Output::to(Vec::new());
        for line in lines {
            one(&mut reader, &mut sift, 1, line.to_string().as_bytes(), &mut output).unwrap();
        }
        let out = String::from_utf8(output.into_inner()).unwrap();
        let out: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(out.len(), lines.len());
        expect(&out);
    }

    fn text(from: u32) -> String {
        (from..from + 120).map(|n| format!("word{n} ")).collect()
    }

    #[test]
    fn copies_near_duplicates_revisions_and_others_are_told_apart() {
        let at = |hour: u32| format!("2026-11-19T{hour:02}:00:00Z");
        let lines = [
            json!({"title": "Ferry sinks", "text": text(0), "url": "https://a.example/1", "published_at": at(1), "feed": {"id": "a"}, "own": 7}),
            json!({"title": "Ferry sinks", "text": text(0), "url": "https://b.example/1", "published_at": at(1), "feed": "b"}),
            json!({"title": "Ferry lost", "text": text(8), "url": "https://c.example/1", "published_at": at(2)}),
            json!({"title": "Ferry sinks", "text": text(4), "url": "https://a.example/1?utm_source=x", "published_at": at(1), "feed": {"id": "a"}}),
            json!({"title": "Budget passed", "text": text(1000), "url": "https://c.example/2", "published_at": at(2)}),
            json!({"text": "", "outlet": "odd", "authors": "nobody", "published_at": 7}),
            json!({}),
        ];
        check(&lines, |out| {
            assert_eq!(
                (&out[0]["revision"], &out[0]["duplicate"], &out[0]["own"]),
                (&json!(1), &Value::Null, &json!(7))
            );
            assert_eq!(out[1]["duplicate"], json!({"of": out[0]["id"], "kind": "copy", "containment": 1.0}));
            assert_eq!(
                (&out[2]["duplicate"]["of"], &out[2]["duplicate"]["kind"]),
                (&out[0]["id"], &json!("near"))
            );
            assert_eq!((&out[3]["id"], &out[3]["revision"]), (&out[0]["id"], &json!(2)));
            assert_eq!(out[2]["story_id"], out[0]["story_id"]);
            assert_eq!((&out[4]["duplicate"], &out[4]["revision"]), (&Value::Null, &json!(1)));
            assert_ne!(out[4]["story_id"], out[0]["story_id"]);
            assert!(out.iter().all(|line| line["id"].as_str().is_some_and(|id| id.len() == 26)));
        });
    }

    #[test]
    fn three_days_later_it_is_another_text() {
        let line = |url: &str, day: u32, from| json!({"title": url, "text": text(from), "url": url, "published_at": format!("2026-11-{day}T00:00:00Z")});
        let lines = [
            line("https://a.example/1", 10, 0),
            line("https://b.example/1", 14, 8),
            line("https://c.example/1", 11, 8),
        ];
        check(&lines, |out| {
            assert_eq!(out[1]["duplicate"], Value::Null);
            assert_eq!(out[2]["duplicate"]["of"], out[1]["id"], "the same text is a copy at any distance");
        });
    }
}
