use super::*;
use model::FirstPoll;
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn read_at(url: &str, content_type: Option<&str>, body: &[u8]) -> Result<Article, Unread> {
    let url = Url::parse(url).unwrap();
    let feed = Arc::new(Feed {
        id: "daily".parse().unwrap(),
        url: url.clone(),
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: model::Polling::default(),
    });
    read(&Page {
        feed: &feed,
        url: &url,
        content_type,
        fetched_at: "2024-05-08T00:00:00Z".parse().unwrap(),
        body,
    })
}

fn read_html(html: &str) -> Result<Article, Unread> {
    read_at("https://daily.example/x", Some("text/html"), html.as_bytes())
}

const PARAGRAPH: &str = "<p>The council voted on Monday to close the old harbour, after a debate that went on until midnight, and drew a large crowd of fishermen.</p>";

#[test]
fn a_page_and_what_it_says_of_itself() {
    let page = include_str!("../../fixtures/page/article.html");
    let article =
        read_at("https://www.daily.example/world/council-votes/amp", None, page.as_bytes()).unwrap();
    assert_eq!(article.url.as_deref(), Some("https://daily.example/world/council-votes/"));
    assert_eq!(article.title.as_deref(), Some("Council votes to close harbour"));
    assert_eq!(article.summary.as_deref(), Some("The council voted – late – on Monday."));
    assert_eq!(article.outlet.name.as_deref(), Some("Daily Sun"));
    let authors: Vec<&str> = article.authors.iter().map(|author| author.name.as_str()).collect();
    assert_eq!(authors, ["Ann Lee", "Bo Ek"]);
    assert_eq!(article.published_at, Some("2024-05-06T21:10:00Z".parse().unwrap()));
    assert_eq!(article.modified_at, Some("2024-05-07T06:00:00Z".parse().unwrap()));
    assert_eq!(article.categories, ["World", "Harbours"]);
    assert_eq!(article.language_claim.as_deref(), Some("en-GB"));
    assert_eq!(article.rights.license.as_deref(), Some("https://creativecommons.org/licenses/by/4.0/"));
    assert_eq!(article.rights.ai_opt_out, Some(true));
    assert_eq!(article.media[0].url, "https://www.daily.example/img/harbour.jpg?w=1200&h=630");
    assert_eq!(article.media[0].width, Some(1200));
    assert_eq!(article.text_source, Some(TextSource::Page));
    assert!(!article.teaser);
    let text = article.text.unwrap();
    assert!(text.starts_with("The council voted on Monday"), "{text}");
    assert!(text.ends_with("two members were missing."), "{text}");
    assert!(text.contains("Eleven million for the work\nTwo years of building"), "{text}");
    for other in ["Sport", "Facebook", "newsletter", "Another story", "rights", "not text", "markup"] {
        assert!(!text.contains(other), "{other:?} is in {text}");
    }
}

#[test]
fn walls_are_no_articles() {
    let check = |title: &str, body: &str, expect: Wall| {
        let html =
            format!("<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>");
        assert_eq!(read_html(&html).map(|article| article.text), Err(Unread::Wall(expect)), "{title}");
    };
    let short = "<p>The page that you were looking for is not here any more, or it never was. Please try the front page.</p>";
    check("404 - Page not found | Daily Sun", short, Wall::Error);
    check("Seite nicht gefunden", short, Wall::Error);
    check("Access Denied", short, Wall::Error);
    check("503 Service Unavailable", short, Wall::Error);
    check(
        "Just a moment...",
        "<p>Checking your browser before accessing daily.example. This takes a few seconds.</p>",
        Wall::Check,
    );
    check(
        "Attention Required! | Cloudflare",
        "<p>Please complete the security check to access the site, then go on.</p>",
        Wall::Check,
    );
    check(
        "Before you continue",
        "<p>We and our partners use cookies to show you personalised content.</p><button>Accept all</button>",
        Wall::Consent,
    );
}

#[test]
fn a_paywall_leaves_a_teaser() {
    let body = format!("<article>{PARAGRAPH}{PARAGRAPH}<p>Subscribe to continue reading.</p></article>");
    let article = read_html(&format!("<html><body><h1>Council votes</h1>{body}</body></html>")).unwrap();
    assert!(article.teaser);
    assert!(article.quality.flags.iter().any(|flag| flag == "paywall"));
    let said = r#"<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>"#;
    let article = read_html(&format!(
        "<html><head>{said}</head><body><article>{PARAGRAPH}{PARAGRAPH}</article></body></html>"
    ));
    assert!(article.unwrap().teaser);
    let whole = PARAGRAPH.repeat(40);
    let article = read_html(&format!(
        "<html><body><h1>Error in the count</h1><article>{whole}</article></body></html>"
    ));
    assert!(!article.unwrap().teaser);
}

