//! Overrides from the environment: `WIREROOM__SECTION__KEY=value`, the value as TOML or as bare words.

use super::{Problem, Problems};

const PREFIX: &str = "WIREROOM__";

/// One override: the variable, the path of its key in lower case, and the value as TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) variable: String,
    pub(crate) path: Vec<String>,
    /// The override as a document of its section alone.
    pub(crate) document: String,
}

/// The overrides of an environment, in the order of their names.
pub(crate) fn read(env: impl Iterator<Item = (String, String)>, problems: &mut Problems) -> Vec<Override> {
    let mut found = Vec::new();
    for (variable, value) in env {
        let Some(path) = variable.strip_prefix(PREFIX) else { continue };
        let path: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
        if path.len() < 2 || path.iter().any(String::is_empty) {
            problems
                .add(Problem::plain(format!("the variable {variable} names no key: WIREROOM__SECTION__KEY")));
            continue;
        }
        let document = format!("{} = {}\n", path[1..].join("."), as_toml(&value));
        found.push(Override { variable, path, document });
    }
    found.sort_by(|a, b| a.variable.cmp(&b.variable));
    found
}

/// A value as it stands when that is TOML, else as a string.
fn as_toml(value: &str) -> String {
    let is_value = toml::de::DeValue::parse(value).is_ok();
    if is_value { value.to_owned() } else { toml::Value::String(value.to_owned()).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variable: &str, value: &str, document: Option<&str>) {
        let mut problems = Problems::default();
        let found = read([(variable.to_owned(), value.to_owned())].into_iter(), &mut problems);
        assert_eq!(found.first().map(|entry| entry.document.as_str()), document);
    }

    #[test]
    fn values_are_toml_or_words() {
        check("WIREROOM__FETCH__CONCURRENCY", "8", Some("concurrency = 8\n"));
        check(
            "WIREROOM__KAFKA__BOOTSTRAP_SERVERS",
            "kafka:9092",
            Some("bootstrap_servers = \"kafka:9092\"\n"),
        );
        check("WIREROOM__KAFKA__TOPICS__PARTITIONS", "12", Some("topics.partitions = 12\n"));
        check("WIREROOM__FETCH__ALLOW", "[\"127.0.0.0/8\"]", Some("allow = [\"127.0.0.0/8\"]\n"));
        check("WIREROOM__STATE__DIR", "/a \"b\"", Some("dir = '/a \"b\"'\n"));
        check("WIREROOM_LOG", "debug", None);
        check("WIREROOM__FETCH", "x", None);
    }
}
