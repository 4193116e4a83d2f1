//! OPML, as it is found: unescaped ampersands, attributes in any case, folders as labels.

use model::{Feed, FeedId, FirstPoll};
use std::collections::HashSet;
use url::Url;

/// Outlines read from one file, at most.
const OUTLINES_MAX: usize = 200_000;
/// Folders in folders, at most; deeper ones keep the labels of their parents.
const DEPTH_MAX: usize = 32;

/// The feeds of an OPML document. It is read tag by tag with no regard to what is around the tags, so that
/// one bad line costs one feed; `complain` hears of each outline that is left out.
pub(crate) fn read(text: &str, first_poll: FirstPoll, mut complain: impl FnMut(String)) -> Vec<Feed> {
    let mut feeds = Vec::new();
    let mut taken: HashSet<String> = HashSet::new();
    let mut folders: Vec<Option<String>> = Vec::new();
    let mut rest = text;
    let mut count = 0;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let Some(end) = tag_end(rest) else { break };
        let tag = &rest[..end];
        rest = &rest[end..];
        if tag.trim_start_matches('/').to_ascii_lowercase().starts_with("outline") {
            count += 1;
            if OUTLINES_MAX < count {
                complain(format!("more than {OUTLINES_MAX} outlines: the rest is left out"));
                break;
            }
            outline(tag, &mut folders, |attributes, labels| {
                match feed(attributes, labels, first_poll, &mut taken) {
                    Ok(feed) => feeds.push(feed),
                    Err(problem) => complain(problem),
                }
            });
        }
    }
    feeds
}

/// The end of a tag: a `>` outside quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    text.bytes().position(|byte| match (quote, byte) {
        (None, b'>') => true,
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), byte) if open == byte => {
            quote = None;
            false
        }
        _ => false,
    })
}

type Attributes = Vec<(String, String)>;

fn outline(tag: &str, folders: &mut Vec<Option<String>>, mut found: impl FnMut(&Attributes, Vec<String>)) {
    if tag.starts_with('/') {
        folders.pop();
        return;
    }
    let attributes = attributes(tag);
    let is_feed = value(&attributes, "xmlurl").is_some();
    if is_feed {
        found(&attributes, folders.iter().flatten().cloned().collect());
    }
    if !tag.trim_end().ends_with('/') && folders.len() < DEPTH_MAX {
        let name = value(&attributes, "title").or_else(|| value(&attributes, "text"));
        folders.push(name.filter(|_| !is_feed).map(str::to_owned));
    }
}

fn attributes(tag: &str) -> Attributes {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some((name, after)) = rest.split_once('=') {
        let name =
            name.rsplit(|c: char| c.is_whitespace() || c == '"' || c == '\'').next().unwrap_or_default();
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            rest = after;
            continue;
        };
        let Some((value, after)) = after[1..].split_once(quote) else { break };
        found.push((name.to_ascii_lowercase(), unescape(value)));
        rest = after;
    }
    found
}

fn unescape(value: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    pairs.iter().fold(value.trim().to_owned(), |text, (from, to)| text.replace(from, to))
}

fn value<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

fn feed(
    attributes: &Attributes,
    labels: Vec<String>,
    first_poll: FirstPoll,
    taken: &mut HashSet<String>,
) -> Result<Feed, String> {
    let address = value(attributes, "xmlurl").unwrap_or_default();
    let url: Url =
        address.parse().map_err(|error| format!("an outline is left out: {address:?}: {error}"))?;
    let title = value(attributes, "title").or_else(|| value(attributes, "text")).map(str::to_owned);
    let id = free_id(title.as_deref().unwrap_or_default(), &url, taken)?;
    Ok(Feed { id, url, title, labels, country: None, interval: None, first_poll })
}

/// An id from the title, else from the host and path; counted when it is taken.
fn free_id(title: &str, url: &Url, taken: &mut HashSet<String>) -> Result<FeedId, String> {
    let from_title = slug(title);
    let base = if from_title.is_empty() {
        slug(&format!("{}{}", url.host_str().unwrap_or("feed"), url.path()))
    } else {
        from_title
    };
    let mut id = base.clone();
    let mut count = 1;
    while !taken.insert(id.clone()) {
        count += 1;
        id = format!("{base}-{count}");
    }
    id.parse().map_err(|error: model::InvalidFeedId| error.to_string())
}

fn slug(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if out.len() >= 48 {
            break;
        }
        if letter.is_ascii_alphanumeric() {
            out.push(letter);
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_list_gives_its_feeds() {
        let text = r#"<?xml version="1.0"?><opml version="1.0"><body>
            <outline text="World">
              <outline type="rss" text="Harbour News" xmlUrl="https://harbour.example/feed?a=1&b=2"/>
              <outline text='Härte &amp; Co' XMLURL='https://co.example/rss' >
              </outline>
              <outline text="No address"/>
              <outline text="Bad" xmlUrl="not a url"/>
            </outline>
            <outline text="Harbour News" xmlUrl="http://other.example/feed">
            <outline xmlUrl="http://third.example/a/b.xml"/>
          </body>"#;
        let mut complaints = Vec::new();
        let feeds = read(text, FirstPoll::MarkSeen, |complaint| complaints.push(complaint));
        let seen: Vec<(&str, &str, &[String])> =
            feeds.iter().map(|feed| (feed.id.as_str(), feed.url.as_str(), &feed.labels[..])).collect();
        let world = ["World".to_owned()];
        assert_eq!(
            seen,
            [
                ("harbour-news", "https://harbour.example/feed?a=1&b=2", &world[..]),
                ("h-rte-co", "https://co.example/rss", &world[..]),
                ("harbour-news-2", "http://other.example/feed", &[][..]),
                ("third-example-a-b-xml", "http://third.example/a/b.xml", &[][..]),
            ]
        );
        assert_eq!(complaints.len(), 1);
    }
}
