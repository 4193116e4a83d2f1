//! `wireroom tap`: articles as they are settled, from the running daemon.

use crate::link::Link;
use crate::readable::{self, Style};
use clap::Args as ClapArgs;
use model::desk::{Filter, Question, ROWS_MAX, Recent, RecentQuery, WAIT_MAX_S};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    only: Only,
    /// Begin with the last N articles that are still in memory
    #[arg(long, value_name = "N", default_value_t = 0)]
    last: u32,
    /// End after N articles; 0: never
    #[arg(long, value_name = "N", default_value_t = 0)]
    limit: u64,
    /// One JSON object a line; so it is in a pipe, too
    #[arg(long)]
    json: bool,
}

/// Which articles are wanted: each may be given again, and one of them must fit.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct Only {
    /// Only articles of this feed
    #[arg(long, value_name = "ID")]
    feed: Vec<String>,
    /// Only articles in this language, such as en or pt-BR
    #[arg(long, value_name = "CODE")]
    language: Vec<String>,
    /// Only articles on this topic: medtop:… or part of its label
    #[arg(long, value_name = "TOPIC")]
    topic: Vec<String>,
    /// Only articles that name this: a Wikidata id or part of a name
    #[arg(long, value_name = "ENTITY")]
    entity: Vec<String>,
}

impl Only {
    pub(crate) fn filter(&self) -> Filter {
        Filter {
            feed: self.feed.clone(),
            language: self.language.clone(),
            topic: self.topic.clone(),
            entity: self.entity.clone(),
        }
    }
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    match Link::find_daemon(named).and_then(|(link, _)| tail(&link, args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(code) => code,
    }
}

fn tail(link: &Link, args: &Args) -> Result<(), ExitCode> {
    let style = if args.json { Style::Json } else { Style::of_stdout() };
    let mut left = if args.limit == 0 { u64::MAX } else { args.limit };
    // The first question only finds out where to begin.
    let mut query =
        RecentQuery { limit: args.last.max(1), only: args.only.filter(), ..RecentQuery::default() };
    let mut first = true;
    loop {
        let recent: Recent = link.ask(Question::Recent(query.clone()))?;
        let shown = if first && args.last == 0 { &[] } else { &recent.articles[..] };
        for article in shown {
            if readable::print(article, &style).is_err() {
                // A reader that has gone has what it wanted.
                return Ok(());
            }
            left -= 1;
            if left == 0 {
                return Ok(());
            }
        }
        if io::stdout().flush().is_err() {
            return Ok(());
        }
        if 0 < recent.missed {
            crate::cli::complain(&format!("{} records came too fast and were left out", recent.missed));
        }
        first = false;
        query = RecentQuery { after: Some(recent.last), limit: ROWS_MAX, wait_s: WAIT_MAX_S, ..query };
    }
}
