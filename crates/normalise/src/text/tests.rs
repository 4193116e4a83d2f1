use super::*;
use expect_test::expect_file;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// `fixtures/text/<name>.html` and the text that it should become, beside it.
fn check(name: &str, html: &str) {
    let found = to_text(html);
    expect_file![format!("../../fixtures/text/{name}.txt")].assert_eq(&format!("{found}\n"));
    assert!(!found.chars().any(is_forbidden), "{name}");
}

macro_rules! fixtures {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), include_str!(concat!("../../fixtures/text/", stringify!($name), ".html")));
        }
    )*};
}
fixtures!(blocks, hidden, broken, escaped, code, plain, invisible);

#[test]
fn titles_are_one_line() {
    let check = |value: &str, kind, expect: &str| {
        assert_eq!(line(&Text { value: value.into(), kind }, 1_000).text, expect, "{value:?}");
    };
    check("  Two\n lines ", TextKind::Plain, "Two lines");
    check("Tom &amp; Jerry", TextKind::Plain, "Tom & Jerry");
    check("Tom &amp;amp; Jerry", TextKind::Html, "Tom & Jerry");
    check("It&#8217;s <b>bold</b>", TextKind::Html, "It’s bold");
    check("It's <b>bold</b>", TextKind::Plain, "It's bold");
    check("a < b and c > d", TextKind::Plain, "a < b and c > d");
    check("Why <template> matters", TextKind::Plain, "Why <template> matters");
    check("<script>alert(1)</script>Hello", TextKind::Html, "Hello");
    check("", TextKind::Html, "");
}

#[test]
fn limits_cut_characters_not_bytes() {
    let text = Text { value: "é".repeat(30), kind: TextKind::Html };
    assert_eq!(body(&text, 10), Plain { text: "é".repeat(10), cut: true });
    assert_eq!(body(&text, 30), Plain { text: "é".repeat(30), cut: false });
}

#[test]
fn a_form_around_the_whole_page_is_shown() {
    let small = "<form><label>Search</label></form><p>Text.</p>";
    assert_eq!(to_text(small), "Text.");
    let page = format!("<form><p>{}</p></form>", "word ".repeat(2_000));
    assert_eq!(to_text(&page), "word ".repeat(2_000).trim());
}

/// Patterns that make careless scanners quadratic: a quarter of a megabyte each takes some ten
/// milliseconds, and minutes if the work grows with the square.
#[test]
fn hostile_markup_takes_linear_time() {
    let units = [
        "<",
        "<a",
        "<a ",
        "<a \"",
        "<a =\"",
        "<a =\">\"",
        "<!",
        "<!--",
        "<![CDATA[",
        "</",
        "</a",
        "&",
        "&#",
        "&amp",
        "&a;",
        "<div>",
        "<script>",
        "<script></",
        "<iframe>",
        "<form>",
        "<div hidden>",
        "<p hidden>",
        "<form><div hidden><svg>",
        "<a style=\"overflow:hidden\" ",
        "= \"",
        "<ul>",
        "<br>",
        "\u{300}",
        "\u{200d}\u{1f680}",
        "<textarea><title>",
        "<svg><form><button><video>",
        "<a x=\"hidden\" y='display'>",
    ];
    for unit in units {
        let html = unit.repeat((1 << 18) / unit.len());
        let start = Instant::now();
        let _ = to_text(&html);
        let plain = Text { value: html, kind: TextKind::Plain };
        let _ = body(&plain, 1 << 20);
        assert!(start.elapsed() < Duration::from_secs(3), "{unit:?} took {:?}", start.elapsed());
    }
}

proptest! {
    #[test]
    fn nothing_forbidden_comes_out(html in any::<String>(), tags in "(<[a-z/!]{1,6}[ =\"'a-z]{0,6}>?|&[#a-z0-9]{1,6};?|[\\x00-\\x20\u{ad}\u{200b}-\u{202e}é中]|x){0,60}") {
        for input in [&html, &tags] {
            for kind in [TextKind::Html, TextKind::Plain] {
                let text = Text { value: input.clone(), kind };
                let found = body(&text, 1_000).text;
                prop_assert!(!found.chars().any(is_forbidden), "{:?}", found);
                prop_assert!(found.chars().count() <= 1_000);
                prop_assert!(!found.contains("  ") && !found.contains("\n\n\n") && !found.contains(" \n"));
                prop_assert_eq!(found.trim(), &found);
                prop_assert!(!line(&text, 1_000).text.contains('\n'));
            }
        }
    }

    #[test]
    fn plain_text_stays_as_it_is(text in "[^&<]{0,200}") {
        for kind in [TextKind::Html, TextKind::Plain] {
            let once = body(&Text { value: text.clone(), kind }, 1_000).text;
            let twice = body(&Text { value: once.clone(), kind }, 1_000).text;
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn what_is_between_paragraphs_is_kept_in_order(words in proptest::collection::vec("[a-z]{1,8}", 1..20)) {
        let html: String = words.iter().map(|word| format!("<p>{word}</p>\n")).collect();
        prop_assert_eq!(to_text(&html), words.join("\n\n"));
    }
}
