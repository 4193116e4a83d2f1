//! The OpenAPI document, made from the types of the answers.

use axum::Json;
use axum::response::{IntoResponse, Response};
use model::desk::{Change, FeedList, FeedReport, Outbox, Overview, Refusal, Reloaded};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

pub(super) async fn openapi() -> Response {
    Json(document()).into_response()
}

/// A query parameter: name, schema, what it means.
type Parameter = (&'static str, Value, &'static str);

fn text() -> Value {
    json!({ "type": "string" })
}

fn count(most: u32) -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": most })
}

fn words(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

fn feeds_query() -> Vec<Parameter> {
    vec![
        ("search", text(), "part of id, title, URL or label"),
        ("health", words(&["good", "failing", "new"]), "only feeds that stand so"),
        (
            "sort",
            words(&["problems", "id", "last_success", "next_visit"]),
            "the order; problems first by default",
        ),
        ("offset", count(u32::MAX), "feeds to leave out at the beginning"),
        ("limit", count(model::desk::FEEDS_MAX), "feeds at most; 100 by default"),
    ]
}

fn articles_query() -> Vec<Parameter> {
    vec![
        ("feed", text(), "feed ids, parted by commas"),
        ("language", text(), "language codes, parted by commas"),
        ("topic", text(), "topic ids or parts of labels, parted by commas"),
        ("entity", text(), "Wikidata ids or parts of names, parted by commas"),
        ("after", count(u32::MAX), "only articles after this place in the outbox"),
        ("limit", count(model::desk::ROWS_MAX), "articles at most; 50 by default"),
    ]
}

struct Document {
    schemas: SchemaGenerator,
    paths: Map<String, Value>,
}

impl Document {
    fn add<T: JsonSchema>(&mut self, method: &str, path: &str, summary: &str, query: Vec<Parameter>) {
        let answer = self.schemas.subschema_for::<T>();
        self.put(method, path, summary, query, "application/json", &json!(answer));
    }

    fn put(
        &mut self,
        method: &str,
        path: &str,
        summary: &str,
        query: Vec<Parameter>,
        kind: &str,
        answer: &Value,
    ) {
        let refusal = self.schemas.subschema_for::<Refusal>();
        let refusal = json!({ "type": "object", "properties": { "error": refusal } });
        let mut parameters: Vec<Value> = query
            .into_iter()
            .map(|(name, schema, description)| {
                json!({ "name": name, "in": "query", "schema": schema, "description": description })
            })
            .collect();
        if path.contains("{id}") {
            parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": text() }));
        }
        let mut operation = json!({
            "summary": summary,
            "parameters": parameters,
            "responses": {
                "200": { "description": "the answer", "content": { kind: { "schema": answer } } },
                "default": {
                    "description": "a refusal",
                    "content": { "application/json": { "schema": refusal } },
                },
            },
        });
        if method == "post" && path == "/api/v1/feeds" {
            let feed = json!({ "type": "object", "required": ["id", "url"], "properties": {
                "id": text(), "url": { "type": "string", "format": "uri" }, "title": text(),
                "labels": { "type": "array", "items": text() }, "country": text(), "interval": text(),
                "first_poll": text(),
                "fulltext": text(),
            } });
            let list = json!({ "type": "array", "items": feed, "maxItems": model::desk::FEEDS_MAX });
            operation["requestBody"] =
                json!({ "required": true, "content": { "application/json": { "schema": list } } });
        }
        let place = self.paths.entry(path).or_insert_with(|| json!({}));
        place[method] = operation;
    }
}

/// The document, OpenAPI 3.1.
pub(crate) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut all = Document { schemas: settings.into_generator(), paths: Map::new() };
    all.add::<Overview>("get", "/api/v1/overview", "How the daemon is", vec![]);
    all.add::<FeedList>("get", "/api/v1/feeds", "Feeds and how they stand", feeds_query());
    all.add::<Change>("post", "/api/v1/feeds", "Add feeds", vec![]);
    all.add::<FeedReport>("get", "/api/v1/feeds/{id}", "One feed with its last fetches", vec![]);
    all.add::<Change>("delete", "/api/v1/feeds/{id}", "Take back a feed that was added", vec![]);
    all.add::<Change>(
        "post",
        "/api/v1/feeds/{id}/visit",
        "Visit a feed as soon as its host may be asked",
        vec![],
    );
    let limit = ("limit", count(model::desk::ROWS_MAX), "rows that are listed; 100 by default");
    all.add::<Outbox>("get", "/api/v1/outbox", "What waits for delivery", vec![limit]);
    let recent = json!({ "type": "object", "required": ["last", "missed", "articles"], "properties": {
        "last": { "type": "integer", "description": "to be asked after next" },
        "missed": { "type": "integer", "description": "articles that had gone before they could be shown" },
        "articles": { "type": "array", "items": all.schemas.subschema_for::<record::Article>() },
    } });
    let summary = "The articles that were settled last";
    all.put("get", "/api/v1/articles", summary, articles_query(), "application/json", &recent);
    let summary = "Articles as they are settled: events `article` and `missed`";
    all.put("get", "/api/v1/tail", summary, articles_query(), "text/event-stream", &text());
    all.add::<Reloaded>("post", "/api/v1/reload", "Read the config anew", vec![]);
    let schemas = all.schemas.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "wireroom",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0 OR MIT" },
        },
        "paths": all.paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{}, { "token": [] }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every reference leads somewhere, and the table for people names every path.
    #[test]
    fn it_is_whole_and_the_table_for_people_agrees() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(document.pointer(reference).is_some(), "{reference} leads nowhere");
        }
        let table = include_str!("../../../../docs/api.md");
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let row = format!("| `{} {path}", method.to_uppercase());
                assert!(table.contains(&row), "docs/api.md has no row {row}");
            }
        }
    }
}
