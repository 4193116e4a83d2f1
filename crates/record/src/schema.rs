//! The JSON Schemas of the published words.

use crate::{Article, header};
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON Schema (draft 2020-12) of [`Article`], generated from the types. Every field is required,
/// since none is ever absent; enums are open, so their words stand as examples only.
pub fn article_schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Article>();
    schema.insert("$id".into(), header::ARTICLE_SCHEMA.into());
    schema.insert("title".into(), "wireroom article, v1".into());
    let mut schema = schema.to_value();
    open_enums(&mut schema);
    schema
}

/// Turns each closed list of words into a string with examples.
fn open_enums(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(words) = words(fields) {
                fields.remove("oneOf");
                fields.remove("enum");
                fields.insert("type".into(), "string".into());
                fields.insert("examples".into(), words);
            }
            fields.values_mut().for_each(open_enums);
        }
        Value::Array(items) => items.iter_mut().for_each(open_enums),
        _ => {}
    }
}

fn words(fields: &serde_json::Map<String, Value>) -> Option<Value> {
    if let Some(words) = fields.get("enum") {
        return Some(words.clone());
    }
    let variants = fields.get("oneOf")?.as_array()?;
    variants.iter().map(|variant| variant.get("const").cloned()).collect()
}
