//! `wireroom man DIR`

use crate::cli::{complain, definition, say};
use clap::Args as ClapArgs;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Where the pages go, one for each command; made if it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let written =
        std::fs::create_dir_all(&args.dir).and_then(|()| clap_mangen::generate_to(definition(), &args.dir));
    match written {
        Ok(()) => say(&format!("the pages are in {}: try `man -l {0}/wireroom.1`", args.dir.display())),
        Err(error) => {
            complain(&format!("error: {}: {error}", args.dir.display()));
            ExitCode::from(74)
        }
    }
}
