//! `wireroom config show`

use crate::cli::{complain, say, say_json};
use crate::config::{self, Feeds};
use crate::table::table;
use clap::{Args as ClapArgs, Subcommand};
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every key with its value and its source; secrets are masked
    Show {
        /// Only keys that were given, not the defaults
        #[arg(long)]
        given: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Setting {
    key: String,
    value: toml::Value,
    source: String,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let What::Show { given, json } = args.what;
    let found = config::find(named)
        .and_then(|path| config::load_with_origins(&path, std::env::vars_os(), Feeds::Skip));
    let (config, origins) = match found {
        Ok(found) => found,
        Err(problems) => {
            complain(&problems.to_string());
            return ExitCode::from(78);
        }
    };
    let settings = config::settings(&config).into_iter().map(|(key, value)| {
        let source = origins.get(&key).cloned().unwrap_or_else(|| "default".into());
        Setting { key, value, source }
    });
    let settings: Vec<Setting> = settings.filter(|setting| !given || setting.source != "default").collect();
    if json {
        return say_json(&settings);
    }
    let rows: Vec<Vec<String>> = settings
        .into_iter()
        .map(|setting| vec![setting.key, setting.value.to_string(), setting.source])
        .collect();
    say(&table(&["KEY", "VALUE", "SOURCE"], &rows, None))
}
