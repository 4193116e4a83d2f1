//! The packed model: weights, transitions, lexicon.

use super::decode::{Transitions, forbid, odds};
use super::labels::LABELS;
use super::lexicon::Lexicon;
use crate::packed::hash;

/// Weights of one row: one for each label but outside.
pub(super) const LANES: usize = LABELS - 1;
/// What a packed model begins with.
const MAGIC: &[u8; 8] = b"wr-ner-2";
/// Parts of a packed model: rows, transitions, four of the lexicon.
const PARTS: usize = 6;

/// A tagger's tables, read in place.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(super) lexicon: Lexicon,
    /// Rows of weights, two's complement; their number is a power of two.
    pub(super) rows: &'static [[u8; LANES]],
    /// What a weight of 1 stands for.
    pub(super) scale: f32,
    pub(super) transitions: Transitions,
    /// `transitions` as factors.
    pub(super) odds: Transitions,
    version: String,
}

impl Model {
    /// The model in these bytes; none when they are not one of this version.
    pub(crate) fn read(bytes: &'static [u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let mut parts = [&[][..]; PARTS];
        for part in &mut parts {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = u32::from_le_bytes(*length) as usize;
            (*part, rest) = after.split_at_checked(length)?;
        }
        let [rows, numbers, clusters, parents, names, palette] = parts;
        let mut numbers = numbers.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let scale = numbers.next()?;
        let mut transitions = [[0.0; LABELS]; LABELS + 1];
        for score in transitions.iter_mut().flatten() {
            *score = numbers.next()?;
        }
        forbid(&mut transitions);
        let rows = rows.as_chunks::<LANES>().0;
        if !rows.len().is_power_of_two() {
            return None;
        }
        let lexicon = Lexicon::new([clusters, parents, names, palette]);
        // Two builds differ in their weights, whatever they are called.
        let version = format!("en-crf-{:08x}", hash(rows.as_flattened()) as u32);
        Some(Self { lexicon, rows, scale, odds: odds(&transitions), transitions, version })
    }

    /// Which build this is.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The row of a feature.
    #[inline]
    pub(super) fn row(&self, feature: u64) -> &'static [u8; LANES] {
        &self.rows[feature as usize & (self.rows.len() - 1)]
    }
}

/// The bytes of a model.
pub(crate) fn pack(rows: &[i8], scale: f32, transitions: &Transitions, lexicon: &[Vec<u8>; 4]) -> Vec<u8> {
    let numbers: Vec<u8> = std::iter::once(&scale)
        .chain(transitions.iter().flatten())
        .flat_map(|number| number.to_le_bytes())
        .collect();
    let rows: Vec<u8> = rows.iter().map(|weight| *weight as u8).collect();
    let mut out = MAGIC.to_vec();
    for part in [&rows, &numbers].into_iter().chain(lexicon) {
        out.extend((part.len() as u32).to_le_bytes());
        out.extend(part);
    }
    out
}
