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
    say(&format!(
        "the config is good: {}, sink {}, state in {}",
        counted(config.feeds.len() as u64, "feed"),
        config.sink_name(),
        config.pipeline.state.dir.display()
    ))
}
