use super::Options;
use crate::check::{History, check};
use crate::feeds::Counts;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The seed that repeats it.
    pub seed: u64,
    /// Where everything is.
    pub run_dir: PathBuf,
    /// Kills, by point or `random`.
    pub kills: BTreeMap<String, u32>,
    /// What was done to the broker.
    pub broker: Arc<Mutex<BTreeMap<&'static str, u32>>>,
    /// What the feed server did.
    pub counts: Counts,
    /// Records that a reader sees.
    pub records: usize,
    /// Records of aborted transactions.
    pub aborted: usize,
    /// Promises beside the checker's that were broken.
    pub complaints: Vec<String>,
    /// The checker's verdict in its own words.
    pub verdict: String,
    /// The checker found nothing.
    pub passed: bool,
    /// The broker itself lost the markers of a committed transaction: the run says nothing.
    pub lost_markers: bool,
    /// From SIGTERM to exit.
    pub shutdown: Option<Duration>,
    /// From start to verdict.
    pub took: Duration,
}

impl Summary {
    pub(super) fn new(seed: u64, run_dir: PathBuf) -> Self {
        Self {
            seed,
            run_dir,
            kills: BTreeMap::new(),
            broker: Arc::default(),
            counts: Counts::default(),
            records: 0,
            aborted: 0,
            complaints: Vec::new(),
            verdict: String::new(),
            passed: false,
            lost_markers: false,
            shutdown: None,
            took: Duration::ZERO,
        }
    }

    pub(super) fn killed(&mut self, how: &str) {
        *self.kills.entry(how.to_owned()).or_default() += 1;
    }

    /// True when every promise was kept.
    pub fn is_good(&self) -> bool {
        self.passed && self.complaints.is_empty()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.verdict)?;
        for complaint in &self.complaints {
            writeln!(f, "VIOLATION: {complaint}")?;
        }
        if self.lost_markers {
            let text = "the broker dropped the markers of a committed transaction (its log says: likely deleted already)";
            writeln!(f, "NOT WIREROOM'S FAULT: {text}: this run says nothing, run it again")?;
        }
        let total: u32 = self.kills.values().sum();
        let broker = self.broker.lock().unwrap_or_else(PoisonError::into_inner).clone();
        writeln!(
            f,
            "torture: seed {}, {total} kills {:?}, broker {broker:?}, {} articles, {} revisions, {} requests ({} bodies), \
             {} records, {} aborted, shutdown {} ms, {} s, {}; everything is in {}",
            self.seed,
            self.kills,
            self.counts.articles,
            self.counts.revisions,
            self.counts.requests,
            self.counts.bodies,
            self.records,
            self.aborted,
            self.shutdown.map_or_else(|| "?".to_owned(), |took| took.as_millis().to_string()),
            self.took.as_secs(),
            if self.is_good() { "every promise kept" } else { "PROMISES BROKEN" },
            self.run_dir.display(),
        )
    }
}

/// Has the run directory judged.
pub(super) fn judge(options: &Options, summary: &mut Summary) -> Result<()> {
    match &options.checker {
        None => {
            let verdict = check(&History::load(&options.run_dir)?);
            summary.passed = verdict.violations.is_empty();
            summary.verdict = verdict.to_string();
        }
        Some(checker) => {
            let output = Command::new(checker).arg(&options.run_dir).output();
            let output = output.with_context(|| format!("{} cannot be started", checker.display()))?;
            summary.passed = output.status.success();
            summary.verdict = String::from_utf8_lossy(&output.stdout).into_owned();
            summary.verdict.push_str(&String::from_utf8_lossy(&output.stderr));
        }
    }
    Ok(())
}
