//! `wireroom try URL`

use crate::cli::{complain, load, say};
use crate::config::{self, Feeds};
use clap::Args as ClapArgs;
use enrich::Enricher;
use pipeline::Trial;
use record::Article;
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use url::Url;

/// Articles shown in full words; the others are counted.
const SHOWN_MAX: usize = 5;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The feed
    #[arg(value_parser = config::checked_url)]
    url: Url,
    /// Print the records as JSON, one a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(named: Option<&Path>, args: Args) -> ExitCode {
    let Args { url, json } = args;
    let has_config = named.is_some() || config::find(None).is_ok();
    let config = match has_config.then(|| load(named, Feeds::Skip)).transpose() {
        Ok(config) => config.map(|config| config.pipeline).unwrap_or_default(),
        Err(code) => return code,
    };
    let Ok(enricher) = Enricher::new(&config.enrich) else { return ExitCode::from(78) };
    let Some(feed) = config::stray(url) else { return ExitCode::FAILURE };
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return ExitCode::FAILURE };
    match runtime.block_on(pipeline::try_feed(&config.fetch, enricher, feed)) {
        Ok(trial) if json => say(&lines(&trial)),
        Ok(trial) => say(&words(&trial)),
        Err(failure) => {
            complain(&format!("error: {} ({})", failure.detail, failure.class.name()));
            ExitCode::FAILURE
        }
    }
}

fn lines(trial: &Trial) -> String {
    let records = trial.articles.iter().map(|article| serde_json::to_string(article).unwrap_or_default());
    records.collect::<Vec<_>>().join("\n")
}

fn words(trial: &Trial) -> String {
    let mut out = String::new();
    let kind = trial.content_type.as_deref().unwrap_or("no content type");
    line(&mut out, "fetched", &format!("{} bytes of {kind} from {}", trial.bytes, trial.url));
    line(&mut out, "validators", if trial.conditional { "yes: unchanged polls cost a 304" } else { "none" });
    line(&mut out, "parsed", &format!("{}, {}", trial.format, word(&trial.mode)));
    for flaw in &trial.flaws {
        line(&mut out, "flaw", &flaw.detail);
    }
    line(&mut out, "feed", trial.title.as_deref().unwrap_or("without a title"));
    line(
        &mut out,
        "articles",
        &format!("{}; entries with nothing in them: {}", trial.articles.len(), trial.empty),
    );
    trial.articles.iter().take(SHOWN_MAX).for_each(|article| describe(&mut out, article));
    out.trim_end().to_owned()
}

fn describe(out: &mut String, article: &Article) {
    out.push('\n');
    line(out, "title", article.title.as_deref().unwrap_or("none"));
    let published = article.published_at.map_or_else(|| "no date".to_owned(), |at| at.to_string());
    line(out, "published", &format!("{published} ({})", word(&article.published_quality)));
    line(out, "url", article.url.as_deref().unwrap_or("none"));
    let length = article.text.as_deref().unwrap_or_default().chars().count();
    let source = article.text_source.as_ref().map(|source| format!(" of the {}", word(source)));
    line(out, "text", &format!("{length} characters{}", source.unwrap_or_default()));
    let language = article.language.as_ref().map_or("unknown", |language| language.code.as_str());
    let topics: Vec<&str> = article.topics.iter().map(|topic| topic.label.as_str()).collect();
    line(out, "language", language);
    line(out, "topics", if topics.is_empty() { "none".into() } else { topics.join(", ") }.as_str());
}

fn line(out: &mut String, name: &str, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{name:<10} {text}");
}

/// A word as the record spells it.
fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
