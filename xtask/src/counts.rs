//! `cargo xtask counts`: instructions an article, room by room, beside those that the repository keeps. They do not
//! depend on what else the machine does, so that a slowdown shows that no clock would.

use crate::run::{cargo, run};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use xtask::workspace;

/// The counts that are kept: a room and a number a line.
const KEPT: &str = "docs/counts.txt";
/// A room may take so much more, per cent: another version of a dependency or of the compiler moves a little.
const MORE: u64 = 5;
/// Repetitions of the longer run; the shorter has one.
const TIMES: u64 = 3;

/// What to do with the counts.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Keep what is counted now
    #[arg(long)]
    write: bool,
}

/// Counts, shows, compares; fails when a room takes more than it may.
pub(crate) fn counts(options: &Options) -> Result<()> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        bail!("valgrind is needed (Debian: valgrind)");
    }
    run(cargo().args(["build", "--release", "--package", "pipeline", "--example", "counts"]))?;
    let example = workspace::target().join("release/examples/counts");
    let rooms = output(Command::new(&example))?;
    let file = workspace::root().join(KEPT);
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let kept = read(&kept);
    let mut counted = String::new();
    let mut slower = Vec::new();
    for room in rooms.lines() {
        let (once, articles) = instructions(&example, room, 1)?;
        let (often, _) = instructions(&example, room, 1 + TIMES)?;
        let each = (often - once) / TIMES / articles.max(1);
        writeln!(counted, "{room} {each}")?;
        let before = kept.get(room).copied();
        eprintln!(
            "{room}: {each} instructions an article{}",
            before.map_or(String::new(), |b| format!(", {b} before"))
        );
        if before.is_some_and(|before| before * (100 + MORE) / 100 < each) {
            slower.push(room);
        }
    }
    if options.write {
        std::fs::write(file, counted)?;
    } else if !slower.is_empty() {
        bail!("more than {MORE} % above {KEPT}: {}", slower.join(", "));
    }
    Ok(())
}

fn read(lines: &str) -> BTreeMap<&str, u64> {
    lines
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(room, count)| Some((room, count.parse().ok()?)))
        .collect()
}

/// Instructions of a run, and the articles of a repetition.
fn instructions(example: &Path, room: &str, times: u64) -> Result<(u64, u64)> {
    let mut run = Command::new("valgrind");
    run.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(example)
        .args([room, &times.to_string()]);
    let done = run.output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    let collected = said.split("Collected : ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let count =
        collected.with_context(|| format!("callgrind counted nothing for {room}: {said}"))?.parse()?;
    Ok((count, String::from_utf8_lossy(&done.stdout).trim().parse()?))
}

fn output(mut command: Command) -> Result<String> {
    Ok(String::from_utf8(command.output()?.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        assert_eq!(read("parse 12\nodd\nenrich x\n"), BTreeMap::from([("parse", 12)]));
    }
}
