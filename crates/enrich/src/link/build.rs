//! Building the base from its tables, see `docs/models/kb.md`.

use super::base::pack::{Row, pack};
use crate::tagger::Kind;
use std::collections::BTreeMap;

/// Sources whose single word is enough: openly licensed and kept with care.
const OPEN: [&str; 6] = ["dwnb", "fb15k", "elevant", "wikitrivia", "papers", "files"];

/// The tables, as text.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// `kb.tsv`: qid, label, type, aliases, prior, source, country.
    pub base: &'a str,
    /// `kb_news.tsv`: the same and nsrc, langs, news.
    pub news: &'a str,
    /// More rows like `kb.tsv`'s.
    pub extra: &'a [&'a str],
    /// `alias, qid, …`: names of two letters and surnames that mean one person.
    pub aliases: &'a [&'a str],
}

/// Packs the rows that may be shipped; returns the bytes and how many items they hold.
pub fn build(tables: &Tables<'_>, version: &str) -> (Vec<u8>, usize) {
    let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
    for line in tables.base.lines().chain(tables.extra.iter().flat_map(|table| table.lines())) {
        merge(&mut rows, line, false);
    }
    for line in tables.news.lines() {
        merge(&mut rows, line, true);
    }
    for line in tables.aliases.iter().flat_map(|table| table.lines()) {
        let mut cells = line.split('\t');
        let (Some(alias), Some(qid)) = (cells.next(), cells.next().and_then(qid)) else { continue };
        if let Some(row) = rows.get_mut(&qid) {
            row.names.push(alias.to_owned());
        }
    }
    let count = rows.len();
    (pack(rows.into_values().collect(), version), count)
}

fn qid(cell: &str) -> Option<u32> {
    cell.strip_prefix('Q')?.parse().ok()
}

/// Takes one row in. A label and a kind that stand already stay; names and the larger prior are added.
fn merge(rows: &mut BTreeMap<u32, Row>, line: &str, from_news: bool) {
    let cells: Vec<&str> = line.split('\t').collect();
    let &[id, label, kind, aliases, prior, source, ..] = &cells[..] else { return };
    let (Some(id), Ok(prior)) = (qid(id), prior.parse::<f32>()) else { return };
    let sources = cells.get(7).and_then(|count| count.parse().ok()).unwrap_or(source.split('+').count());
    let shippable = !from_news
        || 2 <= sources
        || source.split('+').any(|tag| OPEN.contains(&tag))
        || rows.contains_key(&id);
    if !shippable || label.is_empty() {
        return;
    }
    let kind = match kind {
        "PER" => Kind::Person,
        "ORG" => Kind::Organisation,
        "LOC" => Kind::Place,
        _ => Kind::Other,
    };
    let country = cells.get(6).and_then(|code| <[u8; 2]>::try_from(code.as_bytes()).ok());
    let row = rows.entry(id).or_insert_with(|| Row {
        qid: id,
        label: label.to_owned(),
        kind,
        prior: 0.0,
        sure: false,
        country: None,
        names: Vec::new(),
    });
    row.prior = row.prior.max(prior.clamp(0.0, 1.0));
    row.sure |= 2 <= sources;
    row.country = row.country.or(country);
    row.names.push(label.to_owned());
    row.names.extend(aliases.split('|').filter(|alias| !alias.is_empty()).map(str::to_owned));
}
