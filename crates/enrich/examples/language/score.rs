//! This room's answers, and those of peers, over labelled texts.

use crate::Outcome;
use std::hint::black_box;
use std::time::Instant;

type Answer = fn(&str) -> String;

/// Names of the peers, and how each is asked.
const PEERS: [(&str, Answer); 3] = [("wireroom", ours), ("whichlang 0.1.1", which), ("whatlang 0.18", what)];

/// For each set and each peer: a line of its name, the microseconds a text, and its answers.
pub(crate) fn score(sets: &[&str]) -> Outcome {
    for set in sets {
        let lines = std::fs::read_to_string(set)?;
        let texts: Vec<&str> = lines.lines().filter_map(|line| Some(line.split_once('\t')?.1)).collect();
        for (name, answer) in PEERS {
            let answers: Vec<String> = texts.iter().map(|text| answer(text)).collect();
            let mut best = f64::MAX;
            for _ in 0..5 {
                let begun = Instant::now();
                texts.iter().for_each(|text| drop(black_box(answer(text))));
                best = best.min(begun.elapsed().as_secs_f64());
            }
            println!("{name}\t{:.2}\t{}", best * 1e6 / texts.len() as f64, answers.join(" "));
        }
    }
    Ok(())
}

fn ours(text: &str) -> String {
    enrich::train::language(text).map_or_else(|| "-".to_owned(), |(code, _)| code.to_owned())
}

fn which(text: &str) -> String {
    whichlang::detect_language(text).three_letter_code().to_owned()
}

fn what(text: &str) -> String {
    whatlang::detect(text).map_or_else(|| "-".to_owned(), |found| found.lang().code().to_owned())
}
