//! One file, section by section: each is read alone, so that one mistake does not hide the others.

use super::overlay::Override;
use super::{Problem, Problems};
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

const KNOWN: [&str; 10] =
    ["state", "sources", "feed", "fetch", "schedule", "sink", "kafka", "outbox", "http", "log"];
/// Mistakes reported for one section.
const MISTAKES_MAX: usize = 20;

pub(crate) struct Sections<'a> {
    file: &'a Path,
    text: &'a str,
    tables: Vec<(String, Range<usize>, Spanned<DeValue<'a>>)>,
    overrides: Vec<&'a Override>,
}

impl<'a> Sections<'a> {
    pub(crate) fn read(
        file: &'a Path,
        text: &'a str,
        overrides: &'a [Override],
        problems: &mut Problems,
    ) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors.iter().take(MISTAKES_MAX) {
            problems.add(Problem::at(file, text, error.span().unwrap_or(0..0), error.message()));
        }
        let tables = root
            .into_inner()
            .into_iter()
            .map(|(key, value)| (key.get_ref().to_string(), key.span(), value))
            .collect();
        Self { file, text, tables, overrides: overrides.iter().collect() }
    }

    fn remove(&mut self, name: &str) -> Option<Spanned<DeValue<'a>>> {
        let place = self.tables.iter().position(|(key, ..)| key == name)?;
        Some(self.tables.remove(place).2)
    }

    /// The section `name`, its overrides laid over it; the default where there is none.
    pub(crate) fn take<T: DeserializeOwned + Default>(&mut self, name: &str, problems: &mut Problems) -> T {
        let section = self.remove(name);
        let (ours, others) = self.overrides.iter().partition(|entry| entry.path[0] == name);
        self.overrides = others;
        let ours: Vec<&Override> = ours;
        if section.is_none() && ours.is_empty() {
            return T::default();
        }
        let mut value = section.unwrap_or_else(|| Spanned::new(0..0, DeValue::Table(DeTable::new())));
        for entry in ours {
            if let Some(over) = checked::<T>(entry, problems)
                && let DeValue::Table(table) = value.get_mut()
            {
                merge(table, over);
            }
        }
        self.deserialize(value, problems).unwrap_or_default()
    }

    /// Each `[[feed]]`, read alone.
    pub(crate) fn feeds<T: DeserializeOwned>(&mut self, problems: &mut Problems) -> Vec<(T, Range<usize>)> {
        let Some(value) = self.remove("feed") else { return Vec::new() };
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(feeds) => feeds
                .into_iter()
                .filter_map(|feed| {
                    let span = feed.span();
                    Some((self.deserialize(feed, problems)?, span))
                })
                .collect(),
            _ => {
                problems.add(Problem::at(self.file, self.text, span, "feeds are written as [[feed]]"));
                Vec::new()
            }
        }
    }

    /// What is left is nobody's.
    pub(crate) fn refuse_unknown(&self, problems: &mut Problems) {
        for (name, span, _) in &self.tables {
            let message = format!("unknown section `{name}`, expected one of `{}`", KNOWN.join("`, `"));
            problems.add(Problem::at(self.file, self.text, span.clone(), &message));
        }
        for entry in &self.overrides {
            let message =
                format!("the variable {} names the unknown section `{}`", entry.variable, entry.path[0]);
            problems.add(Problem::plain(message));
        }
    }

    /// Reads a value; on a mistake, reports it, leaves its key out and reads on for the next.
    fn deserialize<T: DeserializeOwned>(
        &self,
        mut value: Spanned<DeValue<'_>>,
        problems: &mut Problems,
    ) -> Option<T> {
        let mut is_whole = true;
        for _ in 0..MISTAKES_MAX {
            let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
                Ok(read) => return is_whole.then_some(read),
                Err(error) => error,
            };
            let span = error.span().unwrap_or_else(|| value.span());
            // What is missing because it was just left out has been told already.
            if !is_whole && error.message().starts_with("missing field") {
                return None;
            }
            is_whole = false;
            problems.add(Problem::at(self.file, self.text, span.clone(), error.message()));
            let DeValue::Table(table) = value.get_mut() else { return None };
            let before = table.len();
            let covers = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
            let rest = std::mem::take(table).into_iter();
            *table = rest.filter(|(key, value)| !covers(key.span()) && !covers(value.span())).collect();
            if table.len() == before {
                return None;
            }
        }
        None
    }
}

/// An override as a table of its section, if it is good by itself.
fn checked<'a, T: DeserializeOwned>(entry: &'a Override, problems: &mut Problems) -> Option<DeTable<'a>> {
    let mut refuse = |message: &str| {
        problems.add(Problem::plain(format!("the variable {}: {message}", entry.variable)));
    };
    let parsed = DeTable::parse(&entry.document).map_err(|error| refuse(error.message())).ok()?;
    let alone = DeValue::Table(parsed.into_inner());
    match T::deserialize(ValueDeserializer::from(Spanned::new(0..0, alone.clone()))) {
        // Something else of the section may be needed beside it.
        Err(error) if !error.message().starts_with("missing field") => {
            refuse(error.message());
            None
        }
        _ => match placeless(alone) {
            DeValue::Table(table) => Some(table),
            _ => None,
        },
    }
}

/// Tables are merged key by key; anything else replaces what was there.
fn merge<'a>(into: &mut DeTable<'a>, from: DeTable<'a>) {
    for (key, value) in from {
        let place = into.iter().any(|(known, _)| known.get_ref() == key.get_ref());
        let deeper = value.get_ref().is_table();
        if place && deeper {
            let slot = into.iter_mut().find(|(known, _)| known.get_ref() == key.get_ref());
            if let (Some((_, slot)), DeValue::Table(from)) = (slot, value.into_inner())
                && let DeValue::Table(into) = slot.get_mut()
            {
                merge(into, from);
            }
        } else {
            let rest = std::mem::take(into).into_iter();
            *into = rest.filter(|(known, _)| known.get_ref() != key.get_ref()).collect();
            into.insert(key, value);
        }
    }
}

/// The same value with no place in any file: an override's mistakes are told by its variable.
fn placeless(value: DeValue<'_>) -> DeValue<'_> {
    match value {
        DeValue::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| {
                (Spanned::new(0..0, key.into_inner()), Spanned::new(0..0, placeless(value.into_inner())))
            });
            DeValue::Table(entries.collect())
        }
        other => other,
    }
}
