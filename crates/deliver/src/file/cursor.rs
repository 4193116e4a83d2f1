use super::trouble;
use crate::{Class, Error};
use model::StoreId;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How far a file has come; kept in `<path>.cursor` as one JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Whose rows the file holds.
    pub store: StoreId,
    /// All rows up to here are in the file, or in an older one.
    pub last_seq: u64,
    /// The file's length after the last line of `last_seq`.
    pub bytes: u64,
    /// The file's inode, to notice a rotation while nobody looked.
    pub inode: u64,
}

#[derive(Serialize, Deserialize)]
struct Words {
    store_id: String,
    last_seq: u64,
    bytes: u64,
    inode: u64,
}

impl Cursor {
    /// The cursor of the file at `path`; none: there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let beside = beside(path, ".cursor");
        let text = match fs::read(&beside) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble(&beside, "be read", &error)),
        };
        let refused = || {
            Error::new(
                Class::Operator,
                format!("{} is damaged: move it and {} away", beside.display(), path.display()),
            )
        };
        let words: Words = serde_json::from_slice(&text).map_err(|_| refused())?;
        let store = words.store_id.parse().map_err(|_| refused())?;
        Ok(Some(Self { store, last_seq: words.last_seq, bytes: words.bytes, inode: words.inode }))
    }

    /// Replaces the cursor of the file at `path`, whole or not at all.
    pub(super) fn write(&self, path: &Path) -> Result<(), Error> {
        let beside = beside(path, ".cursor");
        self.replace(path, &beside).map_err(|error| trouble(&beside, "be written", &error))
    }

    fn replace(&self, path: &Path, cursor: &Path) -> io::Result<()> {
        let words = Words {
            store_id: self.store.to_string(),
            last_seq: self.last_seq,
            bytes: self.bytes,
            inode: self.inode,
        };
        let fresh = beside(path, ".cursor.new");
        let mut file = fs::File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(&words)?)?;
        file.sync_all()?;
        fs::rename(&fresh, cursor)?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}
