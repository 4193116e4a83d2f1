//! Polling, beside Miniflux: the same scripted feeds for an hour.

use super::python::Python;
use crate::run::{cargo, run};
use crate::setup::{Need, install, runs};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::workspace;

/// The newest release that the public module proxy serves by name.
const MINIFLUX: &str = "v2.3.1";

const NEEDS: [Need; 2] = [
    Need { what: "Go", package: "golang", is_there: || runs("go", "version") },
    Need {
        what: "PostgreSQL",
        package: "postgresql",
        is_there: || Path::new("/usr/lib/postgresql").exists(),
    },
];

/// How long, and how much.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long both poll
    #[arg(long, default_value_t = 60)]
    minutes: u32,
    /// Feeds of the script
    #[arg(long, default_value_t = 60)]
    feeds: u32,
    /// Another script
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// How often Miniflux is to poll, minutes
    #[arg(long, default_value_t = 5)]
    interval: u32,
    /// wireroom's budget, polls a feed and day
    #[arg(long, default_value_t = 240)]
    budget: u32,
}

/// Builds Miniflux and the release binary and hands both to the script that serves and counts.
pub(crate) fn compare(options: &Options) -> Result<()> {
    install(&NEEDS)?;
    let miniflux = build_miniflux()?;
    run(cargo().args(["build", "--release", "--package", "wireroom"]))?;
    let python = Python::set_up("polling", &[])?;
    let mut script = python.command();
    script.arg("xtask/compare/polling.py").arg("--miniflux").arg(miniflux);
    script.arg("--wireroom").arg(workspace::target().join("release/wireroom"));
    let numbers = [
        ("--minutes", options.minutes),
        ("--feeds", options.feeds),
        ("--seed", options.seed),
        ("--interval", options.interval),
        ("--budget", options.budget),
    ];
    for (name, number) in numbers {
        script.arg(name).arg(number.to_string());
    }
    run(&mut script)
}

/// Through a module of its own: the proxy does not install it by name.
fn build_miniflux() -> Result<PathBuf> {
    let dir = workspace::target().join("compare/miniflux");
    let binary = dir.join("miniflux");
    if !binary.exists() {
        std::fs::create_dir_all(&dir)?;
        let module = format!("module peer\n\ngo 1.26\n\nrequire miniflux.app/v2 {MINIFLUX}\n");
        std::fs::write(dir.join("go.mod"), module)?;
        let build = ["build", "-mod=mod", "-trimpath", "-o", "miniflux", "miniflux.app/v2"];
        run(Command::new("go").args(build).current_dir(&dir))?;
    }
    Ok(binary)
}
