//! Makes and measures the packed tables of this room; `cargo xtask` runs it.
//!
//! `tables build-kb --data DIR` · `tables train-ner --data DIR [--without NAME,…]` ·
//! `tables score-ner --data DIR [--sets NAME,…] [--spans FILE]` · `tables score-links --data DIR` · `tables show --data FILE`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool that reports")]

mod article;
mod corpus;
mod kb;
mod links;
mod ner;
mod score;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What every step of this tool may end with.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What was asked for.
struct Arguments {
    data: PathBuf,
    options: Vec<(String, String)>,
}

impl Arguments {
    fn list(&self, name: &str) -> Option<Vec<String>> {
        let (_, value) = self.options.iter().find(|(option, _)| option == name)?;
        Some(value.split(',').map(str::to_owned).collect())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tables: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<()> {
    let (command, rest) =
        arguments.split_first().ok_or("which table? build-kb, train-ner, score-ner, score-links")?;
    let mut options = Vec::new();
    for pair in rest.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} needs a value", pair[0]).into()) };
        options.push((name.trim_start_matches('-').to_owned(), value.clone()));
    }
    let data = options.iter().find(|(name, _)| name == "data").ok_or("--data DIR is missing")?;
    let arguments = Arguments { data: PathBuf::from(&data.1), options };
    match command.as_str() {
        "build-kb" => kb::build(&arguments),
        "train-ner" => ner::train(&arguments),
        "score-ner" => score::ner(&arguments),
        "score-links" => links::score(&arguments),
        "show" => score::show(&arguments),
        _ => Err(format!("{command} is none of build-kb, train-ner, score-ner, score-links").into()),
    }
}

/// Where the crate keeps its packed tables.
pub(crate) fn packed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}
