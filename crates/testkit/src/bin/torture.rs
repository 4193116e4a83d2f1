//! `torture`: kills the real daemon again and again; 0 when every promise was kept, 1 when not, 2 when the
//! run itself failed.

use clap::Parser;
use fault::Mutant;
use std::path::PathBuf;
use std::process::ExitCode;
use testkit::torture::{Options, run};

/// Proves exactly-once through crashes.
#[derive(Parser)]
struct Arguments {
    /// Random kills with -9.
    #[arg(long, default_value_t = 30)]
    kills: u32,
    /// World, kills and faults follow from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Leave out the kill at each named point.
    #[arg(long)]
    no_points: bool,
    /// Leave the broker in peace.
    #[arg(long)]
    no_broker_faults: bool,
    /// Turn this guarantee off and play the story in which that shows: 1 means that it was noticed.
    #[arg(long, value_parser = mutant, conflicts_with = "story")]
    mutant: Option<Mutant>,
    /// Turn each guarantee off in turn: 0 means that every one was noticed.
    #[arg(long, conflicts_with_all = ["mutant", "story"])]
    all_mutants: bool,
    /// Play a mutant's story with the guarantee on: 0 means that all is well.
    #[arg(long, value_parser = mutant)]
    story: Option<Mutant>,
    /// Where everything goes; must be new or empty. Default: `target/torture/<time>`.
    #[arg(long)]
    run_dir: Option<PathBuf>,
    /// The binary, built with the feature `inject`.
    #[arg(long, env = "WIREROOM_BIN")]
    bin: PathBuf,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    Mutant::ALL.into_iter().find(|mutant| mutant.name() == name).ok_or_else(|| {
        let names: Vec<_> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
        format!("none of {}", names.join(", "))
    })
}

#[expect(clippy::print_stderr, reason = "an error is told where a person looks")]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let checker = std::env::current_exe().map(|path| path.with_file_name("check")).ok();
    let options = Options {
        bin: arguments.bin,
        run_dir: arguments
            .run_dir
            .unwrap_or_else(|| format!("target/torture/{}", testkit::history::now()).into()),
        seed: arguments.seed,
        kills: arguments.kills,
        points: !arguments.no_points,
        broker_faults: !arguments.no_broker_faults,
        scenario: arguments.mutant.or(arguments.story),
        mutated: arguments.mutant.is_some(),
        checker: checker.filter(|path| path.exists()),
    };
    let done = if arguments.all_mutants { all_mutants(&options) } else { once(&options) };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("torture: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// One run; true when every promise was kept.
#[expect(clippy::print_stdout, reason = "the verdict is what this program is for")]
fn once(options: &Options) -> anyhow::Result<bool> {
    let summary = run(options)?;
    print!("{summary}");
    if let Some(mutant) = options.scenario.filter(|_| options.mutated) {
        let fate = if summary.is_good() { "NOT CAUGHT" } else { "caught" };
        println!("mutant {}: {fate}", mutant.name());
    }
    Ok(summary.is_good())
}

/// A run for each mutant; true when every one was caught.
fn all_mutants(options: &Options) -> anyhow::Result<bool> {
    let mut all_caught = true;
    for mutant in Mutant::ALL {
        let run_dir = options.run_dir.join(mutant.name());
        let options = Options { run_dir, scenario: Some(mutant), mutated: true, ..options.clone() };
        all_caught &= !once(&options)?;
    }
    Ok(all_caught)
}
