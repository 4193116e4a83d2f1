//! What the topic model is trained on, from its files.

use enrich::topic_training::{DIMENSIONS, Sample, TOPICS, Vector, words};
use flate2::read::GzDecoder;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
/// Date, text, topic.
type Row = (String, String, String);

/// Wikipedia's Current Events: older and newer texts with one top topic each.
pub(crate) fn events(path: &Path) -> Result<(Vec<Sample>, Vec<Sample>)> {
    let file = BufReader::new(GzDecoder::new(File::open(path)?));
    let (older, newer): (Vec<Row>, Vec<Row>) = serde_json::from_reader(file)?;
    let samples = |rows: Vec<Row>| -> Result<Vec<Sample>> {
        rows.iter().map(|(_, text, topic)| sample(topic.trim_start_matches("medtop:"), 1.0, text)).collect()
    };
    Ok((samples(older)?, samples(newer)?))
}

/// IPTC's definitions: top topic, topic, label, definition. The label counts twice.
pub(crate) fn definitions(path: &Path) -> Result<Vec<Sample>> {
    let table = fs::read_to_string(path)?;
    let cells = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    cells
        .map(|cells| match cells[..] {
            [top, _, label, definition] => sample(top, 1.0, &format!("{label}. {label}. {definition}")),
            _ => Err(format!("{}: a line has not four cells", path.display()).into()),
        })
        .collect()
}

/// Terms that say a topic by themselves: topic, terms parted by bars.
pub(crate) fn terms(path: &Path) -> Result<Vec<Sample>> {
    let table = fs::read_to_string(path)?;
    let lines = table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    lines.flat_map(|(topic, terms)| terms.split('|').map(move |term| sample(topic, 1.0, term))).collect()
}

fn sample(topic: &str, weight: f32, text: &str) -> Result<Sample> {
    let number: usize = topic.get(..2).unwrap_or_default().parse()?;
    if !(1..=TOPICS).contains(&number) || !topic.ends_with("000000") {
        return Err(format!("{topic} is no top topic").into());
    }
    Ok(Sample { topics: 1 << (number - 1), weight, words: words(text) })
}

/// News articles: outlet, topics parted by commas or `-`, title, text. Those without a topic are left out.
pub(crate) fn articles(path: &Path, weight: f32) -> Result<Vec<(String, Sample)>> {
    let table = fs::read_to_string(path)?;
    let mut found = Vec::new();
    for line in table.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let &[outlet, topics, title, text] = &cells[..] else {
            return Err(format!("{}: a line has not four cells", path.display()).into());
        };
        if topics == "-" {
            continue;
        }
        let mut set = 0;
        for topic in topics.split(',') {
            set |= 1 << (topic.parse::<u32>()? - 1);
        }
        let words = words(&format!("{title}\n\n{text}"));
        found.push((outlet.to_owned(), Sample { topics: set, weight, words }));
    }
    Ok(found)
}

/// Word vectors, most frequent word first, from a JSON file `{… "vectors": {"word": [numbers…], …} …}`, read
/// as it comes: whole, it would not fit in memory well.
pub(crate) fn vectors(path: &Path, limit: usize) -> Result<Vec<(String, Vector)>> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut piece = Vec::new();
    loop {
        piece.clear();
        if file.read_until(b'{', &mut piece)? == 0 {
            return Err(format!("{} holds no vectors", path.display()).into());
        }
        if piece.trim_ascii_end().strip_suffix(b"{").is_some_and(|head| {
            head.trim_ascii_end().strip_suffix(b":").is_some_and(|head| head.ends_with(b"\"vectors\""))
        }) {
            break;
        }
    }
    let mut found = Vec::new();
    while found.len() < limit {
        piece.clear();
        // Until the bracket that closes the numbers: the word itself may be one.
        let colon = loop {
            let length = file.read_until(b']', &mut piece)?;
            match piece.windows(2).position(|two| two == b":[") {
                Some(colon) => break Some(colon),
                None if length == 0 => break None,
                None => {}
            }
        };
        let Some(colon) = colon else { break };
        let head = piece[..colon].trim_ascii_start();
        let head = head.strip_prefix(b",").unwrap_or(head).trim_ascii_start();
        // After the vectors comes another field.
        if head.starts_with(b"}") {
            break;
        }
        let word: String = serde_json::from_slice(head)?;
        let numbers: Vec<f32> = serde_json::from_slice(&piece[colon + 1..])?;
        let Some(vector) = numbers.first_chunk::<DIMENSIONS>() else {
            return Err(format!("{}: {word} has {} numbers", path.display(), numbers.len()).into());
        };
        // As the words of a text: with two letters at least, and in lower case.
        if let [word] = words(&word).as_slice() {
            found.push((word.clone(), *vector));
        }
    }
    Ok(found)
}
