//! The example consumers of `docs/consumers`: their libraries, and the tests that run them.

use crate::run::run;
use crate::setup::{FOR_CONSUMERS, install, set_up};
use crate::suite;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::workspace;

/// Fetches what the consumers need and runs them against a real broker; reads the AsyncAPI document with
/// the parser of that project. `delivery`: the tests of delivery, too.
pub(crate) fn consumers(delivery: bool) -> Result<()> {
    set_up()?;
    let home = prepare()?;
    let document = workspace::root().join("schemas/asyncapi.yaml");
    run(Command::new("node").arg(home.join("node/asyncapi.mjs")).arg(document))?;
    let names: &[&str] = if delivery { &["consumers::", "delivery::"] } else { &["consumers::"] };
    suite::tests_named(names, &[])
}

/// Where the consumers stand ready to be run: `venv/bin/python`, `consumer.py`, `Consumer.java` and
/// `node/consumer.mjs`. The one in Rust is built with the tests.
pub(crate) fn prepare() -> Result<PathBuf> {
    install(&FOR_CONSUMERS)?;
    let (from, home) = (workspace::root().join("docs/consumers"), workspace::target().join("consumers"));
    fs::create_dir_all(home.join("node"))?;
    let wanted = read(&from.join("requirements.txt"))?;
    let installed = home.join("venv/installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        eprintln!("the Python libraries are there");
    } else {
        run(Command::new("python3").args(["-m", "venv"]).arg(home.join("venv")))?;
        let pip = home.join("venv/bin/pip");
        run(Command::new(pip)
            .args(["install", "-q", "--disable-pip-version-check", "-r"])
            .arg(from.join("requirements.txt")))?;
        fs::write(installed, wanted)?;
    }
    let wanted = read(&from.join("package.json"))?;
    let package = home.join("node/installed.json");
    if fs::read_to_string(&package).is_ok_and(|installed| installed == wanted) {
        eprintln!("the JavaScript libraries are there");
    } else {
        fs::write(home.join("node/package.json"), &wanted)?;
        run(Command::new("npm")
            .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"])
            .current_dir(home.join("node")))?;
        fs::write(package, wanted)?;
    }
    for (file, to) in [
        ("consumer.py", "consumer.py"),
        ("Consumer.java", "Consumer.java"),
        ("consumer.mjs", "node/consumer.mjs"),
        ("asyncapi.mjs", "node/asyncapi.mjs"),
    ] {
        fs::write(home.join(to), read(&from.join(file))?)?;
    }
    Ok(home)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}
