//! `wireroom state …`

use crate::cli::{complain, load, say};
use crate::config::Feeds;
use clap::{Args as ClapArgs, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

/// What to do with the state.
#[derive(Debug, Subcommand)]
enum What {
    /// Read everything and say what is there
    Check,
    /// Copy the state to a directory that is empty or does not exist
    Backup {
        /// Where to
        to: PathBuf,
    },
    /// Copy a backup to the state directory, which must be empty or not exist
    Restore {
        /// Where from
        from: PathBuf,
    },
    /// Let a restored or copied state publish: what was published after the copy was made may come again
    Adopt,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let config = match load(named, Feeds::Skip) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let dir = &config.pipeline.state.dir;
    let done = match &args.what {
        What::Check => ledger::check(dir).map(|report| report.to_string()),
        What::Backup { to } => {
            ledger::backup(dir, to).map(|()| format!("{} is copied to {}", dir.display(), to.display()))
        }
        What::Restore { from } => ledger::restore(from, dir).map(|()| {
            format!("{} is copied to {}: run `wireroom state adopt` next", from.display(), dir.display())
        }),
        What::Adopt => {
            ledger::adopt(dir).map(|store| format!("{} is store {store} from now on", dir.display()))
        }
    };
    match done {
        Ok(text) => say(&text),
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
