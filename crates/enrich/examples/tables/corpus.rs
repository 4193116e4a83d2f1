//! Reading the corpora: gzip, JSON, tab-separated tables.

use crate::Outcome;
use enrich::train::Labelled;
use flate2::bufread::GzDecoder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// No table is larger once unpacked.
const UNPACKED_MAX: u64 = 512 << 20;

/// The text of a file, unpacked when its name ends in `.gz`.
pub(crate) fn text(path: &Path) -> Outcome<String> {
    let name = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = BufReader::new(File::open(path).map_err(name)?);
    let mut text = String::new();
    if path.extension().is_some_and(|kind| kind == "gz") {
        GzDecoder::new(file).take(UNPACKED_MAX).read_to_string(&mut text).map_err(name)?;
    } else {
        file.take(UNPACKED_MAX).read_to_string(&mut text).map_err(name)?;
    }
    Ok(text)
}

/// A labelled corpus: documents of sentences of `[tokens, tags]`. Corpora of tweets have no documents: each
/// sentence is one.
pub(crate) fn labelled(path: &Path, name: &str) -> Outcome<Vec<Labelled>> {
    let documents: Vec<Vec<(Vec<String>, Vec<String>)>> = serde_json::from_str(&text(path)?)?;
    let single = name.starts_with("wnut") || name == "btc";
    let without_misc = name == "btc" || name.starts_with("uner");
    let pairs = |(words, tags): (Vec<String>, Vec<String>)| {
        let kept = words.into_iter().zip(tags).filter(|(word, _)| !word.trim().is_empty());
        kept.map(|(word, tag)| (word.replace(char::is_whitespace, "_"), tag)).collect::<Vec<_>>()
    };
    let document = |sentences| Labelled { sentences, without_misc, weight: 1 };
    let mut out = Vec::new();
    for sentences in documents {
        let sentences: Vec<_> =
            sentences.into_iter().map(pairs).filter(|sentence| !sentence.is_empty()).collect();
        if single {
            out.extend(sentences.into_iter().map(|sentence| document(vec![sentence])));
        } else if !sentences.is_empty() {
            out.push(document(sentences));
        }
    }
    Ok(out)
}
