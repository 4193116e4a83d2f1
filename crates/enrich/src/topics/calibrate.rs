//! From sums to scores that mean something: a temperature, and for each topic the score from which on it is
//! given, both measured on texts that the model was not trained on.

use super::model::{Model, Scores, TOPICS, Trained};
use super::words::Counted;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Of what is given at or above a topic's threshold, at least this share must be right.
const PRECISION_MIN: f32 = 0.6;
/// A threshold is not measured from fewer texts of the topic.
const SAMPLES_MIN: usize = 50;
/// Threshold of a topic that could not be measured.
const UNMEASURED: f32 = 0.75;
/// Lowest and highest threshold.
const LIMITS: (f32, f32) = (0.25, 0.9);

impl Trained {
    /// Scores of a text, as the packed model gives them; none when it is too short to be judged.
    pub fn scores(&self, words: &[String]) -> Option<Scores> {
        // Training is rare and short: the packed form is what is measured.
        Reader::of(self)?.scores(words)
    }

    /// Sets temperature and thresholds by texts that were not trained on: their topics, and their scores at
    /// temperature 1.
    pub fn calibrate(&mut self, judged: &[(u32, Scores)]) {
        let steps = (4..=30).map(|step| step as f32 / 10.0);
        let loss = |temperature: f32| -> f32 {
            let right = |(topics, scores): &(u32, Scores)| -> f32 {
                let tempered = tempered(scores, temperature);
                (0..TOPICS).filter(|topic| topics >> topic & 1 == 1).map(|topic| tempered[topic]).sum()
            };
            judged.iter().map(|judged| -right(judged).max(1e-9).ln()).sum()
        };
        let losses = steps.map(|temperature| (loss(temperature), temperature));
        self.temperature = losses.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0, |best| best.1);
        for topic in 0..TOPICS {
            let mut seen: Vec<(f32, bool)> = judged
                .iter()
                .map(|(topics, scores)| (tempered(scores, self.temperature)[topic], topics >> topic & 1 == 1))
                .collect();
            self.threshold[topic] = threshold(&mut seen);
        }
    }

    /// A reader of this model, for many texts.
    pub fn reader(&self) -> Option<Reader> {
        Reader::of(self)
    }
}

/// The lowest score whose takers, it and all above, are precise enough.
fn threshold(seen: &mut [(f32, bool)]) -> f32 {
    if seen.iter().filter(|(_, right)| *right).count() < SAMPLES_MIN {
        return UNMEASURED;
    }
    seen.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut best) = (0, LIMITS.1);
    for (at, (score, is_right)) in seen.iter().enumerate() {
        right += usize::from(*is_right);
        if 20 <= at && PRECISION_MIN <= right as f32 / (at + 1) as f32 {
            best = *score;
        }
    }
    best.clamp(LIMITS.0, LIMITS.1)
}

/// Scores at another temperature than 1.
fn tempered(scores: &Scores, temperature: f32) -> Scores {
    let powers = scores.map(|score| score.max(1e-12).powf(1.0 / temperature));
    let all: f32 = powers.iter().sum();
    powers.map(|power| power / all)
}

/// A trained model as it is read after packing.
#[derive(Debug)]
pub struct Reader(Model);

impl Reader {
    fn of(trained: &Trained) -> Option<Self> {
        // Read in place like the one in the binary: it lives as long as the training.
        Model::read(Vec::leak(trained.pack())).map(Self)
    }

    /// Scores of a text; none when it is too short to be judged.
    pub fn scores(&self, words: &[String]) -> Option<Scores> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        words.iter().for_each(|word| *counts.entry(word).or_default() += 1);
        let counted: Vec<Counted<'_>> =
            counts.into_iter().map(|(word, count)| Counted { word: Cow::Borrowed(word), count }).collect();
        Some(self.0.scores(&self.0.known(&counted)?))
    }
}
