use crate::{config, door, state, trial};
use clap::{Parser, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

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
        url: String,
        /// Print the records as JSON, one a line
        #[arg(long)]
        json: bool,
    },
    /// Check the config and all feed files
    Validate,
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
        Command::Try { url, json } => trial::run(named.as_deref(), &url, json),
        Command::Run => door::run(named.as_deref(), pipeline::Mode::Forever),
        Command::Once => door::run(named.as_deref(), pipeline::Mode::Once),
        Command::Validate => {
            with_config(named, |config| say(&format!("the config is good: {} feeds", config.feeds.len())))
        }
        Command::Health { ready } => with_config(named, |config| door::health(&config, ready)),
        Command::State { what } => with_config(named, |config| state::run(&config, &what)),
    }
}

fn with_config(named: Option<PathBuf>, then: impl FnOnce(config::Config) -> ExitCode) -> ExitCode {
    match load(named.as_deref()) {
        Ok(config) => then(config),
        Err(code) => code,
    }
}

/// The config, or the exit code of a bad one, which has been told.
pub(crate) fn load(named: Option<&std::path::Path>) -> Result<config::Config, ExitCode> {
    let found = config::find(named).and_then(|path| config::load(&path, std::env::vars()));
    found.map_err(|problems| {
        complain(&problems.to_string());
        ExitCode::from(78)
    })
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
