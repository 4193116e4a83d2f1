//! `wireroom schema check`: are these records what was promised?

use crate::cli::{complain, counted, say};
use record::{Article, Change};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Longest line, bytes.
const LINE_MAX: u64 = 64 << 20;
/// Faults told of one by one.
const TOLD_MAX: u64 = 20;

/// What was read.
#[derive(Debug, Default)]
struct Tally {
    records: u64,
    faulty: u64,
    created: u64,
    updated: u64,
    withdrawn: u64,
    duplicates: u64,
}

pub(super) fn run(files: &[PathBuf]) -> ExitCode {
    let schema = record::article_schema();
    let validator = match jsonschema::validator_for(&schema) {
        Ok(validator) => validator,
        Err(error) => {
            complain(&format!("error: the schema itself is wrong: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let mut tally = Tally::default();
    let stdin = [PathBuf::from("-")];
    for file in if files.is_empty() { &stdin[..] } else { files } {
        if let Err(error) = read(file, &validator, &mut tally) {
            complain(&format!("error: {}: {error}", file.display()));
            return ExitCode::FAILURE;
        }
    }
    let Tally { records, faulty, created, updated, withdrawn, duplicates } = tally;
    say(&format!(
        "{}, {faulty} of them faulty: {created} created, {updated} updated, {withdrawn} withdrawn; {}",
        counted(records, "record"),
        counted(duplicates, "duplicate")
    ));
    if faulty == 0 && 0 < records { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(file: &Path, validator: &jsonschema::Validator, tally: &mut Tally) -> io::Result<()> {
    let mut input: Box<dyn BufRead> = match file.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(File::open(file)?)),
    };
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        (&mut input).take(LINE_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        tally.records += 1;
        if let Err(fault) = judge(&line, validator, tally) {
            tally.faulty += 1;
            if tally.faulty <= TOLD_MAX {
                complain(&format!("{}:{number}: {fault}", file.display()));
            }
        }
    }
    Ok(())
}

/// One record: valid by the schema, and readable as the type that consumers use.
fn judge(line: &[u8], validator: &jsonschema::Validator, tally: &mut Tally) -> Result<(), String> {
    let value: Value = serde_json::from_slice(line).map_err(|error| format!("this is not JSON: {error}"))?;
    if let Some(error) = validator.iter_errors(&value).next() {
        let place = error.instance_path().to_string();
        return Err(format!("{}: {error}", if place.is_empty() { "the record" } else { &place }));
    }
    let article: Article = serde_json::from_value(value).map_err(|error| error.to_string())?;
    match article.change {
        Change::Created => tally.created += 1,
        Change::Updated => tally.updated += 1,
        Change::Withdrawn => tally.withdrawn += 1,
        // A later version's word: the record is read all the same.
        Change::Other => {}
    }
    tally.duplicates += u64::from(article.duplicate.is_some());
    Ok(())
}
