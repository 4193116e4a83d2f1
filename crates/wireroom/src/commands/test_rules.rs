//! `wireroom test-rules`: the articles that stand beside the watch lists, tried.

use super::filter;
use crate::cli::{complain, counted, load, say};
use crate::config::Feeds;
use enrich::{Enricher, RuleTest};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// Tries every test of every rule; 1 when one fails, 0 also when there is none.
pub(crate) fn run(named: Option<&Path>) -> ExitCode {
    let config = match load(named, Feeds::Skip) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let rules = &config.pipeline.enrich.rules;
    // A rule that is wrong was told when the config was read.
    let Ok(enricher) = Enricher::new(&config.pipeline.enrich) else { return ExitCode::from(78) };
    let (mut tried, mut failed) = (0, 0);
    for (at, rule) in rules.iter().enumerate() {
        if rule.tests.is_empty() {
            complain(&format!("warning: rule {} ({:?}) has no test", at + 1, rule.label));
        }
        for (number, test) in rule.tests.iter().enumerate() {
            tried += 1;
            let place = format!("rule {} ({:?}), test {}", at + 1, rule.label, number + 1);
            let Some(article) = article(test) else {
                failed += 1;
                complain(&format!("{place}: cannot be made into an article"));
                continue;
            };
            let labels = enricher.enrich(article).labels;
            if labels.contains(&rule.label) != test.matches {
                failed += 1;
                let (wanted, found) = if test.matches { ("a match", "none") } else { ("no match", "one") };
                complain(&format!("{place}: expected {wanted}, found {found}: {}", shown(test)));
            }
        }
    }
    let rules = counted(rules.len() as u64, "rule");
    if failed != 0 {
        complain(&format!("{failed} of {} failed, {rules}", counted(tried, "test")));
        return ExitCode::FAILURE;
    }
    say(&format!("{} of {rules} passed", counted(tried, "test")))
}

fn article(test: &RuleTest) -> Option<model::Article> {
    filter::article(json!({
        "title": test.title,
        "summary": test.summary,
        "text": test.text.as_ref().or(test.summary.as_ref()),
        "url": test.url,
        "outlet": { "name": test.outlet, "domain": null },
        "language_claim": test.language,
        "categories": test.categories,
    }))
}

/// The beginning of what the test says, on one line.
fn shown(test: &RuleTest) -> String {
    let text = [&test.title, &test.summary, &test.text].into_iter().flatten().next();
    let line: Vec<&str> = text.map_or("", String::as_str).split_whitespace().collect();
    line.join(" ").chars().take(80).collect()
}
