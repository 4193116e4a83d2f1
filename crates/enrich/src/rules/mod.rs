//! Watch lists: names, patterns and conditions over fields that give an article a label of the user's own.

mod condition;
mod fields;

use condition::Condition;
use fields::Fields;
use model::Story;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// Compiled size of one pattern, bytes; time is linear in the text whatever the pattern.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// Longest text that names and patterns are looked for in, bytes of each field.
const FIELD_BYTES_MAX: usize = 1 << 20;

/// `[[enrich.rules]]`: one label and when it is given. Of `names`, `entities` and `regex` one must hold, if
/// any is written; `when` must hold, if it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// The label, as it stands in the record's `labels`. Needed.
    pub label: String,
    /// Names and words, looked for as whole words in title, summary and text; case matters only to names with
    /// a capital. Default none.
    pub names: Vec<String>,
    /// Entities, by Wikidata id or by name. Default none.
    pub entities: Vec<String>,
    /// Regular expressions over title, summary and text. Default none.
    pub regex: Vec<String>,
    /// A condition: `language = "en" and not (topics = "medtop:15000000" or title ~ "(?i)obituary")`.
    pub when: Option<String>,
    /// Articles that must, or must not, get the label; `wireroom test-rules` tries them. Default none.
    pub tests: Vec<RuleTest>,
}

/// `[[enrich.rules.tests]]`: an article, and whether it gets the label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleTest {
    /// Its title. Default none.
    pub title: Option<String>,
    /// Its summary. Default none.
    pub summary: Option<String>,
    /// Its text. Default none.
    pub text: Option<String>,
    /// Its URL. Default none.
    pub url: Option<String>,
    /// The outlet's name. Default none.
    pub outlet: Option<String>,
    /// The publisher's language claim. Default none.
    pub language: Option<String>,
    /// The publisher's categories. Default none.
    pub categories: Vec<String>,
    /// Whether the rule gives its label. Default true.
    #[serde(default = "yes")]
    pub matches: bool,
}

fn yes() -> bool {
    true
}

/// Rules that have been checked, ready for articles.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Ready>);

#[derive(Clone, Debug)]
struct Ready {
    label: String,
    /// Name or pattern as written, and what finds it.
    patterns: Vec<(String, Regex)>,
    entities: Vec<String>,
    when: Option<(String, Condition)>,
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rule {number} ({label:?}): {what}")]
pub struct RuleError {
    /// Number of the rule in the config, from 1.
    pub number: usize,
    /// Its label, as far as it has one.
    pub label: String,
    /// One sentence, with the place in a condition.
    pub what: String,
}

/// A label that a rule gave, and what made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The label.
    pub label: String,
    /// What matched, as written in the rule.
    pub because: Vec<String>,
}

impl Rules {
    /// Checks rules and makes them ready.
    ///
    /// # Errors
    ///
    /// Every rule that is wrong: no label, nothing to look for, a bad pattern or a bad condition.
    pub fn new(rules: &[Rule]) -> Result<Self, Vec<RuleError>> {
        let mut ready = Vec::with_capacity(rules.len());
        let mut errors = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            match Ready::new(rule) {
                Ok(rule) => ready.push(rule),
                Err(what) => errors.push(RuleError { number: at + 1, label: rule.label.clone(), what }),
            }
        }
        if errors.is_empty() { Ok(Self(ready)) } else { Err(errors) }
    }

    /// The labels that a story gets, each once, in the order of the rules, with what made them.
    pub fn given(&self, story: &Story) -> Vec<Given> {
        let mut given: Vec<Given> = Vec::new();
        if self.0.is_empty() {
            return given;
        }
        let fields = Fields::new(story);
        for rule in &self.0 {
            if given.iter().all(|known| known.label != rule.label)
                && let Some(because) = rule.holds(&fields)
            {
                given.push(Given { label: rule.label.clone(), because });
            }
        }
        given
    }
}

impl Ready {
    fn new(rule: &Rule) -> Result<Self, String> {
        if rule.label.trim().is_empty() {
            return Err("it has no label".to_owned());
        }
        let has_words = !(rule.names.is_empty() && rule.regex.is_empty() && rule.entities.is_empty());
        if !has_words && rule.when.is_none() {
            return Err(
                "it has none of names, entities, regex, when: it would label every article".to_owned()
            );
        }
        let names = rule.names.iter().map(|name| Ok((name.clone(), of_name(name)?)));
        let patterns = rule.regex.iter().map(|text| Ok((text.clone(), pattern(text)?)));
        Ok(Self {
            label: rule.label.clone(),
            patterns: names.chain(patterns).collect::<Result<_, String>>()?,
            entities: rule.entities.clone(),
            when: match &rule.when {
                Some(text) => Some((text.clone(), Condition::parse(text)?)),
                None => None,
            },
        })
    }

    /// What made the rule hold, if it does.
    fn holds(&self, fields: &Fields<'_>) -> Option<Vec<String>> {
        let mut because = Vec::new();
        if let Some((text, when)) = &self.when {
            if !when.holds(fields) {
                return None;
            }
            because.push(text.clone());
        }
        if self.patterns.is_empty() && self.entities.is_empty() {
            return Some(because);
        }
        let before = because.len();
        let found = |regex: &Regex| fields.texts().any(|text| regex.is_match(cut(text)));
        because.extend(self.patterns.iter().filter(|(_, regex)| found(regex)).map(|(text, _)| text.clone()));
        let named = |wanted: &&String| fields.get("entities").iter().any(|has| same(has, wanted));
        because.extend(self.entities.iter().filter(named).cloned());
        (before < because.len()).then_some(because)
    }
}

/// Compiles a pattern.
fn pattern(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).size_limit(PATTERN_BYTES_MAX).build();
    // The crate's own message draws the place over several lines; the last says what is wrong.
    built.map_err(|error| format!("the regex {text:?}: {}", last_line(&error.to_string())))
}

fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// A name as whole words, spaces of any width between them.
fn of_name(name: &str) -> Result<Regex, String> {
    let words: Vec<String> = name.split_whitespace().map(regex::escape).collect();
    if words.is_empty() {
        return Err("an empty name would be found everywhere".to_owned());
    }
    let is_common = !name.chars().any(char::is_uppercase);
    let edge = |c: Option<char>| if c.is_some_and(|c| c.is_alphanumeric()) { r"\b" } else { "" };
    let (open, close) = (edge(name.trim().chars().next()), edge(name.trim().chars().last()));
    pattern(&format!("{}{open}{}{close}", if is_common { "(?i)" } else { "" }, words.join(r"\s+")))
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(FIELD_BYTES_MAX)]
}

/// Whether two values are one, whatever their case.
fn same(a: &str, b: &str) -> bool {
    a == b || a.len() <= 256 && b.len() <= 256 && a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests;
