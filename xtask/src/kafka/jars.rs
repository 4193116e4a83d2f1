//! The jars.

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const POM: &str = include_str!("../../kafka/pom.xml");
const SUMS: &str = include_str!("../../kafka/SHA256SUMS");
/// The default of Debian's Maven is old and resolves more.
const COPY_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// Where the jars are kept.
pub fn libs() -> PathBuf {
    workspace::target().join("kafka/libs")
}

/// Fetches the jars unless they are there, and checks every one against its sum.
///
/// # Errors
///
/// When Maven cannot be run or fails, and when a jar is missing or is not the one that was listed.
pub fn fetch() -> Result<PathBuf> {
    let libs = libs();
    if check(&libs).is_ok() {
        return Ok(libs);
    }
    eprintln!("fetching Apache Kafka into {}", libs.display());
    fs::create_dir_all(&libs)?;
    let pom = libs.join("pom.xml");
    fs::write(&pom, POM)?;
    let status = Command::new("mvn")
        .args(["-B", "-ntp", "-q", "-f"])
        .arg(&pom)
        .arg(COPY_PLUGIN)
        .arg(format!("-DoutputDirectory={}", libs.display()))
        .arg("-DincludeScope=runtime")
        .stdin(Stdio::null())
        .status()
        .context("mvn cannot be run: install the package maven")?;
    if !status.success() {
        bail!("mvn could not fetch Apache Kafka ({status})");
    }
    check(&libs)?;
    Ok(libs)
}

fn check(libs: &Path) -> Result<()> {
    for line in SUMS.lines() {
        let name = line.split("./").nth(1).context("a line of SHA256SUMS names no jar")?;
        if !libs.join(name).exists() {
            bail!("the jar {name} is missing");
        }
    }
    let sums = libs.join("SHA256SUMS");
    fs::write(&sums, SUMS)?;
    let output =
        Command::new("sha256sum").args(["--check", "--quiet"]).arg(&sums).current_dir(libs).output()?;
    if !output.status.success() {
        let wrong = String::from_utf8_lossy(&output.stdout);
        bail!("these jars are not the listed ones, delete {}: {}", libs.display(), wrong.trim());
    }
    Ok(())
}
