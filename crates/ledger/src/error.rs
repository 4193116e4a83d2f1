use std::io;
use std::path::{Path, PathBuf};

/// Why the ledger could not do its work. Every text names the directory.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it open.
    #[error("the state directory {0} is in use by another wireroom")]
    Locked(PathBuf),
    /// What is in the directory cannot be trusted.
    #[error(
        "the state in {dir} is damaged ({detail}): run `wireroom state check`, then `wireroom state restore` from a backup"
    )]
    Corrupt {
        /// The state directory.
        dir: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Written by another version.
    #[error("the state in {dir} has format {found}, this wireroom reads format {expected}")]
    Format {
        /// The state directory.
        dir: PathBuf,
        /// What is there.
        found: String,
        /// What this program writes.
        expected: u32,
    },
    /// The disk refused.
    #[error("the state directory {dir} cannot be used: {detail}")]
    Disk {
        /// The state directory.
        dir: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// A command was given a directory that does not fit it.
    #[error("{0}")]
    Refused(String),
    /// The sequencer has ended, after an error that was reported or at the end.
    #[error("the ledger is closed")]
    Closed,
}

impl Error {
    /// The exit code of a process that ends with this error (BSD `sysexits.h`).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Locked(_) => 75,
            Self::Corrupt { .. } | Self::Format { .. } => 65,
            Self::Disk { .. } | Self::Closed => 74,
            Self::Refused(_) => 1,
        }
    }

    pub(crate) fn disk(dir: &Path, error: &io::Error) -> Self {
        Self::Disk { dir: dir.to_owned(), detail: error.to_string() }
    }

    pub(crate) fn corrupt(dir: &Path, detail: impl Into<String>) -> Self {
        Self::Corrupt { dir: dir.to_owned(), detail: detail.into() }
    }

    pub(crate) fn store(dir: &Path, error: fjall::Error) -> Self {
        match error {
            fjall::Error::Io(error) => from_io(dir, &error),
            fjall::Error::Storage(fjall::LsmError::Io(error)) => from_io(dir, &error),
            fjall::Error::Locked => Self::Locked(dir.to_owned()),
            fjall::Error::Poisoned => {
                Self::Disk { dir: dir.to_owned(), detail: "an earlier write failed".into() }
            }
            other => Self::corrupt(dir, format!("{other:?}")),
        }
    }
}

/// A file that is missing, short, malformed or where none should be is damage; anything else is the disk's doing.
fn from_io(dir: &Path, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::InvalidData => Error::corrupt(dir, error.to_string()),
        _ => Error::disk(dir, error),
    }
}
