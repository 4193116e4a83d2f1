//! The texts of the window, to be found by what they share: segments, the youngest of which grows. Never a
//! full scan: a look costs so many reads as there are bands and segments, and a bounded number of entries.

mod entry;
mod segment;
mod table;

use crate::Error;
use entry::Entry;
use model::{ArticleId, Sketch};
use segment::{Bands, Segment};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Entries of one segment: what is packed at once, and rebuilt after a crash.
const ENTRIES_MAX: u32 = 1 << 19;
/// A segment ends after this share of the window, so that what expires goes in portions.
const PORTIONS: u32 = 3;
/// Entries that are compared for one look, those that share most bands first.
const COMPARED_MAX: usize = 64;

/// How the index is to be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Texts that are further apart in time are not compared, seconds.
    pub(crate) window_s: u32,
    /// What sealed tables may take, bytes; beyond it they are read from the disk.
    pub(crate) memory: usize,
}

#[derive(Debug)]
pub(crate) struct Index {
    dir: Option<PathBuf>,
    limits: Limits,
    /// Oldest first; the last one grows, if there is one that does.
    segments: Vec<Segment>,
    next: u64,
}

/// A text that shares bands with the one that was looked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Near {
    pub(crate) id: ArticleId,
    pub(crate) at_s: u32,
    pub(crate) sketch: Sketch,
    pub(crate) bands: u32,
}

impl Index {
    /// An index that is kept in memory only.
    pub(crate) fn in_memory(limits: Limits) -> Self {
        Self { dir: None, limits, segments: Vec::new(), next: 1 }
    }

