use crate::{Error, SinkConfig, file, kafka, stdout};
use model::{Receipt, Row, StoreId};
use std::future::Future;
use std::sync::Arc;

/// Where rows are delivered to. The calls of one sink come one after the other.
pub trait Sink: Send {
    /// Opens the sink, or opens it anew after an error: shuts out an older owner, then reads what is
    /// already delivered. Rows up to there must not be delivered again.
    ///
    /// # Errors
    /// Of any class but [`Class::Rebuild`](crate::Class::Rebuild); `recover` is to be called again.
    fn recover(&mut self) -> impl Future<Output = Result<Progress, Error>> + Send;

    /// Delivers rows, in the order of their `seq`, all or nothing as far as the sink can promise it. Rows
    /// that the sink can never take are put aside and named in the receipt.
    ///
    /// If the future is dropped before its end, the outcome is unknown and the next call must be `recover`.
    ///
    /// # Errors
    /// See [`Class`](crate::Class); [`Class::Rebuild`](crate::Class::Rebuild) also when `recover` has not succeeded before.
    fn deliver(&mut self, rows: Arc<[Row]>) -> impl Future<Output = Result<Receipt, Error>> + Send;

    /// Ends the sink, within 3 seconds whatever is going on.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// What a sink knows to be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is known: every row of the outbox is to be delivered.
    None,
    /// The last delivery.
    Known {
        /// The store whose row it was.
        store: StoreId,
        /// All its rows up to here are delivered.
        last_seq: u64,
    },
}

/// One of the sinks, as configured.
#[derive(Debug)]
pub enum AnySink {
    /// Kafka.
    Kafka(kafka::Kafka),
    /// A file.
    File(file::File),
    /// Standard output.
    Stdout(stdout::Stdout),
}

impl AnySink {
    /// The configured sink, not yet opened: nothing is read, written or asked before `recover`.
    ///
    /// # Errors
    /// [`Class::Operator`](crate::Class::Operator), when the settings contradict each other or a thread cannot be started.
    pub fn new(sink: &SinkConfig, kafka: &kafka::Config, store: StoreId) -> Result<Self, Error> {
        Ok(match sink {
            SinkConfig::Kafka {} => Self::Kafka(kafka::Kafka::new(kafka.clone(), store)?),
            SinkConfig::File { path } => Self::File(file::File::new(path.clone(), store)),
            SinkConfig::Stdout {} => Self::Stdout(stdout::Stdout::new()),
        })
    }
}

impl Sink for AnySink {
    async fn recover(&mut self) -> Result<Progress, Error> {
        match self {
            Self::Kafka(sink) => sink.recover().await,
            Self::File(sink) => sink.recover().await,
            Self::Stdout(sink) => sink.recover().await,
        }
    }

    async fn deliver(&mut self, rows: Arc<[Row]>) -> Result<Receipt, Error> {
        match self {
            Self::Kafka(sink) => sink.deliver(rows).await,
            Self::File(sink) => sink.deliver(rows).await,
            Self::Stdout(sink) => sink.deliver(rows).await,
        }
    }

    async fn close(self) {
        match self {
            Self::Kafka(sink) => sink.close().await,
            Self::File(sink) => sink.close().await,
            Self::Stdout(sink) => sink.close().await,
        }
    }
}
