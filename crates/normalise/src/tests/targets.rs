//! What is fuzzed here; shared by `examples/fuzz.rs` and the tests.

use fuzz::Target;
use jiff::Timestamp;
use model::{Entry, Feed, FeedMeta, FirstPoll, Text, TextKind};
use normalise::page::{self, Page};
use normalise::{Context, canonical, normalise, to_safe_html, to_text};
use record::{ParseMode, Quality};
use scraper::Html;
use std::sync::Arc;
use url::Url;

const FINDINGS: &str = "crates/normalise/fixtures/fuzz";
const TEXTS: [&str; 3] = ["crates/normalise/fixtures/text", "crates/normalise/fixtures/article", FINDINGS];

pub(crate) const TARGETS: [Target; 3] = [
    Target { name: "html", corpus: &TEXTS, words: &HTML, run: html },
    Target { name: "urls", corpus: &["crates/normalise/fixtures", FINDINGS], words: &URLS, run: urls },
    Target { name: "pages", corpus: &["crates/normalise/fixtures/page", FINDINGS], words: &HTML, run: page },
];

const HTML: [&str; 64] = [
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<b>",
    "</b>",
    "<a href=\"",
    "<a href='/x'>",
    "</a>",
    "<img src=x onerror=y>",
    "<script>",
    "</script>",
    "<style>",
    "<svg>",
    "</svg>",
    "<math>",
    "<mi>",
    "<template>",
    "<noscript>",
    "<iframe>",
    "<form>",
    "</form>",
    "<button>",
    "<textarea>",
    "<title>",
    "<xmp>",
    "<plaintext>",
    "<select>",
    "<option>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<ul>",
    "<li>",
    "</ul>",
    "<ol start=\"9\">",
    "<pre>",
    "</pre>",
    "<code>",
    "<br>",
    "<hr>",
    "<h1>",
    "</h1>",
    "<!--",
    "-->",
    "<!",
    "<?",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&lt;",
    "&gt;",
    "&quot;",
    "&#x3c;",
    "&nbsp;",
    " hidden",
    " style=\"display:none\"",
    " class=\"share-button\"",
    "java&#10;script:",
    "\u{202e}",
    "<p>By: Ann Lee</p>",
    "<p>Read more: X</p>",
    "The post <a>X</a> appeared first on Y.",
];

const URLS: [&str; 36] = [
    "http://",
    "https://",
    "//",
    "/",
    "?",
    "&",
    "#",
    "=",
    "@",
    ":",
    ":80",
    ":443",
    "%2F",
    "%",
    "..",
    ".",
    "amp",
    "/amp/",
    "m.",
    "www.",
    "utm_source=x",
    "fbclid=",
    "cdn.ampproject.org/c/s/",
    "www.google.com/url?q=",
    "news.example",
    "\u{e9}",
    "xn--",
    "[::1]",
    "127.0.0.1",
    "+",
    ";",
    "\t",
    "\n",
    "\\",
    "user:pass@",
    "id=1",
];

fn base() -> Url {
    "https://daily.example/world/a".parse().expect("a URL")
}

fn feed() -> Arc<Feed> {
    Arc::new(Feed {
        id: "daily".parse().expect("a feed id"),
        url: base(),
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: model::Polling::default(),
    })
}

/// Markup and text of a body; the markup is safe, and made safe again it is the same.
fn html(body: &[u8]) {
    let html = String::from_utf8_lossy(body);
    let (once, text) = to_safe_html(&html, &base());
    if let Some(harm) = harm(&once) {
        panic!("{harm} in {once}");
    }
    assert_eq!(to_safe_html(&once, &base()).0, once, "made safe again it is something else");
    for text in [&text, &to_text(&html)] {
        assert!(!text.contains(['\0', '\u{ad}', '\u{202e}', '\u{200b}', '\r', '\t']));
        assert!(text.len() <= 12 * html.len() + 64, "{} bytes became {}", html.len(), text.len());
    }
    let (meta, feed) = (FeedMeta::default(), feed());
    let quality = Quality { parse_mode: ParseMode::Strict, flags: Vec::new() };
    let context = Context {
        feed: &feed,
        meta: &meta,
        document_url: &feed.url,
        fetched_at: Timestamp::UNIX_EPOCH,
        quality: &quality,
    };
    let text = |kind| Some(Text { value: html.clone().into_owned(), kind });
    let entry = Entry { title: text(TextKind::Plain), content: text(TextKind::Html), ..Entry::default() };
    let _ = normalise(&context, entry);
}

/// Elements that may be shown.
const SHOWN: [&str; 56] = [
    "html",
    "head",
    "body",
    "colgroup",
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "ul",
];
/// What an element may say.
const SAID: [&str; 12] = [
    "href", "src", "title", "alt", "rel", "width", "height", "colspan", "rowspan", "datetime", "dir", "start",
];

/// What a browser's parser finds in markup that may run, load a document, or change the page around it.
pub(crate) fn harm(markup: &str) -> Option<String> {
    let tree = Html::parse_fragment(markup);
    tree.tree.values().find_map(|node| {
        if node.is_comment() || node.is_doctype() || node.as_processing_instruction().is_some() {
            return Some("what is not shown".to_owned());
        }
        let element = node.as_element()?;
        if !SHOWN.contains(&element.name()) {
            return Some(format!("<{}>", element.name()));
        }
        element.attrs().find_map(|(name, value)| {
            let web = value.starts_with("https://") || value.starts_with("http://");
            let is_address = matches!(name, "href" | "src");
            (!SAID.contains(&name) || (is_address && !web)).then(|| format!("{name}={value:?}"))
        })
    })
}

/// Each line as an address: its canonical form is its own canonical form.
fn urls(body: &[u8]) {
    for line in String::from_utf8_lossy(body).lines() {
        for address in line.split('\t') {
            let Some(once) = canonical(address, &base()) else { continue };
            assert_eq!(canonical(once.as_str(), &base()).as_ref(), Some(&once), "{address:?}");
        }
    }
}

/// A page, of whatever it is.
fn page(body: &[u8]) {
    let feed = feed();
    let url = base();
    let page = Page { feed: &feed, url: &url, content_type: None, fetched_at: Timestamp::UNIX_EPOCH, body };
    let _ = page::read(&page);
}
