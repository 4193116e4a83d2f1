//! The linear model for IPTC's 17 top topics: words in, one calibrated score for each topic out. A text is
//! its words, each weighted by (1 + ln count) × idf, the whole scaled to length 1; a topic's score is the
//! softmax of the weighted sums, divided by a temperature that was fitted on texts the model had not seen.

use super::hash::hash;
use super::words::Counted;
use std::sync::LazyLock;

/// Top topics of the vocabulary: 01000000 to 17000000.
#[cfg_attr(not(feature = "train"), expect(unreachable_pub, reason = "public for training"))]
pub const TOPICS: usize = 17;
/// First bytes of the packed model.
const MAGIC: &[u8; 8] = b"wrtopic1";
/// What one unit of a packed idf is.
pub(crate) const IDF_UNIT: f32 = 1.0 / 16.0;
/// A distinct word below this count in all makes a text too short to be judged.
const WORDS_MIN: usize = 3;

/// Made by `cargo xtask train-topics`.
static PACKED: &[u8] = include_bytes!("../../data/topics.bin");

/// A sum for each topic, or what becomes of it.
#[cfg_attr(not(feature = "train"), expect(unreachable_pub, reason = "public for training"))]
pub type Scores = [f32; TOPICS];

/// The model, read where it lies.
#[derive(Debug)]
pub(crate) struct Model {
    bias: Scores,
    /// What one unit of a topic's packed weights is.
    unit: Scores,
    /// Score from which on a topic is given.
    pub(crate) threshold: Scores,
    temperature: f32,
    /// Upper halves of the words' hashes, ascending.
    hashes: &'static [[u8; 4]],
    /// Where each bucket of hashes begins, and the end: those with the same upper bits.
    buckets: Vec<u32>,
    idf: &'static [u8],
    weights: &'static [[u8; TOPICS]],
}

/// The model in the binary; none when the file is not one, which a test rules out.
pub(crate) static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| Model::read(PACKED));

/// A word of the text that the model knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    row: usize,
    /// Weight in the text after scaling.
    pub(crate) weight: f32,
    /// A place in the list of words that was given.
    pub(crate) at: usize,
}

/// All but the upper bits of a hash that choose its bucket: with 65,000 words, 8 in each.
const BUCKET_SHIFT: u32 = 32 - 13;

/// Where each bucket begins among the ascending hashes, and the end of the last.
fn buckets(hashes: &[[u8; 4]]) -> Vec<u32> {
    let of = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes) >> BUCKET_SHIFT;
    (0..=1 << (32 - BUCKET_SHIFT))
        .map(|bucket| hashes.partition_point(|bytes| of(bytes) < bucket) as u32)
        .collect()
}

impl Model {
    pub(super) fn read(bytes: &'static [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (head, rest) = rest.split_at_checked(4 * (3 * TOPICS + 2))?;
        let mut numbers = head.as_chunks::<4>().0.iter().copied();
        let mut take =
            || -> Scores { std::array::from_fn(|_| numbers.next().map_or(0.0, f32::from_le_bytes)) };
        let (bias, unit, threshold) = (take(), take(), take());
        let temperature = take()[0];
        let rows = u32::from_le_bytes(*head.last_chunk::<4>()?) as usize;
        let (hashes, rest) = rest.split_at_checked(4 * rows)?;
        let (idf, weights) = rest.split_at_checked(rows)?;
        let weights = weights.as_chunks().0;
        let hashes: &[[u8; 4]] = hashes.as_chunks().0;
        (weights.len() == rows).then_some(Self {
            bias,
            unit,
            threshold,
            temperature,
            buckets: buckets(hashes),
            hashes,
            idf,
            weights,
        })
    }

    fn row(&self, word: &str) -> Option<usize> {
        let wanted = (hash(word.as_bytes()) >> 32) as u32;
        let bucket = (wanted >> BUCKET_SHIFT) as usize;
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        let found = self.hashes[from..to].iter().position(|bytes| u32::from_le_bytes(*bytes) == wanted);
        found.map(|at| from + at)
    }

