//! Feeds as the invented outlets write them: sound ones, and broken ones in ways that real ones are broken.

use super::outlets::{Format, Habit, Outlet};
use super::world::Item;
use jiff::Timestamp;
use serde_json::json;
use std::fmt::Write;

/// A feed's bytes and what its server says they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Writes an outlet's feed.
pub(crate) fn render(outlet: &Outlet, items: &[Item]) -> Body {
    if outlet.habit == Habit::Moved {
        let page = format!("<!DOCTYPE html><title>{0}</title><h1>{0} has a new home</h1>", outlet.name);
        return Body { content_type: "text/html; charset=utf-8", bytes: page.into_bytes() };
    }
    let (content_type, text) = match outlet.format {
        Format::Rss => ("application/rss+xml", rss(outlet, items)),
        Format::Atom => ("application/atom+xml", atom(outlet, items)),
        Format::Json => ("application/feed+json", json_feed(outlet, items)),
    };
    Body { content_type, bytes: spoilt(outlet.habit, text) }
}

fn spoilt(habit: Habit, text: String) -> Vec<u8> {
    match habit {
        Habit::Mislabelled => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
        Habit::Torn => {
            let text = text.replacen("</description>", "\u{b}</description>", 1);
            let end = text.rfind("</channel>").unwrap_or(text.len());
            text.as_bytes()[..end].to_vec()
        }
        _ => text.into_bytes(),
    }
}

fn link(outlet: &Outlet, item: &Item) -> String {
    let day = item.published.strftime("%Y/%m/%d");
    format!("https://{}/{day}/{}", outlet.domain, item.number)
}

/// A guid that is no URL, as most systems give.
fn guid(outlet: &Outlet, item: &Item) -> String {
    format!("{}-{}", outlet.id, item.number)
}

fn html(item: &Item) -> String {
    item.paragraphs.iter().fold(String::new(), |mut out, paragraph| {
        // Writing to a string cannot fail.
        let _ = write!(out, "<p>{}</p>", escape(paragraph));
        out
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn rss(outlet: &Outlet, items: &[Item]) -> String {
    let careless = outlet.habit == Habit::Careless;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n<title>{}</title>\n<link>https://{}/</link>\n<description>{}{}</description>\n<language>{}</language>\n",
        outlet.name,
        outlet.domain,
        outlet.name,
        if careless { " &mdash; fish & chips, wind & weather" } else { "" },
        outlet.language,
    );
    for item in items {
        let title = if careless { item.title.replace(" and ", " & ") } else { escape(&item.title) };
        let close = if careless { "" } else { "</category>" };
        let _ = write!(
            out,
            "<item>\n<title>{title}</title>\n<link>{}?utm_source=rss&amp;utm_medium=feed</link>\n<guid isPermaLink=\"false\">{}</guid>\n<pubDate>{}</pubDate>\n<dc:creator>{}</dc:creator>\n<category>{}{close}\n<description>{}</description>\n<content:encoded><![CDATA[{}]]></content:encoded>\n</item>\n",
            link(outlet, item),
            guid(outlet, item),
            rfc2822(item.published),
            item.author,
            item.category,
            escape(&item.paragraphs[0]),
            html(item),
        );
    }
    out.push_str("</channel>\n</rss>\n");
    out
}

fn rfc2822(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

fn atom(outlet: &Outlet, items: &[Item]) -> String {
    let newest = items.iter().map(|item| item.modified.unwrap_or(item.published)).max();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<title>{}</title>\n<id>tag:{},2026:feed</id>\n<link href=\"https://{}/\"/>\n<updated>{}</updated>\n",
        outlet.language,
        outlet.name,
        outlet.domain,
        outlet.domain,
        newest.unwrap_or_default(),
    );
    for item in items {
        let _ = write!(
            out,
            "<entry>\n<title>{}</title>\n<id>tag:{},2026:{}</id>\n<link rel=\"alternate\" href=\"{}\"/>\n<published>{}</published>\n<updated>{}</updated>\n<author><name>{}</name></author>\n<category term=\"{}\"/>\n<summary>{}</summary>\n<content type=\"html\">{}</content>\n</entry>\n",
            escape(&item.title),
            outlet.domain,
            guid(outlet, item),
            link(outlet, item),
            item.published,
            item.modified.unwrap_or(item.published),
            item.author,
            item.category,
            escape(&item.paragraphs[0]),
            escape(&html(item)),
        );
    }
    out.push_str("</feed>\n");
    out
}

fn json_feed(outlet: &Outlet, items: &[Item]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|item| {
            json!({
                "id": guid(outlet, item),
                "url": link(outlet, item),
                "title": item.title,
                "summary": item.paragraphs[0],
                "content_html": html(item),
                "date_published": item.published,
                "date_modified": item.modified.unwrap_or(item.published),
                "authors": [{ "name": item.author }],
                "tags": [item.category],
            })
        })
        .collect();
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": format!("https://{}/", outlet.domain),
        "language": outlet.language,
        "items": items,
    });
    feed.to_string()
}
