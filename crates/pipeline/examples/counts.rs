//! One room's work on an invented feed of 20 articles, so often: two such runs under callgrind differ by the
//! instructions of the repetitions. `counts ROOM TIMES` tells the articles that were worked on in each;
//! `counts` alone names the rooms. `cargo xtask counts` runs it.

#![expect(clippy::print_stdout, reason = "an example that reports")]

use bytes::Bytes;
use jiff::Timestamp;
use model::{Article, Document, Feed, FirstPoll, Parsed, Polling, Validators};
use normalise::Context;
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use url::Url;

type Failure = Box<dyn std::error::Error>;

const ROOMS: [&str; 4] = ["parse", "normalise", "safe-html", "enrich"];
const ARTICLES: usize = 20;

/// Sentences of an invented report; each article has them in an order of its own.
const SENTENCES: [&str; 12] = [
    "The council of Harbour Bay voted on Monday to close the old pier, after a debate that went on until midnight.",
    "Fishermen, who have used the pier for a century, said they had asked Mayor Ada Holm for a real alternative.",
    "&#8220;We were promised boats could stay,&#8221; said <em>John Lenoir</em>, who has fished here since 1987.",
    "Officials told Reuters that the work would cost $11 million, most of it from a fund of the European Union.",
    "A second vote, on the price of tickets for the ferry to Northport, was put off because two members were missing.",
    "Shares of Gazette Shipping Inc. fell 3.2 percent in London, its <a href=\"/markets?a=1&amp;b=2\">lowest close</a> since May.",
    "The Ministry of Transport, in a statement on Tuesday, said that safety came first &mdash; and that rules were rules.",
    "In Geneva, U.N. envoy Maria Quai met delegates from Germany, Japan and Brazil; no agreement was reached.",
    "Scientists at the University of Oslo have warned that storms will become more frequent along the coast.",
    "The tug, built in 1962, was towed to Rotterdam, where it will be taken apart, the harbour master said.",
    "Holm, 54, a member of the Labour Party, has led the town since 2019 and is expected to run again.",
    "Police said that nobody was hurt when the Morning Star met the tug &amp; its tow shortly before dawn.",
];

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [room, times] = arguments.as_slice() else {
        println!("{}", ROOMS.join("\n"));
        return Ok(());
    };
    let document = document()?;
    let parsed = parse::parse(&document)?;
    let articles = articles(&document, &parsed);
    let bodies: Vec<&str> =
        parsed.entries.iter().filter_map(|entry| Some(entry.content.as_ref()?.value.as_str())).collect();
    // The first fills the tables.
    for _ in 0..=times.parse::<usize>()? {
        match room.as_str() {
            "parse" => drop(black_box(parse::parse(black_box(&document))?)),
            "normalise" => drop(black_box(self::articles(&document, &parsed))),
            "safe-html" => {
                bodies.iter().for_each(|html| drop(black_box(normalise::to_safe_html(html, &document.url))))
            }
            "enrich" => articles.iter().for_each(|article| drop(black_box(enrich::enrich(article.clone())))),
            other => return Err(format!("there is no room {other}").into()),
        }
    }
    println!("{}", articles.len());
    Ok(())
}

fn articles(document: &Document, parsed: &Parsed) -> Vec<Article> {
    let context = Context {
        feed: &document.feed,
        meta: &parsed.meta,
        document_url: &document.url,
        fetched_at: document.fetched_at,
        quality: &record::Quality { parse_mode: parsed.mode, flags: Vec::new() },
    };
    parsed.entries.iter().filter_map(|entry| normalise::normalise(&context, entry.clone()).ok()).collect()
}

fn document() -> Result<Document, Failure> {
    let url: Url = "https://gazette.example/feed.xml".parse()?;
    Ok(Document {
        feed: Arc::new(Feed {
            id: "gazette".parse()?,
            url: url.clone(),
            title: None,
            labels: Vec::new(),
            country: None,
            interval: None,
            first_poll: FirstPoll::Publish,
            polling: Polling::default(),
        }),
        url,
        body: Bytes::from(body()?),
        content_type: Some("application/rss+xml".to_owned()),
        validators: Validators::default(),
        fetched_at: Timestamp::UNIX_EPOCH,
    })
}

/// A feed of full texts, about 4 KB each.
fn body() -> Result<String, std::fmt::Error> {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Gazette</title><language>en-GB</language>".to_owned();
    for n in 0..ARTICLES {
        let sentence = |at: usize| SENTENCES[(at * (1 + n % 5) + n) % SENTENCES.len()];
        write!(
            out,
            "<item><title>Ferry &amp; tug meet off Northport, part {n}</title><link>https://gazette.example/world/{n}?utm_source=rss&amp;id={n}</link><guid isPermaLink=\"false\">{n}</guid><pubDate>Wed, 19 Nov 2025 14:05:{n:02} +0000</pubDate><dc:creator><![CDATA[Ada Holm]]></dc:creator><category>Shipping</category><description><![CDATA[{}]]></description><content:encoded><![CDATA[",
            sentence(0)
        )?;
        for paragraph in 0..12 {
            let [first, second, third] = [0, 1, 2].map(|at| sentence(3 * paragraph + at));
            writeln!(out, "<p class=\"body\">{first} {second} {third}</p>")?;
        }
        out += "<p>The post <a href=\"https://gazette.example/\">Ferry</a> appeared first on Gazette.</p>]]></content:encoded></item>";
    }
    Ok(out + "</channel></rss>")
}
