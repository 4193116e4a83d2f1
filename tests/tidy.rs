//! The house rules that a machine can see: arrows, sizes, what must not be written down.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const ROOMS: [&str; 8] = ["fetch", "parse", "normalise", "dedup", "enrich", "deliver", "ledger", "schedule"];
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const MAP_LINES_MAX: usize = 200;

/// Functions that may be longer, each with its reason.
const LONG_FUNCTIONS: [(&str, &str); 0] = [];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file that git tracks or would track.
fn files() -> Vec<PathBuf> {
    let args = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let output = std::process::Command::new("git").args(args).current_dir(root()).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let files: Vec<PathBuf> =
        listed.lines().map(PathBuf::from).filter(|file| root().join(file).is_file()).collect();
    assert!(50 < files.len(), "git lists only {} files", files.len());
    files
}

fn rust_files() -> Vec<(PathBuf, String)> {
    let is_rust = |file: &PathBuf| file.extension().is_some_and(|kind| kind == "rs");
    let read = |file: PathBuf| {
        let text = fs::read_to_string(root().join(&file)).unwrap();
        (file, text)
    };
    files().into_iter().filter(is_rust).map(read).collect()
}

/// Our own crates that a manifest's `[dependencies]` name; what only its tests need is not an arrow.
fn arrows(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines() {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.starts_with("dependencies") || section.contains(".dependencies");
        } else if inside && let Some((name, _)) = line.split_once(['.', '=', ' ']) {
            found.push(name.trim().to_owned());
        }
    }
    found
}

/// What a crate of ours may depend on, of ours.
fn allowed(name: &str) -> Option<&'static [&'static str]> {
    const BASE: &[&str] = &["fault", "model", "record"];
    match name {
        "record" | "fault" | "xtask" => Some(&[]),
        "model" => Some(&["record"]),
        "status" => Some(&["model", "record"]),
        "testkit" => Some(&["fault", "model", "record", "xtask"]),
        room if ROOMS.contains(&room) => Some(BASE),
        _ => None,
    }
}

#[test]
fn no_arrow_between_rooms() {
    let mut manifests = BTreeMap::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let dir = entry.unwrap().path();
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        manifests.insert(name, fs::read_to_string(dir.join("Cargo.toml")).unwrap());
    }
    manifests.insert("xtask".into(), fs::read_to_string(root().join("xtask/Cargo.toml")).unwrap());
    let ours: Vec<String> = manifests.keys().cloned().collect();
    for (name, manifest) in &manifests {
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} does not take the workspace's lints");
        let Some(allowed) = allowed(name) else { continue };
        for arrow in arrows(manifest).iter().filter(|arrow| ours.contains(arrow)) {
            assert!(allowed.contains(&arrow.as_str()), "{name} may not depend on {arrow}");
        }
    }
    for room in ROOMS {
        assert!(ours.iter().any(|name| name == room), "the room {room} is gone");
    }
}

#[test]
fn arrows_are_seen() {
    let manifest = "[package]\nname = \"parse\"\n[dependencies]\nmodel.workspace = true\nfetch = { path = \"../fetch\" }\n[dev-dependencies]\ndedup.workspace = true\n";
    assert_eq!(arrows(manifest), ["model", "fetch"]);
}

/// Lines of a file without the tests at its end.
fn own_lines(text: &str) -> usize {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text).lines().count()
}

#[test]
fn files_are_short() {
    let long: Vec<String> = rust_files()
        .iter()
        .filter(|(_, text)| FILE_LINES_MAX < own_lines(text))
        .map(|(file, text)| format!("{}: {} lines", file.display(), own_lines(text)))
        .collect();
    assert!(long.is_empty(), "longer than {FILE_LINES_MAX} lines: {long:#?}");
    let map = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    assert!(map.lines().count() <= MAP_LINES_MAX, "docs/architecture.md is no map any more");
}

/// Names and lengths of a file's functions. rustfmt closes each at the indentation that it opened at.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        let is_head = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "pub(super) fn ",
            "async fn ",
            "pub async fn ",
            "pub(crate) async fn ",
            "const fn ",
            "pub const fn ",
            "pub(crate) const fn ",
        ]
        .iter()
        .any(|head| words.starts_with(head));
        if !is_head {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        let ends = lines[start..].iter().position(|line| {
            *line == close || (line.ends_with(';') && line.len() - line.trim_start().len() == indent)
        });
        let name = words.split("fn ").nth(1).unwrap_or_default();
        let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        found.push((name, ends.map_or(0, |length| length + 1)));
    }
    found
}

#[test]
fn functions_are_short() {
    let mut excused = LONG_FUNCTIONS.map(|(name, _)| (name, false));
    let mut long = Vec::new();
    for (file, text) in rust_files() {
        for (name, length) in functions(&text).into_iter().filter(|(_, length)| FUNCTION_LINES_MAX < *length)
        {
            let place = format!("{}::{name}", file.display());
            match excused.iter_mut().find(|(excuse, _)| **excuse == place) {
                Some((_, used)) => *used = true,
                None => long.push(format!("{place}: {length} lines")),
            }
        }
    }
    assert!(long.is_empty(), "longer than {FUNCTION_LINES_MAX} lines: {long:#?}");
    assert!(excused.iter().all(|(_, used)| *used), "no longer needed: {excused:?}");
}

#[test]
fn lengths_are_counted() {
    let body = "    x();\n".repeat(80);
    let text = format!(
        "impl A {{\n    pub fn short(&self) {{\n        y();\n    }}\n}}\n\nfn long() {{\n{body}}}\n"
    );
    assert_eq!(functions(&text), [("short".to_owned(), 3), ("long".to_owned(), 82)]);
    assert_eq!(own_lines("a\nb\n#[cfg(test)]\nmod tests {\n}\n"), 2);
}

#[test]
fn nothing_of_this_machine_is_written_down() {
    // In pieces, so that this file does not hold what it looks for.
    let forbidden = [
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
        ["crates", ".io"].concat(),
        ["docs", ".rs/crate"].concat(),
        ["repo1.ma", "ven"].concat(),
        ["registry.np", "mjs"].concat(),
        ["deb.deb", "ian.org"].concat(),
        ["py", "pi.org"].concat(),
    ];
    let mut found = Vec::new();
    for file in files().into_iter().filter(|file| !file.ends_with("Cargo.lock")) {
        let Ok(text) = fs::read_to_string(root().join(&file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = forbidden.iter().find(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {word}", file.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
