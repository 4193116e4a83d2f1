//! Building the base from its tables, see `docs/models/kb.md`.

use super::base::pack::{Row, pack};
use super::{COUNTRY, key};
use crate::tagger::Kind;
use std::collections::{BTreeMap, HashMap};

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
    countries_from_names(&mut rows);
    let count = rows.len();
    (pack(rows.into_values().collect(), version), count)
}

/// Gives items without a country the one that their names hold: "Republican Party (United States)", "Bank of Ghana".
/// Nothing where the names hold several.
fn countries_from_names(rows: &mut BTreeMap<u32, Row>) {
    let mut known: HashMap<String, [u8; 2]> = HashMap::new();
    for row in rows.values().filter(|row| row.kind == Kind::Place && COUNTRY <= row.prior) {
        let Some(code) = row.country else { continue };
        known.extend(row.names.iter().map(|name| (key(name), code)));
    }
    for row in rows.values_mut().filter(|row| row.country.is_none() && row.kind == Kind::Organisation) {
        let mut codes: Vec<[u8; 2]> =
            row.names.iter().filter_map(|name| known.get(&key(country_in(name)?)).copied()).collect();
        codes.dedup();
        if let [code] = codes[..] {
            row.country = Some(code);
        }
    }
}

/// What stands in brackets at the end of a name, or after its last "of".
fn country_in(name: &str) -> Option<&str> {
    let in_brackets = || name.strip_suffix(')')?.rsplit_once(" (").map(|(_, inside)| inside);
    in_brackets().or_else(|| name.rsplit_once(" of ").map(|(_, whose)| whose))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Base;

    #[test]
    fn names_tell_the_country() {
        let base = "Q30\tUnited States of America\tLOC\tUnited States\t0.95\ta\tUS\n\
                    Q408\tAustralia\tLOC\t\t0.95\ta\tAU\n\
                    Q1\tLabor Party\tORG\tLabor Party (Australia)|Labour Party of Australia\t0.5\ta\t\n\
                    Q2\tFriends\tORG\tFriends (Australia)|Friends of the United States\t0.5\ta\t\n\
                    Q3\tPeople’s Party\tORG\tPeople’s Party (1890)\t0.5\ta\t\n";
        let (bytes, items) = build(&Tables { base, news: "", extra: &[], aliases: &[] }, "test");
        assert_eq!(items, 5);
        let base = Base::read(Vec::leak(bytes)).unwrap();
        let check = |name: &str, expected: Option<&[u8; 2]>| {
            assert_eq!(base.find(name).next().unwrap().country, expected.copied(), "{name}");
        };
        check("Labor Party", Some(b"AU"));
        check("Friends", None);
        check("People’s Party", None);
    }
}
