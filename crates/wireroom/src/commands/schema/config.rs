//! The JSON Schema of the config file, made from the annotated file that lists every key: its defaults say
//! the types, its comments what a key means.

use serde_json::{Map, Value, json};
use toml::Table;

/// Every key with its default; a test holds it to the code.
const ANNOTATED: &str = include_str!("../../../../../config/wireroom.toml");

/// The schema (draft 2020-12).
pub(super) fn schema() -> Value {
    let defaults: Table = toml::from_str(ANNOTATED).unwrap_or_default();
    let mut root = object(&json!({}));
    let mut path: Vec<String> = Vec::new();
    for line in ANNOTATED.lines() {
        if let Some(name) = header(line) {
            path = name.split('.').map(str::to_owned).collect();
            section(&mut root, &path);
            continue;
        }
        let Some((key, value, comment)) = setting(line) else { continue };
        let given = path.iter().try_fold(&defaults, |table, name| table.get(name)?.as_table());
        let default = given.and_then(|table| table.get(&key)).cloned();
        let has_default = default.is_some();
        let value = default.or_else(|| toml::from_str::<Table>(&format!("v = {value}")).ok()?.remove("v"));
        let Some(value) = value else { continue };
        let mut property = typed(&value, comment.trim(), has_default);
        if path == ["feed"] && key == "url" {
            property["format"] = "uri".into();
        }
        section(&mut root, &path)[key.as_str()] = property;
    }
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    root["title"] = "wireroom config".into();
    root
}

/// The name of a section; feeds stand behind a `#`, since there is no feed by default.
fn header(line: &str) -> Option<&str> {
    let line = line.strip_prefix("# [[").or_else(|| line.strip_prefix('['));
    let name = line?.split(']').next()?;
    name.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b)).then_some(name)
}

/// Key, value and comment of a line, also of one that stands behind a `#`.
fn setting(line: &str) -> Option<(String, String, String)> {
    let line = line.strip_prefix("# ").unwrap_or(line);
    let (key, rest) = line.split_once(" = ")?;
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !is_key {
        return None;
    }
    let (value, comment) = rest.split_once(" # ").unwrap_or((rest, ""));
    let value = value.split("  #").next().unwrap_or(value).trim();
    Some((key.to_owned(), value.to_owned(), comment.to_owned()))
}

fn typed(value: &toml::Value, comment: &str, has_default: bool) -> Value {
    let kind = match value {
        toml::Value::Integer(_) => json!({ "type": "integer" }),
        toml::Value::Float(_) => json!({ "type": "number" }),
        toml::Value::Boolean(_) => json!({ "type": "boolean" }),
        toml::Value::Array(_) => json!({ "type": "array", "items": { "type": "string" } }),
        toml::Value::Table(_) => json!({ "type": "object" }),
        _ => json!({ "type": "string" }),
    };
    let mut property = kind;
    if !comment.is_empty() {
        property["description"] = comment.into();
    }
    if has_default {
        property["default"] = serde_json::to_value(value).unwrap_or_default();
    }
    property
}

fn object(properties: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// The properties of a section, which is made if it is not there yet.
fn section<'a>(root: &'a mut Value, path: &[String]) -> &'a mut Value {
    let mut place = root;
    for name in path {
        let properties = &mut place["properties"];
        if properties.get(name).is_none() {
            let mut section = object(&Value::Object(Map::new()));
            match name.as_str() {
                "feed" => {
                    section["required"] = json!(["url"]);
                    section = json!({ "type": "array", "items": section });
                }
                // Any of librdkafka's own settings.
                "librdkafka" => section["additionalProperties"] = true.into(),
                _ => {}
            }
            properties[name] = section;
        }
        place = &mut properties[name];
        if place["type"] == "array" {
            place = &mut place["items"];
        }
    }
    &mut place["properties"]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_type_and_default() {
        let schema = schema();
        let fetch = &schema["properties"]["fetch"]["properties"];
        assert_eq!(fetch["concurrency"]["default"], 64);
        assert_eq!(fetch["concurrency"]["type"], "integer");
        assert_eq!(fetch["ca_file"]["type"], "string");
        assert_eq!(fetch["ca_file"].get("default"), None);
        let topics = &schema["properties"]["kafka"]["properties"]["topics"]["properties"];
        assert_eq!(topics["partitions"]["default"], 6);
        let feed = &schema["properties"]["feed"]["items"];
        assert_eq!(feed["required"], json!(["url"]));
        assert_eq!(feed["properties"]["labels"]["type"], "array");
    }

    /// `UPDATE_EXPECT=1 cargo test -p wireroom` writes it anew.
    #[test]
    fn the_published_schema_is_this_one() {
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        expect_test::expect_file!["../../../../../schemas/config.schema.json"].assert_eq(&text);
    }

    #[test]
    fn the_annotated_file_and_no_misspelling_fits_it() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let fits = |text: &str| {
            let table: Table = toml::from_str(text).unwrap();
            validator.is_valid(&serde_json::to_value(table).unwrap())
        };
        assert!(fits(ANNOTATED));
        assert!(fits("[[feed]]\nurl = \"https://h.example/\"\nlabels = [\"a\"]\n"));
        assert!(fits("[kafka.librdkafka]\n\"compression.type\" = \"zstd\"\n"));
        assert!(!fits("[fetch]\nconcurency = 64\n"));
        assert!(!fits("[fetch]\nconcurrency = \"64\"\n"));
        assert!(!fits("[[feed]]\ntitle = \"no url\"\n"));
    }
}
