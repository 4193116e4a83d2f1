//! Dashboard, alerts and their page name no metric and no label's value that does not exist, and none is
//! left out.

use crate::window::Window;
use std::collections::BTreeSet;

const FILES: [(&str, &str); 4] = [
    ("alerts.yml", include_str!("../../../deploy/monitoring/alerts.yml")),
    ("alerts_test.yml", include_str!("../../../deploy/monitoring/alerts_test.yml")),
    ("wireroom.json", include_str!("../../../deploy/monitoring/grafana/wireroom.json")),
    ("docs/monitoring.md", include_str!("../../../docs/monitoring.md")),
];

/// The words of a text that begin as our metrics do.
fn named(text: &str) -> BTreeSet<&str> {
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
    text.split(|c| !is_word(c)).filter(|word| word.starts_with("wireroom_")).collect()
}

/// Every metric, each family with one member.
fn shown() -> String {
    let window = Window::default();
    window.counts.touch();
    window.metrics()
}

#[test]
fn every_metric_that_is_named_exists_and_every_one_is_described() {
    let shown = shown();
    let lines = shown.lines().filter(|line| !line.starts_with('#'));
    let exist: BTreeSet<&str> = lines.filter_map(|line| line.split(['{', ' ']).next()).collect();
    assert!(10 < exist.len(), "{exist:?}");
    for (file, text) in FILES {
        let unknown: Vec<&&str> = named(text).difference(&exist).collect::<Vec<_>>().into_iter().collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}");
    }
    let described = named(FILES[3].1);
    let missing: Vec<&&str> =
        exist.difference(&described).filter(|name| !name.ends_with("_bucket")).collect();
    assert!(missing.is_empty(), "docs/monitoring.md does not describe {missing:?}");
}
