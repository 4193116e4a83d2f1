//! `wireroom state …`: what is done to a directory that no daemon has open.

use crate::Error;
use crate::codec::{self, Counters, Day};
use crate::format::{self, Format};
use crate::store::Store;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// What `state check` found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The store's id.
    pub store: String,
    /// Values in each keyspace.
    pub values: BTreeMap<String, u64>,
    /// Last row ever given out.
    pub last_seq: u64,
    /// Last row delivered.
    pub delivered_seq: u64,
    /// Weight of what waits, bytes.
    pub outbox_bytes: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "store {}: every value could be read", self.store)?;
        for (keyspace, count) in &self.values {
            writeln!(f, "{keyspace:>10}  {count}")?;
        }
        let waiting = self.last_seq - self.delivered_seq;
        write!(
            f,
            "{waiting} records ({} bytes) wait for delivery, after {} delivered",
            self.outbox_bytes, self.delivered_seq
        )
    }
}

/// Reads everything in the directory and says what is there.
///
/// # Errors
///
/// [`Error::Corrupt`] names what cannot be read; [`Error::Locked`] while a daemon runs.
pub fn check(dir: &Path) -> Result<Report, Error> {
    let (_lock, format) = take(dir)?;
    let store = Store::open(dir, Day::MAX, format.ready)?;
    let mut report = Report { store: format.store, ..Report::default() };
    let mut bad: Option<String> = None;
    store.each_value(|keyspace, value| {
        *report.values.entry(keyspace.to_owned()).or_default() += 1;
        if !codec::readable(keyspace, value) {
            bad.get_or_insert_with(|| format!("a value in {keyspace} is unreadable"));
        }
    })?;
    let (counters, watermark) = (store.counters()?, store.watermark()?);
    (report.last_seq, report.delivered_seq) = (counters.last_seq, watermark.seq);
    report.outbox_bytes = counters.cumulated.saturating_sub(watermark.cumulated);
    let rows = report.values.get("outbox").copied().unwrap_or_default();
    if counters.last_seq < watermark.seq || rows != counters.last_seq - watermark.seq {
        bad.get_or_insert_with(|| {
            format!(
                "the outbox holds {rows} rows, {} to {} are counted",
                watermark.seq + 1,
                counters.last_seq
            )
        });
    }
    bad.map_or(Ok(report), |detail| Err(Error::corrupt(dir, detail)))
}

/// Copies the directory to `to`, which must not exist or be empty; the copy is on disk when this returns.
///
/// # Errors
///
/// [`Error::Locked`] while a daemon runs, [`Error::Refused`] when `to` holds something.
pub fn backup(dir: &Path, to: &Path) -> Result<(), Error> {
    let (_lock, _) = take(dir)?;
    refuse_full(to)?;
    copy(dir, to).map_err(|error| Error::disk(to, &error))
}

/// Copies a backup to the state directory, which must not exist or be empty.
///
/// # Errors
///
/// [`Error::Refused`] when `from` is no backup or `dir` holds something.
pub fn restore(from: &Path, dir: &Path) -> Result<(), Error> {
    if Format::read(from)?.is_none() {
        return Err(Error::Refused(format!("{} is not a backup: it has no file `format`", from.display())));
    }
    refuse_full(dir)?;
    copy(from, dir).map_err(|error| Error::disk(dir, &error))
}

/// Lets a restored or cloned state publish: it gets a new id and takes over the old one's progress.
/// What the old state delivered after the backup was made may be published again.
///
/// # Errors
///
/// [`Error::Locked`] while a daemon runs.
pub fn adopt(dir: &Path) -> Result<String, Error> {
    let (_lock, format) = take(dir)?;
    let id = format::fresh_store_id(dir)?.to_string();
    let store = Store::open(dir, Day::MAX, format.ready)?;
    let adopted = Format { store: id.clone(), adopts: Some(format.store), ..format };
    let mut batch = store.batch();
    // The new store's records are counted from 1: consumers watch each store's count for itself.
    batch.counters(&Counters { topics: [0; 5], ..store.counters()? });
    batch.commit()?;
    adopted.write(dir)?;
    Ok(id)
}

fn take(dir: &Path) -> Result<(File, Format), Error> {
    if !dir.join("format").exists() && !dir.join("db").exists() {
        return Err(Error::Refused(format!("{} holds no state", dir.display())));
    }
    let lock = format::lock(dir)?;
    let format = Format::read(dir)?.ok_or_else(|| Error::corrupt(dir, "the file `format` is missing"))?;
    Ok((lock, format))
}

fn refuse_full(dir: &Path) -> Result<(), Error> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(Error::Refused(format!("{} is not empty", dir.display()))),
        Ok(false) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::disk(dir, &error)),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    File::open(to)?.sync_all()
}
