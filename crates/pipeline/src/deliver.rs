//! The second straight line: the outbox in sequence, to the sink, then trimmed. What was delivered is
//! asked of the sink after every start and after every outcome that is not known for certain.

use crate::Error;
use crate::window::Window;
use deliver::{Class, Progress, Sink};
use fault::{Mutant, Point};
use ledger::Ledger;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Pause after an error, doubled for each one in a row up to the maximum.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// How much is handed to the sink at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portion {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

/// What ends a stretch of delivery.
/// After a delivery that left nothing behind, rows gather for this many times as long as it took …
const REST: u32 = 4;
/// … but not for longer than this. A transaction costs the broker much the same with one record as with a
/// hundred, so that it is not begun for each.
const REST_MAX: Duration = Duration::from_millis(100);

enum Ended {
    /// The sink has to be rebuilt and asked.
    Rebuild,
    /// The ledger is closed, or whoever read the sink has gone.
    Done,
}

/// Delivers until the ledger is closed; a caller that wants it to stop earlier drops the future: what was
/// not confirmed is delivered by the next start.
pub(crate) async fn deliver<S: Sink>(
    ledger: &Ledger,
    sink: &mut S,
    portion: Portion,
    window: &Arc<Window>,
) -> Result<(), Error> {
    let mut trouble = Trouble::new(window);
    loop {
        fault::point(Point::Recovery);
        let progress = match sink.recover().await {
            Ok(progress) => progress,
            Err(error) => {
                trouble.meet(&error).await?;
                continue;
            }
        };
        let delivered = resume_from(ledger, &progress)?;
        ledger.trim(delivered).await?;
        trouble.over();
        match stretch(ledger, sink, portion, &mut trouble).await? {
            Ended::Rebuild => {}
            Ended::Done => return Ok(()),
        }
    }
}

/// Delivers portion after portion until something goes wrong that a retry cannot mend.
async fn stretch<S: Sink>(
    ledger: &Ledger,
    sink: &mut S,
    portion: Portion,
    trouble: &mut Trouble<'_>,
) -> Result<Ended, Error> {
    loop {
        let after = ledger.delivered_seq();
        if !ledger.wait_for_rows(after).await {
            return Ok(Ended::Done);
        }
        let rows = take(ledger, after, portion).await?;
        let Some(last) = rows.last().map(|row| row.seq) else { continue };
        if fault::is(Mutant::TrimFirst) {
            ledger.trim(last).await?;
        }
        let records = rows.len();
        let rows: Arc<[model::Row]> = rows.into();
        let (emptied, begun) = (last == ledger.last_seq(), Instant::now());
        match sink.deliver(rows.clone()).await {
            Ok(receipt) => {
                fault::point(Point::AfterCommit);
                ledger.trim(receipt.last_seq).await?;
                ledger.adopted()?;
                trouble.window.fresh(&rows);
                trouble.window.delivered(records - receipt.dead.len(), receipt.dead.len());
                if !receipt.dead.is_empty() {
                    tracing::error!(rows = ?receipt.dead, "the broker refused records for good: they are in the dead-letter topic");
                }
                trouble.over();
                if emptied {
                    sleep((begun.elapsed() * REST).min(REST_MAX)).await;
                }
            }
            Err(error) if error.class == Class::Closed => return Ok(Ended::Done),
            Err(error) => {
                let class = error.class;
                trouble.meet(&error).await?;
                if class != Class::Retry {
                    return Ok(Ended::Rebuild);
                }
            }
        }
    }
}

async fn take(ledger: &Ledger, after: u64, portion: Portion) -> Result<Vec<model::Row>, Error> {
    let ledger = ledger.clone();
    let work = tokio::task::spawn_blocking(move || ledger.take(after, portion.records, portion.bytes));
    Ok(work.await.map_err(|_| Error::Lost("reading the outbox"))??)
}

/// Up to which row the sink has everything.
fn resume_from(ledger: &Ledger, progress: &Progress) -> Result<u64, Error> {
    let (ours, settled) = (ledger.store_id(), ledger.last_seq());
    match *progress {
        Progress::None => Ok(ledger.delivered_seq()),
        Progress::Known { store, last_seq } if store == ours && last_seq <= settled => Ok(last_seq),
        Progress::Known { store, last_seq } if store == ours => {
            Err(Error::Ahead { store, delivered: last_seq, settled })
        }
        Progress::Known { store, last_seq } if ledger.adopts() == Some(store) => Ok(last_seq.min(settled)),
        Progress::Known { store, .. } => Err(Error::Foreign { theirs: store, ours }),
    }
}

/// Errors in a row: said once, waited out longer and longer, and visible until they are over.
struct Trouble<'a> {
    window: &'a Arc<Window>,
    pause: Duration,
}

impl<'a> Trouble<'a> {
    fn new(window: &'a Arc<Window>) -> Self {
        window.not_ready("sink", "the sink is not open yet".into());
        Self { window, pause: PAUSE_MIN }
    }

    async fn meet(&mut self, error: &deliver::Error) -> Result<(), Error> {
        let class = error.class.name();
        self.window.counts.delivery_failed(class);
        if error.class == Class::Rival {
            return Err(Error::Rival(error.detail.clone()));
        }
        self.window.not_ready("sink", format!("delivery waits: {}", error.detail));
        if self.pause == PAUSE_MIN {
            tracing::warn!(class, error = %error.detail, "delivery waits; articles are kept in the outbox");
        } else {
            tracing::debug!(class, error = %error.detail, "delivery still waits");
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(())
    }

    fn over(&mut self) {
        if self.window.ready("sink") && self.pause != PAUSE_MIN {
            tracing::info!("delivery goes on");
        }
        self.pause = PAUSE_MIN;
    }
}
