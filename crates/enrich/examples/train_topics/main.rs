//! Trains the topic model: `cargo xtask train-topics --data DIR` sets up what this reads and calls it.
//!
//! Twice: first on the older part of the texts, measured on the newer one, which gives the temperature, the
//! thresholds and the figures; then on all of them, which gives the model.

#![expect(clippy::print_stdout, reason = "an example that reports")]

mod corpus;

use enrich::topic_training::{Sample, Settings, TOPICS, Trained, Vector, train};
use std::error::Error;
use std::fs;
use std::path::Path;

/// Vectors that are used: the most frequent words.
const VECTORS_MAX: usize = 60_000;
/// Of the newer part, every second text gives the thresholds and the others the figures.
const HALVES: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [events, definitions, terms, embeddings, model, predictions] = args.as_slice() else {
        return Err(
            "usage: train_topics EVENTS.json.gz DEFINITIONS.tsv TERMS.tsv EMBEDDINGS.json MODEL PREDICTIONS"
                .into(),
        );
    };
    let (older, newer) = corpus::events(Path::new(events))?;
    let mut weak = corpus::definitions(Path::new(definitions))?;
    weak.extend(corpus::terms(Path::new(terms))?);
    let vectors = corpus::vectors(Path::new(embeddings), VECTORS_MAX)?;
    println!(
        "{} older and {} newer texts, {} definitions and terms, {} vectors",
        older.len(),
        newer.len(),
        weak.len(),
        vectors.len()
    );
    let measured = measured(&older, &newer, &weak, &vectors, Path::new(predictions))?;
    let all: Vec<Sample> = older.into_iter().chain(newer).chain(weak).collect();
    let mut trained = train(&all, &vectors, Settings::default());
    trained.temperature = measured.temperature;
    trained.threshold = measured.threshold;
    let packed = trained.pack();
    println!("model: {} words, {} bytes", trained.words.len(), packed.len());
    fs::write(model, packed)?;
    Ok(())
}

/// A model of the older texts with thresholds from one half of the newer ones; prints figures on the other
/// half, and writes what it says of the texts of that half: number of the text, truth, best, score.
fn measured(
    older: &[Sample],
    newer: &[Sample],
    weak: &[Sample],
    vectors: &[(String, Vector)],
    predictions: &Path,
) -> Result<Trained, Box<dyn Error>> {
    let samples: Vec<Sample> = older.iter().chain(weak).cloned().collect();
    let mut trained = train(&samples, vectors, Settings::default());
    let tune: Vec<Sample> = newer.iter().step_by(HALVES).cloned().collect();
    trained.calibrate(&tune);
    let reader = trained.reader().ok_or("the packed model cannot be read")?;
    let mut lines = String::new();
    let mut given = [(0_u32, 0_u32); TOPICS];
    let (mut right, mut all) = (0_u32, 0_u32);
    for (at, sample) in newer.iter().enumerate().filter(|(at, _)| at % HALVES != 0) {
        all += 1;
        let scores = reader.scores(&sample.words).unwrap_or([0.0; TOPICS]);
        let best = (0..TOPICS).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
        right += u32::from(best == sample.topic);
        for topic in (0..TOPICS).filter(|topic| trained.threshold[*topic] <= scores[*topic]) {
            given[topic].0 += 1;
            given[topic].1 += u32::from(topic == sample.topic);
        }
        lines += &format!("{at}\t{}\t{}\t{:.3}\n", sample.topic + 1, best + 1, scores[best]);
    }
    fs::write(predictions, lines)?;
    println!(
        "trained on the older texts: {right} of {all} of the newer ones right; temperature {}",
        trained.temperature
    );
    for (topic, (given, right)) in given.iter().enumerate() {
        let threshold = trained.threshold[topic];
        println!("{:02}000000: threshold {threshold:.2}, given {given} times, right {right}", topic + 1);
    }
    Ok(trained)
}
