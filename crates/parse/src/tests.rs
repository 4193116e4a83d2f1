//! Real files through the whole room, and what must never happen.

mod differential;
mod hostile;
mod targets;

use crate::{Error, parse};
use bytes::Bytes;
use expect_test::{Expect, expect};
use model::{Document, Entry, Feed, FirstPoll, FlawKind, Parsed, Person, Text, Validators};
use std::fmt::Write;
use std::sync::Arc;

pub(super) fn document(body: impl Into<Bytes>, content_type: Option<&str>) -> Document {
    let url: url::Url = "https://feeds.example/news/feed.xml".parse().unwrap();
    Document {
        feed: Arc::new(Feed {
            id: "test".parse().unwrap(),
            url: url.clone(),
            title: None,
            labels: Vec::new(),
            country: None,
            interval: None,
            first_poll: FirstPoll::Publish,
            polling: Default::default(),
        }),
        url,
        body: body.into(),
        content_type: content_type.map(str::to_owned),
        validators: Validators::default(),
        fetched_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

pub(super) fn read(body: impl Into<Bytes>) -> Result<Parsed, Error> {
    parse(&document(body, None))
}

pub(super) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Entries, and items that were lost.
pub(super) fn items(parsed: &Parsed) -> usize {
    parsed.entries.len() + parsed.flaws.iter().filter(|flaw| flaw.kind == FlawKind::LostItem).count()
}

fn check(body: &[u8], expect: Expect) {
    let told = match read(body.to_vec()) {
        Ok(parsed) => tell(&parsed),
        Err(error) => format!("{error}\n"),
    };
    expect.assert_eq(&told);
}

fn tell(parsed: &Parsed) -> String {
    let meta = &parsed.meta;
    let mut out = format!("{:?} {:?}", parsed.format, parsed.mode);
    for (name, value) in
        [("title", &meta.title), ("link", &meta.link), ("lang", &meta.language), ("rights", &meta.rights)]
    {
        if let Some(value) = value {
            write!(out, " {name}={value}").unwrap();
        }
    }
    if let Some(ttl) = meta.ttl_minutes {
        write!(out, " ttl={ttl}").unwrap();
    }
    writeln!(out, "{}", people(&meta.authors)).unwrap();
    parsed.entries.iter().for_each(|entry| tell_entry(&mut out, entry));
    for flaw in &parsed.flaws {
        let (item, offset) = (flaw.item.map_or(-1, |i| i as i64), flaw.offset.map_or(-1, |i| i as i64));
        writeln!(out, "! {} item {item} byte {offset}: {}", flaw.kind.name(), flaw.detail).unwrap();
    }
    out
}

fn people(people: &[Person]) -> String {
    people
        .iter()
        .map(|p| {
            let uri = p.uri.as_ref().map(|uri| format!(" {uri}")).unwrap_or_default();
            let email = p.email.as_ref().map(|email| format!(" <{email}>")).unwrap_or_default();
            format!(" by={}{email}{uri}", p.name.as_deref().unwrap_or("?"))
        })
        .collect()
}

fn tell_entry(out: &mut String, entry: &Entry) {
    write!(out, "{}", entry.position).unwrap();
    if let Some(guid) = &entry.guid {
        let permalink = match entry.guid_is_permalink {
            Some(true) => " (permalink)",
            Some(false) => " (no link)",
            None => "",
        };
        write!(out, " guid={guid}{permalink}").unwrap();
    }
    for link in &entry.links {
        write!(out, " link={}", link.href).unwrap();
        link.rel.iter().for_each(|rel| write!(out, " ({rel})").unwrap());
    }
    writeln!(out, "{}", people(&entry.authors)).unwrap();
    let texts = [("title", &entry.title), ("summary", &entry.summary), ("content", &entry.content)];
    for (name, Text { value, kind }) in
        texts.iter().filter_map(|(name, text)| text.as_ref().map(|text| (name, text)))
    {
        writeln!(out, "  {name} {kind:?}: {value:?}").unwrap();
    }
    for (name, date) in [("published", &entry.published), ("updated", &entry.updated)] {
        if let Some(date) = date {
            let instant = date.instant.map_or("none".to_owned(), |instant| instant.to_string());
            let day = if date.date_only { " (day)" } else { "" };
            writeln!(out, "  {name}: {:?} = {instant}{day}", date.raw.as_deref().unwrap_or("")).unwrap();
        }
    }
    for category in &entry.categories {
        writeln!(out, "  category: {} {:?} {:?}", category.term, category.scheme, category.label).unwrap();
    }
    for m in &entry.media {
        writeln!(
            out,
            "  media: {} {:?} {:?} {:?}x{:?} {:?}",
            m.url, m.mime, m.title, m.width, m.height, m.length
        )
        .unwrap();
    }
    for (name, value) in [("rights", &entry.rights), ("lang", &entry.language)] {
        value.iter().for_each(|value| writeln!(out, "  {name}: {value}").unwrap());
    }
}

macro_rules! fixtures {
    ($($name:ident $file:literal $expect:expr;)*) => {$(
        #[test]
        fn $name() {
            check(&fixture($file), $expect);
        }
    )*};
}

fixtures! {
    rss_2_0 "rss2.xml" expect![[r#"
        Rss Strict title=Harbour Gazette link=https://gazette.example/ lang=en-GB rights=Harbour Gazette Ltd ttl=15
        0 guid=https://gazette.example/?p=4711 (no link) link=https://gazette.example/ferry/?utm_source=rss&utm_medium=rss (alternate) by=Ada Holm
          title Plain: "Ferry & tug collide off the mole"
          summary Html: "Nobody was hurt when the <b>Morning Star</b> met a tug [&hellip;]"
          content Html: "<p>Nobody was hurt.</p><p>The harbour master spoke of luck.</p>"
          published: "Wed, 19 Nov 2025 14:05:00 +0000" = 2025-11-19T14:05:00Z
          category: Shipping None None
          category: Mole Some("https://gazette.example/places") None
          media: https://gazette.example/ferry.jpg Some("image/jpeg") Some("The ferry") Some(800)xSome(600) None
          media: https://gazette.example/ferry.mp3 Some("audio/mpeg") None NonexNone Some(12345)
        1 guid=https://gazette.example/tides (permalink) link=https://feeds.example/tides (alternate)
          title Plain: "Tides for the week"
          summary Html: "High water at noon."
          published: "2025-11-18" = 2025-11-18T00:00:00Z (day)
          category: Tides None None
          media: https://gazette.example/t.jpg None None Some(120)xSome(80) None
    "#]];
    wordpress "wordpress.xml" expect![[r#"
        Rss Strict title=Valley Post link=https://valleypost.example/ lang=en-US
        0 guid=https://valleypost.example/?p=18211 (no link) link=https://valleypost.example/world/envoy-lindau/?utm_source=rss&utm_medium=rss (alternate)
          title Plain: "Envoy to Meet River Council in Lindau"
          summary Html: "The envoy is expected on Wednesday [&hellip;]"
          content Html: "<p>Getting your player ready...</p>\n<p>By: Bo Lind – Valley Post</p>\n<p>The envoy is expected on Wednesday, the council’s office said.</p>\n<p>The post <a href=\"https://valleypost.example/world/envoy-lindau/\">Envoy</a> appeared first on <a href=\"https://valleypost.example/\">Valley Post</a>.</p>"
          published: "Wed, 19 Nov 2025 14:05:00 +0000" = 2025-11-19T14:05:00Z
          category: Rivers None None
          category: Politics None None
    "#]];
    rss_1_0 "rss1.xml" expect![[r#"
        Rss Strict title=Moor Bulletin link=https://moor.example/ lang=de
        0 guid=https://moor.example/1 link=https://moor.example/1 (alternate) by=Uwe Brandt
          title Plain: "Torf wird knapp"
          summary Html: "Die <i>Vorräte</i> schwinden."
          updated: "2025-11-19T08:00:00+01:00" = 2025-11-19T07:00:00Z
          category: Umwelt None None
        1 guid=https://moor.example/2 link=https://moor.example/2 (alternate)
          title Plain: "Kraniche ziehen"
    "#]];
    atom_1_0 "atom.xml" expect![[r#"
        Atom Strict title=Le Quai link=https://quai.example/ lang=fr by=La rédaction
        0 guid=tag:quai.example,2025:1 link=https://quai.example/fil/pont (alternate) by=Zoé Lenoir <zoe@quai.example> https://quai.example/zoe
          title Html: "Le <em>pont</em> rouvre"
          summary Plain: "Après deux ans."
          content Html: "<p>Le pont a <b>rouvert</b> &amp; roule.</p>"
          published: "2025-11-18T09:00:00+01:00" = 2025-11-18T08:00:00Z
          updated: "2025-11-19T09:30:00+01:00" = 2025-11-19T08:30:00Z
          category: ponts Some("https://quai.example/themes") Some("Ponts")
          media: https://quai.example/fil/pont.mp3 Some("audio/mpeg") None NonexNone Some(99)
          rights: © Le Quai
          lang: fr
        1 guid=tag:quai.example,2025:2
          title Plain: "Sans lien"
          content Html: "Short <b>note</b>"
          updated: "2025-11-17" = 2025-11-17T00:00:00Z (day)
          lang: en
    "#]];
    atom_0_3 "atom03.xml" expect![[r#"
        Atom Strict title=Old Log link=https://oldlog.example/
        0 guid=tag:oldlog.example,2004:1 link=https://oldlog.example/1 (alternate)
          title Html: "Snow &amp; ice"
          content Html: "<p>Deep <i>snow</i>.</p>"
          published: "2004-03-01T10:00:00Z" = 2004-03-01T10:00:00Z
          updated: "2004-03-01T11:00:00Z" = 2004-03-01T11:00:00Z
    "#]];
    json_feed "feed.json" expect![[r#"
        Json Strict title=Signal Box link=https://signalbox.example/ lang=en by=The Signalman https://signalbox.example/about
        0 guid=1 link=https://signalbox.example/1 (alternate) by=Kim Ek
          title Plain: "Points frozen"
          summary Plain: "Frost"
          content Html: "<p>All trains stand.</p>"
          published: "2025-11-19T06:00:00Z" = 2025-11-19T06:00:00Z
          updated: "2025-11-19T07:00:00Z" = 2025-11-19T07:00:00Z
          category: rail None None
          category: frost None None
          media: https://signalbox.example/1.png None None NonexNone None
          media: https://signalbox.example/1.mp3 Some("audio/mpeg") None NonexNone Some(10)
        1 guid=2
          content Plain: "Line open again & running"
          lang: sv
    "#]];
    json_feed_broken "broken.json" expect![[r#"
        Json Salvaged link=https://signalbox.example/
        0 guid=17 link=https://signalbox.example/17 (alternate) by=Kim Ek
          title Plain: "Half a pair � here"
          category: rail None None
        2 guid=18
          title Plain: "Twice over"
        ! markup item -1 byte 347: an element is not closed
        ! markup item -1 byte 3: the JSON is broken or has values of the wrong type (3 times, the first place is given)
        ! lost_item item 1 byte 245: the item is not an object that can be read
        ! lost_item item 3 byte 319: the document ends inside the item
    "#]];
    news_sitemap "news-sitemap.xml" expect![[r#"
        Sitemap Salvaged title=The Courier
        0 link=https://courier.example/budget?a=1&b=2 (alternate)
          title Plain: "Budget passes \"by a whisker\""
          published: "2025-11-19" = 2025-11-19T00:00:00Z (day)
          updated: "2025-11-19T12:00:00Z" = 2025-11-19T12:00:00Z
          category: budget None None
          category: council None None
          category: tax None None
          media: https://courier.example/b.jpg None None NonexNone None
          lang: en
        2 link=https://courier.example/rain (alternate)
          title Plain: "R&D spending & rain"
        ! markup item -1 byte 907: an ampersand or a reference is not XML's
        ! markup item -1 byte 952: an element is not closed
        ! lost_item item 1 byte 733: the item holds neither an id nor a link, title or text
    "#]];
    windows_1252 "windows-1252.xml" expect![[r#"
        Rss Strict title=Café €“une”
        0 guid=1 (no link)
          title Plain: "Déjà – vu"
    "#]];
    utf_16_with_mark "utf-16be.xml" expect![[r#"
        Rss Strict title=Широкий канал
        0 link=https://wide.example/1 (alternate)
          title Plain: "Первая новость"
    "#]];
    utf_16_without_mark "utf-16le-bare.xml" expect![[r#"
        Rss Strict title=Широкий канал
        0 link=https://wide.example/1 (alternate)
          title Plain: "Первая новость"
    "#]];
    utf_8_with_one_bad_byte "one-bad-byte.xml" expect![[r#"
        Rss Repaired title=Grüße aus Köln – täglich
        0 guid=1 (permalink)
          title Plain: "Zwölf Boxkämpfer jagen Vik�tor"
        ! encoding item -1 byte -1: some bytes are not UTF-8 and were replaced
    "#]];
    truncated "truncated.xml" expect![[r#"
        Rss Repaired title=Cut Short
        0 link=https://cut.example/1 (alternate)
          title Plain: "Whole"
          summary Html: "All here."
        1 link=https://cut.example/2 (alternate)
          title Plain: "Half"
          summary Html: "<p>The story goes on and o"
        ! markup item -1 byte 250: the markup is broken
        ! markup item -1 byte 285: an element is not closed (4 times, the first place is given)
    "#]];
    bare_ampersands "ampersand.xml" expect![[r#"
        Rss Repaired title=Salt & Vinegar link=https://salt.example/?a=1&b=2
        0 guid=1 (permalink) link=https://salt.example/1?x=1&y=2 (alternate)
          title Plain: "Fish & chips \u{a0}élan–vital  &bogus;"
          summary Html: "5 < 6 & 7 > 3 <b>bold <i>move</b>"
        1 link=https://salt.example/2 (alternate)
          title Plain: "Unclosed"
          media: https://salt.example/t.jpg None None Some(10)xNone None
        ! markup item -1 byte 42: an ampersand or a reference is not XML's (5 times, the first place is given)
        ! markup item -1 byte 240: the markup is broken
        ! markup item -1 byte 328: an element is not closed (2 times, the first place is given)
        ! markup item -1 byte 363: a namespace prefix is not declared
        ! markup item -1 byte 363: an attribute is double, unquoted or senseless
    "#]];
    one_bad_item "one-bad-item.xml" expect![[r#"
        Rss Strict title=Mostly Fine
        0 link=https://fine.example/1 (alternate)
          title Plain: "First"
        1 link=https://fine.example/2 (alternate) by=张三 <foo@fine.example>
          title Plain: "Second"
        3 link=https://fine.example/4 (alternate)
          title Plain: "Fourth"
        ! lost_item item 2 byte 272: the item holds neither an id nor a link, title or text
    "#]];
}

#[test]
fn what_is_not_a_feed_is_named() {
    let cases: [(&[u8], &str); 12] = [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"<!DOCTYPE html><html><head><title>x</title></head></html>", "an HTML page"),
        (b"<html><body><rss version=\"2.0\"></rss></body></html>", "an HTML page"),
        (b"{\"error\": 404}", "JSON of another kind than JSON Feed"),
        (b"[1,2]", "a JSON array, not a JSON Feed"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        (b"\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f", "binary data"),
        (b"<opml version=\"2.0\"><body/></opml>", "an OPML list of feeds"),
        (b"<books><book/></books>", "XML of another kind, its root is <books>"),
        (b"<urlset><url><loc>https://a.example/</loc></url></urlset>", "a sitemap without news entries"),
        (b"Not found.", "plain text"),
    ];
    for (body, what) in cases {
        assert_eq!(read(body.to_vec()).unwrap_err(), Error::NotAFeed { what: what.to_owned() });
    }
}

#[test]
fn roots_that_are_damaged_cost_nothing_else() {
    let items = "<title>t</title><item><title>a</title><link>https://a.example/1</link></item>";
    for (open, close) in [
        ("<rs version=\"2.0\"><channel>", "</channel></rss>"),
        ("<rss version=\"2.0\"><chXnnel>", "</channel></rss>"),
        ("<rs><chan>", "</channel></rss>"),
        ("rss version=\"2.0\"><channel>", "</channel></rss>"),
        ("<rss version=\"2.0\"", "</channel></rss>"),
        ("", "</channel></rss>"),
        ("<rss><channel>", ""),
    ] {
        let parsed = read(format!("{open}{items}{close}").into_bytes()).unwrap();
        assert_eq!(parsed.entries.len(), 1, "{open} {close}");
        assert_eq!(parsed.meta.title.as_deref(), Some("t"), "{open} {close}");
    }
    assert!(read("<books><item>a</item></books>").is_err());
    assert!(read("<html><head><title>x</title></head><body><item/></body></html>").is_err());
}

#[test]
fn the_charset_is_the_one_that_the_bytes_bear_out() {
    let feed = |title: &[u8], declared: &str| {
        let mut body =
            format!("<?xml version=\"1.0\"{declared}?><rss version=\"2.0\"><channel><title>").into_bytes();
        body.extend_from_slice(title);
        body.extend_from_slice(b"</title></channel></rss>");
        body
    };
    let latin1 = " encoding=\"iso-8859-1\"";
    let cases: [(Vec<u8>, Option<&str>, &str, bool); 7] = [
        (feed(b"caf\xe9", latin1), None, "café", false),
        (feed(b"caf\xe9", ""), Some("text/xml; charset=\"ISO-8859-1\""), "café", false),
        // HTTP goes before the declaration, when the bytes agree.
        (feed(b"\xe6", latin1), Some("text/xml; charset=windows-1251"), "ж", false),
        // Both claim what the bytes are not.
        (feed("naïve".as_bytes(), latin1), Some("text/xml; charset=iso-8859-1"), "naïve", true),
        (feed(b"\xef\xbb\xbf", latin1), None, "", true),
        (feed("日本".as_bytes(), " encoding=\"utf-16\""), None, "日本", false),
        (feed(b"\x93\xfa\x96{", " encoding=\"Shift_JIS\""), Some("text/xml; charset=utf-8"), "日本", false),
    ];
    for (body, content_type, title, flawed) in cases {
        let parsed = parse(&document(body, content_type)).unwrap();
        assert_eq!(parsed.meta.title.unwrap_or_default(), title);
        assert_eq!(parsed.flaws.iter().any(|flaw| flaw.kind == FlawKind::Encoding), flawed, "{title}");
    }
}

#[test]
fn damage_changes_no_entry() {
    let plain = String::from_utf8(fixture("rss2.xml")).unwrap();
    let whole = read(plain.clone().into_bytes()).unwrap().entries;
    let damaged = [
        plain.replace("&amp;", "&"),
        plain.replace("</channel>\n</rss>\n", ""),
        plain.replace("version=\"2.0\" ", ""),
        plain.replace("</title>", "</title>\u{0}\u{8}"),
        plain.replace("<item>", "<!-- -- odd --><item>"),
        plain.replace("</item>", ""),
        plain.replace(" xmlns:media=\"http://search.yahoo.com/mrss/\"", ""),
        format!("<br />\n<b>Warning</b>: headers\n{plain}"),
        format!("{plain}<script>alert(1)</script>"),
        plain.replace("<channel>", "<!DOCTYPE rss [<!ENTITY a \"b\">]><channel>"),
    ];
    for body in damaged {
        let parsed = read(body.clone().into_bytes()).unwrap();
        assert_eq!(parsed.entries, whole, "{body}");
    }
    let recoded = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(read(recoded).unwrap().entries, whole);
}
