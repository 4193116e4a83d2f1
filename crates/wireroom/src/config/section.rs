//! One file, section by section: each is read alone, so that one mistake does not hide the others.

use super::overlay::Override;
use super::source::{Source, of_variable};
use super::{Problem, Problems};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Mistakes reported for one section, and attempts to read it.
const MISTAKES_MAX: usize = 100;

/// A file's sections that nobody has taken yet.
pub(crate) struct Sections<'a> {
    source: &'a Source,
    tables: Vec<(String, Range<usize>, Spanned<DeValue<'a>>)>,
    overrides: &'a [Override],
    /// Some lines are no TOML: what seems to be missing, or out of place, may stand in them.
    is_torn: bool,
    /// Where the value of each key stands, by its path.
    places: BTreeMap<String, Range<usize>>,
}

/// A value and the place of the table that holds it.
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

impl<'a> Sections<'a> {
    pub(crate) fn read(source: &'a Source, overrides: &'a [Override], problems: &mut Problems) -> Self {
        let (root, errors) = DeTable::parse_recoverable(&source.text);
        for error in errors.iter().take(MISTAKES_MAX) {
            problems.add(source.syntax(error.span().unwrap_or(0..0), error.message()));
        }
        let entries = root.into_inner().into_iter();
        let tables = entries.map(|(key, value)| (key.get_ref().to_string(), key.span(), value)).collect();
        Self { source, tables, overrides, is_torn: !errors.is_empty(), places: BTreeMap::new() }
    }

    fn remove(&mut self, name: &str) -> Option<Spanned<DeValue<'a>>> {
        let place = self.tables.iter().position(|(key, ..)| key == name)?;
        Some(self.tables.remove(place).2)
    }

    /// The section `name`, its overrides laid over it; the default where there is none.
    pub(crate) fn take<T: DeserializeOwned + Default>(&mut self, name: &str, problems: &mut Problems) -> T {
        let section = self.remove(name);
        let mut value = section.unwrap_or_else(|| Spanned::new(0..0, DeValue::Table(DeTable::new())));
        for (number, over) in self.overrides.iter().enumerate().filter(|(_, over)| over.path[0] == name) {
            let mark = self.mark(number);
            over.lay(value.get_mut(), DeValue::String(over.value.as_str().into()), mark);
        }
        note_places(name, &value, &mut self.places);
        if value.get_ref().as_table().is_some_and(|table| table.is_empty()) {
            return T::default();
        }
        self.deserialize(value, problems).unwrap_or_default()
    }

    /// Each `[[feed]]`, read alone.
    pub(crate) fn feeds<T: DeserializeOwned>(&mut self, problems: &mut Problems) -> Vec<Placed<T>> {
        let Some(value) = self.remove("feed") else { return Vec::new() };
        let span = value.span();
        let DeValue::Array(feeds) = value.into_inner() else {
            problems.add(self.source.problem(span, "feeds are written as [[feed]]"));
            return Vec::new();
        };
        let read = |feed: Spanned<DeValue<'a>>| {
            let span = feed.span();
            Some(Placed { value: self.deserialize(feed, problems)?, span })
        };
        feeds.into_iter().filter_map(read).collect()
    }

    /// What is left is nobody's; `known` is what could have been meant.
    pub(crate) fn refuse_unknown(&self, known: &[&str], problems: &mut Problems) {
        let message =
            |name: &str| format!("unknown section `{name}`, expected one of `{}`", known.join("`, `"));
        for (name, span, _) in self.tables.iter().filter(|(name, ..)| !known.contains(&name.as_str())) {
            let is_header = self.source.text[..span.start].trim_end_matches('"').ends_with('[');
            if is_header || !self.is_torn {
                problems.add(self.source.problem(span.clone(), &message(name)));
            }
        }
        for over in self.overrides.iter().filter(|over| !known.contains(&over.path[0].as_str())) {
            problems.add(of_variable(&over.variable, &over.path, &message(&over.path[0])));
        }
    }

    /// A mistake that shows only beside other settings, told where the key stands.
    pub(crate) fn problem(&self, key: &str, message: &str) -> Problem {
        match self.places.get(key) {
            None => Problem::plain(message),
            Some(span) => match self.variable(span) {
                Some(over) => Problem::plain(format!("the variable {}: {message}", over.variable)),
                None => self.source.problem(span.clone(), message),
            },
        }
    }

    /// Where each key that was given stands: `file:line`, or the variable's name.
    pub(crate) fn origins(&self) -> BTreeMap<String, String> {
        let given = self.places.iter().filter(|(_, span)| !span.is_empty());
        let place = |span: &Range<usize>| match self.variable(span) {
            Some(over) => over.variable.clone(),
            None => format!("{}:{}", self.source.path.display(), self.source.line(span.start)),
        };
        given.map(|(key, span)| (key.clone(), place(span))).collect()
    }

    /// The place of an override's value: beyond the end of the text.
    fn mark(&self, number: usize) -> Range<usize> {
        let from = self.source.text.len() + 1 + 2 * number;
        from..from + 1
    }

    fn variable(&self, span: &Range<usize>) -> Option<&'a Override> {
        let beyond = span.start.checked_sub(self.source.text.len() + 1)?;
        self.overrides.get(beyond / 2)
    }

    /// Reads a value; on a mistake, reports it, leaves its key out and reads on for the next. What is given
    /// back then is good enough to look for more mistakes in.
    fn deserialize<T: DeserializeOwned>(
        &self,
        mut value: Spanned<DeValue<'a>>,
        problems: &mut Problems,
    ) -> Option<T> {
        let mut is_whole = true;
        let mut as_toml: Vec<&str> = Vec::new();
        for _ in 0..MISTAKES_MAX {
            let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
                Ok(read) => return Some(read),
                Err(error) => error,
            };
            let span = locate(&value, error.span().unwrap_or_else(|| value.span()), error.message());
            if let Some(over) = self.variable(&span).filter(|over| !as_toml.contains(&over.variable.as_str()))
            {
                // It was tried as a string; now as what it looks like.
                as_toml.push(&over.variable);
                if let Some(other) = over.as_toml(span.clone()) {
                    over.lay(value.get_mut(), other, span);
                    continue;
                }
            }
            // What is missing because it was just left out, or could not be read, has been told already.
            if (!is_whole || self.is_torn) && error.message().starts_with("missing field") {
                return None;
            }
            is_whole = false;
            problems.add(match self.variable(&span) {
                Some(over) => of_variable(&over.variable, &over.path, error.message()),
                None => self.source.problem(span.clone(), error.message()),
            });
            if !leave_out(value.get_mut(), &span) {
                return None;
            }
        }
        None
    }
}

