//! The one question that is asked of the registry: which id has this schema?

use crate::kafka::client::secret;
use crate::kafka::config::Config;
use crate::{Class, Error};
use serde_json::{Value, json};
use std::time::Duration;

/// The registry's own media type.
const MEDIA: &str = "application/vnd.schemaregistry.v1+json";
/// Longest answer that is read, bytes.
const ANSWER_MAX: usize = 1 << 20;

/// What the registry said: a status and a document.
struct Answer {
    status: u16,
    body: Value,
}

/// The id of `schema` under `subject`: registered unless it is there, or looked for only.
///
/// # Errors
/// [`Class::Retry`] when the registry does not answer or says that it is in trouble, [`Class::Operator`] when
/// it refuses.
pub(super) fn id(config: &Config, subject: &str, kind: &str, schema: &Value) -> Result<u32, Error> {
    let registry = &config.registry;
    let url = registry.url.as_deref().unwrap_or_default().trim_end_matches('/');
    let (place, act) = if registry.register { ("/versions", "register") } else { ("", "find") };
    let address = format!("{url}/subjects/{subject}{place}");
    let body = json!({ "schemaType": kind, "schema": schema.to_string() }).to_string();
    let answer = ask(config, &address, body)?;
    let refused = |class: Class, what: &str| {
        Error::new(
            class,
            format!("the schema registry at {url} does not {act} the schema of {subject}: {what}"),
        )
    };
    match answer.status {
        200 => {
            let id = answer.body["id"].as_u64().and_then(|id| u32::try_from(id).ok());
            id.ok_or_else(|| refused(Class::Operator, "its answer holds no id"))
        }
        408 | 429 | 500.. => Err(refused(Class::Retry, &format!("it answers {}", answer.status))),
        status => {
            let said = answer.body["message"].as_str().unwrap_or_default();
            let hint = match status {
                401 | 403 => "; see kafka.registry.username and password_file",
                404 if !registry.register => "; register it, or set kafka.registry.register = true",
                409 => "; its compatibility rule forbids the change",
                _ => "",
            };
            Err(refused(Class::Operator, &format!("{status} {said}{hint}")))
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the registry is the operator's own, like the brokers: no guard of the open web"
)]
fn ask(config: &Config, address: &str, body: String) -> Result<Answer, Error> {
    let registry = &config.registry;
    let password = secret(registry.password.as_ref(), registry.password_file.as_deref())?;
    let timeout = config.request_timeout.0;
    let asking = async {
        let client = reqwest::Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none());
        let mut request = client
            .build()?
            .post(address)
            .header("content-type", MEDIA)
            .header("accept", format!("{MEDIA}, application/json"))
            .body(body);
        if let Some(username) = &registry.username {
            request = request.basic_auth(username, password.as_ref().map(model::Secret::expose));
        }
        let mut answer = request.send().await?;
        let status = answer.status().as_u16();
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if text.len() + chunk.len() > ANSWER_MAX {
                break;
            }
            text.extend_from_slice(&chunk);
        }
        Ok::<_, reqwest::Error>(Answer { status, body: serde_json::from_slice(&text).unwrap_or_default() })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Error::new(Class::Retry, format!("no runtime for the registry's answer: {error}"))
    })?;
    let answer = runtime.block_on(asking);
    runtime.shutdown_timeout(Duration::ZERO);
    answer.map_err(|error| {
        // Without the address: a password may stand in it.
        let why = error.without_url();
        let cause = std::error::Error::source(&why).map_or(String::new(), |cause| format!(": {cause}"));
        Error::new(Class::Retry, format!("the schema registry does not answer: {why}{cause}"))
    })
}
