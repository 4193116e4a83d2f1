//! Training of the language model: multinomial logistic regression by stochastic gradients with AdaGrad steps (Duchi
//! et al. 2011), over pieces of sentences as long as headlines are, and over runs of letters drawn as often as a
//! large corpus has them. Deterministic: chances come from a seed, sums from one thread.

use super::grams;
use super::model::{FEW, LANES, pack};
use super::script::{Script, Shared, of};

/// What is known of one language.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Its code.
    pub code: String,
    /// Whole sentences.
    pub sentences: Vec<String>,
    /// Words and pairs of words.
    pub words: Vec<String>,
    /// Runs of one to five letters with their frequencies, by length.
    pub runs: [Vec<(String, f32)>; grams::ORDER],
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Examples of each language.
    pub examples: usize,
    /// First step of a weight.
    pub step: f32,
    /// Binary logarithm of the number of rows, for scripts that many languages share, and for others.
    pub bits: [u32; 2],
    /// Shares of examples that are runs, words, and whole sentences; the rest are pieces of sentences.
    pub shares: [f32; 3],
    /// Where the chances come from.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { examples: 20_000, step: 0.5, bits: [15, 13], shares: [0.3, 0.1, 0.1], seed: 1 }
    }
}

/// xorshift64 (Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit.max(1) as u64) as usize
    }

    fn share(&mut self) -> f32 {
        self.below(1 << 20) as f32 / (1 << 20) as f32
    }
}

/// Trains a model on `texts`, each language in the script that most of its sentences are in, and packs it.
pub fn train(texts: &[Texts], settings: Settings) -> Vec<u8> {
    let of_script = |script: Shared| {
        let mut group: Vec<&Texts> = texts
            .iter()
            .filter(|texts| of(&texts.sentences.join("\n")).0 == Script::Shared(script))
            .collect();
        group.sort_by(|a, b| a.code.cmp(&b.code));
        group
    };
    let tables: Vec<_> = Shared::ALL
        .into_iter()
        .map(|script| {
            let group = of_script(script);
            let many = FEW < group.len();
            let bits = settings.bits[usize::from(!many)];
            let codes: Vec<&str> = group.iter().map(|texts| texts.code.as_str()).collect();
            let (unit, rows) = if many {
                Learner::<LANES>::new(bits, settings).learn(&group, script)
            } else {
                Learner::<FEW>::new(bits, settings).learn(&group, script)
            };
            (unit, codes.join(" "), rows)
        })
        .collect();
    pack(&tables)
}

struct Learner<const N: usize> {
    weights: Vec<[f32; N]>,
    squares: Vec<[f32; N]>,
    bits: u32,
    chance: Chance,
    settings: Settings,
}

impl<const N: usize> Learner<N> {
    fn new(bits: u32, settings: Settings) -> Self {
        let rows = 1 << bits;
        let chance = Chance(settings.seed | 1 << 40);
        Self { weights: vec![[0.0; N]; rows], squares: vec![[1e-3; N]; rows], bits, chance, settings }
    }

    /// The unit and the packed rows.
    fn learn(mut self, group: &[&Texts], script: Shared) -> (f32, Vec<i8>) {
        let sums: Vec<[Vec<f32>; grams::ORDER]> =
            group.iter().map(|texts| texts.runs.each_ref().map(running)).collect();
        let mut features = Vec::new();
        for round in 0..self.settings.examples {
            let step = self.settings.step * (1.0 - 0.9 * round as f32 / self.settings.examples as f32);
            for (label, texts) in group.iter().enumerate() {
                features.clear();
                self.example(texts, &sums[label], script, &mut features);
                self.update(&features, label, group.len(), step);
            }
        }
        self.packed()
    }

