//! A file as it was read: where its lines begin, and which of its words must not be shown.

use super::Problem;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Longest file that is read, bytes: a million feeds.
const FILE_BYTES_MAX: u64 = 256 << 20;
/// Words in the name of a key whose value is not shown.
const SECRETS: [&str; 10] =
    ["password", "passwd", "passphrase", "token", "secret", "credential", "jaas", "pem", "api_key", "apikey"];

/// A text and its place on the disk.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// Byte offset of each line's first character.
    lines: Vec<usize>,
}

impl Source {
    pub(crate) fn new(path: &Path, text: String) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { path: path.to_owned(), text, lines }
    }

    /// Reads a file of text.
    pub(crate) fn read(path: &Path) -> Result<Self, Problem> {
        let bytes = bytes(path)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, text)),
            Err(error) => {
                let line =
                    error.as_bytes()[..error.utf8_error().valid_up_to()].split(|b| *b == b'\n').count();
                Err(Problem::plain(format!("{}:{line}: this is not UTF-8", path.display())))
            }
        }
    }

    /// Number of the line that holds a byte, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// A mistake at a place. A message of serde's or toml's is put into our words; nothing of a secret is
    /// shown, neither in the line nor in the message.
    pub(crate) fn problem(&self, span: Range<usize>, message: &str) -> Problem {
        self.told(span, message, false)
    }

    /// A mistake in a line as a whole, numbered from 1.
    pub(crate) fn whole_line(&self, number: usize, message: &str) -> Problem {
        let start = self.lines.get(number.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let length = self.text[start..].lines().next().map_or(0, str::len);
        self.problem(start..start + length, message)
    }

    /// The same for a line that is no TOML: what in it is a key and what a value is anybody's guess.
    pub(crate) fn syntax(&self, span: Range<usize>, message: &str) -> Problem {
        self.told(span, message, true).syntax()
    }

    fn told(&self, span: Range<usize>, message: &str, is_syntax: bool) -> Problem {
        let start = self.text.floor_char_boundary(span.start.min(self.text.len()));
        let number = self.line(start);
        let line_start = self.lines[number - 1];
        let line = self.text[line_start..].lines().next().unwrap_or_default();
        // A line that ends in CR LF is shown without both, and may be pointed at between them.
        let line_end = line_start + line.len();
        let start = start.min(line_end);
        let end = self.text.floor_char_boundary(span.end.clamp(start, line_end)).max(start);
        let said = Said::of(message);
        let hidden = self.hidden(number, line, is_syntax);
        let text = if hidden.is_some() { said.discreet() } else { said.text.clone() };
        // What a key that nobody knows holds is nobody's business: it may be a secret, misspelt.
        let is_header = line.trim_start().starts_with('[');
        let unknown = said.is_unknown_key && !is_header;
        let unknown = unknown
            .then(|| line[end - line_start..].find('=').map_or(line.len(), |at| end - line_start + at + 1));
        let hidden = unknown.into_iter().chain(hidden).min();
        let (shown, column, width) = shown(line, start - line_start, end - line_start, hidden);
        let margin = " ".repeat(number.to_string().len());
        let pad = " ".repeat(column);
        let carets = "^".repeat(width.max(1));
        let mut out = format!(
            "{}:{number}:{}: {text}\n{margin} |\n{number} | {shown}\n{margin} | {pad}{carets}",
            self.path.display(),
            column + 1
        );
        if let Some(meant) = said.meant {
            out.push_str(&format!("\n{margin} = did you mean `{meant}`?"));
        }
        Problem::at(&self.path, number, out)
    }

    /// From which byte of a line on nothing may be shown.
    fn hidden(&self, number: usize, line: &str, is_syntax: bool) -> Option<usize> {
        let has_secret = |line: &str| keys(line).any(is_secret);
        // An address with a user or a query in it, however broken.
        let colon = line.find(':').filter(|at| line[*at..].contains('?'));
        let url = colon.or(line.find('@'));
        let word =
            words(line).find(|(_, word)| is_syntax && is_secret(word)).map(|(at, word)| at + word.len());
        if has_secret(line) || url.is_some() || word.is_some() {
            let value = line.find('=').map(|at| at + 1);
            return [value, url, word].into_iter().flatten().min();
        }
        self.is_inside_secret(number, has_secret).then_some(0)
    }

    /// True for the later lines of a secret that is written over several.
    fn is_inside_secret(&self, number: usize, has_secret: impl Fn(&str) -> bool) -> bool {
        let mut fence: Option<&str> = None;
        for line in self.text.lines().take(number - 1) {
            match fence {
                Some(open) if line.contains(open) => fence = None,
                Some(_) => {}
                None if has_secret(line) => {
                    let opens = |fence: &&str| line.matches(*fence).count() % 2 == 1;
                    fence = ["\"\"\"", "'''"].into_iter().find(|fence| opens(fence));
                }
                None => {}
            }
        }
        fence.is_some()
    }
}

/// A file's bytes, within the limit.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let failed = |error: std::io::Error| Problem::plain(format!("{}: {error}", path.display()));
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if FILE_BYTES_MAX < length {
        let text = format!("{}: {length} bytes, {FILE_BYTES_MAX} are the most that is read", path.display());
        return Err(Problem::plain(text));
    }
    std::fs::read(path).map_err(failed)
}

