use model::StoreId;

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state directory.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The HTTP client could not be built from its config.
    #[error("[fetch] {0}")]
    Fetch(String),
    /// A rule of `[[enrich.rules]]` is wrong.
    #[error("[enrich] {0}")]
    Enrich(String),
    /// The sink could not be built from its config.
    #[error("[sink] {0}")]
    Sink(String),
    /// The progress topic is ahead of the outbox.
    #[error(
        "the sink holds records up to {delivered}, the outbox of store {store} ends at {settled}: this state is older than what it published (a restored backup?); run `wireroom state adopt` to go on from here"
    )]
    Ahead {
        /// This store.
        store: StoreId,
        /// What the sink says.
        delivered: u64,
        /// The last row of the outbox.
        settled: u64,
    },
    /// The progress topic belongs to another state directory.
    #[error(
        "the sink was last written by store {theirs}, this state is store {ours} (a copy, or a second daemon with the same transactional_id?); run `wireroom state adopt` to take over"
    )]
    Foreign {
        /// What the sink says.
        theirs: StoreId,
        /// This store.
        ours: StoreId,
    },
    /// Another daemon publishes under the same transactional id.
    #[error("another wireroom keeps taking over the sink: {0}")]
    Rival(String),
    /// A task of ours ended that must not.
    #[error("{0} ended unexpectedly")]
    Lost(&'static str),
}

impl Error {
    /// The exit code of a process that ends with this error (BSD `sysexits.h`).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Ledger(error) => error.exit_code(),
            Self::Fetch(_) | Self::Enrich(_) | Self::Sink(_) => 78,
            Self::Ahead { .. } | Self::Foreign { .. } => 65,
            Self::Rival(_) => 75,
            Self::Lost(_) => 1,
        }
    }
}
