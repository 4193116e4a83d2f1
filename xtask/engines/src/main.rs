//! Storage engines beside each other, doing what the ledger does: batches of new articles, each looked up
//! first, each batch synced, rows of the outbox trimmed behind it; then kill -9, and how soon it is back.
//!
//! `engines KEYS…` prints a table; each engine runs in a process of its own, so that memory and bytes
//! written are its own.

mod stores;
mod work;

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;
use stores::{Kind, open};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["load", kind, dir, keys] => work::load(&mut *open(kind.parse()?, dir)?, keys.parse()?),
        ["reopen", kind, dir] => reopen(kind.parse()?, dir),
        ["--dir", dir, keys @ ..] if !keys.is_empty() => compare(dir.into(), keys),
        _ => bail!("usage: engines --dir DIR KEYS…"),
    }
}

fn compare(dir: PathBuf, sizes: &[&str]) -> Result<()> {
    println!(
        "| engine | keys | articles/s | synced batches/s | CPU s | written MiB | on disk MiB | RSS MiB | reopen after kill -9, s |\n|---|---|---|---|---|---|---|---|---|"
    );
    for keys in sizes {
        for kind in Kind::ALL {
            let dir = dir.join(format!("{kind}-{keys}"));
            let _ = std::fs::remove_dir_all(&dir);
            std::fs::create_dir_all(&dir)?;
            let path = dir.to_str().context("a path that is not text")?;
            let row = loaded(kind, path, keys)?;
            let reopened = child(&["reopen", &kind.to_string(), path])?.wait_with_output()?;
            let said = String::from_utf8_lossy(&reopened.stdout);
            if !reopened.status.success() {
                bail!("{kind} does not come back: {said}");
            }
            println!("| {kind} | {keys} | {row} | {} |", said.trim());
            std::fs::remove_dir_all(&dir)?;
        }
    }
    Ok(())
}

/// Loads a store and kills the process in the middle of its last stretch.
fn loaded(kind: Kind, dir: &str, keys: &str) -> Result<String> {
    let mut loading = child(&["load", &kind.to_string(), dir, keys])?;
    let output = loading.stdout.take().context("no output")?;
    let mut row = String::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        if let Some(figures) = line.strip_prefix("loaded ") {
            row = figures.to_owned();
        } else if line == "more" {
            // It goes on writing batches: the kill falls into one of them.
            std::thread::sleep(std::time::Duration::from_millis(300));
            loading.kill()?;
        }
    }
    loading.wait()?;
    if row.is_empty() {
        bail!("{kind} ended early");
    }
    Ok(row)
}

fn child(arguments: &[&str]) -> Result<std::process::Child> {
    let program = std::env::current_exe()?;
    Ok(Command::new(program).args(arguments).stdout(Stdio::piped()).spawn()?)
}

/// From the start to the first answers: the counters, a known key and the waiting rows.
fn reopen(kind: Kind, dir: &str) -> Result<()> {
    let began = Instant::now();
    let store = open(kind, dir)?;
    let last = store.last()?.context("the counters are gone")?;
    let rows = store.rows()?;
    let took = began.elapsed();
    // The kill may have cut off an unsynced batch, never more.
    if rows != work::LAG {
        bail!("{rows} rows wait, {} should", work::LAG);
    }
    if !store.has(&work::key(last, 0))? {
        bail!("the last synced article is gone");
    }
    println!("{:.2}", took.as_secs_f64());
    Ok(())
}
