//! Training of the topic model: multinomial logistic regression by stochastic gradients with AdaGrad steps
//! (Duchi et al. 2011) over two views of a text at once, its words and the mean of their vectors. Both are
//! linear in the words' weights, so what is learnt folds into one row of weights a word, also for words that
//! no training text holds. Deterministic: chances come from a seed, sums from one thread.

pub use super::calibrate::Reader;
use super::model::softmax;
pub use super::model::{Scores, TOPICS, Trained};
use super::words::words as in_order;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Dimensions of a word vector.
pub const DIMENSIONS: usize = 100;
/// A word vector.
pub type Vector = [f32; DIMENSIONS];

/// A text with its topic.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Top topics, bit 0 the first: it is about one of them.
    pub topics: u32,
    /// How much it counts.
    pub weight: f32,
    /// Its words, as [`words`] gives them.
    pub words: Vec<String>,
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Passes over the samples.
    pub epochs: u32,
    /// First step of a weight.
    pub step: f32,
    /// Weight decay of the words' own weights.
    pub decay: f32,
    /// How much the vectors count beside the words.
    pub vectors: f32,
    /// Share of samples that are lengthened by up to five others of their topic: articles are longer than notes.
    pub lengthened: f32,
    /// A topic counts as the inverse of its share to this power.
    pub balance: f32,
    /// Words without a vector need this many samples.
    pub samples_min: usize,
    /// Where the chances come from.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            epochs: 3,
            step: 0.1,
            decay: 1e-5,
            vectors: 5.0,
            lengthened: 0.8,
            balance: 0.7,
            samples_min: 2,
            seed: 0x2545_f491_4f6c_dd1d,
        }
    }
}

/// The words of a text as the model counts them.
pub fn words(text: &str) -> Vec<String> {
    in_order(text)
}

/// Texts with fewer words are lengthened.
const ARTICLE_WORDS: usize = 150;

/// A text as rows with their weights.
type Bag = Vec<(usize, f32)>;

struct Learner {
    row_of: HashMap<String, usize>,
    idf: Vec<f32>,
    vectors: Vec<Vector>,
    /// Weights of the words' own and of the vectors' dimensions, and the sums of their squared gradients.
    own: Vec<Scores>,
    own_squares: Vec<Scores>,
    dims: Vec<Scores>,
    dims_squares: Vec<Scores>,
    bias: Scores,
    bias_squares: Scores,
    settings: Settings,
}

/// xorshift64 (Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn happens(&mut self, share: f32) -> bool {
        (self.below(1 << 20) as f32) < share * (1 << 20) as f32
    }
}

/// Topics of a set.
fn of(topics: u32) -> impl Iterator<Item = usize> {
    (0..TOPICS).filter(move |topic| topics >> topic & 1 == 1)
}

/// Trains a model. `vectors` are the words to know, most frequent first. Thresholds and temperature are 1:
/// [`Trained::calibrate`] sets them.
pub fn train(samples: &[Sample], vectors: &[(String, Vector)], settings: Settings) -> Trained {
    let mut learner = Learner::new(samples, vectors, settings);
    let rows: Vec<Vec<usize>> = samples
        .iter()
        .map(|sample| sample.words.iter().filter_map(|w| learner.row_of.get(w).copied()).collect())
        .collect();
    let mut alike: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut mass = [0.0_f32; TOPICS];
    for (at, sample) in samples.iter().enumerate() {
        alike.entry(sample.topics).or_default().push(at);
        let each = sample.weight / sample.topics.count_ones() as f32;
        of(sample.topics).for_each(|topic| mass[topic] += each);
    }
    let all: f32 = mass.iter().sum();
    let counts = mass.map(|mass| (all / (TOPICS as f32 * mass.max(1.0))).powf(settings.balance));
    let count = |topics: u32| of(topics).map(|topic| counts[topic]).sum::<f32>() / topics.count_ones() as f32;
    let mut chance = Chance(settings.seed);
    let mut order: Vec<usize> = (0..samples.len()).collect();
    for _ in 0..settings.epochs {
        for at in (1..order.len()).rev() {
            order.swap(at, chance.below(at + 1));
        }
        for &at in &order {
            let topics = samples[at].topics;
            let mut text = rows[at].clone();
            if text.len() < ARTICLE_WORDS && chance.happens(settings.lengthened) {
                let alike = &alike[&topics];
                for _ in 0..=chance.below(5) {
                    text.extend(&rows[alike[chance.below(alike.len())]]);
                }
            }
            let bag = learner.bag(text);
            learner.learn(&bag, topics, samples[at].weight * count(topics));
        }
    }
    learner.folded()
}

