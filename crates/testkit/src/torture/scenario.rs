//! For each guarantee the story in which its absence shows. Played with the guarantee on, each must end
//! well.

use super::plan::Kill;
use super::stage::Stage;
use crate::daemon::Daemon;
use crate::history::{Process, now};
use crate::kafka::{Cluster, View};
use anyhow::{Context, Result};
use fault::{Mutant, Point};
use rustix::process::Signal;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// The exit code of a daemon whose disk fails.
const EXIT_DISK: i32 = 74;

pub(super) fn play(stage: &mut Stage, mutant: Mutant) -> Result<()> {
    match mutant {
        Mutant::NoFsync => failing_disk(stage),
        Mutant::NoFencing => sleeper(stage),
        Mutant::NoSequencer => peace(stage, 10),
        Mutant::RetryUnknown => slow_commits(stage),
        Mutant::ValidatorsFirst => {
            kill_at(stage, &[Point::Enriched, Point::BeforeBatch, Point::BatchWritten, Point::AfterFsync])
        }
        Mutant::TrimFirst | Mutant::ProgressOutside => {
            kill_at(stage, &[Point::TransactionBegun, Point::HalfProduced, Point::BeforeCommit])
        }
    }
}

fn peace(stage: &mut Stage, seconds: u64) -> Result<()> {
    let mut daemon = stage.start(&[])?;
    stage.run_for(&mut daemon, Duration::from_secs(seconds))?;
    stage.kill(daemon)
}

fn kill_at(stage: &mut Stage, points: &[Point]) -> Result<()> {
    for visit in 1..=4 {
        for &point in points {
            stage.cycle(Kill::Point { point, visit, patience: Duration::from_secs(5) })?;
        }
    }
    Ok(())
}

/// Commits that take longer than an impatient client waits.
fn slow_commits(stage: &mut Stage) -> Result<()> {
    let mut daemon = stage.start(&[])?;
    for _ in 0..3 {
        stage.run_for(&mut daemon, Duration::from_secs(2))?;
        stage.shared.note(&Process::Broker { at: now(), what: "pause".into() });
        stage.shared.broker().pause()?;
        std::thread::sleep(Duration::from_secs(3));
        stage.shared.broker().resume()?;
        stage.shared.note(&Process::Broker { at: now(), what: "resume".into() });
    }
    stage.run_for(&mut daemon, Duration::from_secs(3))?;
    stage.kill(daemon)
}

/// A daemon falls asleep in the middle of a transaction; another one takes over with a copy of its state
/// and delivers; then the first one wakes up and goes on where it was.
fn sleeper(stage: &mut Stage) -> Result<()> {
    let mut first = stage.start(&[])?;
    wait_until_delivering(stage);
    stage.run_for(&mut first, Duration::from_secs(2))?;
    // A stopped broker holds a transaction open; what is settled meanwhile waits behind it.
    stage.shared.broker().pause()?;
    stage.run_for(&mut first, Duration::from_millis(2500))?;
    let asleep = now();
    first.signal(Signal::STOP);
    stage.server.hold(true);
    let copy = stage.options.run_dir.join("state-of-the-second");
    copy_dir(&stage.settings.state, &copy)?;
    stage.shared.broker().resume()?;
    let mut second = second(stage, &copy)?;
    let took_over = wait_until_delivered(stage)?;
    second.kill()?;
    if !took_over {
        stage.complain("the second daemon delivered nothing".into());
    }
    first.signal(Signal::CONT);
    stage.shared.note(&Process::Paused { at: asleep, until: now() });
    stage.run_for(&mut first, Duration::from_secs(4))?;
    stage.server.hold(false);
    stage.run_for(&mut first, Duration::from_secs(4))?;
    stage.kill(first)
}

fn second(stage: &Stage, state: &Path) -> Result<Daemon> {
    let mut setup = stage.setup.clone();
    setup.config = stage.options.run_dir.join("second.toml");
    setup.log = stage.options.run_dir.join("second.log");
    let mut settings = stage.settings.clone();
    settings.state = state.to_owned();
    settings.write(&setup.config)?;
    Daemon::start(&setup)
}

/// Records of articles in the topic, aborted ones included.
fn size(cluster: &Cluster) -> Result<i64> {
    Ok(cluster.ends("wireroom.articles.v1", View::Uncommitted)?.values().map(|ends| ends.1).sum())
}

/// Waits until the first records are in the topic: on a busy machine a start takes many seconds.
fn wait_until_delivering(stage: &Stage) {
    let cluster = Cluster::new(&stage.settings.bootstrap);
    let end = Instant::now() + Duration::from_secs(30);
    // The topic itself is made by the daemon.
    while Instant::now() < end && !size(&cluster).is_ok_and(|size| 0 < size) {
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Waits until the topic has grown and stands still; false: it never grew.
fn wait_until_delivered(stage: &Stage) -> Result<bool> {
    let cluster = Cluster::new(&stage.settings.bootstrap);
    let size = || size(&cluster);
    let before = size()?;
    let (mut last, mut since) = (before, Instant::now());
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(200));
        let now = size()?;
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if last > before && since.elapsed() > Duration::from_millis(1500) {
            return Ok(true);
        }
    }
    Ok(last > before)
}

/// The order of syncs is traced all along; then a sync fails, and the daemon must end rather than go on.
fn failing_disk(stage: &mut Stage) -> Result<()> {
    stage.trace = Some(None);
    let mut daemon = stage.start(&[])?;
    stage.run_for(&mut daemon, Duration::from_secs(6))?;
    stage.kill(daemon)?;
    stage.trace = Some(Some("fsync,fdatasync:error=EIO:when=12+".into()));
    let mut daemon = stage.start(&[])?;
    let status = daemon.wait(Duration::from_secs(12))?;
    stage.ended(now(), "EIO");
    match status {
        Some(status) if status.code() == Some(EXIT_DISK) => {}
        Some(status) => {
            stage.complain(format!("after a failed sync the daemon ended with {status}, not {EXIT_DISK}"))
        }
        None => {
            stage.complain("syncs fail and the daemon goes on".into());
            daemon.kill()?;
        }
    }
    stage.trace = Some(None);
    Ok(())
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be copied", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
