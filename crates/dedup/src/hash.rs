//! Hashes of words and shingles. They decide where texts are looked for, never who is who: keyed with a
//! seed of the store's own, so that nobody can make texts that meet in its index.

use rapidhash::v3::{RapidSecrets, rapidhash_v3_seeded};

/// 64 bits of a text.
pub(crate) fn of(text: &str, seed: u64) -> u64 {
    rapidhash_v3_seeded(text.as_bytes(), &RapidSecrets::seed(seed))
}

/// A hasher of many words under one seed.
pub(crate) struct Words(RapidSecrets);

impl Words {
    pub(crate) fn new(seed: u64) -> Self {
        Self(RapidSecrets::seed(seed))
    }

    pub(crate) fn of(&self, word: &str) -> u64 {
        rapidhash_v3_seeded(word.as_bytes(), &self.0)
    }
}

/// The finaliser of MurmurHash3 (Appleby): every bit of the input moves every bit of the output.
pub(crate) const fn mix(mut bits: u64) -> u64 {
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits ^= bits >> 33;
    bits = bits.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

/// Three words in their order.
pub(crate) const fn shingle(a: u64, b: u64, c: u64) -> u64 {
    mix(a.wrapping_add(b.rotate_left(23).wrapping_mul(0x9e37_79b9_7f4a_7c15)) ^ c.rotate_left(47))
}
