//! Dashboard and alerts: asked of a running Prometheus, and the alerts' unit tests.

use super::http::{escape, get};
use super::project::{Project, wait};
use crate::run::{output, run};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::process::Command;
use xtask::workspace;

const DASHBOARD: &str = "deploy/monitoring/grafana/wireroom.json";

/// `promtool` over the config and the alerts, with their unit tests.
pub(super) fn unit_tests() -> Result<()> {
    let dir = workspace::root().join("deploy/monitoring");
    let promtool = |words: &[&str]| run(Command::new("promtool").args(words).current_dir(&dir));
    promtool(&["check", "rules", "alerts.yml"])?;
    promtool(&["test", "rules", "alerts_test.yml"])
}

/// Largest exposure that `systemd-analyze security` may find in the unit, in tenths; 100 is the worst.
const EXPOSURE_MAX: &str = "--threshold=15";

/// `systemd-analyze` over the unit.
pub(super) fn unit() -> Result<()> {
    let text = std::fs::read_to_string(workspace::root().join("deploy/wireroom.service"))?;
    let unit = super::engine::home().join("wireroom.service");
    // Only programs that are there are accepted, and ours is not installed.
    std::fs::write(&unit, text.replace("/usr/bin/wireroom", "/bin/true"))?;
    run(Command::new("systemd-analyze").arg("verify").arg(&unit))?;
    let security = ["security", "--offline=true", EXPOSURE_MAX, "--no-pager"];
    output(Command::new("systemd-analyze").args(security).arg(&unit)).map(drop)
}

/// Asks the running Prometheus the query of every panel, each of which must be answered with data, and
/// whether all alerts could be evaluated.
pub(super) fn check(project: &Project) -> Result<()> {
    let port = project.prometheus_port();
    let ask = |path: &str| -> Result<Value> {
        let (status, body) = get(port, path, None)?;
        ensure!(status == 200, "{path} answers {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    };
    let text = std::fs::read_to_string(workspace::root().join(DASHBOARD))?;
    let dashboard: Value = serde_json::from_str(&text).context(DASHBOARD)?;
    let mut queries = Vec::new();
    expressions(&dashboard, &mut queries);
    ensure!(10 <= queries.len(), "{DASHBOARD} asks only {} questions", queries.len());
    for query in &queries {
        // What Grafana puts in place of these words.
        let query = query.replace("$__rate_interval", "1m").replace("$__range", "5m");
        let path = format!("/api/v1/query?query={}", escape(&query));
        wait(&format!("an answer to {query}"), || {
            Ok(ask(&path)?["data"]["result"].as_array().is_some_and(|series| !series.is_empty()))
        })?;
    }
    let rules = ask("/api/v1/rules")?;
    let groups = rules["data"]["groups"].as_array().context("no rules")?;
    let all: Vec<&Value> = groups.iter().filter_map(|group| group["rules"].as_array()).flatten().collect();
    ensure!(!all.is_empty(), "Prometheus has read no rule");
    for rule in all {
        ensure!(
            rule["health"] == "ok",
            "the alert {} cannot be evaluated: {}",
            rule["name"],
            rule["lastError"]
        );
    }
    Ok(())
}

fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("expr").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| expressions(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}
