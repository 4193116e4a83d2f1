//! Writes `crates/enrich/data/mediatopics.tsv` from a file of IPTC Media Topics:
//! `cargo run -p enrich --example build_topics -- FILE.json > crates/enrich/data/mediatopics.tsv`
//!
//! It takes IPTC's own JSON (`conceptSet` with `prefLabel` by language, as its controlled-vocabulary
//! server gives it out, in as many languages as it holds) and the flat form `{"medtop:...": {"en": label, "retired":
//! bool}}`. Retired concepts are left out. One line for each label: id, language, label; sorted.

#![expect(clippy::print_stdout, reason = "the table goes to standard output")]

use serde_json::Value;
use std::collections::BTreeSet;

type Row = (String, String, String);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: build_topics FILE.json")?;
    let json: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    let rows = match json.get("conceptSet").and_then(Value::as_array) {
        Some(concepts) => concepts.iter().flat_map(from_iptc).collect(),
        None => json
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(id, concept)| from_flat(id, concept))
            .collect::<BTreeSet<Row>>(),
    };
    if rows.is_empty() {
        return Err(format!("{path} holds no Media Topics").into());
    }
    for (id, language, label) in rows {
        println!("{id}\t{language}\t{label}");
    }
    Ok(())
}

fn from_iptc(concept: &Value) -> Vec<Row> {
    let code = concept["qcode"].as_str().and_then(|code| code.strip_prefix("medtop:"));
    let (Some(code), None, Some(labels)) = (code, concept.get("retired"), concept["prefLabel"].as_object())
    else {
        return Vec::new();
    };
    let labels = labels.iter().filter_map(|(language, label)| Some((language, label.as_str()?)));
    labels.map(|(language, label)| row(code, language, label)).collect()
}

fn from_flat(id: &str, concept: &Value) -> Option<Row> {
    let retired = concept["retired"].as_bool().unwrap_or(false);
    let code = id.strip_prefix("medtop:").filter(|_| !retired)?;
    Some(row(code, "en", concept["en"].as_str()?))
}

/// English first, so that the reader of the table meets it first; labels on one line.
fn row(code: &str, language: &str, label: &str) -> Row {
    let language = if language.starts_with("en") { "en" } else { language };
    (code.to_owned(), language.to_owned(), label.split_whitespace().collect::<Vec<_>>().join(" "))
}
