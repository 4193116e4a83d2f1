//! Where a band hash is found in a segment: open addressing over slots of four bytes, each a tag of 8 bits
//! and the place of an entry. A growing table remembers the hashes; a sealed one is packed without them.

use super::entry::sum;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A hash that so many entries share says nothing any more: later ones are not added. The earliest stay,
/// being the roots.
const SAME_MAX: usize = 24;
/// Slots that are looked at for one hash, at most: bounds what crafted hashes can cost.
const PROBES_MAX: usize = 512;
const MAGIC: &[u8; 8] = b"wrband1\n";
const HEADER: usize = 20;
/// Slots that are read at once from a table on disk.
const BLOCK: usize = 32;

/// A table that entries are added to.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    slots: Vec<u32>,
    hashes: Vec<u32>,
    used: usize,
}

fn start(hash: u32, size: usize) -> usize {
    ((u64::from(hash) * size as u64) >> 32) as usize
}

/// Bits of the hash that its place in the table does not tell.
fn tag(hash: u32) -> u32 {
    hash.wrapping_mul(0x9e37_79b1) & 0xff00_0000
}

impl Growing {
    /// Adds entry `ordinal` (below 2^24 - 1) under `hash`.
    pub(crate) fn insert(&mut self, hash: u32, ordinal: u32) {
        if self.slots.len() * 4 < (self.used + 1) * 5 {
            self.grow();
        }
        self.used += usize::from(put(&mut self.slots, Some(&mut self.hashes), hash, ordinal));
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 3 / 2).max(1024);
        let (slots, hashes) = (std::mem::take(&mut self.slots), std::mem::take(&mut self.hashes));
        (self.slots, self.hashes) = (vec![0; size], vec![0; size]);
        self.used = 0;
        for (slot, hash) in slots.into_iter().zip(hashes).filter(|(slot, _)| *slot != 0) {
            let ordinal = (slot & 0x00ff_ffff) - 1;
            self.used += usize::from(put(&mut self.slots, Some(&mut self.hashes), hash, ordinal));
        }
    }

    /// Calls `each` with the entries that may be under `hash`.
    pub(crate) fn find(&self, hash: u32, mut each: impl FnMut(u32)) {
        find(self.slots.len(), hash, |at| Some(self.slots[at]), &mut each);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.slots.capacity() * 8
    }

    /// The same entries in four slots for every five.
    pub(crate) fn packed(self) -> Vec<u32> {
        let size = (self.used * 5 / 4).max(1);
        let mut packed = vec![0; size];
        // In the order of their entries, so that the earliest of many stay.
        let mut all: Vec<(u32, u32)> =
            self.slots.into_iter().zip(self.hashes).filter(|(slot, _)| *slot != 0).collect();
        all.sort_unstable_by_key(|(slot, _)| slot & 0x00ff_ffff);
        for (slot, hash) in all {
            put(&mut packed, None, hash, (slot & 0x00ff_ffff) - 1);
        }
        packed
    }
}

/// False when so many are there already that one more would say nothing.
fn put(slots: &mut [u32], hashes: Option<&mut Vec<u32>>, hash: u32, ordinal: u32) -> bool {
    let (size, tag) = (slots.len(), tag(hash));
    let (mut at, mut same) = (start(hash, size), 0);
    for _ in 0..PROBES_MAX.min(size) {
        if slots[at] == 0 {
            slots[at] = tag | (ordinal + 1);
            if let Some(hashes) = hashes {
                hashes[at] = hash;
            }
            return true;
        }
        same += usize::from(slots[at] & 0xff00_0000 == tag);
        if SAME_MAX <= same {
            return false;
        }
        at = if at + 1 == size { 0 } else { at + 1 };
    }
    false
}

fn find(size: usize, hash: u32, mut slot: impl FnMut(usize) -> Option<u32>, each: &mut impl FnMut(u32)) {
    if size == 0 {
        return;
    }
    let tag = tag(hash);
    let mut at = start(hash, size);
    for _ in 0..PROBES_MAX.min(size) {
        match slot(at) {
            None | Some(0) => return,
            Some(slot) if slot & 0xff00_0000 == tag => each((slot & 0x00ff_ffff) - 1),
            Some(_) => {}
        }
        at = if at + 1 == size { 0 } else { at + 1 };
    }
}

/// A table that nothing is added to.
#[derive(Debug)]
pub(crate) enum Sealed {
    Memory(Vec<u32>),
    /// The slots start at byte [`HEADER`].
    Disk(File, usize),
}

