//! `cargo xtask fuzz`: each room's targets, on the stable toolchain.

use crate::run::{cargo, run};
use anyhow::{Result, bail};

/// Rooms that read foreign bytes, and the targets that their `examples/fuzz.rs` names.
const ROOMS: [(&str, &[&str]); 3] = [
    ("parse", &["xml", "json", "dates"]),
    ("normalise", &["html", "urls", "pages"]),
    ("enrich", &["enrich"]),
];

/// What to look for, and how long.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Targets; none: all
    targets: Vec<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Inputs for each target instead
    #[arg(long)]
    runs: Option<u64>,
    /// Where chance starts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Number of the first input: with `--runs 1`, a finding once more
    #[arg(long, default_value_t = 0)]
    from: u64,
}

/// Runs the targets one after another; fails when one finds something.
pub(crate) fn fuzz(options: &Options) -> Result<()> {
    let known = || ROOMS.iter().flat_map(|(_, targets)| *targets);
    if let Some(odd) = options.targets.iter().find(|name| !known().any(|known| known == name)) {
        let names: Vec<_> = known().copied().collect();
        bail!("there is no target {odd}; there are {}", names.join(", "));
    }
    for (room, targets) in ROOMS {
        let wanted: Vec<_> = targets
            .iter()
            .filter(|name| options.targets.is_empty() || options.targets.iter().any(|wanted| wanted == *name))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let mut room = {
            let mut command = cargo();
            command.args(["run", "--release", "--package", room, "--example", "fuzz", "--"]);
            command
        };
        room.args(wanted).args(["--seed", &options.seed.to_string(), "--from", &options.from.to_string()]);
        match options.runs {
            Some(runs) => room.args(["--runs", &runs.to_string()]),
            None => room.args(["--seconds", &options.seconds.to_string()]),
        };
        run(&mut room)?;
    }
    Ok(())
}
