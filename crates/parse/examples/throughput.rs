//! Reading speed: megabytes of body a second, one thread, best of several rounds, beside bare feed-rs and, for RSS,
//! the `rss` crate, in the same process.
//!
//! `cargo run --release -p parse --example throughput [--write DIR] [FILE]…`: tab-separated, a line a feed; without
//! a file, generated feeds of 300 KB, well-formed and broken. `--write` keeps them in files for other readers.
//! `--repeat TIMES NAME` reads one generated feed so often and tells its items: two such runs under callgrind differ
//! by the instructions of one reading.
#![expect(clippy::print_stdout, reason = "a report for people and scripts")]

use std::fmt::Write;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const SIZE: usize = 300_000;

fn main() -> Result<(), Failure> {
    let mut bodies = Vec::new();
    let mut folder: Option<PathBuf> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--write" => folder = arguments.next().map(PathBuf::from),
            "--repeat" => {
                let (times, name) = (arguments.next().unwrap_or_default(), arguments.next());
                return repeat(times.parse()?, &name.unwrap_or_default());
            }
            path => bodies.push((path.to_owned(), std::fs::read(path)?)),
        }
    }
    if bodies.is_empty() {
        bodies = generated()?.into();
    }
    println!("feed\tfile\twireroom\tfeed-rs\trss");
    for (name, body) in bodies {
        let file = folder.as_ref().map(|folder| folder.join(name.replace([' ', ','], "-")));
        if let Some(file) = &file {
            std::fs::create_dir_all(folder.as_deref().unwrap_or(file))?;
            std::fs::write(file, &body)?;
        }
        let shown = file.map_or(String::new(), |file| file.display().to_string());
        println!("{name}\t{shown}\t{}\t{}\t{}", ours(&body), theirs(&body), of_rss(&body));
    }
    Ok(())
}

fn generated() -> Result<[(String, Vec<u8>); 5], Failure> {
    let rss = rss()?;
    let mut broken = rss.replace("&amp;", "&").into_bytes();
    broken.truncate(broken.len() - 99);
    Ok([
        ("full-texts.xml".to_owned(), rss.into_bytes()),
        ("summaries.xml".to_owned(), summaries()?.into_bytes()),
        ("broken.xml".to_owned(), broken),
        ("atom.xml".to_owned(), atom()?.into_bytes()),
        ("feed.json".to_owned(), json()?.into_bytes()),
    ])
}

fn repeat(times: usize, name: &str) -> Result<(), Failure> {
    let Some((_, body)) = generated()?.into_iter().find(|(known, _)| known == name) else {
        return Err(format!("there is no feed {name}").into());
    };
    let mut items = 0;
    for _ in 0..times {
        items = black_box(parse::read(black_box(&body), None, None)?).entries.len();
    }
    println!("{items}");
    Ok(())
}

/// Megabytes a second of `read`, which tells whether it could.
fn speed(body: &[u8], read: impl Fn(&[u8]) -> bool) -> String {
    let mut best = Duration::MAX;
    let mut fine = true;
    for _ in 0..30 {
        let begun = Instant::now();
        fine &= black_box(read(black_box(body)));
        best = best.min(begun.elapsed());
    }
    if fine { format!("{:.1}", body.len() as f64 / 1e6 / best.as_secs_f64()) } else { "not read".to_owned() }
}

fn ours(body: &[u8]) -> String {
    let base = url::Url::parse("https://feeds.example/feed.xml").ok();
    speed(body, |body| parse::read(body, None, base.as_ref()).is_ok())
}

fn theirs(body: &[u8]) -> String {
    speed(body, |body| {
        let parser = feed_rs::parser::Builder::new().base_uri(Some("https://feeds.example/feed.xml")).build();
        parser.parse(body).is_ok()
    })
}

fn of_rss(body: &[u8]) -> String {
    speed(body, |body| rss::Channel::read_from(body).is_ok())
}

const SENTENCE: &str =
    "The harbour master said on Tuesday that <b>nobody</b> had seen the tug &amp; its tow before dawn. ";

fn rss() -> Result<String, Failure> {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Gazette</title>".to_owned();
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        write!(
            out,
            "<item><title>Ferry &amp; tug, part {n}</title><link>https://gazette.example/{n}?a=1&amp;b=2</link><guid isPermaLink=\"false\">{n}</guid><pubDate>Wed, 19 Nov 2025 14:05:00 +0000</pubDate><dc:creator><![CDATA[Ada Holm]]></dc:creator><category>Shipping</category><description><![CDATA[{SENTENCE}]]></description><content:encoded><![CDATA[<p>{}</p>]]></content:encoded></item>",
            SENTENCE.repeat(40)
        )?;
    }
    Ok(out + "</channel></rss>")
}

fn summaries() -> Result<String, Failure> {
    let mut out =
        "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><title>Gazette</title>"
            .to_owned();
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        write!(
            out,
            "<item><title>Ferry &amp; tug, part {n}</title><link>https://gazette.example/{n}</link><guid isPermaLink=\"false\">{n}</guid><pubDate>Wed, 19 Nov 2025 14:05:00 +0000</pubDate><description>Nobody was hurt when the Morning Star met a tug, the harbour master said.</description><media:content url=\"https://gazette.example/{n}.jpg\" type=\"image/jpeg\" width=\"800\" height=\"600\"/><category>Shipping</category></item>"
        )?;
    }
    Ok(out + "</channel></rss>")
}

fn atom() -> Result<String, Failure> {
    let mut out = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Quai</title><id>f</id>".to_owned();
    let escaped = SENTENCE.replace('&', "&amp;").replace('<', "&lt;").repeat(40);
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        write!(
            out,
            "<entry><title>Pont {n}</title><id>tag:quai.example,2025:{n}</id><link href=\"https://quai.example/{n}\"/><updated>2025-11-19T09:30:00+01:00</updated><author><name>Lenoir</name></author><content type=\"html\">{escaped}</content></entry>"
        )?;
    }
    Ok(out + "</feed>")
}

fn json() -> Result<String, Failure> {
    let mut out =
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Signal Box\",\"items\":[".to_owned();
    for n in 0.. {
        if out.len() > SIZE {
            break;
        }
        let comma = if n > 0 { "," } else { "" };
        write!(
            out,
            "{comma}{{\"id\":\"{n}\",\"url\":\"https://signalbox.example/{n}\",\"title\":\"Points frozen\",\"content_html\":\"{}\",\"date_published\":\"2025-11-19T06:00:00Z\"}}",
            SENTENCE.repeat(40)
        )?;
    }
    Ok(out + "]}")
}
