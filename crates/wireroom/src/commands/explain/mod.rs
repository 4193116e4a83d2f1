//! `wireroom explain ID`: how an article came to be what it is.

mod find;

use super::filter;
use crate::cli::{complain, say, say_json};
use crate::config::Config;
use crate::link::Link;
use crate::table::clean;
use clap::Args as ClapArgs;
use enrich::{Enricher, Reason};
use jiff::Timestamp;
use ledger::Trace;
use model::ArticleId;
use model::desk::Question;
use pipeline::Explained;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Its id
    #[arg(value_name = "ARTICLE_ID")]
    id: ArticleId,
    /// Look for its record in this file of articles, one JSON object a line, or in standard input (-), instead of
    /// where the config's sink puts them
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// All that is said of an article.
#[derive(Debug, Serialize)]
struct Told {
    id: String,
    revisions: Vec<Trace>,
    /// Evidence for the tags of the last revision; null: its text is not at hand.
    tags: Option<Vec<Reason>>,
    /// What is to be known about that evidence.
    notes: Vec<String>,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let asked = Link::find(named, false).and_then(|(link, config)| {
        let explained = link.ask::<Explained>(Question::Explain { id: args.id.to_string() });
        let closed = link.close();
        explained.and_then(|explained| closed.map(|()| (explained, config)))
    });
    let (explained, config) = match asked {
        Ok(asked) => asked,
        Err(code) => return code,
    };
    let mut told = Told { id: args.id.to_string(), revisions: Vec::new(), tags: None, notes: Vec::new() };
    match record(&explained, &config, args) {
        Ok(Some(record)) => match evidence(&record, &config) {
            Some(tags) => {
                told.notes.extend(doubts(&record, &tags));
                told.tags = Some(tags);
            }
            None => told.notes.push("its record is not one that this version can read".into()),
        },
        Ok(None) => told.notes.push(missing(&explained, &config, args)),
        Err(error) => {
            complain(&format!("warning: {error}"));
            told.notes.push(missing(&explained, &config, args));
        }
    }
    told.revisions = explained.revisions;
    if args.json { say_json(&told) } else { say(&words(&told)) }
}

/// The last revision's record, from wherever it still is.
fn record(explained: &Explained, config: &Config, args: &Args) -> Result<Option<Value>, String> {
    let Some(last) = explained.revisions.last() else { return Ok(None) };
    match (&args.record, &explained.record) {
        (Some(file), _) => find::in_file(file, args.id, last.revision),
        (None, Some(record)) => Ok(Some(record.clone())),
        (None, None) => find::in_sink(config, args.id, last),
    }
}

fn missing(explained: &Explained, config: &Config, args: &Args) -> String {
    let at_ms = explained.revisions.last().map_or(0, |trace| trace.at_ms);
    let place =
        args.record.as_ref().map_or_else(|| find::place(config, at_ms), |file| file.display().to_string());
    format!(
        "why it has its tags is found again from its text, and its record is neither in memory nor in the outbox \
         nor in {place}: give it with --record FILE"
    )
}

/// Finds out again what speaks for each tag, by the rules and the names of the config.
fn evidence(record: &Value, config: &Config) -> Option<Vec<Reason>> {
    let mut fields = record.clone();
    // The publisher's own claim is not published; what was made of it is the next best.
    fields["language_claim"] = record["language"]["code"].clone();
    let article = filter::article(fields)?;
    // A rule that is wrong was told when the config was read.
    Some(Enricher::new(&config.pipeline.enrich).ok()?.reasons(&article))
}

