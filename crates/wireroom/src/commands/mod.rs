//! Every command is a module of its own: its arguments, and what it does. To add one, write the module,
//! name it here, in [`Command`] and in [`Command::run`].

mod completions;
mod config;
mod consume;
mod daemon;
mod dedup;
mod demo;
mod dlq;
mod explain;
mod feeds;
mod filter;
mod health;
mod held;
mod man;
mod outbox;
mod reload;
mod schema;
mod state;
mod tap;
mod test_rules;
mod try_feed;
mod validate;

use clap::Subcommand;
use std::path::Path;
use std::process::ExitCode;

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the daemon
    Run,
    /// Show all of it offline: invented feeds, broken ones among them, and what becomes of them
    Demo(demo::Args),
    /// Visit each feed once, deliver, and end
    Once,
    /// Show what would become of one feed; nothing is remembered, nothing is sent
    Try(try_feed::Args),
    /// Check the config and all feed files
    Validate,
    /// List, add, remove, import and export feeds
    Feeds(feeds::Args),
    /// Watch articles as they are settled
    Tap(tap::Args),
    /// Read articles from Kafka, as any consumer does
    Consume(consume::Args),
    /// List and replay what the cluster refused for good
    Dlq(dlq::Args),
    /// List and release articles that wait for a word
    Held(held::Args),
    /// Show what waits for delivery
    Outbox(outbox::Args),
    /// Let the running daemon read its config anew
    Reload(reload::Args),
    /// Show the settings that are used, and where each comes from
    Config(config::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Write the manual pages
    Man(man::Args),
    /// Turn feed documents into articles, one JSON object a line; faults go to standard error
    Parse(filter::ParseOptions),
    /// Turn HTML pages into articles, one JSON object a page; faults go to standard error, too
    Extract(filter::ExtractOptions),
    /// Tag articles: NDJSON in, the same lines with language, entities, topics, keywords, attribution, labels out
    Enrich,
    /// Try the tests that stand beside the watch lists of [[enrich.rules]]
    TestRules,
    /// Tell sameness: NDJSON in, the same lines with id, revision, duplicate, story_id out
    Dedup,
    /// Show how an article came to be what it is
    Explain(explain::Args),
    /// Print a JSON Schema
    Schema(schema::Args),
    /// Ask a running daemon whether it is alive
    Health(health::Args),
    /// Check, copy and move the state of a daemon that is not running
    State(state::Args),
}

impl Command {
    /// Does it; `named` is the config file that was named.
    pub(crate) fn run(self, named: Option<&Path>) -> ExitCode {
        match self {
            Self::Run => daemon::run(named, pipeline::Mode::Forever),
            Self::Demo(args) => demo::run(&args),
            Self::Once => daemon::run(named, pipeline::Mode::Once),
            Self::Try(args) => try_feed::run(named, args),
            Self::Validate => validate::run(named),
            Self::Feeds(args) => feeds::run(named, &args),
            Self::Tap(args) => tap::run(named, &args),
            Self::Consume(args) => consume::run(named, &args),
            Self::Dlq(args) => dlq::run(named, &args),
            Self::Held(args) => held::run(named, &args),
            Self::Outbox(args) => outbox::run(named, &args),
            Self::Reload(args) => reload::run(named, &args),
            Self::Config(args) => config::run(named, &args),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
            Self::Parse(options) => filter::parse(&options),
            Self::Extract(options) => filter::extract(&options),
            Self::Enrich => filter::enrich(named),
            Self::TestRules => test_rules::run(named),
            Self::Dedup => dedup::run(),
            Self::Explain(args) => explain::run(named, &args),
            Self::Schema(args) => schema::run(&args),
            Self::Health(args) => health::run(named, &args),
            Self::State(args) => state::run(named, &args),
        }
    }
}
