//! Kafka: the topics, the transactions and the one thread that talks to librdkafka.
//!
//! librdkafka's calls block, and its clients must not be dropped on a runtime's thread: so all of them live
//! on one thread of their own, which takes one command after the other.

mod acked;
mod answer;
mod client;
mod config;
mod dead;
mod heard;
mod progress;
mod reading;
mod registry;
mod rival;
mod security;
mod stop;
mod topics;
mod transaction;
mod worker;

pub use config::{Config, Delivery, Manage, PassThrough, Topics};
pub use reading::{Consumer, Heading, Message, Next};
pub use registry::{Format, Registry};
pub use security::{Mechanism, Protocol, Sasl, Security, Tls};

use crate::{Class, Error, Progress, Sink};
use model::{Receipt, Row, StoreId};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use stop::Stop;
use tokio::sync::oneshot;
use worker::Worker;

/// How long `close` waits for the thread; after that the thread is left to itself.
const CLOSE: Duration = Duration::from_secs(3);

/// Delivers rows to Kafka topics: each revision once, in one transaction with the progress record, or at
/// least once without transactions.
#[derive(Debug)]
pub struct Kafka {
    commands: mpsc::Sender<Command>,
    stop: Stop,
    /// Ends when the thread has dropped its clients.
    ended: oneshot::Receiver<()>,
    /// True while a delivery is on its way whose answer may never be heard.
    unresolved: bool,
}

enum Command {
    Recover(oneshot::Sender<Result<Progress, Error>>),
    Deliver(Arc<[Row]>, oneshot::Sender<Result<Receipt, Error>>),
}

impl Kafka {
    /// A sink for the rows of `store`; no broker is asked before `recover`.
    ///
    /// # Errors
    /// [`Class::Operator`], when the settings contradict each other or the thread cannot be started.
    pub fn new(config: Config, store: StoreId) -> Result<Self, Error> {
        let faults = config.faults();
        if !faults.is_empty() {
            return Err(Error::new(Class::Operator, faults.join("; ")));
        }
        let (commands, received) = mpsc::channel();
        let (ending, ended) = oneshot::channel();
        let stop = Stop::default();
        let worker = Worker::new(config, store, stop.clone());
        std::thread::Builder::new()
            .name("deliver-kafka".into())
            .spawn(move || serve(worker, &received, ending))
            .map_err(|error| {
                Error::new(Class::Operator, format!("no thread for Kafka could be started: {error}"))
            })?;
        Ok(Self { commands, stop, ended, unresolved: false })
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Command,
    ) -> Result<T, Error> {
        let gone =
            || Error::new(Class::Operator, "the Kafka thread has ended in a panic: restart the daemon");
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Sink for Kafka {
    async fn recover(&mut self) -> Result<Progress, Error> {
        let progress = self.ask(Command::Recover).await?;
        self.unresolved = false;
        Ok(progress)
    }

    async fn deliver(&mut self, rows: Arc<[Row]>) -> Result<Receipt, Error> {
        if self.unresolved {
            return Err(Error::new(
                Class::Rebuild,
                "the last delivery was left alone: its outcome is not known",
            ));
        }
        self.unresolved = true;
        let done = self.ask(|answer| Command::Deliver(rows, answer)).await;
        self.unresolved = false;
        done
    }

    async fn close(mut self) {
        self.stop.set();
        let (nothing, _) = mpsc::channel();
        drop(std::mem::replace(&mut self.commands, nothing));
        if tokio::time::timeout(CLOSE, &mut self.ended).await.is_err() {
            tracing::warn!("librdkafka did not end in time and is left to itself");
        }
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        self.stop.set();
    }
}

fn serve(mut worker: Worker, commands: &mpsc::Receiver<Command>, ending: oneshot::Sender<()>) {
    // An answer that nobody waits for is found again by `recover`.
    for command in commands {
        match command {
            Command::Recover(answer) => drop(answer.send(worker.recover())),
            Command::Deliver(rows, answer) => drop(answer.send(worker.deliver(&rows))),
        }
    }
    drop(worker);
    let _ = ending.send(());
}
