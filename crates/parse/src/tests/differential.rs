//! The walk and feed-rs, of which neither knows the other, read well-formed feeds alike.

use super::fixture;
use crate::read;
use std::fmt::Write;

/// What both can say of an item: title, first page, publication or else change.
type Gist = (Option<String>, Option<String>, Option<i64>);

fn ours(body: &[u8], base: &str) -> Vec<Gist> {
    let raw = read(body, None, Some(&base.parse().unwrap())).unwrap();
    let gist = |said: crate::Said| {
        let page = said.links.iter().find(|link| link.rel.as_deref() == Some("alternate"));
        let at = said.published.or(said.updated).and_then(|date| date.instant);
        (said.title.map(|title| title.value), page.map(|link| link.href.clone()), at.map(|at| at.as_second()))
    };
    raw.entries.into_iter().map(gist).collect()
}

fn theirs(body: &[u8], base: &str) -> Vec<Gist> {
    let parser = feed_rs::parser::Builder::new().base_uri(Some(base)).build();
    let gist = |entry: feed_rs::model::Entry| {
        let is_page = |link: &&feed_rs::model::Link| matches!(link.rel.as_deref(), None | Some("alternate"));
        let page = entry.links.iter().find(is_page).map(|link| link.href.clone());
        let at = entry.published.or(entry.updated).map(|at| at.timestamp());
        (entry.title.map(|title| title.content.trim().to_owned()), page, at)
    };
    parser.parse(body).unwrap().entries.into_iter().map(gist).collect()
}

fn check(body: &[u8]) {
    let base = "https://feeds.example/news/feed.xml";
    assert_eq!(ours(body, base), theirs(body, base));
}

#[test]
fn fixtures_are_read_alike() {
    for name in ["rss2.xml", "rss1.xml", "wordpress.xml", "windows-1252.xml"] {
        check(&fixture(name));
    }
}

#[test]
fn many_items_are_read_alike() {
    let mut rss = String::from(
        "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>t</title>",
    );
    let mut atom = String::from("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title><id>f</id>");
    for n in 0..200 {
        let (day, hour) = (1 + n % 28, n % 24);
        write!(
            rss,
            "<item><title>A &amp; B &lt;{n}&gt; &#233;</title><link>{}/{n}?a=1&amp;b=2</link><guid>g{n}</guid>\
             <pubDate>{day:02} Nov 2025 {hour:02}:05:00 +0100</pubDate><description><![CDATA[<p>x</p>]]></description></item>",
            if n % 3 == 0 { "" } else { "https://a.example" },
        )
        .unwrap();
        write!(
            atom,
            "<entry><title>A &amp; {n}</title><id>{n}</id><link rel=\"self\" href=\"/self\"/><link href=\"/e/{n}\"/>\
             <updated>2025-11-{day:02}T{hour:02}:05:00.5Z</updated></entry>",
        )
        .unwrap();
    }
    check((rss + "</channel></rss>").as_bytes());
    check((atom + "</feed>").as_bytes());
}
