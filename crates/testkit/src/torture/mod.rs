//! Runs the real daemon against the scripted feeds and a real broker, kills it, stops it, takes its
//! broker away, and has the outcome judged.

mod chaos;
mod plan;
mod report;
mod scenario;
mod stage;

pub use report::Summary;

use anyhow::Result;
use fault::{Mutant, Point};
use plan::Kill;
use stage::Stage;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What is to be done to the daemon.
#[derive(Clone, Debug)]
pub struct Options {
    /// The binary, built with the feature `inject`.
    pub bin: PathBuf,
    /// A new or empty directory for everything that the run leaves.
    pub run_dir: PathBuf,
    /// World, kills and faults follow from it.
    pub seed: u64,
    /// Random kills.
    pub kills: u32,
    /// Kill at each named point as well.
    pub points: bool,
    /// Kill, stop and restart the broker, too.
    pub broker_faults: bool,
    /// The script of a mutant instead of the kills.
    pub scenario: Option<Mutant>,
    /// With the guarantee turned off that the script is about.
    pub mutated: bool,
    /// The checker, run as a process of its own; none: in this one.
    pub checker: Option<PathBuf>,
}

/// How long a kill at a point may wait for the daemon to get there.
const POINT_PATIENCE: Duration = Duration::from_secs(6);
/// How often a point that was not reached is tried again.
const POINT_TRIES: u32 = 4;

/// Runs it all.
///
/// # Errors
/// When the run itself fails: no broker, no binary, no disk. A broken promise is no error but part of
/// the summary.
pub fn run(options: &Options) -> Result<Summary> {
    let begun = Instant::now();
    let mut stage = Stage::open(options)?;
    match options.scenario {
        Some(mutant) => scenario::play(&mut stage, mutant)?,
        None => kill_all(&mut stage, options)?,
    }
    stage.quiesce()?;
    stage.finish(begun)
}

fn kill_all(stage: &mut Stage, options: &Options) -> Result<()> {
    let chaos = options.broker_faults.then(|| chaos::Chaos::start(stage, options.seed));
    if options.points {
        for point in Point::ALL {
            kill_at(stage, point)?;
        }
    }
    for _ in 0..options.kills {
        let kill = plan::random(&mut stage.rng);
        stage.cycle(kill)?;
    }
    match chaos {
        Some(chaos) => chaos.stop(),
        None => Ok(()),
    }
}

/// Kills once at a point; one that is not reached in time is tried again, its first visit then.
fn kill_at(stage: &mut Stage, point: Point) -> Result<()> {
    for attempt in 0..POINT_TRIES {
        let visit = if attempt == 0 && point != Point::Recovery { stage.rng.between(1, 3) as u32 } else { 1 };
        if stage.cycle(Kill::Point { point, visit, patience: POINT_PATIENCE })? {
            return Ok(());
        }
    }
    stage.complain(format!("the point {} was never reached", point.name()));
    Ok(())
}
