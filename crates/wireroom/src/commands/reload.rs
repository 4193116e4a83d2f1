//! `wireroom reload`

use crate::cli::{complain, say, say_json};
use crate::link::Link;
use clap::Args as ClapArgs;
use model::desk::{Question, Reloaded};
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    match Link::find_daemon(named).and_then(|(link, _)| link.ask::<Reloaded>(Question::Reload)) {
        Ok(reloaded) if args.json => say_json(&reloaded),
        Ok(reloaded) => say(&words(&reloaded)),
        Err(code) => code,
    }
}

fn words(reloaded: &Reloaded) -> String {
    for warning in &reloaded.warnings {
        complain(&format!("warning: {warning}"));
    }
    let mut lines: Vec<String> = reloaded.changed.clone();
    lines.extend(reloaded.needs_restart.iter().map(|line| format!("needs a restart: {line}")));
    if lines.is_empty() {
        lines.push("nothing is different".into());
    }
    lines.join("\n")
}