fn note_places(path: &str, value: &Spanned<DeValue<'_>>, places: &mut BTreeMap<String, Range<usize>>) {
    places.insert(path.to_owned(), value.span());
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, value) in table {
                note_places(&format!("{path}.{}", key.get_ref()), value, places);
            }
        }
        DeValue::Array(array) => {
            for (number, value) in array.iter().enumerate() {
                note_places(&format!("{path}[{number}]"), value, places);
            }
        }
        _ => {}
    }
}

/// Where a mistake is: serde loses the place in enums, so the word that the message quotes is looked for.
fn locate(value: &Spanned<DeValue<'_>>, span: Range<usize>, message: &str) -> Range<usize> {
    let word = message.split('`').nth(1);
    match (value.get_ref(), word) {
        (DeValue::Table(table), Some(word)) => in_table(table, &value.span(), &span, word).unwrap_or(span),
        _ => span,
    }
}

fn in_table(
    table: &DeTable<'_>,
    own: &Range<usize>,
    span: &Range<usize>,
    word: &str,
) -> Option<Range<usize>> {
    if own == span {
        for (key, value) in table {
            if key.get_ref() == word {
                return Some(key.span());
            }
            if value.get_ref().as_str() == Some(word) {
                return Some(value.span());
            }
        }
    }
    table.values().find_map(|value| match value.get_ref() {
        DeValue::Table(inner) => in_table(inner, &value.span(), span, word),
        _ => None,
    })
}

/// Takes the entry at a place out of a table, however deep; false when there is none.
fn leave_out(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    let DeValue::Table(table) = value else { return false };
    let covers = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    let mut left_out = false;
    let entries = std::mem::take(table).into_iter();
    *table = entries
        .filter_map(|(key, mut value)| {
            if left_out {
                return Some((key, value));
            }
            if covers(key.span()) {
                left_out = true;
                return None;
            }
            if leave_out(value.get_mut(), span) {
                left_out = true;
                return Some((key, value));
            }
            left_out = covers(value.span());
            (!left_out).then_some((key, value))
        })
        .collect();
    left_out
}
