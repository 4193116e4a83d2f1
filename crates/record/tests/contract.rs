//! The contract with consumers: the record's field names, and the schema that says so.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use expect_test::expect_file;
use record::Article;
use serde_json::{Value, json};

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixtures/article.v1.json")).unwrap()
}

#[test]
fn a_record_reads_and_writes_back_field_by_field() {
    let article: Article = serde_json::from_value(fixture()).unwrap();
    assert_eq!(serde_json::to_value(&article).unwrap(), fixture());
}

#[test]
fn the_schema_accepts_the_record_and_refuses_what_is_not_one() {
    let schema = jsonschema::validator_for(&record::article_schema()).unwrap();
    assert!(schema.is_valid(&fixture()));
    let mut newer = fixture();
    newer["change"] = json!("merged");
    newer["added_later"] = json!(1);
    assert!(schema.is_valid(&newer), "enums and fields are open");
    let read: Article = serde_json::from_value(newer).unwrap();
    assert_eq!(read.change, record::Change::Other, "an older reader reads newer records");
    let refused = [
        ("/revision", json!("two")),
        ("/title", json!(7)),
        ("/feed", Value::Null),
        ("/entities/0/mentions/0/start", json!(-1)),
    ];
    for (place, value) in refused {
        let mut broken = fixture();
        *broken.pointer_mut(place).unwrap() = value;
        assert!(!schema.is_valid(&broken), "{place} was accepted");
    }
}

#[test]
fn every_field_is_required_and_offsets_agree_with_the_words() {
    let schema = record::article_schema();
    let required: Vec<&str> =
        schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let fields = schema["properties"].as_object().unwrap();
    let optional: Vec<&String> = fields.keys().filter(|name| !required.contains(&name.as_str())).collect();
    assert!(optional.is_empty(), "a field is null when empty, never absent: {optional:?}");
    let record: Article = serde_json::from_value(fixture()).unwrap();
    let text: Vec<char> = record.text.unwrap().chars().collect();
    let mention = &record.entities[0].mentions[0];
    let words: String = text[mention.start as usize..mention.end as usize].iter().collect();
    assert_eq!(words, mention.surface);
}

/// `UPDATE_EXPECT=1 cargo test -p record` writes them anew.
#[test]
fn the_published_schemas_are_those_of_the_types() {
    let pretty = |schema: Value| serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../schemas/article.v1.schema.json"].assert_eq(&pretty(record::article_schema()));
    expect_file!["../../../schemas/article.v1.avsc"].assert_eq(&pretty(record::article_avro()));
    expect_file!["../../../schemas/asyncapi.yaml"].assert_eq(&record::asyncapi_yaml());
}
