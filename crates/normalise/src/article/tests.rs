use super::*;
use expect_test::{Expect, expect, expect_file};
use model::{Date, FirstPoll, Person, TextKind};
use proptest::prelude::*;
use record::{ParseMode, PublishedQuality};
use std::fmt::Write as _;

fn html(value: &str) -> Option<Text> {
    Some(Text { value: value.into(), kind: TextKind::Html })
}

fn with_context<T>(run: impl FnOnce(&Context<'_>) -> T) -> T {
    let feed = Arc::new(Feed {
        id: "harbour".parse().unwrap(),
        url: Url::parse("https://feeds.harbour.example/all.xml").unwrap(),
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: Default::default(),
    });
    let meta = FeedMeta {
        title: Some("Harbour News".into()),
        language: Some("en-US".into()),
        rights: Some("© 2025 Harbour News, https://creativecommons.org/licenses/by/4.0/.".into()),
        authors: vec![Person { name: Some("News desk".into()), ..Person::default() }],
        ..FeedMeta::default()
    };
    let quality = Quality { parse_mode: ParseMode::Strict, flags: Vec::new() };
    run(&Context {
        feed: &feed,
        meta: &meta,
        document_url: &feed.url,
        fetched_at: "2025-11-19T14:09:31.204Z".parse().unwrap(),
        quality: &quality,
    })
}

fn article(entry: Entry) -> Result<Article, Unusable> {
    with_context(|context| normalise(context, entry))
}

/// All that an entry becomes, one field a line.
fn shown(entry: Entry) -> String {
    let a = match article(entry) {
        Ok(article) => article,
        Err(unusable) => return unusable.to_string(),
    };
    let mut out = String::new();
    let mut field = |name: &str, value: String| writeln!(out, "{name}: {value}").unwrap();
    field("url", format!("{:?}", a.url));
    field("source_url", format!("{:?}", a.source_url));
    field("feed", format!("{} {:?}", a.feed.id, a.feed_title));
    field("outlet", format!("{:?} {:?}", a.outlet.name, a.outlet.domain));
    field("guid", format!("{:?}", a.guid));
    field("title", format!("{:?}", a.title));
    field("summary", format!("{:?}", a.summary));
    field("text_source", format!("{:?} teaser {}", a.text_source, a.teaser));
    field("language_claim", format!("{:?}", a.language_claim));
    field("authors", format!("{:?}", a.authors.iter().map(|author| &author.name).collect::<Vec<_>>()));
    field(
        "media",
        format!("{:?}", a.media.iter().map(|media| (&media.url, &media.mime)).collect::<Vec<_>>()),
    );
    field("categories", format!("{:?}", a.categories));
    field("published_at", format!("{:?} {:?}", a.published_at.map(|at| at.to_string()), a.published_quality));
    field("modified_at", format!("{:?}", a.modified_at.map(|at| at.to_string())));
    field("rights", format!("{:?} {:?}", a.rights.copyright, a.rights.license));
    field("flags", format!("{:?}", a.quality.flags));
    field("text", a.text.unwrap_or_default());
    out
}

/// An item as a typical WordPress feed carries it: player line, byline, trackers, footer.
fn wordpress() -> Entry {
    let content = include_str!("../../fixtures/article/wordpress.html");
    Entry {
        position: 0,
        guid: Some("https://harbour.example/?p=48211".into()),
        guid_is_permalink: Some(false),
        links: vec![Link {
            href: "https://harbour.example/world/envoy-pier-talks/?utm_source=rss&utm_medium=rss".into(),
            ..Link::default()
        }],
        title: html("Envoy to Meet Pier Owners in Port City"),
        summary: html(
            "The region’s harbour envoy is expected to meet on Wednesday with the owners of the pier, according to several papers and offici [&hellip;]",
        ),
        content: html(content),
        published: Some(Date { raw: Some("Wed, 19 Nov 2025 14:05:00 +0000".into()), ..Date::default() }),
        categories: ["Middle Coast", "Politics", "Politics"]
            .map(|term| Category { term: term.into(), ..Category::default() })
            .into(),
        ..Entry::default()
    }
}

#[test]
fn a_wordpress_item() {
    expect_file!["../../fixtures/article/wordpress.txt"].assert_eq(&shown(wordpress()));
}

#[test]
fn everything_that_can_be_wrong_at_once() {
    let media = ["/a.jpg", "https://cdn.harbour.example/a.jpg", "/a.jpg", "javascript:alert(1)", "data:x"];
    let entry = Entry {
        guid: Some(" tag:\u{0}harbour,2025:\u{202e}7 ".into()),
        links: vec![
            Link { href: "javascript:alert(1)".into(), ..Link::default() },
            Link {
                href: "https://harbour.example/a.mp3".into(),
                rel: Some("enclosure".into()),
                ..Link::default()
            },
            Link { href: "/story/7?b=1&a=2#top".into(), rel: Some("alternate".into()), ..Link::default() },
        ],
        title: html("  A\n <b>bold</b>\u{202e} title &amp;amp; more\u{0} "),
        summary: html(
            "<p>Only a short summary&#8230; <a href=\"x\">Continue reading <span>A bold title</span></a></p>",
        ),
        authors: vec![Person {
            name: Some("jane@harbour.example (Jane Doe and Bo Ek)".into()),
            ..Person::default()
        }],
        published: Some(Date { raw: Some("19.11.2026".into()), ..Date::default() }),
        media: media
            .map(|url| MediaLink {
                url: url.into(),
                mime: Some(" Image/JPEG ".into()),
                ..MediaLink::default()
            })
            .into(),
        categories: vec![
            Category { term: "x".repeat(201), ..Category::default() },
            Category { term: "c1".into(), label: Some("Arts &amp; Culture".into()), scheme: None },
        ],
        language: Some("DE_de".into()),
        ..Entry::default()
    };
    check(
        entry,
        expect![[r#"
        url: Some("https://feeds.harbour.example/story/7?a=2&b=1")
        source_url: Some("https://feeds.harbour.example/story/7?b=1&a=2#top")
        feed: harbour Some("Harbour News")
        outlet: Some("Harbour News") Some("harbour.example")
        guid: Some("tag:harbour,2025:7")
        title: Some("A bold title & more")
        summary: Some("Only a short summary…")
        text_source: Some(Summary) teaser true
        language_claim: Some("de-DE")
        authors: ["Jane Doe", "Bo Ek"]
        media: [("https://feeds.harbour.example/a.jpg", Some("image/jpeg")), ("https://cdn.harbour.example/a.jpg", Some("image/jpeg"))]
        categories: ["Arts & Culture"]
        published_at: Some("2026-11-19T00:00:00Z") Future
        modified_at: None
        rights: Some("© 2025 Harbour News, https://creativecommons.org/licenses/by/4.0/.") Some("https://creativecommons.org/licenses/by/4.0/")
        flags: []
        text: Only a short summary…
    "#]],
    );
}

fn check(entry: Entry, expect: Expect) {
    expect.assert_eq(&shown(entry));
}

#[test]
fn a_long_summary_is_the_body_and_a_cut_one_is_a_teaser() {
    let long = "One of many sentences of a text. ".repeat(40);
    let body = article(Entry { summary: html(&long), ..Entry::default() }).unwrap();
    assert_eq!((body.text_source, body.summary, body.teaser), (Some(TextSource::Feed), None, false));
    let cut = article(Entry { summary: html(&format!("{long} […]")), ..Entry::default() }).unwrap();
    assert_eq!((cut.text_source, cut.teaser), (Some(TextSource::Summary), true));
    assert_eq!(cut.text, cut.summary);
    let short = article(Entry { summary: html("Whole."), ..Entry::default() }).unwrap();
    assert_eq!((short.text_source, short.teaser), (Some(TextSource::Summary), false));
    let content = article(Entry { content: html("Part of it [...]"), ..Entry::default() }).unwrap();
    assert_eq!((content.text_source, content.teaser), (Some(TextSource::Feed), true));
    let empty =
        article(Entry { title: html("T"), content: html("<img src=x>"), ..Entry::default() }).unwrap();
    assert_eq!((empty.text, empty.text_source), (None, None));
}

#[test]
fn links_are_found_where_they_are() {
    let url = |entry| article(entry).unwrap().url.unwrap_or_default();
    let titled = || Entry { title: html("T"), ..Entry::default() };
    let guid =
        |guid: &str, permalink| Entry { guid: Some(guid.into()), guid_is_permalink: permalink, ..titled() };
    assert_eq!(url(guid("https://harbour.example/7", Some(true))), "https://harbour.example/7");
    assert_eq!(url(guid("https://harbour.example/7", None)), "https://harbour.example/7");
    assert_eq!(url(guid("https://harbour.example/7", Some(false))), "");
    assert_eq!(url(guid("7", Some(true))), "");
    let link = |href: &str, mime: &str| Link { href: href.into(), rel: None, mime: Some(mime.into()) };
    let links = vec![link("/feed.json", "application/json"), link("/page", "text/html")];
    assert_eq!(url(Entry { links, ..titled() }), "https://feeds.harbour.example/page");
}

#[test]
fn an_empty_item_is_refused_by_its_place() {
    let entry =
        Entry { position: 7, guid: Some("only a guid".into()), title: html(" <br> "), ..Entry::default() };
    assert_eq!(article(entry).unwrap_err().to_string(), "item 7 has neither a title nor a text nor a link");
}

#[test]
fn limits_hold() {
    let many = |word: &str| (0..500).map(|n| format!("{word} {n}")).collect::<Vec<_>>();
    let entry = Entry {
        guid: Some("g".repeat(2_001)),
        title: html(&"t ".repeat(2_000)),
        summary: html(&"s ".repeat(40_000)),
        content: html(&"x".repeat((1 << 20) + 1)),
        authors: many("Jane Doe")
            .into_iter()
            .map(|name| Person { name: Some(name), ..Person::default() })
            .collect(),
        categories: many("c").into_iter().map(|term| Category { term, ..Category::default() }).collect(),
        media: many("/m").into_iter().map(|url| MediaLink { url, ..MediaLink::default() }).collect(),
        ..Entry::default()
    };
    let a = article(entry).unwrap();
    let chars = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    assert_eq!((a.guid, a.authors.len(), a.categories.len(), a.media.len()), (None, 50, 50, 50));
    assert_eq!((chars(&a.title), chars(&a.summary), chars(&a.text)), (999, 19_999, 1 << 20));
    assert_eq!(a.quality.flags, ["guid_too_long", "title_cut", "text_cut"]);
}

#[test]
fn times_and_bylines() {
    let a = article(Entry { title: html("T"), ..Entry::default() }).unwrap();
    assert_eq!((a.published_at, a.published_quality), (None, PublishedQuality::Missing));
    assert_eq!(a.authors[0].name, "News desk", "the feed's author stands in");
}

proptest! {
    #[test]
    fn whatever_comes_in_goes_out_clean(
        texts in proptest::collection::vec(any::<String>(), 8),
        marks in "(<p>|</p>|By: Ann Lee\n|&#8230;|\\[…\\]|The post x appeared first on y|\u{202e}|\u{0}| |é){0,30}",
    ) {
        let entry = Entry {
            guid: Some(texts[0].clone()),
            links: vec![Link { href: texts[1].clone(), ..Link::default() }],
            title: html(&format!("t{}", texts[2])),
            summary: html(&format!("{}{marks}", texts[3])),
            content: html(&format!("{marks}{}", texts[4])),
            authors: vec![Person { name: Some(texts[5].clone()), email: None, uri: Some(texts[1].clone()) }],
            published: Some(Date { raw: Some(texts[6].clone()), ..Date::default() }),
            categories: vec![Category { term: texts[7].clone(), ..Category::default() }],
            media: vec![MediaLink { url: texts[1].clone(), title: Some(texts[7].clone()), ..MediaLink::default() }],
            rights: Some(texts[7].clone()),
            language: Some(texts[5].clone()),
            ..Entry::default()
        };
        let Ok(a) = article(entry) else { return Ok(()) };
        let names = a.authors.iter().map(|author| author.name.clone());
        let single: Vec<String> = a.title.into_iter().chain(names).chain(a.categories).chain(a.rights.copyright).collect();
        for line in &single {
            prop_assert!(!line.is_empty() && !line.contains('\n') && !line.chars().any(text::is_forbidden), "{:?}", line);
        }
        for text in a.summary.into_iter().chain(a.text) {
            prop_assert!(!text.is_empty() && !text.chars().any(text::is_forbidden), "{:?}", text);
        }
        for url in a.url.iter().chain(a.source_url.iter()).chain(a.media.iter().map(|media| &media.url)) {
            prop_assert!(url.starts_with("http"), "{}", url);
            prop_assert!(!url.chars().any(|c| c.is_control() || c.is_whitespace()), "{:?}", url);
        }
    }
}
