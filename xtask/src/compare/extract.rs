//! Finding the article in a page, beside trafilatura.

use super::python::Python;
use crate::run::{cargo, run};
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace;

/// trafilatura, and the part of lxml that has become a package of its own.
const TRAFILATURA: [&str; 2] = ["trafilatura==2.3.1", "lxml_html_clean==0.4.6"];

/// What to compare.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A folder with labelled pages: `scrapinghub.tar.gz` (pages and `ground-truth.json`) and `pages-dev.tar.gz`
    /// (pages and `evaldata.json`), or either
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Also name the pages that went worst
    #[arg(long)]
    verbose: bool,
}

/// Builds the release binary and hands it to the scoring script.
pub(crate) fn compare(options: &Options) -> Result<()> {
    let data = options.data.canonicalize()?;
    let python = Python::set_up("extract", &TRAFILATURA)?;
    run(cargo().args(["build", "--release", "--package", "wireroom"]))?;
    let example = |name: &str, features: &[&str]| {
        let mut build = cargo();
        run(build.args(["build", "--release", "--package", "normalise", "--example", name]).args(features))?;
        Ok::<_, anyhow::Error>(workspace::target().join("release/examples").join(name))
    };
    let kept = workspace::target().join("compare/extract/boilerplate-kept");
    std::fs::copy(example("extract", &["--features", "keep-boilerplate"])?, &kept)?;
    let speed = example("throughput", &[])?;
    let mut score = python.command();
    score.arg("xtask/compare/extract.py").arg("--wireroom").arg(workspace::target().join("release/wireroom"));
    score.arg("--data").arg(data).arg("--work").arg(workspace::target().join("compare/extract/pages"));
    score.arg("--kept").arg(kept).arg("--speed").arg(speed);
    if options.verbose {
        score.arg("--verbose");
    }
    run(&mut score)
}
