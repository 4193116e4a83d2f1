//! Bombs, texts on which other readers panic, mutants, and work that must stay linear.

use super::{document, fixture, items, read};
use crate::lex::Lexer;
use crate::limits::MAX_ITEMS;
use crate::{Error, parse};
use model::{FlawKind, Parsed};
use proptest::prelude::*;
use std::time::Duration;

/// Processor time of this thread: what else the machine does is not counted.
fn spent() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
}

/// Reads on a stack of 2 MiB, as a worker of the async runtime has; an overflow aborts the test binary.
fn on_small_stack(body: Vec<u8>) -> Result<Parsed, Error> {
    let reader = move || {
        let begun = spent();
        let outcome = read(body);
        // Generous: unoptimised. A quadratic reader takes minutes.
        assert!(spent() - begun < Duration::from_secs(20), "took {:?}", spent() - begun);
        outcome
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(reader).unwrap().join().unwrap()
}

/// Bytes that an outcome holds, near enough.
fn held(parsed: &Parsed) -> usize {
    let entry = |entry: &model::Entry| format!("{entry:?}").len();
    parsed.entries.iter().map(entry).sum::<usize>()
        + parsed.flaws.iter().map(|flaw| 64 + flaw.detail.len()).sum::<usize>()
}

fn flawed(parsed: &Parsed, kind: FlawKind) -> bool {
    parsed.flaws.iter().any(|flaw| flaw.kind == kind)
}

/// True when a bomb was defused, and for the reason expected.
fn defused(parsed: &Parsed, why: &str) -> bool {
    parsed.flaws.iter().any(|flaw| flaw.kind == FlawKind::Bomb && flaw.detail.contains(why))
}

const OPEN: &str = "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
    xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel>";

/// A feed of one bomb between two good items.
fn between(bomb: &str) -> Vec<u8> {
    let good = |n: u8| format!("<item><title>good {n}</title><link>https://a.example/{n}</link></item>");
    format!("{OPEN}{}{bomb}{}</channel></rss>", good(1), good(2)).into_bytes()
}

fn check_bomb(bomb: &str) -> Parsed {
    let body = between(bomb);
    let size = body.len();
    let parsed = on_small_stack(body).unwrap();
    let titles: Vec<_> = parsed.entries.iter().filter_map(|entry| entry.title.as_ref()).collect();
    assert!(titles.iter().any(|title| title.value == "good 1"), "the item before the bomb is lost");
    assert!(titles.iter().any(|title| title.value == "good 2"), "the item after the bomb is lost");
    assert!(held(&parsed) < 8 * size + 65536, "{} bytes held of {size}", held(&parsed));
    parsed
}

#[test]
fn xml_base_is_not_amplified() {
    let base = format!("xml:base=\"http://a.example/{}/\"", "b".repeat(1000));
    let nested = format!("<item><title>x</title>{}</item>", format!("<a {base}>").repeat(500));
    check_bomb(&nested);
    // A base that is modest in itself, and links enough to make 150 MB of it.
    let open = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"http://a.example/{}/\">",
        "b".repeat(1500)
    );
    let entry = format!("<entry><id>1</id>{}</entry>", "<link href=\"x\"/>".repeat(1_000));
    let parsed = on_small_stack(format!("{open}{}</feed>", entry.repeat(100)).into_bytes()).unwrap();
    assert!(defused(&parsed, "resolved") && parsed.entries.len() == 100);
    // One long base and many relative links: a base that is longer than any address is left out.
    let long = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:base=\"http://a.example/>{}/\">",
        "b".repeat(100_000)
    );
    let body = format!("{long}<entry><id>1</id>{}</entry></feed>", "<link href=\"x\"/>".repeat(10_000));
    let parsed = on_small_stack(body.into_bytes()).unwrap();
    assert!(held(&parsed) < 8 << 20);
}

#[test]
fn nesting_cannot_overflow_the_stack() {
    let nested = |name: &str, attrs: &str, n: usize| {
        format!("{}{}", format!("<{name}{attrs}>").repeat(n), format!("</{name}>").repeat(n))
    };
    for bomb in [nested("media:group", "", 100_000), nested("media:content", " url=\"http://a/\"", 100_000)] {
        assert!(defused(&check_bomb(&format!("<item><title>b</title>{bomb}</item>")), "nested"));
    }
    assert!(defused(&check_bomb(&nested("itunes:category", " text=\"a\"", 100_000)), "nested"));
    assert!(defused(&check_bomb(&nested("x", "", 1_000_000)), "nested"));
    check_bomb(&format!("<item><title>b</title>{}", "<media:group>".repeat(100_000)));
    // Nesting that a comment, a document type or a quote could hide from one reader and not from the other.
    for hide in [
        "<!-->",
        "<!--->",
        "<!DOCTYPE a [",
        "<!DOCTYPE a [ <!-- ]> -->",
        "<a b='>",
        "<?>",
        "<![CDATA[<![CDATA[",
    ] {
        let body = format!("{OPEN}<item><title>b</title>{hide}{}", "<media:group>".repeat(50_000));
        let _ = on_small_stack(body.into_bytes());
    }
}