impl Learner {
    fn new(samples: &[Sample], vectors: &[(String, Vector)], settings: Settings) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for sample in samples {
            let distinct: BTreeSet<&str> = sample.words.iter().map(String::as_str).collect();
            distinct.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
        }
        let mut row_of = HashMap::new();
        let mut idf = Vec::new();
        let mut unit_vectors = Vec::new();
        let zero = [0.0; DIMENSIONS];
        let frequent = counts.iter().filter(|(_, count)| settings.samples_min <= **count);
        let all = vectors
            .iter()
            .map(|(word, vector)| (word.as_str(), vector))
            .chain(frequent.map(|(word, _)| (*word, &zero)));
        for (word, vector) in all {
            if row_of.contains_key(word) {
                continue;
            }
            row_of.insert(word.to_owned(), row_of.len());
            // A word that training rarely saw is no more telling than one that it saw three times.
            let count = counts.get(word).copied().unwrap_or(0).max(3);
            idf.push(((1 + samples.len()) as f32 / (1 + count) as f32).ln() + 1.0);
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-9);
            unit_vectors.push(vector.map(|x| settings.vectors * x / length));
        }
        let empty = [0.0; TOPICS];
        let start = [1e-2; TOPICS];
        Self {
            own: vec![empty; idf.len()],
            own_squares: vec![start; idf.len()],
            dims: vec![empty; DIMENSIONS],
            dims_squares: vec![start; DIMENSIONS],
            bias: empty,
            bias_squares: start,
            row_of,
            idf,
            vectors: unit_vectors,
            settings,
        }
    }

    fn bag(&self, mut rows: Vec<usize>) -> Bag {
        rows.sort_unstable();
        let counted = rows.chunk_by(|a, b| a == b);
        let mut bag: Bag =
            counted.map(|same| (same[0], (1.0 + (same.len() as f32).ln()) * self.idf[same[0]])).collect();
        let length = bag.iter().map(|(_, x)| x * x).sum::<f32>().sqrt().max(1e-9);
        bag.iter_mut().for_each(|(_, x)| *x /= length);
        bag
    }

    fn learn(&mut self, bag: &Bag, topics: u32, weight: f32) {
        let mut mean = [0.0; DIMENSIONS];
        let mut sums = self.bias;
        for (row, x) in bag {
            add(&mut sums, &self.own[*row], *x);
            mean.iter_mut().zip(&self.vectors[*row]).for_each(|(sum, dim)| *sum += x * dim);
        }
        for (dim, x) in self.dims.iter().zip(mean) {
            add(&mut sums, dim, x);
        }
        let scores = softmax(sums);
        // Of several topics that it may be, each is believed as far as the model believes it by now.
        let allowed: f32 = of(topics).map(|topic| scores[topic]).sum();
        let mut error = scores;
        of(topics).for_each(|topic| error[topic] -= scores[topic] / allowed.max(1e-9));
        let error = error.map(|e| e * weight);
        let step = self.settings.step;
        descend(&mut self.bias, &mut self.bias_squares, &error, 1.0, 0.0, step);
        for (row, x) in bag {
            descend(&mut self.own[*row], &mut self.own_squares[*row], &error, *x, self.settings.decay, step);
        }
        for (at, x) in mean.into_iter().enumerate() {
            descend(&mut self.dims[at], &mut self.dims_squares[at], &error, x, 1e-6, step);
        }
    }

    /// One row of weights a word: its own, and what its vector adds.
    fn folded(self) -> Trained {
        let mut words: Vec<(String, f32, Scores)> = self
            .row_of
            .into_iter()
            .map(|(word, row)| {
                let mut weights = self.own[row];
                for (dim, x) in self.dims.iter().zip(self.vectors[row]) {
                    add(&mut weights, dim, x);
                }
                (word, self.idf[row], weights)
            })
            .collect();
        words.sort_by(|a, b| a.0.cmp(&b.0));
        Trained { words, bias: self.bias, threshold: [1.0; TOPICS], temperature: 1.0 }
    }
}

fn add(sums: &mut Scores, weights: &Scores, x: f32) {
    sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += x * weight);
}

fn descend(weights: &mut Scores, squares: &mut Scores, error: &Scores, x: f32, decay: f32, step: f32) {
    for topic in 0..TOPICS {
        let slope = error[topic] * x + decay * weights[topic];
        squares[topic] += slope * slope;
        weights[topic] -= step * slope / squares[topic].sqrt();
    }
}
