//! What is fuzzed here; shared by `examples/fuzz.rs` and the tests.

use fuzz::Target;

const FIXTURES: &str = "crates/parse/fixtures";
const FINDINGS: &str = "crates/parse/fixtures/fuzz";

pub(crate) const TARGETS: [Target; 3] = [
    Target { name: "xml", corpus: &[FIXTURES, FINDINGS], words: &XML, run: document },
    Target { name: "json", corpus: &[FIXTURES, FINDINGS], words: &JSON, run: document },
    Target { name: "dates", corpus: &["crates/model/fixtures"], words: &DATES, run: dates },
];

const XML: [&str; 44] = [
    "<rss version=\"2.0\">",
    "<channel>",
    "<item>",
    "</item>",
    "<title>",
    "</title>",
    "<description>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<!DOCTYPE a [",
    "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
    "<entry>",
    "<content type=\"xhtml\">",
    "<content type=\"image/png\">",
    "<div>",
    "</div>",
    "&amp;",
    "&",
    "&#55357;&#56832;",
    "&nbsp;",
    "<link href=\"/x\"/>",
    "<a href=\"x\">",
    "<media:content url=\"http://a/\">",
    "<media:group>",
    "<guid>1</guid>",
    "<author>a@b.cc（",
    "<source>",
    "<image>",
    "<url>",
    "<pubDate>03/04/2026</pubDate>",
    "\u{e9}",
    "\"",
    "'",
    "<a b=\"",
    ">",
    "<",
    "</",
    "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
    "<rdf:RDF>",
    "<urlset>",
    "<news:title>",
    " xml:base=\"http://\"",
];

const JSON: [&str; 14] = [
    "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[",
    "{\"id\":\"1\"}",
    ",",
    "[",
    "]",
    "{",
    "}",
    "\\ud800",
    "\\",
    "\"",
    "\"title\":",
    "\"authors\":[",
    "null",
    "1e999",
];

const DATES: [&str; 16] = [
    "2026-11-24",
    "T",
    "10:30:00",
    "Z",
    "+01:00",
    "Tue, ",
    " Nov ",
    " pm",
    "GMT",
    "\n",
    "99",
    "年",
    "月",
    "\u{2212}",
    "mar",
    ".",
];

/// Reads a document both ways; what is said of each item is told once.
fn document(body: &[u8]) {
    let base = url::Url::parse("https://feeds.example/news/feed.xml").ok();
    let Ok(raw) = parse::read(body, None, base.as_ref()) else { return };
    let told = serde_json::to_string(&raw).expect("what is read can be told");
    // Memory stays in proportion: what is told is no multiple of what was read.
    assert!(told.len() < 64 * body.len() + (4 << 20) + 1_500 * raw.entries.len());
}

/// Reads each line as a date.
fn dates(body: &[u8]) {
    for line in String::from_utf8_lossy(body).lines() {
        let date = model::Date::read(line);
        assert!(date.instant.is_some() || !date.date_only);
    }
}
