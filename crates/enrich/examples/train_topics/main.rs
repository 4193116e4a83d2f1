//! Trains the topic model: `cargo xtask train-topics --data DIR` sets up what this reads and calls it.
//!
//! First on the older part of Wikipedia's Current Events, measured on the newer one; then once for each outlet of the
//! news articles without that outlet's articles, measured on them; then on all of it, which gives the model. What the
//! models said of texts that they had not seen gives the temperature and the thresholds.

#![expect(clippy::print_stdout, reason = "an example that reports")]

mod corpus;

use enrich::topic_training::{Sample, Scores, Settings, TOPICS, Trained, Vector, train};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

/// Vectors that are used: the most frequent words.
const VECTORS_MAX: usize = 60_000;
/// Of the newer part, every second text gives the thresholds and the others the figures.
const HALVES: usize = 2;
/// How much an article counts beside a note of the Current Events.
const ARTICLE_WEIGHT: f32 = 3.0;
/// Outlets that are never trained on: the comparison measures on their articles.
const KEPT_BACK: [&str; 2] = ["bbc.co.uk", "cnn.com"];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [events, definitions, terms, embeddings, articles, model, predictions] = args.as_slice() else {
        return Err("usage: train_topics EVENTS.json.gz DEFINITIONS.tsv TERMS.tsv EMBEDDINGS.json ARTICLES.tsv MODEL PREDICTIONS".into());
    };
    let (older, newer) = corpus::events(Path::new(events))?;
    let mut weak = corpus::definitions(Path::new(definitions))?;
    weak.extend(corpus::terms(Path::new(terms))?);
    let mut articles = corpus::articles(Path::new(articles), ARTICLE_WEIGHT)?;
    articles.retain(|(outlet, _)| !KEPT_BACK.contains(&outlet.as_str()));
    let vectors = corpus::vectors(Path::new(embeddings), VECTORS_MAX)?;
    println!(
        "{} older and {} newer texts, {} definitions and terms, {} articles, {} vectors",
        older.len(),
        newer.len(),
        weak.len(),
        articles.len(),
        vectors.len()
    );
    let mut judged = by_time(&older, &newer, &weak, &vectors, Path::new(predictions))?;
    let all: Vec<Sample> = older.into_iter().chain(newer).chain(weak).collect();
    judged.extend(by_outlet(&all, &articles, &vectors)?);
    let samples: Vec<Sample> =
        all.into_iter().chain(articles.into_iter().map(|(_, sample)| sample)).collect();
    let mut trained = train(&samples, &vectors, Settings::default());
    trained.calibrate(&judged);
    println!("temperature {}", trained.temperature);
    for (topic, threshold) in trained.threshold.iter().enumerate() {
        println!("{:02}000000: threshold {threshold:.2}", topic + 1);
    }
    let packed = trained.pack();
    println!("model: {} words, {} bytes", trained.words.len(), packed.len());
    fs::write(model, packed)?;
    Ok(())
}

/// What a text is about, and the scores that a model gave it that had not seen it.
type Judged = (u32, Scores);

fn best(scores: &Scores) -> usize {
    (0..TOPICS).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0)
}

fn judge(trained: &Trained, samples: &[&Sample]) -> Result<Vec<Judged>, Box<dyn Error>> {
    let reader = trained.reader().ok_or("the packed model cannot be read")?;
    let scores = |sample: &Sample| reader.scores(&sample.words).unwrap_or([0.0; TOPICS]);
    Ok(samples.iter().map(|sample| (sample.topics, scores(sample))).collect())
}

fn right(judged: &[Judged]) -> usize {
    judged.iter().filter(|(topics, scores)| topics >> best(scores) & 1 == 1).count()
}

/// Judges the newer texts by a model of the older ones; prints its figures on one half, whose predictions it
/// writes (number of the text, truth, best, score), and returns the other half.
fn by_time(
    older: &[Sample],
    newer: &[Sample],
    weak: &[Sample],
    vectors: &[(String, Vector)],
    predictions: &Path,
) -> Result<Vec<Judged>, Box<dyn Error>> {
    let samples: Vec<Sample> = older.iter().chain(weak).cloned().collect();
    let trained = train(&samples, vectors, Settings::default());
    let (tune, report): (Vec<_>, Vec<_>) = newer.iter().enumerate().partition(|(at, _)| at % HALVES == 0);
    let numbers: Vec<usize> = report.iter().map(|(at, _)| *at).collect();
    let report: Vec<&Sample> = report.into_iter().map(|(_, sample)| sample).collect();
    let judged = judge(&trained, &report)?;
    let mut lines = String::new();
    for (at, (topics, scores)) in numbers.iter().zip(&judged) {
        let best = best(scores);
        lines += &format!("{at}\t{}\t{}\t{:.3}\n", topics.trailing_zeros() + 1, best + 1, scores[best]);
    }
    fs::write(predictions, lines)?;
    println!("trained on the older texts: {} of {} of the newer ones right", right(&judged), judged.len());
    let tune: Vec<&Sample> = tune.into_iter().map(|(_, sample)| sample).collect();
    judge(&trained, &tune)
}

/// Judges each outlet's articles by a model that has not seen that outlet.
fn by_outlet(
    all: &[Sample],
    articles: &[(String, Sample)],
    vectors: &[(String, Vector)],
) -> Result<Vec<Judged>, Box<dyn Error>> {
    let outlets: BTreeSet<&str> = articles.iter().map(|(outlet, _)| outlet.as_str()).collect();
    let mut out = Vec::new();
    for left_out in outlets {
        let others = articles.iter().filter(|(outlet, _)| outlet != left_out).map(|(_, sample)| sample);
        let samples: Vec<Sample> = all.iter().chain(others).cloned().collect();
        let trained = train(&samples, vectors, Settings::default());
        let own: Vec<&Sample> =
            articles.iter().filter(|(outlet, _)| outlet == left_out).map(|(_, sample)| sample).collect();
        let judged = judge(&trained, &own)?;
        println!("without {left_out}: {} of its {} articles right", right(&judged), judged.len());
        out.extend(judged);
    }
    Ok(out)
}