/// A line as it may be shown, and where the caret goes in it, in characters.
fn shown(line: &str, start: usize, end: usize, hidden: Option<usize>) -> (String, usize, usize) {
    let count = |text: &str| text.chars().count();
    let Some(hidden) = hidden.filter(|at| *at < line.len()) else {
        return (line.to_owned(), count(&line[..start]), count(&line[start..end]));
    };
    let hidden = line.floor_char_boundary(hidden);
    let text = format!("{} ***", line[..hidden].trim_end());
    if hidden < end {
        let width = if start < hidden { count(&text) - count(&line[..start]) } else { 3 };
        return (text.clone(), if start < hidden { count(&line[..start]) } else { count(&text) - 3 }, width);
    }
    (text, count(&line[..start]), count(&line[start..end]))
}

/// Words before an equals sign, wherever in the line: inline tables have several.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices('=').map(|(at, _)| {
        let before = line[..at].trim_end();
        let is_key = |c: char| c.is_alphanumeric() || "_-.\"'".contains(c);
        let from =
            before.char_indices().rev().take_while(|(_, c)| is_key(*c)).last().map_or(at, |(from, _)| from);
        before.get(from..).unwrap_or_default()
    })
}

/// All words of a line and where they begin.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    line.split(move |c| !is_word(c)).map(|word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
}

/// True when a key names a secret, also when it is misspelt; a file that holds one is none.
pub(crate) fn is_secret(key: &str) -> bool {
    let key = key.trim_matches(['"', '\'']).to_ascii_lowercase();
    if key.ends_with("_file") {
        return false;
    }
    let parts = || key.split(|c: char| !c.is_ascii_alphanumeric());
    let like = |part: &str, word: &str| 4 <= part.len() && strsim::osa_distance(part, word) <= word.len() / 5;
    SECRETS.iter().any(|word| key.contains(word) || parts().any(|part| like(part, word)))
}

/// What serde or toml says, in our words.
struct Said {
    text: String,
    meant: Option<String>,
    is_unknown_key: bool,
}

impl Said {
    fn of(message: &str) -> Self {
        let message = message.split('\n').next().unwrap_or_default();
        let (noun, rest, is_unknown_key) = if let Some(rest) = message.strip_prefix("unknown field ") {
            ("key", rest, true)
        } else if let Some(rest) = message.strip_prefix("unknown variant ") {
            ("value", rest, false)
        } else if let Some(rest) = message.strip_prefix("unknown section ") {
            ("section", rest, true)
        } else if let Some(rest) = message.strip_prefix("missing field ") {
            return Self { text: format!("the key {rest} is missing"), meant: None, is_unknown_key: false };
        } else {
            return Self { text: message.to_owned(), meant: None, is_unknown_key: false };
        };
        let mut quoted = rest.split('`').skip(1).step_by(2);
        let typed = quoted.next().unwrap_or_default();
        let meant = closest(typed, quoted);
        let text = match &meant {
            Some(_) => format!("unknown {noun} `{typed}`"),
            None => {
                format!("unknown {noun} {}", rest.replace("there are no fields", "none is expected here"))
            }
        };
        Self { text, meant, is_unknown_key }
    }

    /// The same without the value that it is about.
    fn discreet(&self) -> String {
        let is_about_value = ["invalid type", "invalid value", "unknown value"];
        let Some(kind) = is_about_value.iter().find(|kind| self.text.starts_with(**kind)) else {
            return self.text.clone();
        };
        match self.text.rsplit_once(", expected ") {
            Some((_, expected)) => format!("{kind}, expected {expected}"),
            None => (*kind).to_owned(),
        }
    }
}

/// The same as [`Source::problem`] says of a message, for a value that came from a variable.
pub(crate) fn of_variable(variable: &str, path: &[String], message: &str) -> Problem {
    let said = Said::of(message);
    let is_private = path.iter().any(|key| is_secret(key)) || message.contains("://");
    let text = if is_private { said.discreet() } else { said.text.clone() };
    let meant = said.meant.map(|meant| format!(": did you mean `{meant}`?")).unwrap_or_default();
    Problem::plain(format!("the variable {variable}: {text}{meant}"))
}

fn closest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let likeness = |word: &&str| strsim::jaro_winkler(typed, word);
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (0.75 < likeness(&best)).then(|| best.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_the_names_of_their_keys() {
        for key in
            ["password", "key_password", "tokn", "pasword", "\"sasl.password\"", "ssl.key.pem", "secrt"]
        {
            assert!(is_secret(key), "{key}");
        }
        for key in [
            "password_file",
            "interval",
            "topics",
            "transactional_id",
            "listen",
            "url",
            "text",
            "topic_prefix",
        ] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn no_line_shows_a_secret() {
        let text = "\
password = 12345
a = { pasword = \"12345\", mechanism = 1 }
url = \"https://me:12345@h.example/\"
url = \"https://h.example/?key=12345\"
token = \"\"\"
12345
\"\"\"
after = 1
";
        let source = Source::new(Path::new("f"), text.into());
        for (at, _) in text.char_indices() {
            for width in [0, 1, 10, 40] {
                for message in
                    ["invalid type: integer `12345`, expected a string", "unknown field `x`, expected `y`"]
                {
                    let shown = source.problem(at..at + width, message).to_string();
                    let is_open = source.line(at) == 8;
                    assert!(is_open || !shown.contains("12345"), "{shown}");
                }
            }
        }
    }
}
