//! The `format` file and the lock: what may be opened, and by whom.

use crate::Error;
use model::StoreId;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

/// The layout that this program reads and writes.
pub(crate) const FORMAT: u32 = 1;

/// Contents of the `format` file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Format {
    pub(crate) format: u32,
    pub(crate) store: String,
    /// True once the store was made whole; from then on a keyspace that is missing was lost.
    #[serde(default)]
    pub(crate) ready: bool,
    /// Set by `state adopt`: the store whose progress this one takes over.
    #[serde(default)]
    pub(crate) adopts: Option<String>,
}

impl Format {
    pub(crate) fn new(dir: &Path) -> Result<Self, Error> {
        Ok(Self { format: FORMAT, store: fresh_store_id(dir)?.to_string(), ready: false, adopts: None })
    }

    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, Error> {
        let bytes = match fs::read(dir.join("format")) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::disk(dir, &error)),
        };
        let format: Self = serde_json::from_slice(&bytes)
            .map_err(|error| Error::corrupt(dir, format!("the file `format` is unreadable: {error}")))?;
        if format.format != FORMAT {
            let found = format.format.to_string();
            return Err(Error::Format { dir: dir.to_owned(), found, expected: FORMAT });
        }
        Ok(Some(format))
    }

    /// Writes the file whole or not at all.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), Error> {
        let write = || {
            let draft = dir.join("format.new");
            let mut file = File::create(&draft)?;
            file.write_all(&serde_json::to_vec(self).map_err(std::io::Error::other)?)?;
            file.sync_all()?;
            fs::rename(&draft, dir.join("format"))?;
            File::open(dir)?.sync_all()
        };
        write().map_err(|error| Error::disk(dir, &error))
    }

    pub(crate) fn store_id(&self, dir: &Path) -> Result<StoreId, Error> {
        self.store.parse().map_err(|error: String| Error::corrupt(dir, error))
    }
}

/// Takes the directory for this process; it is given back when the file is dropped, however that happens.
pub(crate) fn lock(dir: &Path) -> Result<File, Error> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)
        .map_err(|error| Error::disk(dir, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::disk(dir, &error)),
    }
}

/// 64 bits from the system's generator.
pub(crate) fn fresh_store_id(dir: &Path) -> Result<StoreId, Error> {
    let mut bits = [0; 8];
    let read = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bits));
    read.map(|()| StoreId(bits)).map_err(|error| Error::disk(dir, &error))
}
