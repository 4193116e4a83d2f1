//! Reading feeds, beside feedparser.

use super::python::Python;
use crate::run::{cargo, run};
use anyhow::Result;
use xtask::workspace;

const FEEDPARSER: &str = "feedparser==6.0.14";

/// What to compare.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Also name every test that fails, with what was expected and found
    #[arg(long)]
    verbose: bool,
    /// Mutants of each feed of the suite
    #[arg(long, default_value_t = 2)]
    mutants: usize,
}

/// Builds the release binary and the speed example, and hands both to the scoring script.
pub(crate) fn compare(options: &Options) -> Result<()> {
    let python = Python::set_up("parse", &[FEEDPARSER])?;
    let sources = python.sources(&[FEEDPARSER])?;
    run(cargo().args(["build", "--release", "--package", "wireroom"]))?;
    run(cargo().args(["build", "--release", "--package", "parse", "--example", "throughput"]))?;
    let built = workspace::target().join("release");
    let mut score = python.command();
    score.arg("xtask/compare/parse.py").arg("--wireroom").arg(built.join("wireroom"));
    score.arg("--speed").arg(built.join("examples/throughput"));
    score.arg("--feeds").arg(workspace::target().join("compare/parse/feeds"));
    score.arg("--suite").arg(sources).arg("--mutants").arg(options.mutants.to_string());
    if options.verbose {
        score.arg("--verbose");
    }
    run(&mut score)
}
