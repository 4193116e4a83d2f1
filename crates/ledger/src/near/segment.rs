//! A stretch of the window: the sketches of its articles in an append-only log, and a table over it. The
//! log is the truth; a table that is missing or damaged is made anew from it.

use super::entry::{ENTRY_BYTES, Entry};
use super::table::{self, Growing, Sealed};
use model::Sketch;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 16] = b"wireroom-near-1\n";
const HEADER: u64 = MAGIC.len() as u64;

pub(crate) type Bands = fn(&Sketch, &mut Vec<u32>);

#[derive(Debug)]
pub(crate) struct Segment {
    path: PathBuf,
    file: Option<File>,
    table: Table,
    /// Entries in the log.
    written: u32,
    /// Entries that are not in the log yet.
    pending: Vec<u8>,
    pub(crate) oldest_s: u32,
    pub(crate) newest_s: u32,
}

#[derive(Debug)]
enum Table {
    Growing(Growing),
    Sealed(Sealed),
}

impl Segment {
    /// A new segment; without a path it lives in memory only.
    pub(crate) fn create(path: Option<PathBuf>) -> io::Result<Self> {
        let file = match &path {
            Some(path) => {
                let file = File::options().create(true).truncate(true).read(true).write(true).open(path)?;
                file.write_all_at(MAGIC, 0)?;
                Some(file)
            }
            None => None,
        };
        Ok(Self::over(path.unwrap_or_default(), file))
    }

    fn over(path: PathBuf, file: Option<File>) -> Self {
        let table = Table::Growing(Growing::default());
        Self { path, file, table, written: 0, pending: Vec::new(), oldest_s: u32::MAX, newest_s: 0 }
    }

