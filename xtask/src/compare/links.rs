//! Wikidata ids, on labelled mentions of news and interviews.

use crate::run::run;
use crate::tables;
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace;

/// What to measure on.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The directory of the tables, `kb/…`, and of the texts, `ner/…`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

/// Packs the base without the rows of the labelled documents, trains a tagger without their texts, and scores both
/// halves: the one that the limits were chosen on, and the other.
pub(crate) fn compare(options: &Options) -> Result<()> {
    let dir = workspace::target().join("compare/links");
    std::fs::create_dir_all(&dir)?;
    let (base, model) = (dir.join("kb.bin"), dir.join("ner.bin"));
    let data = options.data.as_os_str();
    run(tables::command().args(["build-kb", "--data"]).arg(data).args(["--gum", "no", "--out"]).arg(&base))?;
    run(tables::command()
        .args(["train-ner", "--data"])
        .arg(data)
        .args(["--without", "gum_news,gum_ccby", "--out"])
        .arg(&model))?;
    for half in ["tune", "report"] {
        println!("\n{half}");
        let mut score = tables::command();
        score.args(["score-links", "--data"]).arg(data).args(["--half", half]);
        run(score.arg("--base").arg(&base).arg("--model").arg(&model))?;
    }
    Ok(())
}
