//! Tables that are read where they lie, in the binary: no unpacking at start, no copy in memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// 64 bits for a string; the same on every machine and in every version, since tables on disk stand on it.
/// Words of eight bytes, multiplied and folded (the mixer of Steele and Vigna's `splitmix64`).
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = mix(state, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(state, u64::from_le_bytes(last))
}

/// Two numbers in one.
#[inline]
pub(crate) fn mix(state: u64, value: u64) -> u64 {
    let mut x = (state ^ value).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^= x >> 29;
    x = x.wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 32)
}

/// Hashes are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map whose keys are hashes.
pub(crate) type ByHash<V> = HashMap<u64, V, BuildHasherDefault<AsItIs>>;

/// A hash table from 64-bit hashes to numbers, read in place: slots of `N` little-endian bytes, the lower bits
/// the value, the upper ones a fingerprint of the hash; 0 is an empty slot. Linear probing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<const N: usize> {
    slots: &'static [[u8; N]],
    value_bits: u32,
}

impl<const N: usize> Table<N> {
    /// The table in `bytes`, whose values have `value_bits` bits.
    pub(crate) fn new(bytes: &'static [u8], value_bits: u32) -> Self {
        Self { slots: bytes.as_chunks().0, value_bits }
    }

    /// The value stored for the hash, never 0. With 20 bits of fingerprint, one lookup in half a million of an absent
    /// hash finds another's value.
    #[inline]
    pub(crate) fn find(self, hash: u64) -> Option<u32> {
        self.find_all(hash).next()
    }

    /// All values stored for the hash, in the order of their insertion.
    #[inline]
    pub(crate) fn find_all(self, hash: u64) -> impl Iterator<Item = u32> + use<N> {
        let (slots, value_bits) = (self.slots, self.value_bits);
        let wanted = fingerprint::<N>(hash, value_bits);
        let mut at = home(hash, slots.len());
        let mut left = slots.len();
        std::iter::from_fn(move || {
            while left != 0 {
                let mut bytes = [0; 8];
                bytes[..N].copy_from_slice(&slots[at]);
                let slot = u64::from_le_bytes(bytes);
                if slot == 0 {
                    return None;
                }
                at = if at + 1 == slots.len() { 0 } else { at + 1 };
                left -= 1;
                if slot >> value_bits == wanted {
                    return Some((slot & ((1 << value_bits) - 1)) as u32);
                }
            }
            None
        })
    }
}

/// Where the search begins: the upper half of the hash, scaled to the table.
fn home(hash: u64, slots: usize) -> usize {
    (((hash >> 32) * slots as u64) >> 32) as usize
}

/// As many of the lower half's bits as the value leaves room for.
fn fingerprint<const N: usize>(hash: u64, value_bits: u32) -> u64 {
    u64::from(hash as u32 >> (32 - (8 * N as u32 - value_bits).min(32)))
}

/// The bytes of a table with these entries, values from 1; room for a quarter more.
pub(crate) fn pack_table<const N: usize>(entries: &[(u64, u32)], value_bits: u32) -> Vec<u8> {
    let slots = entries.len() + entries.len() / 4 + 1;
    let mut table = vec![0_u64; slots];
    for (hash, value) in entries {
        let value_fits = *value != 0 && u64::from(*value) >> value_bits == 0;
        assert!(value_fits, "{value} does not fit into {value_bits} bits");
        let mut at = home(*hash, slots);
        while table[at] != 0 {
            at = if at + 1 == slots { 0 } else { at + 1 };
        }
        table[at] = fingerprint::<N>(*hash, value_bits) << value_bits | u64::from(*value);
    }
    table.iter().flat_map(|slot| slot.to_le_bytes()[..N].to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_packed_is_found(words in proptest::collection::btree_map("[a-z]{1,20}", 1_u32..1024, 0..200)) {
            let entries: Vec<_> = words.iter().map(|(word, value)| (hash(word.as_bytes()), *value)).collect();
            let table = Table::<4>::new(Vec::leak(pack_table::<4>(&entries, 10)), 10);
            for (word, value) in &words {
                let found: Vec<u32> = table.find_all(hash(word.as_bytes())).collect();
                prop_assert!(found.contains(value), "{}: {:?}", word, found);
            }
            prop_assert_eq!(table.find(hash(b"NOT THERE")), None);
        }
    }

    #[test]
    fn an_empty_table_holds_nothing() {
        assert_eq!(Table::<4>::new(&[], 10).find(7), None);
    }
}
