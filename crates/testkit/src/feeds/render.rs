//! Documents and validators.

use crate::text::Revision;
use jiff::Timestamp;
use std::fmt::Write as _;

/// The shapes that feeds come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Rss,
    Atom,
    Json,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml",
            Self::Json => "application/feed+json",
        }
    }
}

/// One item of a document.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) number: u32,
    pub(crate) url: &'a str,
    /// Milliseconds since 1970.
    pub(crate) published: u64,
    pub(crate) revision: Revision,
}

/// A whole document. Each feed gives an article its own guid; the URL is common to all.
pub(crate) fn document(format: Format, feed: &str, items: &[Item<'_>]) -> Vec<u8> {
    match format {
        Format::Rss => rss(feed, items),
        Format::Atom => atom(feed, items),
        Format::Json => json(feed, items),
    }
}

fn rss(feed: &str, items: &[Item<'_>]) -> Vec<u8> {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Feed {feed}</title>\
         <link>https://{feed}.example/</link><description>News of {feed}</description>\n"
    );
    for item in items {
        let _ = write!(
            out,
            "<item><title>{}</title><link>{}?utm_source=rss&amp;utm_medium={feed}</link>\
             <guid isPermaLink=\"false\">{feed}-{}</guid><pubDate>{}</pubDate><description>{}</description>\
             <content:encoded><![CDATA[",
            escape(&item.revision.title),
            escape(item.url),
            item.number,
            http_date(item.published / 1000),
            escape(&item.revision.summary),
        );
        html(&mut out, item);
        out.push_str("]]></content:encoded></item>\n");
    }
    out.push_str("</channel></rss>\n");
    out.into_bytes()
}

fn atom(feed: &str, items: &[Item<'_>]) -> Vec<u8> {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\
         <title>Feed {feed}</title><id>urn:feed:{feed}</id><updated>2026-01-01T00:00:00Z</updated>\n"
    );
    for item in items {
        let mut body = String::new();
        html(&mut body, item);
        let at = rfc_3339(item.published);
        let _ = writeln!(
            out,
            "<entry><title>{}</title><id>urn:{feed}:{}</id><link href=\"{}\"/><published>{at}</published>\
             <updated>{at}</updated><summary>{}</summary><content type=\"html\">{}</content></entry>",
            escape(&item.revision.title),
            item.number,
            escape(item.url),
            escape(&item.revision.summary),
            escape(&body),
        );
    }
    out.push_str("</feed>\n");
    out.into_bytes()
}

fn json(feed: &str, items: &[Item<'_>]) -> Vec<u8> {
    let items: Vec<_> = items
        .iter()
        .map(|item| {
            let mut body = String::new();
            html(&mut body, item);
            serde_json::json!({
                "id": format!("{feed}/{}", item.number),
                "url": item.url,
                "title": item.revision.title,
                "summary": item.revision.summary,
                "content_html": body,
                "date_published": rfc_3339(item.published),
            })
        })
        .collect();
    let document = serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": format!("Feed {feed}"),
        "home_page_url": format!("https://{feed}.example/"),
        "items": items,
    });
    document.to_string().into_bytes()
}

fn html(out: &mut String, item: &Item<'_>) {
    for paragraph in &item.revision.paragraphs {
        let _ = write!(out, "<p>{}</p>", escape(paragraph));
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn rfc_3339(ms: u64) -> String {
    timestamp(ms / 1000).to_string()
}

fn timestamp(seconds: u64) -> Timestamp {
    Timestamp::from_second(i64::try_from(seconds).unwrap_or_default()).unwrap_or_default()
}

/// The date form of HTTP and RSS.
pub(crate) fn http_date(seconds: u64) -> String {
    timestamp(seconds).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// 2026-01-01T00:00:00Z: each version is a second younger, so that a date names one version.
const FIRST_DATE: i64 = 1_767_225_600;

/// `Last-Modified` of a version.
pub(crate) fn date(version: u32) -> String {
    http_date(FIRST_DATE as u64 + u64::from(version))
}

/// The version that a date names, if it is one of ours.
pub(crate) fn read_date(text: &str) -> Option<u32> {
    let at = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text).ok()?.to_datetime().ok()?;
    let seconds = jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?.as_second();
    u32::try_from(seconds - FIRST_DATE).ok()
}

/// `ETag` of a version.
pub(crate) fn etag(feed: &str, version: u32, weak: bool) -> String {
    format!("{}\"{feed}-v{version}\"", if weak { "W/" } else { "" })
}

/// The version that a tag names, if it is this feed's.
pub(crate) fn read_etag(feed: &str, tag: &str) -> Option<u32> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    tag.strip_prefix(feed)?.strip_prefix("-v")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_tags_read_back() {
        for version in [1, 59, 86_401] {
            assert_eq!(read_date(&date(version)), Some(version));
            assert_eq!(read_etag("f01", &etag("f01", version, true)), Some(version));
        }
        assert_eq!(date(5), "Thu, 01 Jan 2026 00:00:05 GMT");
        assert_eq!(read_etag("f02", "\"f01-v1\""), None);
        assert_eq!(read_date("yesterday"), None);
    }

    #[test]
    fn every_shape_carries_every_item_whole() {
        let items = [Item {
            number: 7,
            url: "https://outlet0.example/news/7",
            published: 1_790_000_000_000,
            revision: crate::text::revision(1, 7, 2),
        }];
        for format in [Format::Rss, Format::Atom, Format::Json] {
            let text = String::from_utf8(document(format, "f01", &items)).unwrap();
            assert!(text.contains("a7-r2-"), "{text}");
            assert!(text.contains("https://outlet0.example/news/7"));
            assert!(text.len() > 4000);
        }
    }
}
