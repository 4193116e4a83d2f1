//! `wireroom schema …`

mod check;
mod config;

use crate::cli::{say, say_json};
use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the JSON Schema of the record of articles.v1
    Article,
    /// Print the JSON Schema of the config file, with the defaults
    Config,
    /// Print the AsyncAPI document of the topics
    Asyncapi,
    /// Print the Avro schema of the record of articles.v1
    Avro,
    /// Check records, one JSON object a line, against the schema of the article
    Check {
        /// Files; `-`, or none, is standard input
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

pub(crate) fn run(args: &Args) -> ExitCode {
    match &args.what {
        What::Article => say_json(&record::article_schema()),
        What::Asyncapi => say(record::asyncapi_yaml().trim_end()),
        What::Config => say_json(&config::schema()),
        What::Avro => say_json(&record::article_avro()),
        What::Check { files } => check::run(files),
    }
}
