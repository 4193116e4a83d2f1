use std::fmt;
use std::ops::Range;
use std::path::Path;

/// One mistake, in words that name the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(String);

/// All mistakes of a config.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Problems(Vec<Problem>);

impl Problem {
    /// A mistake that has no place in a file.
    pub(crate) fn plain(text: String) -> Self {
        Self(text)
    }

    /// A mistake at a place: file, line and column, the line itself, a caret, and what may have been meant.
    pub(crate) fn at(file: &Path, text: &str, span: Range<usize>, message: &str) -> Self {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let number = text[..start].matches('\n').count() + 1;
        let column = text[line_start..start].chars().count() + 1;
        let end = text.floor_char_boundary(span.end.clamp(start, line_start + line.len()));
        let carets = "^".repeat(text[start..end.max(start)].chars().count().max(1));
        let margin = " ".repeat(number.to_string().len());
        let pad = " ".repeat(column - 1);
        let shown = hide_secrets(line);
        let mut out = format!(
            "{}:{number}:{column}: {message}\n{margin} |\n{number} | {shown}\n{margin} | {pad}{carets}",
            file.display()
        );
        if let Some(meant) = did_you_mean(message) {
            out.push_str(&format!("\n{margin} = did you mean `{meant}`?"));
        }
        Self(out)
    }
}

/// A line that holds a secret is shown without it.
fn hide_secrets(line: &str) -> String {
    let key = line.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let is_secret =
        ["password", "token", "secret"].iter().any(|word| line.to_ascii_lowercase().contains(word));
    let userinfo = line.contains("://") && line.contains('@');
    if (is_secret && !key.trim().ends_with("_file")) || userinfo {
        return format!("{}= ***", line.split('=').next().unwrap_or_default());
    }
    line.to_owned()
}

/// The candidate of a message "unknown field `x`, expected …" that is most like `x`.
fn did_you_mean(message: &str) -> Option<String> {
    let mut quoted = message.split('`').skip(1).step_by(2);
    message.starts_with("unknown").then_some(())?;
    let typed = quoted.next()?;
    let likeness = |word: &&str| strsim::jaro_winkler(typed, word);
    let best = quoted.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (0.7 < likeness(&best)).then(|| best.to_owned())
}

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// `value`, if there is no mistake.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "error: {problem}")?;
        }
        match self.0.len() {
            1 => f.write_str("1 mistake in the config"),
            count => write!(f, "{count} mistakes in the config"),
        }
    }
}

impl std::error::Error for Problems {}