    /// The known words among `words`, each once, with its weight; none when there are too few to judge by.
    pub(crate) fn known(&self, words: &[Counted<'_>]) -> Option<Vec<Known>> {
        let mut rows: Vec<(usize, usize)> =
            words.iter().enumerate().filter_map(|(at, word)| Some((self.row(&word.word)?, at))).collect();
        rows.sort_unstable();
        let groups = rows.chunk_by(|a, b| a.0 == b.0);
        let mut known: Vec<Known> = groups
            .map(|group| {
                let (row, at) = group[0];
                let count: u32 = group.iter().map(|(_, at)| words[*at].count).sum();
                let idf = f32::from(self.idf[row]) * IDF_UNIT;
                Known { row, at, weight: (1.0 + (count as f32).ln()) * idf }
            })
            .collect();
        if known.len() < WORDS_MIN {
            return None;
        }
        let length = known.iter().map(|word| word.weight * word.weight).sum::<f32>().sqrt();
        for word in &mut known {
            word.weight /= length;
        }
        Some(known)
    }

    /// What one word adds to each topic's sum.
    pub(crate) fn parts(&self, word: &Known) -> Scores {
        let weights = &self.weights[word.row];
        std::array::from_fn(|topic| word.weight * f32::from(weights[topic] as i8) * self.unit[topic])
    }

    /// The score of each topic, 0 to 1, all together 1.
    pub(crate) fn scores(&self, known: &[Known]) -> Scores {
        let mut sums = [0.0; TOPICS];
        for word in known {
            let weights = &self.weights[word.row];
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += word.weight * f32::from(*weight as i8);
            }
        }
        let logits = std::array::from_fn(|topic| {
            (self.bias[topic] + sums[topic] * self.unit[topic]) / self.temperature
        });
        softmax(logits)
    }
}

/// Sums to shares of 1.
pub(crate) fn softmax(mut scores: Scores) -> Scores {
    let highest = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut all = 0.0;
    for score in &mut scores {
        *score = (*score - highest).exp();
        all += *score;
    }
    scores.map(|score| score / all)
}

/// A trained model, before packing.
#[cfg(feature = "train")]
#[derive(Clone, Debug)]
pub struct Trained {
    /// Words with their idf and their weight for each topic.
    pub words: Vec<(String, f32, Scores)>,
    /// Sum of each topic before any word.
    pub bias: Scores,
    /// Score from which on a topic is given.
    pub threshold: Scores,
    /// Divisor of the sums.
    pub temperature: f32,
}

#[cfg(feature = "train")]
impl Trained {
    /// The bytes that [`Model`] reads. The same model always gives the same bytes.
    pub fn pack(&self) -> Vec<u8> {
        // Of two words with one hash the first, the more frequent, stays.
        let mut rows = std::collections::BTreeMap::new();
        for word in &self.words {
            rows.entry((hash(word.0.as_bytes()) >> 32) as u32).or_insert(word);
        }
        let unit: Scores = std::array::from_fn(|topic| {
            let largest = rows.values().map(|word| word.2[topic].abs()).fold(1e-6, f32::max);
            largest / 127.0
        });
        let mut out = MAGIC.to_vec();
        for number in [self.bias, unit, self.threshold].as_flattened() {
            out.extend(number.to_le_bytes());
        }
        out.extend(self.temperature.to_le_bytes());
        out.extend((rows.len() as u32).to_le_bytes());
        rows.keys().for_each(|hash| out.extend(hash.to_le_bytes()));
        out.extend(rows.values().map(|word| (word.1 / IDF_UNIT).round().clamp(0.0, 255.0) as u8));
        for word in rows.values() {
            out.extend((0..TOPICS).map(|topic| (word.2[topic] / unit[topic]).round() as i8 as u8));
        }
        out
    }
}
