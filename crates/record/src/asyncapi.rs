//! The AsyncAPI document: topics, keys, headers and records in one file that tools read.

use crate::{Change, SCHEMA_VERSION, header};
use serde_json::{Value, json};

/// The AsyncAPI 3.0 document of wireroom's topics; payloads refer to the schemas beside it.
pub fn asyncapi() -> Value {
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:wireroom",
        "info": {
            "title": "wireroom",
            "version": SCHEMA_VERSION,
            "description": "Clean, deduplicated, tagged news articles in Kafka, each revision once. Read with isolation.level=read_committed.",
            "license": { "name": "Apache-2.0 OR MIT" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "localhost:9092",
                "protocol": "kafka",
                "description": "The cluster that [kafka] bootstrap_servers names.",
            },
        },
        "channels": {
            "articles": channel("articles.v1", "One record a revision of an article, complete in itself. Nothing is compacted away on its first day.", &["article", "erased"], &["compact", "delete"]),
            "deadLetters": channel("dlq.v1", "Records that the cluster refused for good, with the reason in their headers.", &["deadLetter"], &["delete"]),
        },
        "operations": {
            "publishArticles": operation("articles", "Each revision of each article, once."),
            "publishDeadLetters": operation("deadLetters", "In the transaction of the record's neighbours."),
        },
        "components": {
            "parameters": {
                "prefix": { "description": "[kafka] topic_prefix", "default": "wireroom" },
            },
            "messages": { "article": article(), "erased": erased(), "deadLetter": dead_letter() },
        },
    })
}

/// The AsyncAPI document as a file.
pub fn asyncapi_yaml() -> String {
    let mut text = String::new();
    yaml(&asyncapi(), 0, &mut text);
    text.trim_start().to_owned() + "\n"
}

fn channel(suffix: &str, what: &str, messages: &[&str], policy: &[&str]) -> Value {
    let of = |name: &&str| ((*name).to_owned(), json!({ "$ref": format!("#/components/messages/{name}") }));
    json!({
        "address": format!("{{prefix}}.{suffix}"),
        "description": what,
        "parameters": { "prefix": { "$ref": "#/components/parameters/prefix" } },
        "messages": messages.iter().map(of).collect::<serde_json::Map<_, _>>(),
        "bindings": { "kafka": { "topicConfiguration": { "cleanup.policy": policy }, "bindingVersion": "0.5.0" } },
    })
}

fn operation(channel: &str, summary: &str) -> Value {
    json!({
        "action": "send",
        "channel": { "$ref": format!("#/channels/{channel}") },
        "summary": summary,
    })
}

fn article() -> Value {
    json!({
        "name": "article",
        "title": "One revision of an article",
        "contentType": "application/json",
        "headers": headers(&header::ARTICLE, &header::ARTICLE),
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": { "$ref": "./article.v1.schema.json" },
        },
        "bindings": key("The article's id."),
    })
}

fn erased() -> Value {
    json!({
        "name": "erased",
        "title": "An article that was erased: a record without a value",
        "payload": { "type": "null" },
        "bindings": key("The article's id."),
    })
}

fn dead_letter() -> Value {
    let all: Vec<(&str, &str)> = header::DEAD_LETTER.iter().chain(&header::ARTICLE).copied().collect();
    json!({
        "name": "deadLetter",
        "title": "A record that was refused, as it was, with the reason",
        "contentType": "application/json",
        "headers": headers(&all, &header::DEAD_LETTER),
        "payload": { "description": "The record's own bytes; cut where they do not fit into this topic." },
        "bindings": key("The record's own key."),
    })
}

fn key(what: &str) -> Value {
    json!({ "kafka": { "key": { "type": "string", "description": what }, "bindingVersion": "0.5.0" } })
}

fn headers(all: &[(&str, &str)], required: &[(&str, &str)]) -> Value {
    let properties: serde_json::Map<String, Value> = all
        .iter()
        .map(|(name, what)| {
            let mut header = json!({ "type": "string", "description": what });
            if *name == header::TYPE {
                header["examples"] =
                    [Change::Created, Change::Updated, Change::Withdrawn].map(header::article_type).into();
            }
            ((*name).to_owned(), header)
        })
        .collect();
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    json!({ "type": "object", "properties": properties, "required": names })
}

/// Writes a value as YAML, block style; strings in double quotes, which YAML reads as JSON does.
fn yaml(value: &Value, indent: usize, text: &mut String) {
    let line = format!("\n{}", "  ".repeat(indent));
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
                let name = if is_plain { name.clone() } else { Value::from(name.as_str()).to_string() };
                text.push_str(&format!("{line}{name}:"));
                yaml(value, indent + 1, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                text.push_str(&format!("{line}-"));
                yaml(item, indent + 1, text);
            }
        }
        scalar => text.push_str(&format!(" {scalar}")),
    }
}
