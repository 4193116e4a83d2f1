//! What is fuzzed here; shared by `examples/fuzz.rs` and the tests.

use super::articles::article;
use fuzz::Target;

pub(crate) const TARGETS: [Target; 1] = [Target {
    name: "enrich",
    corpus: &["crates/enrich/fixtures/fuzz"],
    words: &[
        "Donald Trump",
        "TRUMP",
        "al-Hayya",
        "U.N.",
        "U.S.-led",
        "’s",
        "n't",
        "“",
        "”",
        "(AP) —",
        "according to ",
        "The Harbour News Syndicate (HNS)",
        "reported",
        ". ",
        "\n\n",
        "\u{200b}",
        "\u{301}",
        "İ",
        "ß",
        "中国",
        "القاهرة",
        "https://a.example/b",
        "@handle",
        "a@b.example",
        "#tag",
        "&amp;",
        "<p class=\"",
        "1,000.5",
        "peace process",
        "O’Brien’s",
        "A.B.C.",
        "''''",
        "-–—",
    ],
    run: whole,
}];

/// The first line is the title, the rest the text; once with each claim.
fn whole(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let (title, text) = input.split_once('\n').unwrap_or(("", &input));
    for claim in [Some("en"), Some("de"), None] {
        let story = enrich::enrich(article(title, text, claim, Vec::new()));
        for mention in story.entities.iter().flat_map(|entity| &entity.mentions) {
            let of = match mention.field {
                record::Field::Title => title,
                _ => text,
            };
            let shown: String = of
                .chars()
                .skip(mention.start as usize)
                .take((mention.end - mention.start) as usize)
                .collect();
            assert_eq!(shown, mention.surface);
        }
    }
}
