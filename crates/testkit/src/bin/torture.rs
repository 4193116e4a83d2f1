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
    /// Kill at each named point, too.
    #[arg(long)]
    points: bool,
    /// Kill, stop and restart the broker, too.
    #[arg(long)]
    broker_faults: bool,
    /// Turn this guarantee off and play the story in which that shows: 1 means that it was noticed.
    #[arg(long, value_parser = mutant, conflicts_with = "story")]
    mutant: Option<Mutant>,
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

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the verdict is what this program is for")]
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
        points: arguments.points,
        broker_faults: arguments.broker_faults,
        scenario: arguments.mutant.or(arguments.story),
        mutated: arguments.mutant.is_some(),
        checker: checker.filter(|path| path.exists()),
    };
    match run(&options) {
        Ok(summary) => {
            print!("{summary}");
            if let Some(mutant) = arguments.mutant {
                println!(
                    "mutant {}: {}",
                    mutant.name(),
                    if summary.is_good() { "NOT CAUGHT" } else { "caught" }
                );
            }
            if summary.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("torture: {error:#}");
            ExitCode::from(2)
        }
    }
}
