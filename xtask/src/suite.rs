//! `cargo xtask test`, `torture` and `bench`: what needs the real binary and a real Kafka.

use crate::run::{cargo, run};
use crate::setup::{set_up, set_up_for_building};
use crate::{consumers, registry};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use xtask::kafka::{self, Broker, Options};
use xtask::workspace;

/// Where tests find the address of a broker.
const KAFKA: &str = "WIREROOM_TEST_KAFKA";
/// Where tests that start a broker of their own find its jars.
const KAFKA_LIBS: &str = "WIREROOM_TEST_KAFKA_LIBS";
/// Where tests find the example consumers.
const CONSUMERS: &str = "WIREROOM_CONSUMERS";
/// Where tests find axe-core's script.
const AXE: &str = "WIREROOM_TEST_AXE";
/// The daemon that tests, torture and bench run.
const BIN: &str = "WIREROOM_BIN";

/// Sets the machine up, starts Kafka and a schema registry, runs every test.
pub(crate) fn test(args: &[OsString]) -> Result<()> {
    set_up()?;
    let (_registry, given) = registry::start()?;
    with_kafka(&[&["test".into(), "--workspace".into()], args].concat(), &given)
}

/// Runs the tests of the integration suite whose names begin like one of these.
pub(crate) fn tests_named(names: &[&str], given: &[(&str, OsString)]) -> Result<()> {
    // The whole workspace, so that nothing is built with other features than `cargo xtask test` has it built with.
    let words = ["test", "--workspace", "--test", "integration", "--"];
    let words: Vec<OsString> = words.iter().chain(names).map(OsString::from).collect();
    with_kafka(&words, given)
}

/// The tests of delivery and the consumers against each version of Kafka, or those that are named: a line for
/// each.
pub(crate) fn brokers(named: &[String]) -> Result<()> {
    set_up()?;
    let all = kafka::versions().map(str::to_owned);
    let mut lines = Vec::new();
    for version in if named.is_empty() { &all } else { named } {
        // A process of its own, since the version is a matter of the environment.
        let mut again = Command::new(std::env::current_exe()?);
        let begun = std::time::Instant::now();
        let done = run(again.args(["consumers", "--delivery"]).env(kafka::VERSION, version));
        let seconds = begun.elapsed().as_secs();
        let word = if done.is_ok() { "passed" } else { "FAILED" };
        lines.push(format!("Kafka {version}: {word} in {seconds} s"));
    }
    for line in &lines {
        eprintln!("{line}");
    }
    if lines.iter().any(|line| line.contains("FAILED")) { bail!("not every version passes") } else { Ok(()) }
}

/// Runs cargo with a broker, a daemon and the example consumers at hand.
fn with_kafka(words: &[OsString], given: &[(&str, OsString)]) -> Result<()> {
    let libs = kafka::fetch()?;
    let dir = workspace::target().join("kafka/test");
    let running = std::env::var(KAFKA).ok().filter(|address| !address.is_empty());
    let broker = match &running {
        Some(_) => None,
        None => {
            let _ = std::fs::remove_dir_all(&dir);
            Some(Broker::start(&Options { dir, ..Options::default() })?)
        }
    };
    let address = running.or_else(|| broker.as_ref().map(Broker::bootstrap)).unwrap_or_default();
    eprintln!("Kafka is at {address}");
    let bin = build(true, false)?;
    run(cargo()
        .args(words)
        .envs(given.iter().cloned())
        .env(KAFKA, address)
        .env(KAFKA_LIBS, libs)
        .env(CONSUMERS, consumers::prepare()?)
        .env(AXE, axe()?)
        .env(BIN, bin))
}

/// axe-core, which looks for what keeps people out of a page; fetched once.
fn axe() -> Result<PathBuf> {
    const VERSION: &str = "4.14.1";
    let dir = workspace::target().join("axe").join(VERSION);
    let script = dir.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        std::fs::create_dir_all(&dir)?;
        let package = format!("axe-core@{VERSION}");
        let args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
        run(Command::new("npm").args(args).arg("--prefix").arg(&dir).arg(package))?;
    }
    Ok(script)
}

/// Builds the daemon and says where it is. With crash points it is put where a later build without them
/// does not replace it.
fn build(inject: bool, release: bool) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["build", "--package", "wireroom"]);
    if inject {
        build.args(["--features", "inject"]);
    }
    if release {
        build.arg("--release");
    }
    run(&mut build)?;
    let profile = if release { "release" } else { "debug" };
    let built = workspace::target().join(profile).join("wireroom");
    if !inject {
        return Ok(built);
    }
    let kept = workspace::target().join("inject").join(profile);
    std::fs::create_dir_all(&kept)?;
    std::fs::copy(&built, kept.join("wireroom"))?;
    Ok(kept.join("wireroom"))
}

/// Builds wireroom as it is shipped and becomes its demo.
pub(crate) fn demo(args: &[OsString]) -> Result<()> {
    set_up_for_building()?;
    let bin = build(false, true)?;
    // Signals and the terminal then are the demo's own.
    let failed = Command::new(&bin).arg("demo").args(args).exec();
    Err(failed).with_context(|| format!("{} cannot be started", bin.display()))
}

/// Runs the torture program with the daemon that has crash points.
pub(crate) fn torture(args: &[OsString]) -> Result<()> {
    with_daemon("torture", build_for_proofs, args)
}

/// Runs the bench program with the daemon as it is shipped.
pub(crate) fn bench(args: &[OsString]) -> Result<()> {
    with_daemon("bench", || build(false, true), args)
}

/// Runs the schedule's simulator, which decides by its exit code.
pub(crate) fn simulate_schedule(args: &[OsString]) -> Result<()> {
    let simulate = ["run", "--quiet", "--release", "--package", "schedule", "--example", "simulate", "--"];
    run(cargo().args(simulate).args(args))
}

fn build_for_proofs() -> Result<PathBuf> {
    build(true, true)
}

fn with_daemon(program: &str, daemon: impl Fn() -> Result<PathBuf>, args: &[OsString]) -> Result<()> {
    set_up()?;
    let libs = kafka::fetch()?;
    let bin = daemon()?;
    run(cargo().args(["build", "--release", "--package", "testkit", "--bins"]))?;
    let path = workspace::target().join("release").join(program);
    run(Command::new(path).args(args).current_dir(workspace::root()).env(BIN, &bin).env(KAFKA_LIBS, libs))
}
