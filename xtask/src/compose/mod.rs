//! `cargo xtask compose`: the very compose file and Dockerfile that users get, brought up, read from, crashed
//! and taken down.

mod engine;
mod http;
mod images;
mod monitoring;
mod project;
mod topic;
mod trial;

use crate::run::{cargo, output, run};
use crate::setup::set_up;
use anyhow::{Context, Result};
use clap::Args;
use engine::Engine;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use xtask::workspace;

/// What decides how an image comes out: when one of them changes, it is compiled inside the container again.
const INPUTS: [&str; 4] =
    ["deploy/Dockerfile", "deploy/Dockerfile.dockerignore", "Cargo.lock", "rust-toolchain.toml"];
/// The sum of the inputs that were last seen to compile.
const COMPILED: &str = "deploy/compiled.sum";

/// How the image is made and the rest is tried.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Options {
    /// Compile inside the container even if nothing changed since that was last tried
    #[arg(long)]
    compiled: bool,
    /// Do not compile inside the container, whatever has changed
    #[arg(long, conflicts_with = "compiled")]
    prebuilt: bool,
    /// Take base images from a registry; without it, those that are absent are built from packages
    #[arg(long)]
    pull: bool,
    /// Take this daemon, built on a system of the image's release, instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Proves the whole.
pub(crate) fn compose(options: &Options) -> Result<()> {
    set_up()?;
    let _engine = Engine::start()?;
    project::clear()?;
    monitoring::unit()?;
    monitoring::unit_tests()?;
    let inputs = inputs()?;
    let noted = fs::read_to_string(workspace::root().join(COMPILED)).unwrap_or_default();
    let compiled = options.compiled || (noted.trim() != inputs && !options.prebuilt);
    images::prepare(compiled, options.pull)?;
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => build()?,
    };
    let dist = workspace::root().join("dist");
    fs::create_dir_all(&dist)?;
    fs::copy(&binary, dist.join("wireroom"))?;
    run(Command::new("strip").arg(dist.join("wireroom")))?;
    if compiled {
        eprintln!("the Dockerfile or what it builds from has changed: compiling in the container");
        let project = project::Project::new("compiled")?;
        run(project.compose().args(["build", "-q", "wireroom"]))?;
        fs::write(workspace::root().join(COMPILED), inputs + "\n")?;
    }
    let done = trial::run(&binary, compiled);
    // Each run's image takes the tag from the one before it.
    let ours = ["image", "prune", "-f", "--filter", "label=org.opencontainers.image.title=wireroom"];
    output(engine::docker().args(ours))?;
    done
}

/// The sum over what the image is compiled from.
fn inputs() -> Result<String> {
    let sums = output(Command::new("sha256sum").args(INPUTS).current_dir(workspace::root()))?;
    let sums: Vec<&str> = sums.lines().filter_map(|line| line.split(' ').next()).collect();
    let file = engine::home().join("inputs");
    fs::write(&file, sums.join("\n"))?;
    let sum = output(Command::new("sha256sum").arg(file))?;
    Ok(sum.split(' ').next().context("sha256sum said nothing")?.to_owned())
}

/// The daemon, built on this machine; the image's system is of the same release.
fn build() -> Result<PathBuf> {
    run(cargo().args(["build", "--package", "wireroom"]))?;
    Ok(workspace::target().join("debug/wireroom"))
}
