//! wireroom: reads news feeds, writes clean, deduplicated, tagged articles.
//!
//! The door: command line, config file, logs, signals. It decides nothing about feeds or articles.

mod cli;
mod config;
mod discover;
mod door;
mod explain;
mod filter;
mod health;
mod logs;
mod sameness;
mod state;
mod trial;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
