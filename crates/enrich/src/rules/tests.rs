use super::*;
use crate::{enrich, tests::article};

fn story() -> Story {
    let text = "Acme  Corp said on Monday that the harbour will close. The naïve plan of ACME is dead.";
    let mut article = article("Harbour to close", text, Some("en"), vec!["Business".into()]);
    article.url = Some("https://daily.example/economy/harbour".into());
    article.outlet.name = Some("The Daily".into());
    enrich(article)
}

fn rule(label: &str) -> Rule {
    Rule { label: label.into(), ..Rule::default() }
}

fn check(rule: Rule, expect: &[&str]) {
    let rules = Rules::new(std::slice::from_ref(&rule)).unwrap();
    let given: Vec<String> = rules.given(&story()).into_iter().flat_map(|given| given.because).collect();
    assert_eq!(given, expect, "{rule:?}");
}

#[test]
fn names_are_whole_words() {
    check(Rule { names: vec!["Acme Corp".into(), "acme".into()], ..rule("a") }, &["Acme Corp", "acme"]);
    check(Rule { names: vec!["Acm".into(), "Harbour Close".into(), "naï".into()], ..rule("a") }, &[]);
    check(Rule { regex: vec![r"clos(e|ing)\b".into()], ..rule("a") }, &[r"clos(e|ing)\b"]);
}

#[test]
fn conditions() {
    let holds = |when: &str| {
        let rules = Rules::new(&[Rule { when: Some(when.into()), ..rule("a") }]).unwrap();
        !rules.given(&story()).is_empty()
    };
    for yes in [
        r#"categories = "business""#,
        r#"not title ~ "(?i)sport" and outlet = "the daily""#,
        r#"title = "x" or (url ~ '/economy/' and language != "de")"#,
        r#"topics = "medtop:04000000""#,
        r#"country != "GB" AND NOT (summary ~ ".")"#,
        r#"text !~ "zebra""#,
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in
        [r#"categories = "sport""#, r#"title ~ "zebra" or text ~ "zebra""#, r#"not outlet = "The Daily""#]
    {
        assert!(!holds(no), "{no}");
    }
}

#[test]
fn both_must_hold() {
    let words = || Rule { names: vec!["Acme Corp".into()], ..rule("a") };
    check(Rule { when: Some(r#"language = "de""#.into()), ..words() }, &[]);
    check(Rule { when: Some(r#"language = "en""#.into()), ..words() }, &[r#"language = "en""#, "Acme Corp"]);
}

#[test]
fn mistakes_are_told() {
    let told = |rule: Rule| Rules::new(&[rule]).unwrap_err()[0].to_string();
    let when = |text: &str| told(Rule { when: Some(text.into()), ..rule("a") });
    assert_eq!(told(Rule::default()), "rule 1 (\"\"): it has no label");
    assert!(told(rule("a")).contains("would label every article"));
    assert!(told(Rule { regex: vec!["(".into()], ..rule("a") }).contains("unclosed group"));
    assert!(told(Rule { names: vec![" ".into()], ..rule("a") }).contains("empty name"));
    assert!(when("titel = 'x'").contains("character 1: expected a field (title,"), "{}", when("titel = 'x'"));
    assert!(when("title 'x'").contains("character 7: expected `=`"));
    assert!(when("title = 'x").contains("quote at character 9"));
    assert!(when("title = 'x' title").contains("character 13: expected `and`"));
    assert!(when("(title = 'x'").contains("expected `)`, found the end"));
    assert!(when(&"not ".repeat(100)).contains("nested more than 32 deep"));
    assert!(when("").contains("expected a field"));
}

proptest::proptest! {
    #[test]
    fn no_condition_makes_it_panic(text in ".{0,60}", words in "(title|and|or|not|=|~|'x'|\\(|\\)| ){0,20}") {
        let _ = Condition::parse(&text);
        let _ = Condition::parse(&words);
    }
}
