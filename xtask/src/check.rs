//! `cargo xtask check`: all that can be said without running the program.

use crate::run::{cargo, run};
use crate::setup::set_up;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use xtask::workspace;

/// Pinned: a newer one may find something new, which is not for a build to find out.
const CARGO_DENY: &str = "0.20.2";

/// Formatting, lints, docs, licences, bans, sources.
pub(crate) fn check() -> Result<()> {
    set_up()?;
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))?;
    run(cargo()
        .args(["doc", "--workspace", "--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "--deny warnings"))?;
    deny(&["licenses", "bans", "sources"])
}

/// Known vulnerabilities; the database is fetched from the open internet.
pub(crate) fn advisories() -> Result<()> {
    deny(&["advisories"])
}

fn deny(checks: &[&str]) -> Result<()> {
    let program = cargo_deny()?;
    run(Command::new(program).args(["--workspace", "check"]).args(checks).current_dir(workspace::root()))
}

/// cargo-deny, built once into the target directory.
fn cargo_deny() -> Result<PathBuf> {
    let home = workspace::target().join("tools");
    let program = home.join("bin/cargo-deny");
    let is_there = Command::new(&program).arg("--version").stderr(Stdio::null()).output();
    let version =
        is_there.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    if version.contains(CARGO_DENY) {
        return Ok(program);
    }
    if std::env::var_os("WIREROOM_NO_INSTALL").is_some() {
        bail!(
            "cargo-deny {CARGO_DENY} is missing; install it with: cargo install cargo-deny --version {CARGO_DENY} --locked --root {}",
            home.display()
        );
    }
    eprintln!("building cargo-deny {CARGO_DENY}, once");
    run(cargo()
        .args(["install", "cargo-deny", "--version", CARGO_DENY, "--locked", "--root"])
        .arg(&home)
        .env("CARGO_TARGET_DIR", home.join("build")))?;
    Ok(program)
}
