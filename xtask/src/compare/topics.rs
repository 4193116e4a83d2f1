//! Topics beside a majority baseline and scikit-learn, keywords beside YAKE!'s own implementation.

use super::python::Python;
use crate::run::{cargo, run};
use crate::topics;
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace;

const SCIKIT: &str = "scikit-learn==1.7.2";
const YAKE: &str = "yake==0.7.3";
/// Topics by time, and on news from other sources.
pub(crate) fn compare(options: &topics::Options) -> Result<()> {
    // The predictions of a model that knows the older texts only.
    topics::train(options)?;
    let python = Python::set_up("topics", &[SCIKIT])?;
    let mut score = python.command();
    score.arg("xtask/compare/topics.py").arg(options.data.join("topics/current_events.json.gz"));
    score
        .arg(workspace::target().join("topics/predictions.tsv"))
        .arg(topics::articles()?)
        .arg(enrich_lines()?);
    run(&mut score)
}

/// Keywords on the same articles.
pub(crate) fn keywords() -> Result<()> {
    let python = Python::set_up("keywords", &[YAKE])?;
    let mut score = python.command();
    run(score.arg("xtask/compare/keywords.py").arg(topics::articles()?).arg(enrich_lines()?))
}

fn enrich_lines() -> Result<PathBuf> {
    run(cargo().args(["build", "--release", "--package", "enrich", "--example", "enrich_lines"]))?;
    Ok(workspace::target().join("release/examples/enrich_lines"))
}
