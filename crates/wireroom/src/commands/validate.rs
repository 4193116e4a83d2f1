//! `wireroom validate`

use crate::cli::{complain, counted, load, say};
use crate::config::Feeds;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(named: Option<&Path>) -> ExitCode {
    let config = match load(named, Feeds::Read) {
        Ok(config) => config,
        Err(code) => return code,
    };
    for warning in &config.warnings {
        complain(&format!("warning: {warning}"));
    }
    let names = config.pipeline.enrich.names.as_ref();
    let names = names
        .map_or(String::new(), |names| format!(" and {} of your own", counted(names.len() as u64, "name")));
    say(&format!(
        "the config is good: {}{names}, sink {}, state in {}",
        counted(config.feeds.len() as u64, "feed"),
        config.sink_name(),
        config.pipeline.state.dir.display()
    ))
}
