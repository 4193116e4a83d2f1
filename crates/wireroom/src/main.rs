//! wireroom: reads news feeds, writes clean, deduplicated, tagged articles.
//!
//! The door: command line, config file, logs, signals. It decides nothing about feeds or articles.

mod cli;
mod commands;
mod config;
mod kafka;
mod link;
mod logs;
mod readable;
mod reload;
mod supervisor;
mod table;

use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// Articles are many short-lived pieces of memory, handed from thread to thread.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    cli::main()
}