#[test]
fn items_are_capped_and_counted() {
    let open = "<rss version=\"2.0\"><channel>";
    for item in ["<item/>", "<item><guid>1</guid></item>"] {
        let body = format!("{open}{}", item.repeat(1_000_000));
        let parsed = on_small_stack(body.into_bytes()).unwrap();
        assert!(flawed(&parsed, FlawKind::TooManyItems));
        assert_eq!(items(&parsed), MAX_ITEMS);
        assert!(held(&parsed) < 16 << 20);
    }
    let json = format!(
        "{{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"\",\"items\":[{}0]}}",
        "{\"id\":\"1\"},".repeat(200_000)
    );
    let parsed = on_small_stack(json.into_bytes()).unwrap();
    assert!(flawed(&parsed, FlawKind::TooManyItems));
    assert_eq!(items(&parsed), MAX_ITEMS);
    let sitemap = format!("<urlset><news:x/>{}</urlset>", "<url><loc>a</loc></url>".repeat(20_000));
    assert_eq!(items(&on_small_stack(sitemap.into_bytes()).unwrap()), MAX_ITEMS);
}

#[test]
fn attributes_and_copies_are_capped() {
    let storm: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
    assert!(defused(&check_bomb(&format!("<item{storm}><title>b</title></item>")), "attributes"));
    let spaces: String = (0..50_000).map(|n| format!(" xmlns:a{n}=\"u\"")).collect();
    check_bomb(&format!("<item{spaces}><title>b</title></item>"));
    // What feed-rs copies into every group and content.
    let copied = "<media:thumbnail url=\"u\"/>".repeat(900);
    let groups = "<media:group><media:content url=\"http://a.example/\"/></media:group>".repeat(900);
    check_bomb(&format!("<item><title>b</title>{copied}{groups}</item>"));
    let rating = format!("<media:rating>{}</media:rating>", "r".repeat(500_000));
    let contents = "<media:content url=\"http://a.example/\"/>".repeat(1_900);
    check_bomb(&format!("<item><title>b</title>{rating}{contents}</item>"));
    let links = "<link>x</link>".repeat(200_000);
    assert!(defused(&check_bomb(&format!("<item><title>b</title>{links}</item>")), "elements"));
    // JSON authors, which feed-rs compares with each other and copies into every item.
    let authors: Vec<_> = (0..50_000).map(|n| format!("{{\"name\":\"n{n}\"}}")).collect();
    let authors = authors.join(",");
    let item = format!("{{\"id\":\"1\",\"authors\":[{authors}]}}");
    let rest = ",{\"id\":\"2\"}".repeat(5_000);
    let body = format!(
        "{{\"version\":\"https://jsonfeed.org/version/1\",\"title\":\"\",\"authors\":[{authors}],\"items\":[{item}{rest}]}}"
    );
    let parsed = on_small_stack(body.into_bytes()).unwrap();
    assert_eq!(items(&parsed), 5_001);
    assert!(parsed.entries.iter().all(|entry| entry.authors.len() <= 64) && parsed.meta.authors.len() <= 64);
    assert!(held(&parsed) < 8 << 20);
    let deep = format!(
        "{{\"version\":\"https://jsonfeed.org/version/1\",\"title\":{},\"items\":[{}]}}",
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000)
    );
    let _ = on_small_stack(deep.into_bytes());
}

