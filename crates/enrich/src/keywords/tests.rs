use super::*;
use crate::tests::article;
use proptest::prelude::*;

fn found(text: &str) -> Vec<String> {
    let article = article("", text, Some("en"), Vec::new());
    let keywords = of(&Analysis::of(&article, None)).unwrap();
    keywords.into_iter().map(|keyword| keyword.text).collect()
}

#[test]
fn names_and_what_is_said_often_come_first() {
    let text = "Sources tell us that Google is acquiring Kaggle, a platform that hosts data science and machine \
        learning competitions. Details about the transaction remain vague, but Kaggle will stay a platform. Google \
        has used Kaggle before. Anthony Goldbloom founded Kaggle. The machine learning team of Google will run it.";
    let keywords = found(text);
    for wanted in ["Google", "Kaggle", "machine learning"] {
        assert!(keywords.iter().take(8).any(|keyword| keyword.contains(wanted)), "{wanted}: {keywords:?}");
    }
    assert!(
        keywords.iter().all(|keyword| !keyword.starts_with("the ") && !keyword.ends_with(" of")),
        "{keywords:?}"
    );
}

#[test]
fn nearly_equal_phrases_are_one() {
    let check = |a: &str, b: &str, expected: bool| {
        assert_eq!(are_same(&folded(a), &folded(b)), expected, "{a} {b}");
        assert_eq!(are_same(&folded(b), &folded(a)), expected, "{b} {a}");
    };
    check("peace talks", "Peace Talk", true);
    check("peace talks", "peace walls", false);
    check("peace talks", "war games", false);
    check("harbour authority", "harbour authorities", false);
    check("a peace talk in Geneva", "peace talks in Geneva", false);
    check("the peace talks in Geneva", "the peace talk in Genevas", true);
    check("", "", true);
    check("", "a", false);
    let keywords =
        found(&"The harbour authority closed. The harbour authorities closed. Harbour Authority! ".repeat(5));
    let like: Vec<_> =
        keywords.iter().filter(|keyword| keyword.to_lowercase() == "harbour authority").collect();
    assert_eq!(like.len(), 1, "{keywords:?}");
}

#[test]
fn languages_without_idle_words_have_no_keywords() {
    let article = article("", "text", Some("xx"), Vec::new());
    let language = record::Language { code: "xx".into(), confidence: 1.0 };
    assert!(of(&Analysis::of(&article, Some(language))).is_none());
}

proptest! {
    #[test]
    fn any_text_has_at_most_ten(text in any::<String>(), words in "([A-Z]?[a-c]{1,4}[ .,]){0,200}") {
        prop_assert!(found(&text).len() <= KEYWORDS_MAX);
        prop_assert!(found(&words).len() <= KEYWORDS_MAX);
    }
}
