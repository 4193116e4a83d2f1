//! JSON values to Avro's binary form, by a schema of records, arrays, maps, unions with null, strings, longs,
//! doubles and booleans: what [`record::article_avro`] is made of.
//! Source: <https://avro.apache.org/docs/1.11.1/specification/#binary-encoding>.

use serde_json::Value;
use std::collections::BTreeMap;

/// A schema as it is written by.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::kafka) enum Plan {
    Boolean,
    Long,
    Double,
    Text,
    Array(Box<Plan>),
    Map(Box<Plan>),
    /// Null, or the other.
    Nullable(Box<Plan>),
    Record(Vec<(String, Plan)>),
}

impl Plan {
    /// Reads a schema; what it says that is not understood, if anything.
    pub(in crate::kafka) fn new(schema: &Value) -> Result<Self, String> {
        plan(schema, &mut BTreeMap::new())
    }

    /// Appends `value` in binary form.
    ///
    /// # Errors
    /// The path of what does not fit the schema.
    pub(in crate::kafka) fn write(&self, value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
        let unfit = || format!(": {self:.20?} does not hold {value}");
        match self {
            Self::Boolean => out.push(u8::from(value.as_bool().ok_or_else(unfit)?)),
            Self::Long => long(value.as_i64().ok_or_else(unfit)?, out),
            Self::Double => out.extend(value.as_f64().ok_or_else(unfit)?.to_le_bytes()),
            Self::Text => text(value.as_str().ok_or_else(unfit)?, out),
            Self::Nullable(_) if value.is_null() => long(0, out),
            Self::Nullable(plan) => {
                long(1, out);
                plan.write(value, out)?;
            }
            Self::Array(plan) => {
                let items = value.as_array().ok_or_else(unfit)?;
                count(items.len(), out);
                for (place, item) in items.iter().enumerate() {
                    plan.write(item, out).map_err(|error| format!("[{place}]{error}"))?;
                }
                end(items.len(), out);
            }
            Self::Map(plan) => {
                let entries = value.as_object().ok_or_else(unfit)?;
                count(entries.len(), out);
                for (name, value) in entries {
                    text(name, out);
                    plan.write(value, out).map_err(|error| format!(".{name}{error}"))?;
                }
                end(entries.len(), out);
            }
            Self::Record(fields) => {
                let values = value.as_object().ok_or_else(unfit)?;
                for (name, plan) in fields {
                    let value = values.get(name).unwrap_or(&Value::Null);
                    plan.write(value, out).map_err(|error| format!(".{name}{error}"))?;
                }
            }
        }
        Ok(())
    }
}

fn plan(schema: &Value, named: &mut BTreeMap<String, Plan>) -> Result<Plan, String> {
    let unknown = || format!("an Avro schema that is not understood: {schema}");
    match schema {
        Value::String(name) => match name.as_str() {
            "boolean" => Ok(Plan::Boolean),
            "long" => Ok(Plan::Long),
            "double" => Ok(Plan::Double),
            "string" => Ok(Plan::Text),
            name => named.get(name).cloned().ok_or_else(unknown),
        },
        Value::Array(branches) => match branches.as_slice() {
            [null, other] if null == "null" => Ok(Plan::Nullable(Box::new(plan(other, named)?))),
            _ => Err(unknown()),
        },
        Value::Object(fields) => match fields.get("type").and_then(Value::as_str) {
            Some("array") => Ok(Plan::Array(Box::new(plan(&schema["items"], named)?))),
            Some("map") => Ok(Plan::Map(Box::new(plan(&schema["values"], named)?))),
            Some("record") => {
                let fields = schema["fields"].as_array().ok_or_else(unknown)?;
                let field = |field: &Value| {
                    let name = field["name"].as_str().ok_or_else(unknown)?;
                    Ok((name.to_owned(), plan(&field["type"], named)?))
                };
                let record = Plan::Record(fields.iter().map(field).collect::<Result<_, String>>()?);
                named.insert(schema["name"].as_str().ok_or_else(unknown)?.to_owned(), record.clone());
                Ok(record)
            }
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

/// A number of any size: zigzag, then seven bits a byte, the lowest first.
fn long(value: i64, out: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while 0x7f < rest {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn text(value: &str, out: &mut Vec<u8>) {
    long(value.len() as i64, out);
    out.extend(value.as_bytes());
}

/// Arrays and maps come in blocks, each with its count before it; one block is enough.
fn count(length: usize, out: &mut Vec<u8>) {
    long(length as i64, out);
}

/// A block of none ends them; where there was none at all, that was it.
fn end(length: usize, out: &mut Vec<u8>) {
    if 0 < length {
        out.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn check(schema: Value, value: Value, expect: &[u8]) {
        let mut out = Vec::new();
        Plan::new(&schema).unwrap().write(&value, &mut out).unwrap();
        assert_eq!(out, expect, "{value} as {schema}");
    }

    /// The specification's own examples, and the ends of the ranges.
    #[test]
    fn values_are_written_as_the_specification_says() {
        for (value, expect) in
            [(0, &[0][..]), (-1, &[1]), (1, &[2]), (-2, &[3]), (-64, &[0x7f]), (64, &[0x80, 1])]
        {
            check("long".into(), value.into(), expect);
        }
        check("long".into(), i64::MAX.into(), &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
        check("long".into(), i64::MIN.into(), &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
        check("string".into(), "foo".into(), &[6, 0x66, 0x6f, 0x6f]);
        check(json!({"type": "array", "items": "long"}), json!([3, 27]), &[4, 6, 0x36, 0]);
        check(json!({"type": "array", "items": "long"}), json!([]), &[0]);
        check(json!(["null", "string"]), Value::Null, &[0]);
        check(json!(["null", "string"]), "a".into(), &[2, 2, 0x61]);
        check(json!({"type": "map", "values": "boolean"}), json!({"a": true}), &[2, 2, 0x61, 1, 0]);
        check("double".into(), json!(1), &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
        let record = json!({"type": "record", "name": "test", "fields": [
            {"name": "a", "type": "long"}, {"name": "b", "type": "string"}]});
        check(record, json!({"b": "foo", "a": 27}), &[0x36, 6, 0x66, 0x6f, 0x6f]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let plan = Plan::new(&record::article_avro()).unwrap();
        let mut article: Value =
            serde_json::from_str(include_str!("../../../../record/fixtures/article.v1.json")).unwrap();
        plan.write(&article, &mut Vec::new()).unwrap();
        article["entities"][0]["mentions"][0]["start"] = "x".into();
        let error = plan.write(&article, &mut Vec::new()).unwrap_err();
        assert!(error.starts_with(".entities[0].mentions[0].start: "), "{error}");
        assert!(Plan::new(&json!({"type": "fixed", "size": 4})).is_err());
    }

    proptest! {
        #[test]
        fn a_long_reads_back(value: i64) {
            let mut out = Vec::new();
            long(value, &mut out);
            let raw = out.iter().rev().fold(0_u64, |raw, byte| raw << 7 | u64::from(byte & 0x7f));
            prop_assert_eq!((raw >> 1) as i64 ^ -((raw & 1) as i64), value);
            prop_assert!(out.len() <= 10);
        }
    }
}
