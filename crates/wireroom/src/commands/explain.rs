//! `wireroom explain ID`: how an article came to be what it is.

use crate::cli::{say, say_json};
use crate::link::Link;
use clap::Args as ClapArgs;
use jiff::Timestamp;
use ledger::Trace;
use model::ArticleId;
use model::desk::Question;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Its id
    #[arg(value_name = "ARTICLE_ID")]
    id: ArticleId,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let asked = Link::find(named, false).and_then(|(link, _)| {
        let traces = link.ask::<Vec<Trace>>(Question::Explain { id: args.id.to_string() });
        let closed = link.close();
        traces.and_then(|traces| closed.map(|()| traces))
    });
    match asked {
        Ok(traces) if args.json => say_json(&traces),
        Ok(traces) => say(&words(args.id, &traces)),
        Err(code) => code,
    }
}

/// The same as sentences.
pub(crate) fn words(id: ArticleId, traces: &[Trace]) -> String {
    let mut out = format!("article {id}\n");
    for trace in traces {
        let at = Timestamp::from_millisecond(trace.at_ms).unwrap_or_default();
        line(
            &mut out,
            0,
            &format!("revision {}: {} at {at} by feed {}", trace.revision, trace.change, trace.feed),
        );
        if !trace.changed_fields.is_empty() {
            line(&mut out, 1, &format!("changed: {}", trace.changed_fields.join(", ")));
        }
        for (kind, found) in &trace.keys {
            line(&mut out, 1, &format!("its {kind} named article {found}"));
        }
        if trace.keys.is_empty() && trace.revision <= 1 {
            line(&mut out, 1, "none of its names was known");
        }
        if let Some(quirk) = &trace.quirk {
            line(&mut out, 1, &format!("odd names: {quirk}"));
        }
        for near in &trace.nearest {
            let verdict = if near.is_near { "a repetition" } else { "no repetition" };
            line(
                &mut out,
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
            line(&mut out, 1, &format!("story {}: likeness {:.3}{why}", story.id, story.similarity));
        }
    }
    out.trim_end().to_owned()
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}{text}", "  ".repeat(depth));
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
        let words = words(id, &[trace]);
        for part in [
            "revision 2: updated at 2026-",
            "changed: title, text",
            "its url named",
            "GuidChurn",
            "0.812",
            "9 of 32",
            "a repetition",
            "likeness 0.500, for ferry",
        ] {
            assert!(words.contains(part), "{part} is missing in {words}");
        }
    }
}
