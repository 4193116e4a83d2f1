//! Making and measuring the packed tables of the room `enrich`, by its example `tables`.

use crate::run::{cargo, run};
use anyhow::Result;
use std::ffi::OsString;
use std::process::Command;

/// The example in release, ready for its arguments.
pub(crate) fn command() -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "enrich", "--example", "tables", "--"]);
    command
}

/// One step of it.
pub(crate) fn make(step: &str, arguments: &[OsString]) -> Result<()> {
    run(command().arg(step).args(arguments))
}
