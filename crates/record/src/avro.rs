//! The Avro schema of the published words, made from their JSON Schema, so that the two cannot differ.

use crate::article_schema;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The namespace of all named types.
const NAMESPACE: &str = "wireroom.v1";

/// The Avro schema (1.11) of [`Article`](crate::Article): the same fields in the order of the type, and the
/// same values: times and open enums are strings. What may be null is a union whose first branch is null.
/// Whatever has an empty value has it as its default, so that a reader with a newer schema reads older
/// records.
pub fn article_avro() -> Value {
    let schema = article_schema();
    let mut maker = Maker { defs: &schema["$defs"], named: BTreeSet::new() };
    let mut article = maker.record("Article", &schema);
    if let Value::Object(fields) = &mut article {
        fields.insert("namespace".into(), NAMESPACE.into());
    }
    article
}

struct Maker<'a> {
    defs: &'a Value,
    /// Types that were written out before; from then on their name is enough.
    named: BTreeSet<String>,
}

impl Maker<'_> {
    fn record(&mut self, name: &str, schema: &Value) -> Value {
        // Every field is required, and `required` keeps the order of the type.
        let names: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let fields: Vec<Value> =
            names.into_iter().map(|name| self.field(name, &schema["properties"][name])).collect();
        let mut record = Map::new();
        record.insert("type".into(), "record".into());
        record.insert("name".into(), name.into());
        describe(&mut record, schema);
        record.insert("fields".into(), fields.into());
        record.into()
    }

    fn field(&mut self, name: &str, schema: &Value) -> Value {
        let kind = self.kind(schema);
        let default = match kind_name(&kind) {
            "union" => Some(Value::Null),
            "array" => Some(json!([])),
            "map" => Some(json!({})),
            _ => None,
        };
        let mut field = Map::new();
        field.insert("name".into(), name.into());
        describe(&mut field, schema);
        field.insert("type".into(), kind);
        if let Some(default) = default {
            field.insert("default".into(), default);
        }
        field.into()
    }

    fn kind(&mut self, schema: &Value) -> Value {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            return self.named(name);
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            let full = branches.iter().find(|branch| branch["type"] != "null");
            return nullable(full.map_or(Value::Null, |full| self.kind(full)));
        }
        if let Some(kinds) = schema["type"].as_array() {
            let full = kinds.iter().find(|kind| *kind != "null");
            let mut schema = schema.clone();
            schema["type"] = full.cloned().unwrap_or_default();
            return nullable(self.kind(&schema));
        }
        match schema["type"].as_str() {
            Some("integer") => "long".into(),
            Some("number") => "double".into(),
            Some("array") => json!({ "type": "array", "items": self.kind(&schema["items"]) }),
            Some("object") => json!({ "type": "map", "values": self.kind(&schema["additionalProperties"]) }),
            other => other.into(),
        }
    }

    fn named(&mut self, name: &str) -> Value {
        let schema = self.defs[name].clone();
        if schema["properties"].is_null() {
            return self.kind(&schema);
        }
        if !self.named.insert(name.to_owned()) {
            return name.into();
        }
        self.record(name, &schema)
    }
}

fn nullable(kind: Value) -> Value {
    json!(["null", kind])
}

/// The word for a type: a union, a primitive's name, or what a complex type says that it is.
fn kind_name(kind: &Value) -> &str {
    match kind {
        Value::Array(_) => "union",
        Value::Object(fields) => fields.get("type").and_then(Value::as_str).unwrap_or_default(),
        other => other.as_str().unwrap_or_default(),
    }
}

fn describe(into: &mut Map<String, Value>, schema: &Value) {
    if let Some(text) = schema["description"].as_str() {
        into.insert("doc".into(), text.into());
    }
}