    /// Opens a segment that is there; `bands` says where its sketches are found. A torn tail is cut off.
    pub(crate) fn open(path: PathBuf, bands: Bands) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(&path)?;
        let mut head = [0; MAGIC.len()];
        file.read_exact_at(&mut head, 0)?;
        if head != *MAGIC {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no log of sketches"));
        }
        let entries = (file.metadata()?.len() - HEADER) / ENTRY_BYTES as u64;
        let entries = u32::try_from(entries).ok().filter(|entries| *entries < 0x00ff_ffff);
        let entries = entries.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is too long"))?;
        file.set_len(HEADER + u64::from(entries) * ENTRY_BYTES as u64)?;
        let mut segment = Self::over(path, Some(file));
        match table::load(&segment.table_path(), entries) {
            Some(slots) => {
                segment.table = Table::Sealed(Sealed::Memory(slots));
                segment.written = entries;
                segment.note_ends();
            }
            None => segment.rebuild(entries, bands)?,
        }
        Ok(segment)
    }

    fn rebuild(&mut self, entries: u32, bands: Bands) -> io::Result<()> {
        let mut log = BufReader::with_capacity(1 << 20, File::open(&self.path)?);
        io::copy(&mut (&mut log).take(HEADER), &mut io::sink())?;
        let (mut bytes, mut hashes, mut damaged) = ([0; ENTRY_BYTES], Vec::new(), 0);
        let mut growing = Growing::default();
        for ordinal in 0..entries {
            log.read_exact(&mut bytes)?;
            let Some(entry) = Entry::read(&bytes) else {
                damaged += 1;
                continue;
            };
            self.note_time(entry.at_s);
            hashes.clear();
            bands(&entry.sketch, &mut hashes);
            hashes.iter().for_each(|hash| growing.insert(*hash, ordinal));
        }
        self.table = Table::Growing(growing);
        self.written = entries;
        if damaged > 0 {
            tracing::warn!(
                "{}: {damaged} of {entries} sketches are damaged and dropped; what repeats them is taken for new text",
                self.path.display()
            );
        }
        Ok(())
    }

    /// Times of a segment whose table was not made anew: of the first and the last sketch that can be read.
    fn note_ends(&mut self) {
        let ends = [0, 1, 2].into_iter().chain((1..=3).filter_map(|back| self.written.checked_sub(back)));
        for ordinal in ends.filter(|ordinal| *ordinal < self.written).collect::<Vec<_>>() {
            if let Some(entry) = self.entry(ordinal) {
                self.note_time(entry.at_s);
            }
        }
    }

    fn note_time(&mut self, at_s: u32) {
        self.oldest_s = self.oldest_s.min(at_s);
        self.newest_s = self.newest_s.max(at_s);
    }

    fn table_path(&self) -> PathBuf {
        self.path.with_extension("tbl")
    }

    pub(crate) fn len(&self) -> u32 {
        self.written + (self.pending.len() / ENTRY_BYTES) as u32
    }

    pub(crate) fn is_sealed(&self) -> bool {
        matches!(self.table, Table::Sealed(_))
    }

    pub(crate) fn insert(&mut self, entry: &Entry, hashes: &[u32]) {
        let ordinal = self.len();
        if self.is_sealed() {
            return;
        }
        self.note_time(entry.at_s);
        if let Table::Growing(growing) = &mut self.table {
            entry.write(&mut self.pending);
            hashes.iter().for_each(|hash| growing.insert(*hash, ordinal));
        }
    }

    pub(crate) fn find(&self, hash: u32, each: impl FnMut(u32)) {
        match &self.table {
            Table::Growing(growing) => growing.find(hash, each),
            Table::Sealed(sealed) => sealed.find(hash, each),
        }
    }

    /// The entry at a place; none when it is damaged.
    pub(crate) fn entry(&self, ordinal: u32) -> Option<Entry> {
        if let Some(ahead) = ordinal.checked_sub(self.written) {
            let at = ahead as usize * ENTRY_BYTES;
            return Entry::read(self.pending.get(at..at + ENTRY_BYTES)?);
        }
        let mut bytes = [0; ENTRY_BYTES];
        let at = HEADER + u64::from(ordinal) * ENTRY_BYTES as u64;
        self.file.as_ref()?.read_exact_at(&mut bytes, at).ok()?;
        Entry::read(&bytes)
    }

    /// Writes what is pending to the log. Not synced: a process that is killed loses nothing, a machine that
    /// loses power the last sketches, and with them the knowledge of what repeats these texts, no more.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if let Some(file) = &self.file
            && !self.pending.is_empty()
        {
            file.write_all_at(&self.pending, HEADER + u64::from(self.written) * ENTRY_BYTES as u64)?;
            self.written = self.len();
            self.pending.clear();
        }
        Ok(())
    }

    /// Packs the table and writes it beside the log: nothing is added any more.
    pub(crate) fn seal(&mut self) -> io::Result<()> {
        self.flush()?;
        if let Table::Growing(growing) = &mut self.table {
            let packed = std::mem::take(growing).packed();
            if let Some(file) = &self.file {
                file.sync_data()?;
                table::save(&self.table_path(), &packed, self.written)?;
            }
            self.table = Table::Sealed(Sealed::Memory(packed));
        }
        Ok(())
    }

    pub(crate) fn memory(&self) -> usize {
        match &self.table {
            Table::Growing(growing) => growing.bytes(),
            Table::Sealed(sealed) => sealed.bytes(),
        }
    }

    pub(crate) fn leave_memory(&mut self) -> io::Result<()> {
        let path = self.table_path();
        match &mut self.table {
            Table::Sealed(sealed) if self.file.is_some() => sealed.leave_memory(&path),
            _ => Ok(()),
        }
    }

    /// Bytes on disk.
    #[cfg(test)]
    pub(crate) fn disk(&self) -> u64 {
        let size = |path: &Path| fs::metadata(path).map_or(0, |meta| meta.len());
        size(&self.path) + size(&self.table_path())
    }

    pub(crate) fn remove(self) -> io::Result<()> {
        let _ = fs::remove_file(self.table_path());
        if self.file.is_some() { remove(&self.path) } else { Ok(()) }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}
