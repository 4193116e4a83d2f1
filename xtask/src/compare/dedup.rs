//! Sameness, beside datasketch, SimHash and plain centroids.

use super::python::Python;
use crate::run::{cargo, run};
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace;

const PEERS: [&str; 3] = ["datasketch==1.6.5", "simhash==2.1.2", "numpy==2.2.6"];

/// What to compare.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The folder of corpora: `ner/gmb.json.gz`, `corpora/ecb-dev.jsonl.gz`
    #[arg(long)]
    data: PathBuf,
    /// Another set from the same texts
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Which half of the texts: 0 was tuned on, 1 was not
    #[arg(long, default_value_t = 1)]
    half: u32,
}

/// Builds the release binary and hands it to the script that makes the sets and judges.
pub(crate) fn compare(options: &Options) -> Result<()> {
    let python = Python::set_up("dedup", &PEERS)?;
    run(cargo().args(["build", "--release", "--package", "wireroom"]))?;
    run(cargo().args(["build", "--release", "--package", "dedup", "--example", "signatures"]))?;
    let built = |name: &str| workspace::target().join("release").join(name);
    let mut score = python.command();
    score.arg("xtask/compare/dedup.py").arg("--wireroom").arg(built("wireroom"));
    score.arg("--signatures").arg(built("examples/signatures"));
    score.arg("--data").arg(&options.data).arg("--seed").arg(options.seed.to_string());
    run(score.arg("--half").arg(options.half.to_string()))
}
