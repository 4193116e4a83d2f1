//! JSON-LD: what a page says of its article in the words of schema.org.

use serde_json::Value;

/// Objects that are looked at in one page.
const OBJECTS_MAX: usize = 2_000;

/// The objects of a page's linked data, flat.
#[derive(Debug, Default)]
pub(super) struct Linked {
    objects: Vec<Value>,
}

impl Linked {
    /// Reads the contents of the page's scripts. One that is not JSON is left out.
    pub(super) fn read(scripts: &[String]) -> Self {
        let mut linked = Self::default();
        for script in scripts {
            if let Some(value) = json(script) {
                linked.collect(value);
            }
        }
        linked
    }

    /// The object that describes the article: of several the first with a body, else the first with a
    /// headline, else the first. None when the page calls nothing an article.
    pub(super) fn article(&self) -> Option<&Value> {
        let articles: Vec<&Value> = self.objects.iter().filter(|object| is_article(object)).collect();
        let with = |field: &str| articles.iter().find(|object| object.get(field).is_some()).copied();
        with("articleBody").or_else(|| with("headline")).or_else(|| articles.first().copied())
    }

    fn collect(&mut self, value: Value) {
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            if self.objects.len() >= OBJECTS_MAX {
                return;
            }
            match value {
                Value::Array(values) => waiting.extend(values.into_iter().rev()),
                Value::Object(mut fields) => {
                    let mut inner = Vec::new();
                    for name in ["@graph", "mainEntity", "mainEntityOfPage"] {
                        if fields.get(name).is_some_and(|value| !value.is_string()) {
                            inner.extend(fields.remove(name));
                        }
                    }
                    self.objects.push(Value::Object(fields));
                    waiting.extend(inner.into_iter().rev());
                }
                _ => {}
            }
        }
    }
}

/// JSON with the faults that pages have: wrapped in a comment or CDATA, raw line ends in strings, a
/// semicolon behind it.
fn json(script: &str) -> Option<Value> {
    let text = script.trim().trim_end_matches(';').trim();
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let text = text.replace("<![CDATA[", "").replace("]]>", "");
    let from = text.find(['{', '['])?;
    let to = text.rfind(['}', ']'])?;
    let text = text.get(from..=to)?;
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    serde_json::from_str(&plain).ok()
}

fn is_article(object: &Value) -> bool {
    let is = |kind: &Value| {
        kind.as_str().is_some_and(|kind| {
            kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind == "Report" || kind == "Review"
        })
    };
    match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is),
        Some(kind) => is(kind),
        None => false,
    }
}

/// The texts under `field`: a string, an object's name, or a list of either.
pub(super) fn texts(object: &Value, field: &str) -> Vec<String> {
    let mut out = Vec::new();
    each(object.get(field), &mut |value| out.extend(text(value)));
    out
}

/// The first of [`texts`].
pub(super) fn first(object: &Value, field: &str) -> Option<String> {
    texts(object, field).into_iter().next()
}

/// Calls `take` with each value of a list, or with the value.
pub(super) fn each(value: Option<&Value>, take: &mut dyn FnMut(&Value)) {
    match value {
        Some(Value::Array(values)) => values.iter().for_each(take),
        Some(value) => take(value),
        None => {}
    }
}

/// A string, or the name, address or identifier of an object.
fn text(value: &Value) -> Option<String> {
    let found = match value {
        Value::String(text) => Some(text.as_str()),
        Value::Object(_) => {
            ["name", "url", "@id", "@value"].iter().find_map(|field| value.get(field)?.as_str())
        }
        _ => None,
    };
    found.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A truth value, also as a word.
pub(super) fn truth(object: &Value, field: &str) -> Option<bool> {
    match object.get(field)? {
        Value::Bool(value) => Some(*value),
        Value::String(word) => match word.to_ascii_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, headline: &str) {
        let linked = Linked::read(&[script.to_owned()]);
        let found = linked.article().and_then(|article| first(article, "headline"));
        assert_eq!(found.unwrap_or_default(), headline, "{script}");
    }

    #[test]
    fn the_article_is_found_wherever_it_is() {
        check(r#"{"@type":"NewsArticle","headline":"A"}"#, "A");
        check(r#"[{"@type":"WebPage"},{"@type":["Thing","ReportageNewsArticle"],"headline":"B"}]"#, "B");
        check(r#"{"@graph":[{"@type":"Person"},{"@type":"BlogPosting","headline":" C "}]}"#, "C");
        check(r#"{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"D"}}"#, "D");
        check(r#"{"@type":"WebPage","headline":"no article"}"#, "");
    }

    #[test]
    fn common_faults_are_read() {
        check("<!--\n{\"@type\":\"Article\",\"headline\":\"E\"}\n-->", "E");
        check("//<![CDATA[\n{\"@type\":\"Article\",\"headline\":\"F\nG\"};\n//]]>", "F G");
        check("{broken", "");
        check("", "");
    }
}
