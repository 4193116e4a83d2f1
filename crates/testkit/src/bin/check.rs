//! `check RUN_DIR`: judges a run; 0 when every promise was kept, 1 when not, 2 when the run cannot be read.

use std::path::PathBuf;
use std::process::ExitCode;
use testkit::check::{History, check};

/// Compares what the feed server served with what is in the topics.
#[derive(clap::Parser)]
struct Arguments {
    /// The run directory that `torture` wrote.
    run_dir: PathBuf,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the verdict is what this program is for")]
fn main() -> ExitCode {
    let arguments = <Arguments as clap::Parser>::parse();
    let history = match History::load(&arguments.run_dir) {
        Ok(history) => history,
        Err(error) => {
            eprintln!("check: {error:#}");
            return ExitCode::from(2);
        }
    };
    let verdict = check(&history);
    print!("{verdict}");
    if verdict.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
