//! Dashboard and alerts name no metric that does not exist.

use crate::window::Window;
use std::collections::BTreeSet;

const FILES: [(&str, &str); 4] = [
    ("alerts.yml", include_str!("../../../deploy/monitoring/alerts.yml")),
    ("alerts_test.yml", include_str!("../../../deploy/monitoring/alerts_test.yml")),
    ("wireroom.json", include_str!("../../../deploy/monitoring/grafana/wireroom.json")),
    ("monitoring.md", include_str!("../../../docs/monitoring.md")),
];

/// The words of a text that begin as our metrics do.
fn named(text: &str) -> BTreeSet<&str> {
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
    text.split(|c| !is_word(c)).filter(|word| word.starts_with("wireroom_")).collect()
}

/// Names as queries have them: a counter ends in `_total`, a histogram has three.
fn queried(metrics: &str) -> BTreeSet<String> {
    let types = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types
        .flat_map(|(name, kind)| {
            let endings: &[&str] = match kind {
                "counter" => &["_total"],
                "histogram" => &["_bucket", "_sum", "_count"],
                _ => &[""],
            };
            endings.iter().map(move |ending| format!("{name}{ending}"))
        })
        .collect()
}

#[test]
fn every_metric_that_is_named_exists() {
    let exist = queried(&Window::default().metrics());
    assert!(exist.contains("wireroom_visits_total") && exist.contains("wireroom_feeds"), "{exist:?}");
    for (file, text) in FILES {
        let unknown: Vec<&str> = named(text).into_iter().filter(|name| !exist.contains(*name)).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}");
    }
    for (file, text) in &FILES[..3] {
        assert!(3 < named(text).len(), "{file} names hardly any metric");
    }
}

#[test]
fn names_are_found_and_spelled_out() {
    let found: Vec<&str> =
        named("sum(rate(wireroom_a_total{x=\"y\"}[5m])) > wireroom_b").into_iter().collect();
    assert_eq!(found, ["wireroom_a_total", "wireroom_b"]);
    let spelled: Vec<String> =
        queried("# TYPE wireroom_a counter\n# TYPE wireroom_b_seconds histogram\n# TYPE wireroom_c gauge\n")
            .into_iter()
            .collect();
    let expect = [
        "wireroom_a_total",
        "wireroom_b_seconds_bucket",
        "wireroom_b_seconds_count",
        "wireroom_b_seconds_sum",
        "wireroom_c",
    ];
    assert_eq!(spelled, expect);
}
