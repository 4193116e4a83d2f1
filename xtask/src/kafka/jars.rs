//! The jars.

use crate::workspace;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const POM: &str = include_str!("../../kafka/pom.xml");
/// The versions that are known, each with the sums of its jars; the first is the one that is taken.
const VERSIONS: [(&str, &str); 3] = [
    ("4.3.1", include_str!("../../kafka/SHA256SUMS")),
    ("4.4.0", include_str!("../../kafka/SHA256SUMS-4.4.0")),
    ("3.9.2", include_str!("../../kafka/SHA256SUMS-3.9.2")),
];
/// Asks for another version than the first.
pub const VERSION: &str = "WIREROOM_KAFKA_VERSION";
/// The default of Debian's Maven is old and resolves more.
const COPY_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// Where the jars are kept.
pub fn libs() -> PathBuf {
    let named = std::env::var(VERSION).unwrap_or_default();
    let is_other = !named.is_empty() && named != VERSIONS[0].0;
    workspace::target().join("kafka").join(if is_other { format!("libs-{named}") } else { "libs".into() })
}

/// The version that is asked for, and the sums of its jars.
fn wanted() -> Result<(&'static str, &'static str)> {
    let named = std::env::var(VERSION).ok().filter(|named| !named.is_empty());
    let Some(named) = named else { return Ok(VERSIONS[0]) };
    let found = VERSIONS.into_iter().find(|(version, _)| *version == named);
    found
        .with_context(|| format!("{VERSION}={named}: known are {}", VERSIONS.map(|known| known.0).join(", ")))
}

/// All versions that are known.
pub fn versions() -> [&'static str; 3] {
    VERSIONS.map(|(version, _)| version)
}

/// Fetches the jars unless they are there, and checks every one against its sum.
///
/// # Errors
///
/// When Maven cannot be run or fails, and when a jar is missing or is not the one that was listed.
pub fn fetch() -> Result<PathBuf> {
    let (libs, (version, sums)) = (libs(), wanted()?);
    if check(&libs, sums).is_ok() {
        return Ok(libs);
    }
    eprintln!("fetching Apache Kafka {version} into {}", libs.display());
    fs::create_dir_all(&libs)?;
    let pom = libs.join("pom.xml");
    fs::write(&pom, POM.replace(VERSIONS[0].0, version))?;
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
    check(&libs, sums)?;
    Ok(libs)
}

fn check(libs: &Path, sums: &str) -> Result<()> {
    for line in sums.lines() {
        let name = line.split("./").nth(1).context("a line of SHA256SUMS names no jar")?;
        if !libs.join(name).exists() {
            bail!("the jar {name} is missing");
        }
    }
    let list = libs.join("SHA256SUMS");
    fs::write(&list, sums)?;
    let output =
        Command::new("sha256sum").args(["--check", "--quiet"]).arg(&list).current_dir(libs).output()?;
    if !output.status.success() {
        let wrong = String::from_utf8_lossy(&output.stdout);
        bail!("these jars are not the listed ones, delete {}: {}", libs.display(), wrong.trim());
    }
    Ok(())
}