#[test]
fn what_is_no_page_says_what_it_is() {
    let check = |body: &[u8], content_type: Option<&str>, expect: &str| {
        let error =
            read_at("https://daily.example/x", content_type, body).map(|article| article.text).unwrap_err();
        assert_eq!(error.to_string(), expect);
    };
    check(b"%PDF-1.7 ...", None, "not an HTML page but a PDF");
    check(b"  ", None, "not an HTML page but empty");
    check(b"{\"a\": 1}", Some("application/json"), "not an HTML page but JSON");
    check(b"<?xml version='1.0'?><rss version='2.0'></rss>", None, "not an HTML page but a feed");
    check(b"\x89PNG\r\n", Some("text/html"), "not an HTML page but an image");
    check(b"<html><body></body></html>", None, "the page holds no article");
}

#[test]
fn an_entry_takes_the_text_of_its_page_and_keeps_its_own_words() {
    let page = read_html(&format!(
        "<html lang=de><head><title>Other</title></head><body><article>{}</article></body></html>",
        PARAGRAPH.repeat(3)
    ))
    .unwrap();
    let mut entry = page.clone();
    entry.title = Some("The feed's".into());
    entry.text = Some("Short".into());
    entry.text_source = Some(TextSource::Summary);
    entry.teaser = true;
    let text = page.text.clone();
    let merged = with_page(entry, page);
    assert_eq!(merged.title.as_deref(), Some("The feed's"));
    assert_eq!(merged.text, text);
    assert_eq!(merged.text_source, Some(TextSource::Page));
    assert!(!merged.teaser);
}

#[test]
fn a_page_that_has_less_or_is_paid_for_leaves_the_feeds_text_and_names_its_own_outlet_only() {
    let page =
        read_html(&format!("<html><body><article>{}</article></body></html>", PARAGRAPH.repeat(3))).unwrap();
    let check = |text: Option<&str>, flag: Option<&str>, url: &str, expect: (TextSource, &[&str], &str)| {
        let (mut entry, mut page) = (page.clone(), page.clone());
        entry.url = Some("https://www.daily.example/story?id=1".into());
        entry.text = text.map(str::to_owned);
        entry.text_source = text.map(|_| TextSource::Feed);
        page.quality.flags.extend(flag.map(str::to_owned));
        page.url = Some(url.into());
        let merged = with_page(entry, page);
        let flags: Vec<&str> = merged.quality.flags.iter().map(String::as_str).collect();
        assert_eq!((merged.text_source.unwrap(), &*flags, merged.url.as_deref().unwrap()), expect);
    };
    let (own, front) = ("https://daily.example/a", "https://www.daily.example/story?id=1");
    let long = "word ".repeat(400);
    check(Some("Short"), None, own, (TextSource::Page, &[], own));
    check(Some(&long), None, own, (TextSource::Feed, &["page_short"], own));
    check(Some("Short"), Some("paywall"), own, (TextSource::Feed, &["paywall"], own));
    check(None, Some("paywall"), own, (TextSource::Page, &["paywall"], own));
    check(Some("Short"), None, "https://other.example/a", (TextSource::Page, &[], front));
    check(Some("Short"), None, "https://daily.example/", (TextSource::Page, &[], front));
}

/// What makes tree builders take quadratic time, or run out of stack.
#[test]
fn hostile_pages_take_linear_time() {
    let many =
        |unit: &str, times: usize| format!("<html><body>{PARAGRAPH}{}</body></html>", unit.repeat(times));
    let attributes = (0..4_000).map(|n| format!(" a{n}=\"{n}\"")).collect::<String>();
    let fonts = (0..1_000).map(|n| format!("<p><font size={n}>x")).collect::<String>();
    for (name, html) in [
        ("deep", many("<div>", 20_000)),
        ("deeper", many("<a><b><i>", 8_000)),
        ("lists", many("<li>x", 2_000)),
        ("comments", many("<!--", 50_000)),
        ("scripts", many("<script>", 20_000)),
        ("svg", many("<svg>", 20_000)),
        ("ends", many("</div></b>", 20_000)),
        ("quotes", many("<a =\">\"", 30_000)),
        ("attributes", format!("<html><body><p{attributes}>x</p>{PARAGRAPH}</body></html>")),
        ("fonts", format!("<html><body>{PARAGRAPH}{fonts}</body></html>")),
    ] {
        let start = Instant::now();
        let _ = read_html(&html);
        assert!(start.elapsed() < Duration::from_secs(60), "{name} took {:?}", start.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lean_markup_is_well_nested_and_made_of_what_counts(
        html in "(<(/?(p|div|li|ul|b|a|td|table|script|style|svg|h1)|!--|br|img)( (class|id|onclick|style)=(\"[a-z <>]{0,5}\"|'x'|y))?(>|/>|-->)?|[a-z&<> é]{1,6}){0,40}",
    ) {
        let once = lean::read(&html).html;
        prop_assert!(!once.contains("<script>") && !once.contains("<script "), "{}", once);
        let again = lean::read(&once).html;
        prop_assert_eq!(&again, &lean::read(&again).html);
    }

    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_at("https://daily.example/x", None, &body);
        let page = [b"<html><body><p>".as_slice(), &body].concat();
        let _ = read_at("https://daily.example/x", Some("text/html; charset=shift_jis"), &page);
    }
}
