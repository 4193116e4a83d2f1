//! Reads a package of lingua's: `testdata/*.txt`, and `models/*.json.zip` with shares of runs of letters.

use crate::Outcome;
use enrich::language_training::Texts;
use flate2::read::DeflateDecoder;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fs;
use std::path::Path;

/// Files by the length of their runs, and how many of the most frequent are kept.
const RUNS: [(&str, usize); 5] = [
    ("unigrams", 100),
    ("bigrams", 1_500),
    ("trigrams", 10_000),
    ("quadrigrams", 20_000),
    ("fivegrams", 20_000),
];

/// `{"3/17": "tho thr"}`: of 17 runs that begin with `th`, 3 go on so.
#[derive(Deserialize)]
struct Shares {
    ngrams: BTreeMap<String, String>,
}

/// Adds what the package at `home` holds.
pub(crate) fn read(home: &Path, texts: &mut Texts) -> Outcome {
    let lines = |name: &str| -> Result<Vec<String>, Box<dyn Error>> {
        let lines = fs::read_to_string(home.join("testdata").join(name))?;
        Ok(lines.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect())
    };
    texts.sentences.extend(lines("sentences.txt")?);
    texts.words.extend(lines("word-pairs.txt")?);
    texts.words.extend(lines("single-words.txt")?);
    // A run's frequency is the product of the shares of its beginnings.
    let mut before: HashMap<String, f32> = HashMap::new();
    for (order, (name, most)) in RUNS.into_iter().enumerate() {
        let shares: Shares = serde_json::from_str(&unzip(&home.join(format!("models/{name}.json.zip")))?)?;
        let mut found = HashMap::new();
        for (share, runs) in &shares.ngrams {
            let (part, whole) = share.split_once('/').ok_or("a share is a fraction")?;
            let share = part.parse::<f32>()? / whole.parse::<f32>()?;
            for run in runs.split(' ') {
                let last = run.char_indices().next_back().map_or(0, |(at, _)| at);
                let begun = if order == 0 { 1.0 } else { before.get(&run[..last]).copied().unwrap_or(0.0) };
                found.insert(run.to_owned(), share * begun);
            }
        }
        let mut best: Vec<_> = found.iter().map(|(run, share)| (run.clone(), *share)).collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        texts.runs[order].extend(best.into_iter().take(most).filter(|(_, share)| 0.0 < *share));
        before = found;
    }
    Ok(())
}

/// The one file in an archive.
fn unzip(path: &Path) -> Result<String, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    // The lengths of name and extra field stand at the end of a local header of 30 bytes.
    let length = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    if bytes.len() < 30 || !bytes.starts_with(b"PK\x03\x04") || length(8) != 8 {
        return Err(format!("{} is no archive of one deflated file", path.display()).into());
    }
    let data = bytes.get(30 + length(26) + length(28)..).ok_or("the archive ends early")?;
    let mut text = String::new();
    std::io::Read::read_to_string(&mut DeflateDecoder::new(data), &mut text)?;
    Ok(text)
}