/// What has changed since the record was made, so that the evidence may be for other tags.
fn doubts(record: &Value, tags: &[Reason]) -> Vec<String> {
    let mut doubts = Vec::new();
    if record["producer"]["models"] != json!(enrich::models()) {
        doubts.push("the record was made with other models: this is what those of now say".into());
    }
    let found = |kind: &str, word: &str| tags.iter().any(|tag| tag.kind == kind && tag.found.contains(word));
    for (field, kind, name) in [
        ("entities", "entity", "/name"),
        ("topics", "topic", "/id"),
        ("keywords", "keyword", ""),
        ("attribution", "attribution", "/name"),
        ("labels", "label", ""),
    ] {
        for tag in record[field].as_array().into_iter().flatten() {
            let word = tag.pointer(name).and_then(Value::as_str).unwrap_or_default();
            if !found(kind, word) {
                doubts.push(format!("the record has the {kind} {word:?}, which is not found again"));
            }
        }
    }
    doubts
}

/// The same as sentences.
fn words(told: &Told) -> String {
    let mut out = format!("article {}\n", told.id);
    told.revisions.iter().for_each(|trace| revision(&mut out, trace));
    for tag in told.tags.iter().flatten() {
        line(&mut out, 0, &format!("{} {}", tag.kind, tag.found));
        tag.because.iter().for_each(|why| line(&mut out, 1, why));
    }
    told.notes.iter().for_each(|note| line(&mut out, 0, note));
    out.trim_end().to_owned()
}

fn revision(out: &mut String, trace: &Trace) {
    let at = Timestamp::from_millisecond(trace.at_ms).unwrap_or_default();
    line(out, 0, &format!("revision {}: {} at {at} by feed {}", trace.revision, trace.change, trace.feed));
    if !trace.changed_fields.is_empty() {
        line(out, 1, &format!("changed: {}", trace.changed_fields.join(", ")));
    }
    for (kind, found) in &trace.keys {
        line(out, 1, &format!("its {kind} named article {found}"));
    }
    if trace.keys.is_empty() && trace.revision <= 1 {
        line(out, 1, "none of its names was known");
    }
    if let Some(quirk) = &trace.quirk {
        line(out, 1, &format!("odd names: {quirk}"));
    }
    for near in &trace.nearest {
        let verdict = if near.is_near { "a repetition" } else { "no repetition" };
        line(
            out,
            1,
            &format!(
                "near article {}: containment {:.3}, {} of 32 bands shared: {verdict}",
                near.id, near.containment, near.bands
            ),
        );
    }
    if let Some(story) = &trace.story {
        let why = match story.words.is_empty() {
            true => String::new(),
            false => format!(", for {}", story.words.join(", ")),
        };
        line(out, 1, &format!("story {}: likeness {:.3}{why}", story.id, story.similarity));
    }
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}{}", "  ".repeat(depth), clean(text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{NearTrace, StoryTrace};

    #[test]
    fn every_part_of_the_evidence_is_told() {
        let id = ArticleId([1; 16]);
        let trace = Trace {
            revision: 2,
            change: "updated".into(),
            at_ms: 1_795_000_000_000,
            feed: "harbour".into(),
            changed_fields: vec!["title".into(), "text".into()],
            keys: vec![("url".into(), id.to_string())],
            quirk: Some("GuidChurn".into()),
            nearest: vec![NearTrace { id: "other".into(), containment: 0.8125, bands: 9, is_near: true }],
            story: Some(StoryTrace { id: "s".into(), similarity: 0.5, words: vec!["ferry".into()] }),
        };
        let reason =
            Reason { kind: "topic", found: "medtop:1 sport".into(), because: vec!["goal +2.00".into()] };
        let told = Told {
            id: id.to_string(),
            revisions: vec![trace],
            tags: Some(vec![reason]),
            notes: vec!["a note".into()],
        };
        let words = words(&told);
        for part in [
            "revision 2: updated at 2026-",
            "changed: title, text",
            "its url named",
            "GuidChurn",
            "0.812",
            "9 of 32",
            "a repetition",
            "likeness 0.500, for ferry",
            "topic medtop:1 sport\n  goal +2.00",
            "a note",
        ] {
            assert!(words.contains(part), "{part} is missing in {words}");
        }
    }
}
