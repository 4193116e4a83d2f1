//! A file: one article a line, exactly once for whoever reads the one file.
//!
//! Lines are appended and synced, then the cursor beside the file moves. After a crash in between, the
//! complete lines beyond the cursor are the first articles of the next rows, in order: they are compared
//! with those rows and skipped, so that nothing stands in the file twice. A file that was rotated away or
//! truncated is begun anew; then the last batch before a crash may stand in both.

mod cursor;

use crate::{Class, Error, Progress, Sink, aside, lines};
use cursor::Cursor;
use model::{Receipt, Row, StoreId};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Most bytes that may stand in the file beyond its cursor, 256 MiB: far more than one batch, so that more
/// means that somebody else writes to the file.
const MAX_AHEAD: u64 = 256 << 20;

/// Appends articles to a file. Tombstones and rows of other topics count as delivered and write nothing.
#[derive(Debug)]
pub struct File {
    state: Arc<Mutex<State>>,
}

impl File {
    /// A file at `path`, for the rows of `store`; nothing is opened before `recover`.
    pub fn new(path: PathBuf, store: StoreId) -> Self {
        Self { state: Arc::new(Mutex::new(State { path, store, open: None })) }
    }

    /// Runs a step on the state; a step that was left alone is waited for.
    async fn step<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut State) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let state = Arc::clone(&self.state);
        aside::run("deliver-file", move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            // Taken for broken until it has gone well, so that every error leads to `recover`.
            let done = step(&mut state);
            if done.is_err() {
                state.open = None;
            }
            done
        })
        .await
    }
}

impl Sink for File {
    async fn recover(&mut self) -> Result<Progress, Error> {
        self.step(State::recover).await
    }

    async fn deliver(&mut self, rows: Arc<[Row]>) -> Result<Receipt, Error> {
        self.step(move |state| state.deliver(&rows)).await
    }

    async fn close(self) {}
}

#[derive(Debug)]
struct State {
    path: PathBuf,
    store: StoreId,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: fs::File,
    inode: u64,
    /// Where the file ends, bytes.
    end: u64,
    /// The last row that counts as delivered.
    last_seq: u64,
    /// Complete lines at the end of the file that belong to rows after `last_seq`.
    ahead: Vec<u8>,
}

impl State {
    fn recover(&mut self) -> Result<Progress, Error> {
        self.open = None;
        let known = Cursor::read(&self.path)?;
        let file = open(&self.path)?;
        let metadata = file.metadata().map_err(|error| trouble(&self.path, "be read", &error))?;
        let mut open =
            Open { file, inode: metadata.ino(), end: metadata.len(), last_seq: 0, ahead: Vec::new() };
        if let Some(cursor) = known {
            open.last_seq = cursor.last_seq;
            if cursor.inode == open.inode && cursor.bytes <= open.end {
                open.read_ahead(&self.path, cursor.bytes)?;
            }
        }
        // A crash may have left lines that are in the cache only.
        open.file.sync_all().map_err(|error| trouble(&self.path, "be synced", &error))?;
        let unknown_start = open.ahead.is_empty() && !open.ends_in_line(&self.path)?;
        if unknown_start {
            let path = self.path.display();
            return Err(Error::new(
                Class::Operator,
                format!("{path} ends in the middle of a line that wireroom did not write: move it away"),
            ));
        }
        // The owner is named by the first delivery, not before: the caller may refuse what it reads here.
        let store = known.map_or(self.store, |cursor| cursor.store);
        open.cursor(store).write(&self.path)?;
        let progress = match known {
            Some(cursor) if cursor.last_seq > 0 || !open.ahead.is_empty() => {
                Progress::Known { store: cursor.store, last_seq: cursor.last_seq }
            }
            _ => Progress::None,
        };
        self.open = Some(open);
        Ok(progress)
    }

