//! `cargo xtask compare …`: a room beside the peers that its users would take instead, in one run.

mod dedup;
mod extract;
mod language;
mod links;
mod ner;
mod parse;
mod polling;
pub(crate) mod python;
mod topics;

use anyhow::Result;
use clap::Subcommand;

/// What is compared. One module each; its peers are pinned in it.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Sameness, beside datasketch, SimHash and centroids: labelled sets, stories, speed
    Dedup(dedup::Options),
    /// Names of people, organisations and places, beside spaCy's en_core_web_sm
    Ner(ner::Options),
    /// Wikidata ids of labelled mentions, with a base that was built without them
    Links(links::Options),
    /// Reading feeds, beside feedparser: its own test suite, mutants of it, hostile input, speed
    Parse(parse::Options),
    /// Polling, beside Miniflux: the same scripted feeds for an hour
    Polling(polling::Options),
    /// Topics, beside a majority baseline and scikit-learn: by time, and on other news
    Topics(crate::topics::Options),
    /// Keywords, beside YAKE! itself
    Keywords,
    /// The language of headlines and texts, beside lingua, whichlang and whatlang: right answers, speed
    Language(language::Options),
    /// Finding the article in a page, beside trafilatura: two labelled sets of pages, speed
    Extract(extract::Options),
}

/// Sets up the peers, runs both, prints the table.
pub(crate) fn compare(what: &What) -> Result<()> {
    match what {
        What::Dedup(options) => dedup::compare(options),
        What::Ner(options) => ner::compare(options),
        What::Links(options) => links::compare(options),
        What::Parse(options) => parse::compare(options),
        What::Polling(options) => polling::compare(options),
        What::Topics(options) => topics::compare(options),
        What::Keywords => topics::keywords(),
        What::Language(options) => language::compare(options),
        What::Extract(options) => extract::compare(options),
    }
}
