//! Conditions: `field = "value"`, `!=`, `~ "regex"`, `!~`, joined by `and`, `or`, `not` and brackets.
//! A field with several values is equal to a value, or matches, when one of them does.

use super::fields::{Fields, NAMES};
use super::{cut, pattern, same};
use regex::Regex;

/// Deepest nesting of brackets and `not`.
const DEPTH_MAX: usize = 32;

/// A condition that has been read.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Is(&'static str, String),
    Matches(&'static str, Regex),
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    ///
    /// One sentence that tells what was expected, and where.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        let condition = reader.any(0)?;
        match reader.peek() {
            "" => Ok(condition),
            word => Err(reader.expected("`and`, `or` or the end", word)),
        }
    }

    /// Whether it holds for an article.
    pub(super) fn holds(&self, fields: &Fields<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(fields)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(fields)),
            Self::Not(part) => !part.holds(fields),
            Self::Is(field, value) => fields.get(field).iter().any(|has| same(has, value)),
            Self::Matches(field, regex) => fields.get(field).iter().any(|has| regex.is_match(cut(has))),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn any(&mut self, depth: usize) -> Result<Condition, String> {
        let mut parts = vec![self.all(depth)?];
        while self.took("or") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Result<Condition, String> {
        let mut parts = vec![self.one(depth)?];
        while self.took("and") {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Condition, String> {
        if DEPTH_MAX < depth {
            return Err(format!("the condition is nested more than {DEPTH_MAX} deep"));
        }
        if self.took("not") {
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.took("(") {
            let inner = self.any(depth + 1)?;
            let word = self.peek();
            return if self.took(")") { Ok(inner) } else { Err(self.expected("`)`", word)) };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, String> {
        let word = self.peek();
        let Some(field) = NAMES.into_iter().find(|name| *name == word) else {
            return Err(self.expected(&format!("a field ({})", NAMES.join(", ")), word));
        };
        self.take();
        let sign = self.peek();
        if !["=", "!=", "~", "!~"].contains(&sign) {
            return Err(self.expected("`=`, `!=`, `~` or `!~`", sign));
        }
        self.take();
        let value = self.value()?;
        let positive = match sign {
            "=" | "!=" => Condition::Is(field, value),
            _ => Condition::Matches(field, pattern(&value)?),
        };
        Ok(if sign.starts_with('!') { Condition::Not(Box::new(positive)) } else { positive })
    }

    /// A text in double or single quotes, without escapes: a regex stays as it is.
    fn value(&mut self) -> Result<String, String> {
        let word = self.peek();
        let Some(quote) = word.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return Err(self.expected("a value in quotes", word));
        };
        let rest = &self.text[self.at + 1..];
        let Some(end) = rest.find(quote) else {
            return Err(format!("the quote at character {} is not closed", self.place()));
        };
        self.at += end + 2;
        Ok(rest[..end].to_owned())
    }

    /// The next word, sign or bracket; of a quoted value its quote.
    fn peek(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        let rest = &self.text[self.at..];
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let length = match rest.chars().next() {
            None => 0,
            Some(c) if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            Some('!') if rest[1..].starts_with(['=', '~']) => 2,
            Some(c) => c.len_utf8(),
        };
        &rest[..length]
    }

    fn take(&mut self) {
        self.at += self.peek().len();
    }

    fn took(&mut self, word: &str) -> bool {
        let is_next = self.peek().eq_ignore_ascii_case(word);
        if is_next {
            self.take();
        }
        is_next
    }

    fn place(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn expected(&self, what: &str, found: &str) -> String {
        let found = if found.is_empty() { "the end".to_owned() } else { format!("`{found}`") };
        format!("the condition at character {}: expected {what}, found {found}", self.place())
    }
}