    fn deliver(&mut self, rows: &[Row]) -> Result<Receipt, Error> {
        let (path, store) = (&self.path, self.store);
        let Some(open) = &mut self.open else {
            return Err(Error::new(Class::Rebuild, format!("{} is not open", path.display())));
        };
        open.follow(path, store)?;
        let mut text = Vec::new();
        for row in rows.iter().filter(|row| lines::is_line(row)) {
            let from = text.len();
            lines::push(&mut text, row);
            if open.ahead.is_empty() {
                continue;
            }
            if !open.ahead.starts_with(&text[from..]) {
                let path = path.display();
                return Err(Error::new(
                    Class::Operator,
                    format!("{path} has lines at its end that wireroom did not write: move it away"),
                ));
            }
            open.ahead.drain(..text.len() - from);
            text.truncate(from);
        }
        open.file.write_all(&text).map_err(|error| trouble(path, "be written", &error))?;
        open.file.sync_data().map_err(|error| trouble(path, "be synced", &error))?;
        open.end += text.len() as u64;
        open.last_seq = rows.last().map_or(open.last_seq, |row| row.seq);
        open.cursor(store).write(path)?;
        Ok(Receipt { last_seq: open.last_seq, dead: Vec::new() })
    }
}

impl Open {
    fn cursor(&self, store: StoreId) -> Cursor {
        Cursor {
            store,
            last_seq: self.last_seq,
            bytes: self.end - self.ahead.len() as u64,
            inode: self.inode,
        }
    }

    /// Reads what stands beyond the cursor and cuts a torn last line.
    fn read_ahead(&mut self, path: &Path, from: u64) -> Result<(), Error> {
        if self.end - from > MAX_AHEAD {
            let detail = format!(
                "{} has grown by {} bytes that wireroom did not write: move it away",
                path.display(),
                self.end - from
            );
            return Err(Error::new(Class::Operator, detail));
        }
        let read = (|| {
            self.file.seek(SeekFrom::Start(from))?;
            (&self.file).take(self.end - from).read_to_end(&mut self.ahead)
        })();
        read.map_err(|error| trouble(path, "be read", &error))?;
        let complete = self.ahead.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
        if complete < self.ahead.len() {
            self.ahead.truncate(complete);
            self.end = from + complete as u64;
            self.file.set_len(self.end).map_err(|error| trouble(path, "be cut", &error))?;
        }
        Ok(())
    }

    fn ends_in_line(&mut self, path: &Path) -> Result<bool, Error> {
        if self.end == 0 {
            return Ok(true);
        }
        let mut last = [0];
        let read = (|| {
            self.file.seek(SeekFrom::Start(self.end - 1))?;
            self.file.read_exact(&mut last)
        })();
        read.map_err(|error: io::Error| trouble(path, "be read", &error))?;
        Ok(last == *b"\n")
    }

    /// Goes on in a new file when the old one was rotated away, and from the new end when it was cut.
    fn follow(&mut self, path: &Path, store: StoreId) -> Result<(), Error> {
        let there = fs::metadata(path).ok().map(|metadata| (metadata.ino(), metadata.len()));
        if there == Some((self.inode, self.end)) {
            return Ok(());
        }
        if there.map(|(inode, _)| inode) != Some(self.inode) {
            self.file = open(path)?;
        }
        let metadata = self.file.metadata().map_err(|error| trouble(path, "be read", &error))?;
        tracing::info!(path = %path.display(), bytes = metadata.len(), "the file was rotated, cut or written to: going on at its end");
        (self.inode, self.end) = (metadata.ino(), metadata.len());
        // Lines that were ahead are in the old file: they stay skipped, but no byte here stands for them.
        let anew = Cursor { store, last_seq: self.last_seq, bytes: self.end, inode: self.inode };
        anew.write(path)
    }
}

fn open(path: &Path) -> Result<fs::File, Error> {
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
        .map_err(|error| trouble(path, "be opened", &error))?;
    let metadata = file.metadata().map_err(|error| trouble(path, "be read", &error))?;
    if !metadata.is_file() {
        let detail = format!("{} is not a regular file: use the sink `stdout`", path.display());
        return Err(Error::new(Class::Operator, detail));
    }
    Ok(file)
}

fn trouble(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::new(Class::Operator, format!("{} cannot {what}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
