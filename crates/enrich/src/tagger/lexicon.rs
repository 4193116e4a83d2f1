//! What is known of words before any text is read: distributional clusters and lists of names.

use crate::packed::{Table, mix};

/// Bits of a cluster number, stored plus one.
const CLUSTER_BITS: u32 = 11;
/// Bits of a row of the palette of name kinds, stored plus one; the highest says that a longer name may
/// begin so.
const NAME_BITS: u32 = 12;
const GOES_ON: u32 = 1 << (NAME_BITS - 1);
/// Longest name in the list, tokens.
pub(super) const NAME_TOKENS_MAX: usize = 6;
/// Start of the hash of a name of several tokens.
pub(super) const NAME_SEED: u64 = 0x6e61_6d65;

/// Kinds of name that a phrase is listed as: one bit each, see `docs/models/ner-en.md`.
pub(super) type Kinds = u16;
/// Kinds that names have from the base of links.
pub(super) const OF_BASE: Kinds = 0xfc00;

/// Distributional clusters of a word: fine, middle and coarse; 0 for an unknown word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clusters {
    pub(super) fine: u16,
    pub(super) middle: u16,
    pub(super) coarse: u16,
}

/// Clusters and names, read in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lexicon {
    clusters: Table<4>,
    /// Middle and coarse cluster of each fine one.
    parents: &'static [[u8; 2]],
    names: Table<4>,
    palette: &'static [[u8; 2]],
}

/// What the list says of the tokens up to one place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Listed {
    /// Kinds of the name that ends here, 0 for none.
    pub(super) kinds: Kinds,
    /// Whether a longer name may begin with these tokens.
    pub(super) goes_on: bool,
}

impl Lexicon {
    /// The lexicon whose four parts these are.
    pub(super) fn new([clusters, parents, names, palette]: [&'static [u8]; 4]) -> Self {
        Self {
            clusters: Table::new(clusters, CLUSTER_BITS),
            parents: parents.as_chunks().0,
            names: Table::new(names, NAME_BITS),
            palette: palette.as_chunks().0,
        }
    }

    /// Clusters of the word with this hash, as written or else in lower case.
    pub(super) fn clusters(&self, exact: u64, small: u64) -> Clusters {
        let found = self.clusters.find(exact).or_else(|| self.clusters.find(small));
        let Some(stored) = found else { return Clusters::default() };
        let fine = stored - 1;
        let [middle, coarse] = self.parents.get(fine as usize).copied().unwrap_or_default();
        Clusters { fine: fine as u16 + 1, middle: u16::from(middle) + 1, coarse: u16::from(coarse) + 1 }
    }

    /// What is listed under the tokens whose chained hash this is.
    pub(super) fn name(&self, chain: u64) -> Listed {
        let Some(stored) = self.names.find(chain) else { return Listed::default() };
        let row = (stored & !GOES_ON) as usize;
        let kinds = row
            .checked_sub(1)
            .and_then(|row| self.palette.get(row))
            .map_or(0, |kinds| Kinds::from_le_bytes(*kinds));
        Listed { kinds, goes_on: stored & GOES_ON != 0 }
    }
}

/// The hash of a name by one more token.
pub(super) fn chain(before: u64, exact: u64) -> u64 {
    mix(before, exact)
}

pub(crate) mod pack {
    //! The other direction, for training.

    use super::*;
    use crate::packed::{hash, pack_table};
    use std::collections::{BTreeMap, HashMap};

    /// Bytes of the lexicon's four parts from `(word, fine, middle, coarse)` and `(tokens of a name, kinds)`.
    pub(crate) fn lexicon(
        clusters: &[(String, u16, u16, u16)],
        names: &[(Vec<String>, u16)],
    ) -> [Vec<u8>; 4] {
        let fine_max = clusters.iter().map(|row| row.1).max().map_or(0, usize::from);
        let mut parents = vec![[0_u8; 2]; fine_max + 1];
        let mut entries = Vec::with_capacity(clusters.len());
        for (word, fine, middle, coarse) in clusters {
            parents[usize::from(*fine)] = [*middle as u8, *coarse as u8];
            entries.push((hash(word.as_bytes()), u32::from(*fine) + 1));
        }
        let (names, palette) = names_table(names);
        [pack_table::<4>(&entries, CLUSTER_BITS), parents.concat(), names, palette]
    }

    fn names_table(names: &[(Vec<String>, u16)]) -> (Vec<u8>, Vec<u8>) {
        let mut known: BTreeMap<u64, (Kinds, bool)> = BTreeMap::new();
        for (tokens, kinds) in names.iter().filter(|(tokens, _)| tokens.len() <= NAME_TOKENS_MAX) {
            let mut state = NAME_SEED;
            for (at, token) in tokens.iter().enumerate() {
                state = chain(state, hash(token.as_bytes()));
                let entry = known.entry(state).or_default();
                if at + 1 == tokens.len() {
                    entry.0 |= kinds;
                } else {
                    entry.1 = true;
                }
            }
        }
        let mut counts: HashMap<Kinds, usize> = HashMap::new();
        for (kinds, _) in known.values().filter(|entry| entry.0 != 0) {
            *counts.entry(*kinds).or_default() += 1;
        }
        let mut palette: Vec<Kinds> = counts.keys().copied().collect();
        palette.sort_by_key(|kinds| (std::cmp::Reverse(counts[kinds]), *kinds));
        palette.truncate(GOES_ON as usize - 2);
        let row: HashMap<Kinds, u32> = palette.iter().zip(1..).map(|(kinds, row)| (*kinds, row)).collect();
        let entries: Vec<(u64, u32)> = known
            .iter()
            .map(|(state, (kinds, on))| {
                (*state, row.get(kinds).copied().unwrap_or(0) | if *on { GOES_ON } else { 0 })
            })
            .filter(|(_, value)| *value != 0)
            .collect();
        (pack_table::<4>(&entries, NAME_BITS), palette.iter().flat_map(|kinds| kinds.to_le_bytes()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packed::hash;

    #[test]
    fn names_of_several_words_are_found() {
        let name = |words: &str, kinds| (words.split(' ').map(str::to_owned).collect::<Vec<_>>(), kinds);
        let clusters = [("bank".to_owned(), 1023, 159, 39), ("river".to_owned(), 0, 0, 0)];
        let names =
            [name("United Nations", 2048), name("United Nations Security Council", 4), name("Doha", 3)];
        let lexicon = Lexicon::new(pack::lexicon(&clusters, &names).map(|part| &*Vec::leak(part)));
        let steps: Vec<(Kinds, bool)> = ["United", "Nations", "Security", "Council"]
            .iter()
            .scan(NAME_SEED, |state, word| {
                *state = chain(*state, hash(word.as_bytes()));
                let listed = lexicon.name(*state);
                Some((listed.kinds, listed.goes_on))
            })
            .collect();
        assert_eq!(steps, [(0, true), (2048, true), (0, true), (4, false)]);
        let of = |word: &str| lexicon.clusters(hash(word.as_bytes()), hash(word.to_lowercase().as_bytes()));
        assert_eq!(of("Bank"), Clusters { fine: 1024, middle: 160, coarse: 40 });
        assert_eq!(of("river"), Clusters { fine: 1, middle: 1, coarse: 1 });
        assert_eq!(of("sea"), Clusters::default());
    }
}
