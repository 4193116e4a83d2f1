//! Invariant 11: however the same items are served, they are the same articles.

use super::read;
use crate::rules::RULES;
use bytes::Bytes;
use encoding_rs::Encoding;
use jiff::Timestamp;
use ledger::Ledger;
use model::settle::{Settled, Settlement};
use model::{Document, Feed, FirstPoll, Planned, Validators, Visit};
use std::fmt::Write;
use std::sync::Arc;

const ITEMS: usize = 50;
const WORDS: [&str; 24] = [
    "harbour", "ferry", "council", "café", "naïve", "Zürich", "vote", "river", "storm", "budget", "strike",
    "mayor", "fire", "bridge", "école", "market", "winter", "train", "über", "coast", "court", "señor",
    "harvest", "snow",
];

/// How the items are served.
#[derive(Clone, Copy, Default)]
struct Shape {
    guids: &'static str,
    parameters: &'static str,
    reversed: bool,
}

fn words(item: usize, count: usize) -> String {
    let word = |n: usize| WORDS[(item * 7 + n * (item + 3) + n * n) % WORDS.len()];
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

fn feed(shape: Shape) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <channel><title>Harbour &amp; Coast</title><link>https://coast.example/</link>\n",
    );
    let mut order: Vec<usize> = (0..ITEMS).collect();
    if shape.reversed {
        order.reverse();
    }
    for n in order {
        let (title, text) = (words(n, 6), words(n + 50, 60));
        write!(
            out,
            "<item>\n<title>{title} &amp; {n}</title>\n<link>https://coast.example/news/{n}{}</link>\n\
             <guid isPermaLink=\"false\">{}{n}</guid>\n<dc:creator>Ada Holm</dc:creator>\n\
             <pubDate>Wed, 19 Nov 2025 {:02}:05:00 +0000</pubDate>\n<category>Coast</category>\n\
             <description><![CDATA[<p>{text}.</p><p>R&amp;D, <b>{title}</b> &eacute; {n}</p>]]></description>\n</item>\n",
            shape.parameters,
            shape.guids,
            n % 24,
        )
        .unwrap();
    }
    out + "</channel>\n</rss>\n"
}

/// The text in a charset, declared; what it does not have becomes a reference, as publishers' software does it.
fn recoded(text: &str, label: &str) -> Vec<u8> {
    let declared = text.replacen("utf-8", label, 1);
    match label {
        "utf-16" => {
            [0xfe, 0xff].into_iter().chain(declared.encode_utf16().flat_map(u16::to_be_bytes)).collect()
        }
        "utf-16le" => {
            [0xff, 0xfe].into_iter().chain(declared.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        }
        label => Encoding::for_label(label.as_bytes()).unwrap().encode(&declared).0.into_owned(),
    }
}

/// Ten ways in which feeds are broken.
fn damaged(plain: &str) -> [String; 10] {
    [
        plain.replace("&amp;", "&"),
        plain.replace("</channel>\n</rss>\n", ""),
        plain.replace(" version=\"2.0\"", ""),
        plain.replace("</title>", "</title>\u{0}\u{8}"),
        plain.replace("<item>", "<!-- -- odd --><item>"),
        plain.replace("</item>\n", ""),
        plain.replace(" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"", ""),
        format!("<br />\n<b>Warning</b>: headers already sent\n{plain}"),
        plain
            .replace("]]></description>", "</description>")
            .replace("<description><![CDATA[", "<description>"),
        plain
            .replace("<item>", "<ITEM>")
            .replace("</item>", "</Item>")
            .replace("isPermaLink=\"false\"", "ispermalink=false"),
    ]
}

struct House {
    ledger: Ledger,
    feed: Arc<Feed>,
    _dir: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = ledger::Config { dir: dir.path().join("state"), ..ledger::Config::default() };
        let url: url::Url = "https://coast.example/feed.xml".parse().unwrap();
        let (id, first_poll) = ("coast".parse().unwrap(), FirstPoll::Publish);
        let feed = Feed {
            id,
            url,
            title: None,
            labels: vec![],
            country: None,
            interval: None,
            first_poll,
            polling: Default::default(),
        };
        Self { ledger: Ledger::open(&config, RULES).unwrap(), feed: Arc::new(feed), _dir: dir }
    }

    async fn serve(&self, body: Vec<u8>) -> Settled {
        let at: Timestamp = "2025-11-20T00:00:00Z".parse().unwrap();
        let feed = Arc::clone(&self.feed);
        let document = Document {
            url: feed.url.clone(),
            feed: Arc::clone(&feed),
            body: Bytes::from(body),
            content_type: None,
            validators: Validators::default(),
            fetched_at: at,
        };
        let visit = Visit {
            url: feed.url.clone(),
            feed,
            validators: Validators::default(),
            first: false,
            failures: 0,
        };
        let enricher = enrich::Enricher::new(&enrich::Config::default()).unwrap();
        let wishes = crate::page::Wishes::new(&crate::config::Pages::default());
        let desks = super::Desks { ledger: &self.ledger, enricher: &enricher, wishes: &wishes };
        let (outcome, told) = read(desks, &visit, &document).unwrap();
        assert_eq!((told.entries, told.flawed), (ITEMS as u32, 0));
        let settlement = Settlement { feed: self.feed.id.clone(), at, outcome, planned: Planned::default() };
        self.ledger.settle(settlement).await.unwrap()
    }

    /// Serves what must be known already.
    async fn serve_known(&self, body: Vec<u8>, how: &str) {
        let settled = self.serve(body).await;
        let found = (settled.created, settled.updated, settled.known);
        assert_eq!(found, (0, 0, ITEMS as u32), "created, updated and known of a feed served {how}");
    }
}

#[tokio::test]
async fn however_the_same_items_are_served_they_are_the_same_articles() {
    let house = House::new();
    let shape = Shape { guids: "coast-", ..Shape::default() };
    let plain = feed(shape);
    assert_eq!(house.serve(plain.clone().into_bytes()).await.created, ITEMS as u32);
    house.serve_known(plain.clone().into_bytes(), "again").await;
    for (way, body) in damaged(&plain).into_iter().enumerate() {
        house.serve_known(body.into_bytes(), &format!("damaged in way {way}")).await;
    }
    for label in
        ["utf-16", "utf-16le", "iso-8859-1", "windows-1252", "iso-8859-15", "koi8-r", "gb18030", "shift_jis"]
    {
        house.serve_known(recoded(&plain, label), label).await;
    }
    house.serve_known(feed(Shape { reversed: true, ..shape }).into_bytes(), "reordered").await;
    house.serve_known(feed(Shape { guids: "2025/", ..shape }).into_bytes(), "re-guided").await;
    let parameters = "?utm_source=rss&amp;utm_medium=feed&amp;fbclid=abc#top";
    house.serve_known(feed(Shape { parameters, ..shape }).into_bytes(), "re-parametered").await;
}
