//! The language of headlines and of beginnings of articles, beside lingua, whichlang and whatlang.

use super::python::Python;
use crate::run::{cargo, run};
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace;

const LINGUA: &str = "lingua-language-detector==2.1.1";
const LXML: &str = "lxml==6.0.2";

/// What to compare on.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A folder with pages: `scrapinghub.tar.gz` and `pages-dev.tar.gz`, or either
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Also name the headlines that went wrong
    #[arg(long)]
    verbose: bool,
}

/// Builds the release binary and the example that asks the detectors, and hands both to the scoring script.
pub(crate) fn compare(options: &Options) -> Result<()> {
    let data = options.data.canonicalize()?;
    let python = Python::set_up("languages", &[LINGUA, LXML])?;
    run(cargo().args(["build", "--release", "--package", "wireroom"]))?;
    run(cargo().args(["build", "--release", "--package", "enrich", "--example", "language"]))?;
    let built = workspace::target().join("release");
    let mut score = python.command();
    score.arg("xtask/compare/language.py").arg("--wireroom").arg(built.join("wireroom"));
    score.arg("--ask").arg(built.join("examples/language")).arg("--data").arg(data);
    score.arg("--work").arg(workspace::target().join("compare/languages/pages"));
    if options.verbose {
        score.arg("--verbose");
    }
    run(&mut score)
}
