use std::fmt;
use std::path::{Path, PathBuf};

/// One mistake, in words that name the place and show no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    place: Option<(PathBuf, usize)>,
    text: String,
    is_syntax: bool,
}

/// Mistakes that are kept; the rest is counted.
const KEPT_MAX: usize = 1000;
/// Mistakes that are printed.
const SHOWN_MAX: usize = 50;

/// All mistakes of a config.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    dropped: usize,
}

impl Problem {
    /// A mistake that has no place in a file.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { place: None, text: text.into(), is_syntax: false }
    }

    /// A mistake in a line of a file; `text` shows it.
    pub(crate) fn at(file: &Path, line: usize, text: String) -> Self {
        Self { place: Some((file.to_owned(), line)), text, is_syntax: false }
    }

    /// The same, for a line that is no TOML: what it seems to say counts no more.
    pub(crate) fn syntax(self) -> Self {
        Self { is_syntax: true, ..self }
    }
}

impl Problems {
    /// Adds a mistake, unless it or the line's syntax was told of already.
    pub(crate) fn add(&mut self, problem: Problem) {
        if KEPT_MAX <= self.kept.len() {
            self.dropped += 1;
            return;
        }
        let has_place = problem.place.is_some();
        let is_told = |known: &Problem| {
            *known == problem || (has_place && known.is_syntax && known.place == problem.place)
        };
        if !self.kept.iter().any(is_told) {
            self.kept.push(problem);
        }
    }

    /// `value`, if there is no mistake.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.kept.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Those in files first, in the order of their lines; files in the order in which they were read.
    fn in_order(&self) -> Vec<&Problem> {
        let files: Vec<&PathBuf> =
            self.kept.iter().filter_map(|p| p.place.as_ref().map(|(file, _)| file)).collect();
        let rank = |problem: &&Problem| match &problem.place {
            Some((file, line)) => {
                (files.iter().position(|known| *known == file).unwrap_or(usize::MAX), *line)
            }
            None => (usize::MAX, 0),
        };
        let mut ordered: Vec<&Problem> = self.kept.iter().collect();
        ordered.sort_by_key(rank);
        ordered
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { kept: vec![problem], dropped: 0 }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.in_order().into_iter().take(SHOWN_MAX) {
            writeln!(f, "error: {problem}\n")?;
        }
        match self.kept.len() + self.dropped {
            1 => f.write_str("1 mistake in the config"),
            count @ ..=SHOWN_MAX => write!(f, "{count} mistakes in the config"),
            count => write!(f, "{count} mistakes in the config, {SHOWN_MAX} shown"),
        }
    }
}

impl std::error::Error for Problems {}
