//! What befalls the broker while the daemon is being killed.

use super::stage::{Shared, Stage};
use crate::history::{Process, now};
use crate::rng::Rng;
use anyhow::{Result, anyhow};
use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The thread that torments the broker.
#[derive(Debug)]
pub(super) struct Chaos {
    stop: Sender<()>,
    thread: JoinHandle<Result<()>>,
}

impl Chaos {
    pub(super) fn start(stage: &Stage, seed: u64) -> Self {
        let (stop, stopped) = mpsc::channel();
        let (shared, counts) = (Arc::clone(&stage.shared), Arc::clone(&stage.summary.broker));
        let thread = std::thread::spawn(move || {
            let mut rng = Rng::new(seed ^ 0x6272_6f6b_6572);
            loop {
                let peace = Duration::from_millis(rng.between(3000, 9000));
                if stopped.recv_timeout(peace) != Err(RecvTimeoutError::Timeout) {
                    return Ok(());
                }
                let what = torment(&shared, &mut rng)?;
                let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
                *BTreeMap::entry(&mut counts, what).or_default() += 1;
            }
        });
        Self { stop, thread }
    }

    /// Lets the current torment end; the broker is up after that.
    pub(super) fn stop(self) -> Result<()> {
        drop(self.stop);
        self.thread.join().map_err(|_| anyhow!("the broker's tormentor ended in a panic"))?
    }
}

fn torment(shared: &Shared, rng: &mut Rng) -> Result<&'static str> {
    let note = |what: &str| shared.note(&Process::Broker { at: now(), what: what.to_owned() });
    match rng.below(5) {
        0 | 1 => {
            note("kill");
            shared.broker().kill()?;
            std::thread::sleep(Duration::from_millis(rng.between(0, 3000)));
            note("restart");
            shared.broker().restart()?;
            Ok("kill")
        }
        2 => {
            note("terminate");
            shared.broker().terminate()?;
            note("restart");
            shared.broker().restart()?;
            Ok("restart")
        }
        _ => {
            note("pause");
            shared.broker().pause()?;
            std::thread::sleep(Duration::from_millis(rng.between(200, 6000)));
            note("resume");
            shared.broker().resume()?;
            Ok("pause")
        }
    }
}
