//! The settings as they are used: every key with its value and where that comes from, and what two configs
//! differ in. Secrets are masked.

use super::Config;
use crate::cli::counted;
use serde::Serialize;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Every key of every section by its path, with its value; secrets as `***`.
pub(crate) fn settings(config: &Config) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let pipeline = &config.pipeline;
    put(&mut found, "state", &pipeline.state);
    put(&mut found, "dedup", &pipeline.state.dedup);
    put(&mut found, "sources", &config.sources);
    put(&mut found, "fetch", &pipeline.fetch);
    put(&mut found, "pages", &pipeline.pages);
    put(&mut found, "schedule", &pipeline.schedule);
    put(&mut found, "enrich", &pipeline.enrich);
    put(&mut found, "sink", &pipeline.sink);
    put(&mut found, "kafka", &pipeline.kafka);
    put(&mut found, "outbox", &pipeline.outbox);
    put(&mut found, "http", &config.http);
    put(&mut found, "log", &config.log);
    found
}

fn put(found: &mut BTreeMap<String, Value>, section: &str, values: &impl Serialize) {
    // Every section was read from TOML, and goes back to it.
    let table = Table::try_from(values).unwrap_or_default();
    flatten(found, section, Value::Table(table));
}

fn flatten(found: &mut BTreeMap<String, Value>, path: &str, value: Value) {
    match value {
        Value::Table(table) if !table.is_empty() => {
            table.into_iter().for_each(|(key, value)| flatten(found, &format!("{path}.{key}"), value));
        }
        // A table without anything in it holds no setting.
        Value::Table(_) => {}
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_table) => {
            let numbered = items.into_iter().enumerate();
            numbered.for_each(|(number, item)| flatten(found, &format!("{path}[{number}]"), item));
        }
        value => drop(found.insert(path.to_owned(), value)),
    }
}

/// Keys whose values differ, with both values; of secrets only that they do.
pub(crate) fn differences(before: &Config, after: &Config) -> Vec<(String, String)> {
    let (old, new) = (settings(before), settings(after));
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let told = |value: Option<&Value>| value.map_or_else(|| "unset".to_owned(), ToString::to_string);
    let mut found: Vec<(String, String)> = keys
        .into_iter()
        .filter(|key| old.get(*key) != new.get(*key))
        .map(|key| (key.clone(), format!("{key}: {} -> {}", told(old.get(key)), told(new.get(key)))))
        .collect();
    let names = |config: &Config| config.pipeline.enrich.names.clone();
    if names(before) != names(after) && !found.iter().any(|(key, _)| key == "enrich.names_file") {
        let count = |config| counted(names(config).map_or(0, |names| names.len()) as u64, "name");
        let text = format!("enrich.names_file: {} -> {}", count(before), count(after));
        found.push(("enrich.names_file".to_owned(), text));
    }
    // Masked values look alike.
    let secrets =
        [("kafka", before.pipeline.kafka != after.pipeline.kafka), ("http", before.http != after.http)];
    for (section, differs) in secrets {
        if differs && !found.iter().any(|(key, _)| key.starts_with(section)) {
            found.push((section.to_owned(), format!("{section}: a secret is different")));
        }
    }
    found
}
