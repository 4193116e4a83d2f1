use serde::{Deserialize, Serialize};

/// Slots of a [`Sketch`].
pub const SLOTS: usize = 128;

/// Shingles of a lead that are kept, and numbers that are kept.
pub const LEAD_MAX: usize = 32;
/// Numbers of a text that are kept: those with the smallest hashes, so that two texts keep the same ones.
pub const NUMBERS_MAX: usize = 24;

/// What is kept of a text to tell whether another one repeats it: one-permutation MinHash of its word
/// 3-shingles (Li, Owen and Zhang 2012; empty bins filled after Shrivastava 2017), 8 bits a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    /// Low 8 bits of each bin's least hash.
    #[serde(with = "slots")]
    pub slots: [u8; SLOTS],
    /// Different shingles, at most 65,535; 0: the text is too short to be compared as a whole.
    pub shingles: u16,
    /// Words, at most 65,535.
    pub words: u16,
    /// Hashes of the first shingles, ascending; at most [`LEAD_MAX`].
    pub lead: Vec<u16>,
    /// Hashes of the numbers in the text, ascending; at most [`NUMBERS_MAX`], the smallest.
    pub numbers: Vec<u16>,
    /// Hash of the folded title; 0: none.
    pub title: u32,
    /// Hash of the outlet; 0: unknown.
    pub outlet: u32,
}

/// A quarter of a sketch's slots: enough to tell an edited text from an unrelated one, small enough to be
/// kept with every article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gist(pub [u8; 32]);

/// How two texts resemble each other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likeness {
    /// Share of the smaller text that is in the other, 0 to 1, as estimated from the sketches.
    pub containment: f32,
    /// True when one repeats the other.
    pub is_near: bool,
}

/// One term of a text and its weight in it, before the rarity of the term is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Hash of the word.
    pub hash: u32,
    /// Weight, above 0.
    pub weight: f32,
    /// The word, for explanations.
    pub word: String,
}

mod slots {
    use super::SLOTS;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(slots: &[u8; SLOTS], serializer: S) -> Result<S::Ok, S::Error> {
        slots[..].serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; SLOTS], D::Error> {
        let slots = Vec::<u8>::deserialize(deserializer)?;
        slots.try_into().map_err(|_| serde::de::Error::custom("a sketch has 128 slots"))
    }
}