    fn example(
        &mut self,
        texts: &Texts,
        sums: &[Vec<f32>; grams::ORDER],
        script: Shared,
        features: &mut Vec<u32>,
    ) {
        let [runs, words, whole] = self.settings.shares;
        let share = self.chance.share();
        if share < runs && sums.iter().all(|sums| !sums.is_empty()) {
            return self.runs(texts, sums, features);
        }
        if share < runs + words && !texts.words.is_empty() {
            let word = &texts.words[self.chance.below(texts.words.len())];
            return grams::each(word, script, |feature| features.push(feature));
        }
        let sentence = &texts.sentences[self.chance.below(texts.sentences.len())];
        if share < runs + words + whole {
            return grams::each(sentence, script, |feature| features.push(feature));
        }
        let parts: Vec<&str> = sentence.split_whitespace().collect();
        let length = 2 + self.chance.below(12);
        let start = self.chance.below((parts.len() + 1).saturating_sub(length));
        let end = parts.len().min(start + length);
        grams::each(&parts[start..end].join(" "), script, |feature| features.push(feature));
    }

    /// Runs as a headline of some forty letters holds them.
    fn runs(&mut self, texts: &Texts, sums: &[Vec<f32>; grams::ORDER], features: &mut Vec<u32>) {
        const HELD: [usize; grams::ORDER] = [40, 34, 27, 21, 16];
        let times = 1 + self.chance.below(4);
        for (order, sums) in sums.iter().enumerate() {
            for _ in 0..HELD[order] * times / 4 {
                let at = self.chance.share() * sums[sums.len() - 1];
                let place = sums.partition_point(|sum| *sum <= at).min(sums.len() - 1);
                features.push(grams::of_run(&texts.runs[order][place].0));
            }
        }
    }

    fn update(&mut self, features: &[u32], label: usize, labels: usize, step: f32) {
        if features.is_empty() {
            return;
        }
        let scale = 1.0 / (features.len() as f32).sqrt();
        let shift = 32 - self.bits;
        let mut scores = [0.0_f32; N];
        for feature in features {
            let row = &self.weights[(feature >> shift) as usize];
            scores.iter_mut().zip(row).for_each(|(score, weight)| *score += weight);
        }
        let best = scores[..labels].iter().copied().fold(f32::MIN, f32::max);
        let mut shares = scores.map(|score| ((score - best) * scale).exp());
        shares[labels..].fill(0.0);
        let all: f32 = shares.iter().sum();
        let mut errors = shares.map(|share| share / all * scale);
        errors[label] -= scale;
        for feature in features {
            let at = (feature >> shift) as usize;
            for lane in 0..N {
                let error = errors[lane];
                self.squares[at][lane] += error * error;
                self.weights[at][lane] -= step * error / self.squares[at][lane].sqrt();
            }
        }
    }

    /// Weights in bytes: of the largest in ten thousand, the ends are cut.
    fn packed(self) -> (f32, Vec<i8>) {
        let mut sizes: Vec<f32> = self.weights.as_flattened().iter().map(|weight| weight.abs()).collect();
        sizes.sort_unstable_by(f32::total_cmp);
        let unit = sizes[sizes.len() - 1 - sizes.len() / 10_000].max(1e-6) / 127.0;
        let byte = |weight: &f32| (weight / unit).round().clamp(-127.0, 127.0) as i8;
        (unit, self.weights.as_flattened().iter().map(byte).collect())
    }
}

fn running(runs: &Vec<(String, f32)>) -> Vec<f32> {
    runs.iter()
        .scan(0.0, |sum, (_, share)| {
            *sum += share;
            Some(*sum)
        })
        .collect()
}

/// Shares of 1 that a packed model gives a text in a script that languages share, most fitting first; none in another
/// script, or when the bytes are no model.
pub fn fits(model: &'static [u8], text: &str) -> Option<Vec<(&'static str, f32)>> {
    let Script::Shared(script) = of(text).0 else { return None };
    let model = super::model::Model::read(model)?;
    let scores = model.scores(script, text).into_iter();
    let mut scores: Vec<_> = scores.map(|(code, _, score)| (code, score)).collect();
    let best = scores.iter().map(|(_, score)| *score).fold(f32::MIN, f32::max);
    let all: f32 = scores.iter().map(|(_, score)| (score - best).exp()).sum();
    scores.iter_mut().for_each(|(_, score)| *score = (*score - best).exp() / all);
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    Some(scores)
}
