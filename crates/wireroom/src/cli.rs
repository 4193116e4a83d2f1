use crate::config::{Config, Feeds};
use crate::{config, discover, door, explain, filter, health, sameness, state, trial};
use clap::{Parser, Subcommand};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use url::Url;

/// Reads news feeds and writes clean, deduplicated, tagged articles to Kafka.
#[derive(Debug, Parser)]
#[command(
    name = "wireroom",
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 usage, 65 bad data in the state, 74 disk, 75 already running, 78 bad config."
)]
struct Cli {
    /// The config file [default: ./wireroom.toml, then /etc/wireroom/wireroom.toml]
    #[arg(long, global = true, value_name = "FILE", env = "WIREROOM_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon
    Run,
    /// Visit each feed once, deliver, and end
    Once,
    /// Show what would become of one feed; nothing is remembered, nothing is sent
    Try {
        /// The feed
        #[arg(value_parser = config::checked_url)]
        url: Url,
        /// Print the records as JSON, one a line
        #[arg(long)]
        json: bool,
    },
    /// Check the config and all feed files
    Validate,
    /// Find feeds
    Feeds {
        #[command(subcommand)]
        what: FeedsCommand,
    },
    /// Turn feed documents into articles, one JSON object a line; faults go to standard error
    Parse(filter::ParseOptions),
    /// Turn HTML pages into articles, one JSON object a page; faults go to standard error, too
    Extract(filter::ExtractOptions),
    /// Tag articles: NDJSON in, the same lines with language, entities, topics, keywords, attribution out
    Enrich,
    /// Tell sameness: NDJSON in, the same lines with id, revision, duplicate, story_id out
    Dedup,
    /// Show how an article came to be what it is
    Explain {
        /// Its id
        #[arg(value_name = "ARTICLE_ID")]
        id: model::ArticleId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a JSON Schema
    Schema {
        #[command(subcommand)]
        of: SchemaOf,
    },
    /// Ask a running daemon whether it is alive
    Health {
        /// Ask whether it is ready, too
        #[arg(long)]
        ready: bool,
    },
    /// Check, copy and move the state of a daemon that is not running
    State {
        #[command(subcommand)]
        what: state::What,
    },
}

#[derive(Debug, Subcommand)]
enum FeedsCommand {
    /// List the feeds of a site, each fetched and read
    Discover {
        /// A page of the site
        #[arg(value_parser = config::checked_url)]
        url: Url,
        /// Look at the usual places and in robots.txt even if the page links to feeds
        #[arg(long)]
        everywhere: bool,
    },
}

#[derive(Debug, Subcommand)]
enum SchemaOf {
    /// The record of articles.v1
    Article,
}

/// Runs the program and says how it went.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is not worth a word: the reader has what it wanted.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let named = cli.config;
    match cli.command {
        Command::Schema { of: SchemaOf::Article } => {
            let schema = serde_json::to_string_pretty(&record::article_schema()).unwrap_or_default();
            say(&schema)
        }
        Command::Try { url, json } => trial::run(named.as_deref(), url, json),
        Command::Feeds { what: FeedsCommand::Discover { url, everywhere } } => {
            discover::run(named.as_deref(), url, everywhere)
        }
        Command::Run => door::run(named.as_deref(), pipeline::Mode::Forever),
        Command::Once => door::run(named.as_deref(), pipeline::Mode::Once),
        Command::Parse(options) => filter::parse(&options),
        Command::Extract(options) => filter::extract(&options),
        Command::Enrich => filter::enrich(),
        Command::Dedup => sameness::dedup(),
        Command::Explain { id, json } => {
            with_config(named, Feeds::Skip, |config| explain::run(&config, id, json))
        }
        Command::Validate => with_config(named, Feeds::Read, |config| validated(&config)),
        Command::Health { ready } => with_config(named, Feeds::Skip, |config| health::ask(&config, ready)),
        Command::State { what } => with_config(named, Feeds::Skip, |config| state::run(&config, &what)),
    }
}

fn with_config(named: Option<PathBuf>, wanted: Feeds, then: impl FnOnce(Config) -> ExitCode) -> ExitCode {
    match load(named.as_deref(), wanted) {
        Ok(config) => then(config),
        Err(code) => code,
    }
}

fn validated(config: &Config) -> ExitCode {
    for warning in &config.warnings {
        complain(&format!("warning: {warning}"));
    }
    say(&format!(
        "the config is good: {}, sink {}, state in {}",
        counted(config.feeds.len() as u64, "feed"),
        config.sink_name(),
        config.pipeline.state.dir.display()
    ))
}

/// The config, or the exit code of a bad one, which has been told.
pub(crate) fn load(named: Option<&Path>, wanted: Feeds) -> Result<Config, ExitCode> {
    let found = config::find(named).and_then(|path| config::load(&path, std::env::vars_os(), wanted));
    found.map_err(|problems| {
        complain(&problems.to_string());
        ExitCode::from(78)
    })
}

/// A number and its noun.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Prints an answer; a reader that has gone is no failure.
pub(crate) fn say(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(74),
        _ => ExitCode::SUCCESS,
    }
}

/// Prints a complaint on standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
