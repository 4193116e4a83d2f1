use super::*;
use crate::tests::targets::harm;
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
        assert!(start.elapsed() < Duration::from_secs(30), "{unit:?} took {:?}", start.elapsed());
    }
}

fn base() -> Url {
    Url::parse("https://daily.example/a/b").unwrap()
}

/// What a browser would run, load or restyle is seen in markup that was not made safe.
#[test]
fn harm_is_seen() {
    for harmful in [
        "<script>x</script>",
        "<p onclick=x>y</p>",
        "<a href=\"javascript:x\">y</a>",
        "<a href=\" JAVASCRIPT:x\">y</a>",
        "<img src=data:x>",
        "<svg><a href=\"https://a.example/\">y</a></svg>",
        "<p style=\"x\">y</p>",
        "<math><mtext></mtext></math>",
        "<p>x<!--y--></p>",
    ] {
        assert!(harm(harmful).is_some(), "{harmful}");
    }
}

#[test]
fn safe_markup_and_text_in_one_walk() {
    let check = |html: &str, safe: &str, text: &str| {
        assert_eq!(to_safe_html(html, &base()), (safe.to_owned(), text.to_owned()), "{html}");
        assert_eq!(to_text(html), text, "{html}");
    };
    check("<p onclick=x>One<p>Two", "<p>One</p><p>Two</p>", "One\n\nTwo");
    check("<script>alert(1)</script><b>x</b>", "<b>x</b>", "x");
    check("<a href=\"javascript:alert(1)\">x</a>", "x", "x");
    check(
        "<a href=\" java&#10;script:alert(1)\">x</a>",
        "<a href=\"https://daily.example/a/java%20script:alert(1)\" rel=\"nofollow noopener\">x</a>",
        "x",
    );
    check(
        "<a href='/c?x=1&amp;y=2'>x</a>",
        "<a href=\"https://daily.example/c?x=1&amp;y=2\" rel=\"nofollow noopener\">x</a>",
        "x",
    );
    check(
        "<img src=i.png onerror=x alt='a &quot;b&quot;'>",
        "<img src=\"https://daily.example/a/i.png\" alt=\"a &quot;b&quot;\">",
        "",
    );
    check("<img src=data:x><iframe src=x></iframe>y", "y", "y");
    check("&lt;p&gt;x &amp;amp; y&lt;/p&gt;", "<p>x &amp; y</p>", "x & y");
    check("a &lt; b &amp; c", "a &lt; b &amp; c", "a < b & c");
    check("<svg><a href=x>y</a></svg><math>z</math>k", "k", "k");
    check("<div class=\"sharedaddy\"><p>Share</p></div><p>Text</p>", "<p>Text</p>", "Text");
    check("<p>a\u{202e}b\u{200b}c\u{ad}d\0</p>", "<p>abcd</p>", "abcd");
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
    fn safe_markup_is_safe_and_made_safe_twice_the_same(
        html in "(<(/?(p|div|a|b|img|table|td|script|style|svg|iframe|form|math|li)|!--|\\?|!\\[CDATA\\[)( (href|src|onload|style|class)=(\"[a-z:<>(&;]{0,9}\"|'javascript:x'|data:y|/z))*(>|/>|-->|\\]\\]>)?|&[#a-z0-9]{1,6};?|[a-z&<>\"' é]{1,6}){0,40}",
        any in any::<String>(),
    ) {
        for input in [&html, &any] {
            let (once, _) = to_safe_html(input, &base());
            prop_assert_eq!(harm(&once), None, "{}", once);
            let (twice, _) = to_safe_html(&once, &base());
            prop_assert_eq!(once, twice);
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
