//! Overrides from the environment: `WIREROOM__SECTION__KEY=value`. A key that holds a string takes the
//! value as it stands; any other takes it as TOML.

use super::{Problem, Problems};
use std::ffi::OsString;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const PREFIX: &str = "WIREROOM__";

/// One override: the variable, the path of its key in lower case, and the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) variable: String,
    pub(crate) path: Vec<String>,
    pub(crate) value: String,
}

/// The overrides of an environment, in the order of their names.
pub(crate) fn read(
    env: impl Iterator<Item = (OsString, OsString)>,
    problems: &mut Problems,
) -> Vec<Override> {
    let mut found = Vec::new();
    for (variable, value) in env {
        let Some(variable) = variable.to_str().map(str::to_owned) else { continue };
        let Some(path) = variable.strip_prefix(PREFIX) else { continue };
        let path: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
        let problem = match value.into_string() {
            Err(_) => "the value is not UTF-8",
            _ if path[0] == "feed" => "feeds are declared in files, not in the environment",
            _ if path.len() < 2 || path.iter().any(String::is_empty) => {
                "this names no key: write WIREROOM__SECTION__KEY"
            }
            Ok(value) => {
                found.push(Override { variable, path, value });
                continue;
            }
        };
        problems.add(Problem::plain(format!("the variable {variable}: {problem}")));
    }
    found.sort_by(|a, b| a.variable.cmp(&b.variable));
    found
}

impl Override {
    /// The value as TOML, where that is something else than a string.
    pub(crate) fn as_toml(&self, mark: Range<usize>) -> Option<DeValue<'_>> {
        let value = DeValue::parse(&self.value).ok()?.into_inner();
        (!value.is_str()).then(|| marked(value, &mark))
    }

    /// Lays `value` over a section, under the override's path; `mark` is where its mistakes will be.
    pub(crate) fn lay<'a>(&self, section: &mut DeValue<'a>, value: DeValue<'a>, mark: Range<usize>) {
        let Some((last, outer)) = self.path[1..].split_last() else { return };
        let key = |name: &String| Spanned::new(mark.clone(), name.clone().into());
        let mut place = section;
        for name in outer {
            let DeValue::Table(table) = place else { return };
            let empty = || Spanned::new(mark.clone(), DeValue::Table(DeTable::new()));
            place = table.entry(key(name)).or_insert_with(empty).get_mut();
        }
        if let DeValue::Table(table) = place {
            table.insert(key(last), Spanned::new(mark.clone(), value));
        }
    }
}

/// The same value, all of it at the place `mark`.
fn marked<'a>(value: DeValue<'a>, mark: &Range<usize>) -> DeValue<'a> {
    match value {
        DeValue::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| {
                let value = marked(value.into_inner(), mark);
                (Spanned::new(mark.clone(), key.into_inner()), Spanned::new(mark.clone(), value))
            });
            DeValue::Table(entries.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variable: &str, value: &str, path: Option<&[&str]>, said: &str) {
        let mut problems = Problems::default();
        let found = read([(variable.into(), value.into())].into_iter(), &mut problems);
        let found = found.first().map(|found| found.path.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), path, "{variable}");
        let said_now = problems.or(()).err().map(|problems| problems.to_string()).unwrap_or_default();
        assert!(said_now.contains(said) && said_now.is_empty() == said.is_empty(), "{said_now}");
    }

    #[test]
    fn variables_name_keys() {
        check("WIREROOM__FETCH__CONCURRENCY", "8", Some(&["fetch", "concurrency"]), "");
        check("WIREROOM__KAFKA__TOPICS__PARTITIONS", "12", Some(&["kafka", "topics", "partitions"]), "");
        check("WIREROOM_LOG", "debug", None, "");
        check("PATH", "/bin", None, "");
        check("WIREROOM__FETCH", "8", None, "names no key");
        check("WIREROOM__FETCH__", "8", None, "names no key");
        check("WIREROOM__FEED__URL", "8", None, "feeds are declared in files");
    }
}