    /// Opens what is in `dir`, or begins anew. A segment that cannot be read is dropped with a warning: what
    /// repeats its texts is taken for new text, never for a new article.
    pub(crate) fn open(dir: &Path, limits: Limits, bands: Bands) -> Result<Self, Error> {
        fs::create_dir_all(dir).map_err(|error| Error::disk(dir, &error))?;
        let mut logs: Vec<(u64, PathBuf)> = fs::read_dir(dir)
            .map_err(|error| Error::disk(dir, &error))?
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let number = path.file_stem()?.to_str()?.parse().ok()?;
                (path.extension()? == "log").then_some((number, path))
            })
            .collect();
        logs.sort_unstable();
        let mut index = Self { dir: Some(dir.to_owned()), ..Self::in_memory(limits) };
        for (number, path) in logs {
            index.next = number + 1;
            match Segment::open(path.clone(), bands) {
                Ok(segment) => index.segments.push(segment),
                Err(error) => {
                    tracing::warn!(
                        "{}: dropped: {error}; what repeats its texts is taken for new text",
                        path.display()
                    );
                    let _ = fs::rename(&path, path.with_extension("damaged"));
                }
            }
        }
        // Only the youngest may grow; one before it was left open by a crash at the wrong moment.
        let last = index.segments.len().saturating_sub(1);
        for segment in index.segments.iter_mut().take(last).filter(|segment| !segment.is_sealed()) {
            segment.seal().map_err(|error| Error::disk(dir, &error))?;
        }
        index.keep_within_memory()?;
        Ok(index)
    }

    /// Texts within the window that share bands with `sketch`, those that share most first.
    pub(crate) fn look(&self, hashes: &[u32], now_s: u32) -> Vec<Near> {
        let mut found = Vec::new();
        // How many bands of `hashes` an entry shares, and the one after the last that was counted: a table tells
        // hashes apart by few bits, so that one hash can meet an entry under another of its bands as well.
        let mut hits: HashMap<(usize, u32), (u32, usize)> = HashMap::new();
        for (place, segment) in self.segments.iter().enumerate() {
            for (band, hash) in hashes.iter().enumerate() {
                segment.find(*hash, |ordinal| {
                    let (shared, next) = hits.entry((place, ordinal)).or_default();
                    if *next <= band {
                        (*shared, *next) = (*shared + 1, band + 1);
                    }
                });
            }
        }
        let mut hits: Vec<((usize, u32), u32)> =
            hits.into_iter().map(|(place, (shared, _))| (place, shared)).collect();
        hits.sort_unstable_by_key(|(place, shared)| (std::cmp::Reverse(*shared), *place));
        for ((place, ordinal), bands) in hits.into_iter().take(COMPARED_MAX) {
            if let Some(Entry { id, at_s, sketch }) = self.segments[place].entry(ordinal)
                && at_s.abs_diff(now_s) <= self.limits.window_s
            {
                found.push(Near { id, at_s, sketch, bands });
            }
        }
        found
    }

    /// Adds a text; it is found at once, and survives the process once [`Self::flush`] has returned.
    pub(crate) fn insert(
        &mut self,
        id: ArticleId,
        at_s: u32,
        sketch: &Sketch,
        hashes: &[u32],
    ) -> Result<(), Error> {
        if hashes.is_empty() {
            return Ok(());
        }
        let is_full = |segment: &Segment| {
            let is_old = self.limits.window_s / PORTIONS < at_s.saturating_sub(segment.oldest_s);
            segment.is_sealed() || ENTRIES_MAX <= segment.len() || (is_old && self.dir.is_some())
        };
        if self.segments.last().is_none_or(is_full) {
            self.begin()?;
        }
        if let Some(segment) = self.segments.last_mut() {
            segment.insert(&Entry { id, at_s, sketch: sketch.clone() }, hashes);
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Error> {
        let dir = self.dir.clone().unwrap_or_default();
        let failed = |error| Error::disk(&dir, &error);
        if let Some(last) = self.segments.last_mut() {
            last.seal().map_err(failed)?;
        }
        let path = self.dir.as_ref().map(|dir| dir.join(format!("{:08}.log", self.next)));
        self.segments.push(Segment::create(path).map_err(failed)?);
        self.next += 1;
        self.keep_within_memory()
    }

    fn keep_within_memory(&mut self) -> Result<(), Error> {
        let dir = self.dir.clone().unwrap_or_default();
        let mut left = self.limits.memory;
        for segment in self.segments.iter_mut().rev() {
            let takes = segment.memory();
            if takes <= left {
                left -= takes;
            } else {
                segment.leave_memory().map_err(|error| Error::disk(&dir, &error))?;
            }
        }
        Ok(())
    }

    /// Hands what was added to the system.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        let dir = self.dir.clone().unwrap_or_default();
        self.segments.last_mut().map_or(Ok(()), Segment::flush).map_err(|error| Error::disk(&dir, &error))
    }

    /// Drops segments whose youngest text is out of the window.
    pub(crate) fn expire(&mut self, now_s: u32) -> Result<(), Error> {
        while let Some(first) = self.segments.first()
            && first.len() > 0
            && first.newest_s.saturating_add(self.limits.window_s) < now_s
        {
            let dir = self.dir.clone().unwrap_or_default();
            self.segments.remove(0).remove().map_err(|error| Error::disk(&dir, &error))?;
        }
        Ok(())
    }

    /// Texts in the index.
    pub(crate) fn len(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.len())).sum()
    }

    /// Bytes of the tables in memory.
    pub(crate) fn memory(&self) -> usize {
        self.segments.iter().map(Segment::memory).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::entry::tests::entry;
    use super::*;
    use tempfile::TempDir;

    const LIMITS: Limits = Limits { window_s: 72 * 3600, memory: 1 << 20 };

    fn bands(sketch: &Sketch, out: &mut Vec<u32>) {
        out.extend((0..24).map(|band| sketch.title.wrapping_mul(0x9e37_79b1).rotate_left(band) ^ band << 20));
    }

    fn add(index: &mut Index, n: u32, at_s: u32) {
        let entry = entry(n);
        let mut hashes = Vec::new();
        bands(&entry.sketch, &mut hashes);
        index.insert(entry.id, at_s, &entry.sketch, &hashes).unwrap();
    }

    fn finds(index: &Index, n: u32, now_s: u32) -> bool {
        let mut hashes = Vec::new();
        bands(&entry(n).sketch, &mut hashes);
        let found = index.look(&hashes, now_s);
        found.first().is_some_and(|near| near.id == entry(n).id && near.bands == 24)
    }

    #[test]
    fn what_was_flushed_is_found_after_a_crash_and_what_is_old_goes() {
        let dir = TempDir::new().unwrap();
        let hour = 3600;
        let mut index = Index::open(dir.path(), LIMITS, bands).unwrap();
        for n in 0..300 {
            add(&mut index, n, 1_000_000 + n * hour / 2);
        }
        index.flush().unwrap();
        let now = 1_000_000 + 150 * hour;
        assert_eq!(index.segments.len(), 7);
        assert!(finds(&index, 299, now) && finds(&index, 160, now));
        assert!(!finds(&index, 100, now), "it is out of the window");
        drop(index);
        let mut again = Index::open(dir.path(), LIMITS, bands).unwrap();
        assert_eq!(again.len(), 300);
        assert!(finds(&again, 299, now) && finds(&again, 160, now));
        again.expire(now).unwrap();
        assert!(again.len() < 200 && finds(&again, 160, now));
        add(&mut again, 999, now);
        assert!(finds(&again, 999, now));
        let disk: u64 = again.segments.iter().map(Segment::disk).sum();
        assert!(disk > 0);
    }

    #[test]
    fn tables_beyond_the_memory_are_read_from_the_disk() {
        let dir = TempDir::new().unwrap();
        let mut index = Index::open(dir.path(), Limits { memory: 0, ..LIMITS }, bands).unwrap();
        (0..200).for_each(|n| add(&mut index, n, 1_000_000 + n * 1800));
        index.flush().unwrap();
        let missed: Vec<u32> = (60..200).filter(|n| !finds(&index, *n, 1_000_000 + 100 * 3600)).collect();
        assert_eq!(missed, Vec::<u32>::new());
        let growing = index.segments.last().map_or(0, Segment::memory);
        assert_eq!(index.memory(), growing);
    }

    #[test]
    fn damage_costs_what_is_damaged() {
        let dir = TempDir::new().unwrap();
        let mut index = Index::open(dir.path(), LIMITS, bands).unwrap();
        (0..100).for_each(|n| add(&mut index, n, 1_000_000 + n * 1800));
        index.flush().unwrap();
        drop(index);
        let damage = |name: &str, at: usize| {
            let path = dir.path().join(name);
            let mut bytes = fs::read(&path).unwrap();
            bytes[at] ^= 0xff;
            fs::write(path, bytes).unwrap();
        };
        damage("00000001.log", 16 + 278 * 5 + 40);
        damage("00000001.tbl", 300);
        damage("00000002.log", 3);
        let index = Index::open(dir.path(), LIMITS, bands).unwrap();
        let now = 1_000_000 + 50 * 3600;
        assert!(finds(&index, 4, now) && finds(&index, 6, now) && finds(&index, 99, now));
        assert!(!finds(&index, 5, now) && !finds(&index, 60, now));
    }
}
