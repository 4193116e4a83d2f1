//! One sketch as it is written to the log: of fixed length, so that its place in the segment finds it.

use model::{ArticleId, LEAD_MAX, NUMBERS_MAX, SLOTS, Sketch};

/// Bytes of an entry, the checksum included.
pub(crate) const ENTRY_BYTES: usize = 278;
const SLOTS_AT: usize = 34;
const LEAD_AT: usize = SLOTS_AT + SLOTS;
const NUMBERS_AT: usize = LEAD_AT + 2 * LEAD_MAX;
const SUM_AT: usize = NUMBERS_AT + 2 * NUMBERS_MAX;

/// An article's text in the window.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: ArticleId,
    /// When it was settled, seconds since 1970.
    pub(crate) at_s: u32,
    pub(crate) sketch: Sketch,
}

impl Entry {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let sketch = &self.sketch;
        out.extend(self.id.0);
        out.extend(self.at_s.to_le_bytes());
        out.extend(sketch.title.to_le_bytes());
        out.extend(sketch.outlet.to_le_bytes());
        out.extend(sketch.shingles.to_le_bytes());
        out.extend(sketch.words.to_le_bytes());
        out.push(sketch.lead.len().min(LEAD_MAX) as u8);
        out.push(sketch.numbers.len().min(NUMBERS_MAX) as u8);
        out.extend(sketch.slots);
        let pad = |list: &[u16], max: usize, out: &mut Vec<u8>| {
            let padded = list.iter().copied().chain(std::iter::repeat(0)).take(max);
            padded.for_each(|hash| out.extend(hash.to_le_bytes()));
        };
        pad(&sketch.lead, LEAD_MAX, out);
        pad(&sketch.numbers, NUMBERS_MAX, out);
        let sum = sum(&out[start..]);
        out.extend(sum.to_le_bytes());
    }

    /// None: these bytes are not what was written.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != ENTRY_BYTES || sum(&bytes[..SUM_AT]) != word(bytes, SUM_AT)? {
            return None;
        }
        let half = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let list = |at: usize, len: u8| -> Option<Vec<u16>> {
            (0..usize::from(len)).map(|n| half(at + 2 * n)).collect()
        };
        Some(Self {
            id: ArticleId(*bytes.first_chunk()?),
            at_s: word(bytes, 16)?,
            sketch: Sketch {
                title: word(bytes, 20)?,
                outlet: word(bytes, 24)?,
                shingles: half(28)?,
                words: half(30)?,
                slots: bytes.get(SLOTS_AT..LEAD_AT)?.try_into().ok()?,
                lead: list(LEAD_AT, bytes[32].min(LEAD_MAX as u8))?,
                numbers: list(NUMBERS_AT, bytes[33].min(NUMBERS_MAX as u8))?,
            },
        })
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// FNV-1a over words of eight bytes, folded: it has to notice damage, not malice.
pub(crate) fn sum(bytes: &[u8]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x0100_0000_01b3);
        hash ^= hash >> 29;
    }
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn entry(n: u32) -> Entry {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_le_bytes());
        let slots = std::array::from_fn(|at| (n as usize * 31 + at * 7) as u8);
        let sketch = Sketch {
            slots,
            shingles: 200,
            words: 202,
            lead: (0..20).map(|k| k * 7 + n as u16).collect(),
            numbers: vec![1, 2, 60_000],
            title: n,
            outlet: 9,
        };
        Entry { id: ArticleId(id), at_s: 1000 + n, sketch }
    }

    #[test]
    fn entries_read_back_and_damage_is_seen() {
        let mut bytes = Vec::new();
        entry(7).write(&mut bytes);
        assert_eq!(bytes.len(), ENTRY_BYTES);
        assert_eq!(Entry::read(&bytes), Some(entry(7)));
        for at in 0..ENTRY_BYTES {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            assert_eq!(Entry::read(&damaged), None, "byte {at}");
        }
        assert_eq!(Entry::read(&bytes[1..]), None);
    }
}
