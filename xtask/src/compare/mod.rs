//! `cargo xtask compare …`: a room beside the peers that its users would take instead, in one run.

mod parse;
pub(crate) mod python;
mod topics;

use anyhow::Result;
use clap::Subcommand;

/// What is compared. One module each; its peers are pinned in it.
#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Reading feeds, beside feedparser: its own test suite, mutants of it, hostile input, speed
    Parse(parse::Options),
    /// Topics, beside a majority baseline and scikit-learn: by time, and on other news
    Topics(crate::topics::Options),
    /// Keywords, beside YAKE! itself
    Keywords,
}

/// Sets up the peers, runs both, prints the table.
pub(crate) fn compare(what: &What) -> Result<()> {
    match what {
        What::Parse(options) => parse::compare(options),
        What::Topics(options) => topics::compare(options),
        What::Keywords => topics::keywords(),
    }
}
