//! `wireroom try URL`

use crate::cli::{complain, load, say};
use crate::config::{self, Feeds};
use pipeline::Trial;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use url::Url;

/// Articles shown in full words; the others are counted.
const SHOWN_MAX: usize = 5;

pub(crate) fn run(named: Option<&Path>, url: Url, json: bool) -> ExitCode {
    let has_config = named.is_some() || config::find(None).is_ok();
    let fetch = match has_config.then(|| load(named, Feeds::Skip)).transpose() {
        Ok(config) => config.map(|config| config.pipeline.fetch).unwrap_or_default(),
        Err(code) => return code,
    };
    let Some(feed) = config::stray(url) else { return ExitCode::FAILURE };
    let Ok(runtime) = tokio::runtime::Runtime::new() else { return ExitCode::FAILURE };
    match runtime.block_on(pipeline::try_feed(&fetch, feed)) {
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
    let mut line = |name: &str, text: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name:<10} {text}");
    };
    let kind = trial.content_type.as_deref().unwrap_or("no content type");
    line("fetched", format!("{} bytes of {kind} from {}", trial.bytes, trial.url));
    line("validators", if trial.conditional { "yes: unchanged polls cost a 304" } else { "none" }.into());
    line("parsed", format!("{} ({:?})", trial.format, trial.mode).to_lowercase());
    for flaw in &trial.flaws {
        line("flaw", flaw.detail.clone());
    }
    line("feed", trial.title.clone().unwrap_or_else(|| "without a title".into()));
    line("articles", format!("{}, and {} entries with nothing in them", trial.articles.len(), trial.empty));
    for article in trial.articles.iter().take(SHOWN_MAX) {
        let published = article.published_at.map_or_else(|| "no date".into(), |at| at.to_string());
        line("", String::new());
        line("title", article.title.clone().unwrap_or_default());
        line("published", published);
        line("url", article.url.clone().unwrap_or_default());
        let text = article.text.as_deref().unwrap_or_default();
        line(
            "text",
            format!("{} characters ({:?})", text.chars().count(), article.text_source).to_lowercase(),
        );
        let language = article.language.as_ref().map_or("unknown", |language| language.code.as_str());
        let topics: Vec<&str> = article.topics.iter().map(|topic| topic.label.as_str()).collect();
        line("language", format!("{language}; topics: {}", topics.join(", ")));
    }
    out.trim_end().to_owned()
}
