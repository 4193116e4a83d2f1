use model::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How an article's value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Plain JSON.
    #[default]
    Json,
    /// Plain JSON, and in the header `__value_schema_id` the id of its schema in the registry.
    JsonRegistry,
    /// Avro's binary form, with the id of its schema in front.
    Avro,
}

/// `[kafka.registry]`: a schema registry that speaks the protocol of Confluent's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registry {
    /// Where it is, `http:` or `https:`. No default; needed unless `kafka.format` is json.
    pub url: Option<String>,
    /// Whether a schema that it does not know is registered, or is an error. Default true.
    pub register: bool,
    /// Who we are to it. Default none.
    pub username: Option<String>,
    /// Default none.
    pub password: Option<Secret>,
    /// A file that holds the password. Default none.
    pub password_file: Option<PathBuf>,
}

impl Default for Registry {
    fn default() -> Self {
        Self { url: None, register: true, username: None, password: None, password_file: None }
    }
}

impl Registry {
    /// All that is wrong with these settings taken together, a sentence each.
    pub(in crate::kafka) fn faults(&self, format: Format) -> Vec<String> {
        let mut faults = Vec::new();
        match self.url.as_deref().map(reqwest::Url::parse) {
            None if format != Format::Json => {
                faults.push("`kafka.registry.url` is needed by this `kafka.format`".to_owned());
            }
            Some(Err(_)) => faults.push("`kafka.registry.url` is not a URL".to_owned()),
            Some(Ok(url)) if !["http", "https"].contains(&url.scheme()) => {
                faults.push("`kafka.registry.url` must begin with http: or https:".to_owned());
            }
            Some(Ok(url)) if url.password().is_some() || !url.username().is_empty() => {
                let fault = "`kafka.registry.url` holds a name or password: say it in `kafka.registry.username` and `kafka.registry.password_file`";
                faults.push(fault.to_owned());
            }
            _ => {}
        }
        if self.password.is_some() && self.password_file.is_some() {
            faults.push(
                "`kafka.registry.password` and `kafka.registry.password_file` cannot both be given"
                    .to_owned(),
            );
        }
        if (self.password.is_some() || self.password_file.is_some()) && self.username.is_none() {
            faults.push("`kafka.registry.username` is needed with a password".to_owned());
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, text: &str, said: &[&str]) {
        let registry: Registry = toml::from_str(text).unwrap();
        let faults = registry.faults(format);
        assert_eq!(faults.len(), said.len(), "{text}: {faults:?}");
        for (fault, part) in faults.iter().zip(said) {
            assert!(fault.contains(part), "{fault}");
        }
    }

    #[test]
    fn settings_that_contradict_each_other_are_named() {
        check(Format::Json, "", &[]);
        check(Format::Avro, "", &["url` is needed"]);
        check(Format::Avro, "url = \"https://registry:8081\"", &[]);
        check(Format::JsonRegistry, "url = \"registry:8081\"", &["must begin with http"]);
        check(Format::Avro, "url = \"//\"", &["not a URL"]);
        check(Format::Avro, "url = \"http://me:pw@registry\"", &["holds a name or password"]);
        check(
            Format::Json,
            "password = \"x\"\npassword_file = \"y\"",
            &["cannot both", "username` is needed"],
        );
    }
}
