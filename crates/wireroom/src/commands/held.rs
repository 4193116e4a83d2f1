//! `wireroom held …`: articles of improbable polls, which wait for a word, and those that wait for their page.

use crate::cli::{counted, say, say_json};
use crate::link::Link;
use crate::table::{ago, table, width};
use clap::{Args as ClapArgs, Subcommand};
use jiff::Timestamp;
use model::FeedId;
use model::desk::{HeldFeed, Question, Released};
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List feeds whose articles wait
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Publish the articles of a feed that wait
    Release {
        /// The feed
        feed: FeedId,
        /// Remember them as seen instead
        #[arg(long)]
        discard: bool,
    },
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let changes = matches!(args.what, What::Release { .. });
    let (link, _) = match Link::find(named, changes) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let done = match &args.what {
        What::List { json } => list(&link, *json),
        What::Release { feed, discard } => release(&link, feed, !discard),
    };
    let closed = link.close();
    done.and_then(|code| closed.map(|()| code)).unwrap_or_else(|code| code)
}

fn list(link: &Link, json: bool) -> Result<ExitCode, ExitCode> {
    let held: Vec<HeldFeed> = link.ask(Question::Held)?;
    if json {
        return Ok(say_json(&held));
    }
    if held.is_empty() {
        return Ok(say("nothing is held"));
    }
    let now = Timestamp::now();
    let rows = held.into_iter().map(|feed| {
        let (articles, pages) = (feed.articles.to_string(), feed.pages.to_string());
        vec![feed.feed, articles, pages, ago(Some(feed.since), now), feed.titles.join("; ")]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    Ok(say(&table(&["FEED", "ARTICLES", "PAGES", "FOR", "TITLES"], &rows, width())))
}

fn release(link: &Link, feed: &FeedId, publish: bool) -> Result<ExitCode, ExitCode> {
    let Released { created, updated, known, marked_seen, waiting } =
        link.ask(Question::Release { feed: feed.clone(), publish })?;
    let waits = if 0 < waiting { format!(", {waiting} wait for their page") } else { String::new() };
    Ok(say(&format!(
        "{}, {} published; {marked_seen} remembered as seen, {known} known by now{waits}",
        counted(created.into(), "article"),
        counted(updated.into(), "revision")
    )))
}