#[test]
fn what_other_readers_panic_on_is_read() {
    for author in [
        "foo@a.example（张三）",
        "张三（foo@a.example",
        "é.foo@a.example",
        "<![CDATA[foo@a.example（张三）]]>",
    ] {
        let parsed = check_bomb(&format!("<item><title>b</title><author>{author}</author></item>"));
        assert_eq!(parsed.entries.len(), 3);
        assert_eq!(
            parsed.entries[1].authors[0].email.as_deref().map(|email| email.ends_with("@a.example")),
            Some(true)
        );
    }
    for duration in ["99999999999999999999999999", "٣:٠٤:٠٥", "9999999999999999999:00:00"] {
        let parsed = check_bomb(&format!(
            "<item><title>b</title><itunes:duration>{duration}</itunes:duration></item>"
        ));
        assert_eq!((parsed.entries.len(), parsed.flaws.len()), (3, 0));
    }
    let times = "<media:thumbnail url=\"u\" time=\"99999999999999999999999\"/>";
    assert_eq!(check_bomb(&format!("<item><title>b</title>{times}</item>")).entries.len(), 3);
    assert_eq!(check_bomb("<?xml version=\"1.0\" encoding=\"utf-16\"?>").entries.len(), 2);
    let wide = "<?xml version=\"1.0\" encoding=\"UTF-16BE\"?><rss version=\"2.0\"><channel><title>t</title></channel></rss>";
    let wide: Vec<u8> =
        [0xfe, 0xff].into_iter().chain(wide.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    assert_eq!(read(wide).unwrap().meta.title.as_deref(), Some("t"));
}

#[test]
fn entities_are_not_expanded() {
    let laughs = "<!DOCTYPE rss [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    let body =
        format!("{laughs}<rss version=\"2.0\"><channel><item><title>&b;&c;</title></item></channel></rss>");
    assert_eq!(read(body.into_bytes()).unwrap().entries[0].title.as_ref().unwrap().value, "&b;&c;");
}

/// Steps of the tokeniser.
fn steps(text: &str) -> usize {
    let mut lexer = Lexer::new(text);
    while lexer.next().is_some() {}
    lexer.work
}

/// Steps grow with the text, not with its square.
fn check_steps(unit: &str) {
    for tail in ["", "\"'>]]>-->?>"] {
        let text = |n| format!("{}{tail}", unit.repeat(n));
        let (small, large) = (steps(&text(500)), steps(&text(2_000)));
        assert!(large <= 6 * small + 1000, "{unit:?} and {tail:?}: {small} steps, then {large}");
    }
}

#[test]
fn work_is_linear() {
    let units = [
        "< ",
        "<!",
        "<!--",
        "<![CDATA[",
        "<?",
        "<a ",
        "<a '\"",
        "<a b=\"",
        "<a b='>",
        "<a><![CDATA[</a>",
        "<!x",
        "<!x [",
        "</",
        "<a b=\"c>d",
        "&#",
        "<b '\">",
        "<a \"<b\" ",
        "]]>",
        "--><!--",
        "<a b=\"<\">",
        "\"<a '",
        "<!DOCTYPE a [ ] ",
    ];
    units.into_iter().for_each(check_steps);
}

/// The same through the whole room, by processor time: four times the text may not take twelve times as long.
#[test]
fn reading_is_linear() {
    let units = [
        "< ",
        "<!",
        "&a;",
        "&",
        "<b>",
        "</b>",
        "<item>",
        "<item><title>",
        "<a b='",
        "<![CDATA[",
        "<description><b>",
        "<x:y>",
        "<title>a@b.cc（",
        "{\"",
        "[",
        "\\",
    ];
    for unit in units {
        let took = |n: usize| {
            let body = format!("{OPEN}<item><title>{}", unit.repeat(n)).into_bytes();
            let begun = spent();
            let _ = read(body);
            spent() - begun
        };
        let (small, large) = (took(10_000), took(40_000));
        assert!(large < 12 * small + Duration::from_millis(300), "{unit:?}: {small:?}, then {large:?}");
    }
}

#[test]
fn what_was_found_once_is_borne() {
    for target in super::targets::TARGETS {
        target.replay(400);
    }
}

/// Fragments that steer a reader into every corner.
fn fragments() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
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
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
        "<entry>",
        "<content type=\"xhtml\">",
        "<div>",
        "</div>",
        "&amp;",
        "&",
        "&#55357;&#56832;",
        "&nbsp;",
        "<link href=\"/x\"/>",
        "<media:content url=\"http://a/\">",
        "<media:group>",
        "<guid>1</guid>",
        "<author>a@b.cc（",
        "<itunes:duration>1:2:3",
        "text ",
        "é",
        "\"",
        "'",
        "<a b=\"",
        ">",
        "<",
        "</",
        "<?xml encoding=\"utf-16\"?>",
        "<rdf:RDF>",
        "<urlset>",
        "<url>",
        "<news:title>",
        "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[",
        "{\"id\":\"1\"}",
        ",",
        "]",
        "}",
        "\\ud800",
        "\"title\":",
        "xml:base=\"http://\"",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

const FIXTURES: [&str; 8] = [
    "rss2.xml",
    "rss1.xml",
    "atom.xml",
    "atom03.xml",
    "feed.json",
    "news-sitemap.xml",
    "ampersand.xml",
    "utf-16be.xml",
];

/// Whatever comes in: no panic, entries in order of their places, and each place once.
fn sane(body: Vec<u8>, content_type: Option<&str>) {
    let Ok(parsed) = parse(&document(body, content_type)) else { return };
    let mut places: Vec<_> = parsed.entries.iter().map(|entry| entry.position).collect();
    assert!(places.is_sorted());
    places.extend(
        parsed.flaws.iter().filter(|flaw| flaw.kind == FlawKind::LostItem).filter_map(|flaw| flaw.item),
    );
    places.sort_unstable();
    assert_eq!(places, (0..items(&parsed)).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_repetition_is_linear(unit in "[<>a'\"!/?=\\[\\]& -]{1,12}") {
        check_steps(&unit);
    }

    #[test]
    fn any_bytes(body in prop::collection::vec(any::<u8>(), 0..400)) {
        sane(body, None);
    }

    #[test]
    fn any_fragments(body in fragments()) {
        sane(body.clone().into_bytes(), None);
        sane(body.into_bytes(), Some("text/xml; charset=big5"));
    }

    #[test]
    fn any_mutant(
        which in 0..FIXTURES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..8),
    ) {
        let mut body = fixture(FIXTURES[which]);
        for (place, byte, kind) in edits {
            let at = place.index(body.len().max(1)).min(body.len().saturating_sub(1));
            match kind {
                _ if body.is_empty() => break,
                0 => body[at] = byte,
                1 => { body.remove(at); }
                2 => body.insert(at, byte),
                _ => body.truncate(at),
            }
        }
        sane(body, None);
    }
}