impl Sealed {
    pub(crate) fn find(&self, hash: u32, mut each: impl FnMut(u32)) {
        match self {
            Self::Memory(slots) => find(slots.len(), hash, |at| Some(slots[at]), &mut each),
            Self::Disk(file, size) => {
                let mut block = Block { start: usize::MAX, len: 0, bytes: [0; 4 * BLOCK] };
                find(*size, hash, |at| block.slot(file, *size, at), &mut each);
            }
        }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Memory(slots) => slots.len() * 4,
            Self::Disk(..) => 0,
        }
    }

    /// Gives the memory back: from now on the slots are read from `path`.
    pub(crate) fn leave_memory(&mut self, path: &Path) -> io::Result<()> {
        if let Self::Memory(slots) = self {
            *self = Self::Disk(File::open(path)?, slots.len());
        }
        Ok(())
    }
}

struct Block {
    start: usize,
    len: usize,
    bytes: [u8; 4 * BLOCK],
}

impl Block {
    fn slot(&mut self, file: &File, size: usize, at: usize) -> Option<u32> {
        if at < self.start || self.start + self.len <= at {
            self.len = BLOCK.min(size - at);
            self.start = at;
            file.read_exact_at(&mut self.bytes[..4 * self.len], (HEADER + 4 * at) as u64).ok()?;
        }
        let from = 4 * (at - self.start);
        Some(u32::from_le_bytes(*self.bytes.get(from..)?.first_chunk()?))
    }
}

/// Writes a packed table beside its log.
pub(crate) fn save(path: &Path, slots: &[u32], entries: u32) -> io::Result<()> {
    let bytes: Vec<u8> = slots.iter().flat_map(|slot| slot.to_le_bytes()).collect();
    let draft = path.with_extension("new");
    let mut file = File::create(&draft)?;
    file.write_all(MAGIC)?;
    file.write_all(&(slots.len() as u32).to_le_bytes())?;
    file.write_all(&entries.to_le_bytes())?;
    file.write_all(&sum(&bytes).to_le_bytes())?;
    file.write_all(&bytes)?;
    file.sync_data()?;
    std::fs::rename(draft, path)
}

/// Reads a table of `entries`; none when it is missing, damaged or of another log.
pub(crate) fn load(path: &Path, entries: u32) -> Option<Vec<u32>> {
    let bytes = std::fs::read(path).ok()?;
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let body = bytes.get(HEADER..)?;
    let whole = bytes.starts_with(MAGIC)
        && body.len() == 4 * word(8)? as usize
        && word(12)? == entries
        && word(16)? == sum(body);
    let slots = || body.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
    // A place beyond the log would be a place in nothing.
    (whole && slots().all(|slot| slot & 0x00ff_ffff <= entries)).then(|| slots().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(find: impl Fn(u32, &mut dyn FnMut(u32)), hash: u32) -> Vec<u32> {
        let mut all = Vec::new();
        find(hash, &mut |ordinal| all.push(ordinal));
        all
    }

    #[test]
    fn what_is_put_is_found_growing_packed_and_on_disk() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("1.tbl");
        let mut growing = Growing::default();
        let hash = |n: u32| n.wrapping_mul(0x85eb_ca6b) ^ (n << 7);
        (0..20_000).for_each(|n| growing.insert(hash(n), n));
        assert!((0..20_000).all(|n| found(|h, e| growing.find(h, e), hash(n)).contains(&n)));
        let packed = growing.packed();
        assert!(packed.len() <= 25_000);
        save(&path, &packed, 20_000).unwrap();
        let mut sealed = Sealed::Memory(load(&path, 20_000).unwrap());
        assert!((0..20_000).all(|n| found(|h, e| sealed.find(h, e), hash(n)).contains(&n)));
        sealed.leave_memory(&path).unwrap();
        assert_eq!(sealed.bytes(), 0);
        assert!((0..20_000).all(|n| found(|h, e| sealed.find(h, e), hash(n)).contains(&n)));
        let strangers: usize = (30_000..31_000).map(|n| found(|h, e| sealed.find(h, e), hash(n)).len()).sum();
        assert!(strangers < 200, "{strangers} of 1000 looks met a stranger");
        assert_eq!(load(&path, 19_999), None);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[5000] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(load(&path, 20_000), None);
    }

    #[test]
    fn one_hash_for_all_keeps_the_earliest_and_costs_little() {
        let mut growing = Growing::default();
        (0..100_000).for_each(|n| growing.insert(42, n));
        assert_eq!(found(|h, e| growing.find(h, e), 42), (0..SAME_MAX as u32).collect::<Vec<_>>());
        assert!(growing.bytes() < 20_000);
        assert_eq!(found(|h, e| Growing::default().find(h, e), 42), [0_u32; 0]);
    }
}
