use crate::Error;
use crate::near::{Index, Limits};
use model::{ArticleId, Sketch};
use std::path::Path;

/// The index of the window's texts, alone: what the sequencer asks for near-duplicates. For measurements.
#[derive(Debug)]
pub struct Texts {
    index: Index,
    bands: fn(&Sketch, &mut Vec<u32>),
    hashes: Vec<u32>,
}

impl Texts {
    /// Opens the index in `dir`, or makes one. Texts more than `window_s` seconds apart do not find each other;
    /// sealed tables take at most `memory` bytes, beyond which they are read from the disk. `bands` as in
    /// [`model::settle::Rules`].
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn open(
        dir: &Path,
        window_s: u32,
        memory: usize,
        bands: fn(&Sketch, &mut Vec<u32>),
    ) -> Result<Self, Error> {
        let index = Index::open(dir, Limits { window_s, memory }, bands)?;
        Ok(Self { index, bands, hashes: Vec::new() })
    }

    /// Articles whose texts share bands with this one, those that share most first; at most 64. Times are
    /// seconds since 1970.
    pub fn find(&mut self, sketch: &Sketch, at_s: u32) -> Vec<ArticleId> {
        self.hash(sketch);
        self.index.look(&self.hashes, at_s).into_iter().map(|near| near.id).collect()
    }

    /// Adds a text.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn add(&mut self, id: ArticleId, sketch: &Sketch, at_s: u32) -> Result<(), Error> {
        self.hash(sketch);
        self.index.insert(id, at_s, sketch, &self.hashes)
    }

    /// Hands what was added to the system: it survives the process.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`].
    pub fn flush(&mut self) -> Result<(), Error> {
        self.index.flush()
    }

    /// Texts in the index.
    pub fn len(&self) -> u64 {
        self.index.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of the tables in memory.
    pub fn memory(&self) -> usize {
        self.index.memory()
    }

    fn hash(&mut self, sketch: &Sketch) {
        self.hashes.clear();
        (self.bands)(sketch, &mut self.hashes);
    }
}
