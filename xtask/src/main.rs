//! `cargo xtask`: the project's own commands.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a command line tool tells what it does")]

mod check;
mod compare;
mod compose;
mod consumers;
mod counts;
mod engines;
mod fuzz;
mod languages;
mod registry;
mod run;
mod serve;
mod setup;
mod suite;
mod tables;
mod topics;

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "wireroom's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what is missing, start Kafka, run every test
    Test {
        /// Passed on to `cargo test --workspace`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Build wireroom and show all of it: invented feeds, no network, no broker
    Demo {
        /// Passed on to `wireroom demo`: --kafka HOST:PORT, --every 1s …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Formatting, lints, docs, licences, bans, sources
    Check,
    /// Known vulnerabilities of dependencies (needs the open internet)
    Advisories,
    /// Run the example consumers, in four languages, against a real broker
    Consumers {
        /// Run the tests of delivery, too
        #[arg(long)]
        delivery: bool,
    },
    /// Run the tests of delivery and the example consumers against each version of Kafka
    Brokers {
        /// Only these versions
        versions: Vec<String>,
    },
    /// Run the tests of the formats that need a schema registry, against a real one
    Registry,
    /// Bring the compose file up, read, crash, count, take it down; checks of dashboard and alerts
    Compose(compose::Options),
    /// A Kafka for development
    Kafka {
        #[command(subcommand)]
        what: serve::What,
    },
    /// Kill the daemon and the broker again and again, then compare what came out
    Torture {
        /// Passed on: --kills N --seed S --mutant NAME …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Measure storage engines beside each other, doing what the ledger does
    Engines {
        /// How many keys; each number is measured
        #[arg(default_values_t = [1_000_000, 5_000_000])]
        keys: Vec<u64>,
    },
    /// Replay feeds through the schedule and through the rules of others, at the same number of polls
    SimulateSchedule {
        /// Passed on: --seeds 1..20 --budget 24 TRACE.csv …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Measure throughput, latency and memory of the whole
    Bench {
        /// Passed on: articles, polls, latency, idle, pages, shutdown
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Make the vocabulary and the model of topics from their sources
    TrainTopics(topics::Options),
    /// Make the model of languages from its sources
    TrainLanguage,
    /// Count each room's instructions an article, beside those that docs/counts.txt keeps (needs valgrind)
    Counts(counts::Options),
    /// Look for inputs that a room cannot bear
    Fuzz(fuzz::Options),
    /// Train the tagger of names from the corpora in DIR/ner and pack it into the crate
    TrainNer {
        /// --data DIR, --without CORPUS,… , --out FILE
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Pack the base of names and Wikidata ids from the tables in DIR/kb into the crate
    BuildKb {
        /// --data DIR, --gum no (without the rows of the test set), --out FILE
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Compare a room with its peers, in one run
    Compare {
        #[command(subcommand)]
        what: compare::What,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Test { args } => suite::test(&args),
        Command::Demo { args } => suite::demo(&args),
        Command::Check => check::check(),
        Command::Advisories => check::advisories(),
        Command::Consumers { delivery } => consumers::consumers(delivery),
        Command::Brokers { versions } => suite::brokers(&versions),
        Command::Registry => registry::registry(),
        Command::Compose(options) => compose::compose(&options),
        Command::Kafka { what } => serve::run(&what),
        Command::Torture { args } => suite::torture(&args),
        Command::Engines { keys } => engines::compare(&keys),
        Command::SimulateSchedule { args } => suite::simulate_schedule(&args),
        Command::Bench { args } => suite::bench(&args),
        Command::TrainTopics(options) => topics::train(&options),
        Command::TrainLanguage => languages::train(),
        Command::Counts(options) => counts::counts(&options),
        Command::Fuzz(options) => fuzz::fuzz(&options),
        Command::TrainNer { args } => tables::make("train-ner", &args),
        Command::BuildKb { args } => tables::make("build-kb", &args),
        Command::Compare { what } => compare::compare(&what),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
