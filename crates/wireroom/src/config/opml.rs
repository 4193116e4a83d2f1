//! OPML, as it is found: bare ampersands, attributes in any case, tags that nobody closed, folders as
//! labels. One bad line costs one feed.

use super::Problem;
use super::feeds::{Declared, Place, checked_url};
use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::path::Path;

/// Outlines read from one file.
const OUTLINES_MAX: usize = 1_000_000;
/// Folders in folders; those inside keep the labels of their parents.
const DEPTH_MAX: usize = 32;
/// Outlines told of one by one when they are left out.
const TOLD_MAX: usize = 20;

/// The feeds of an OPML file; `warnings` hears of what is left out.
pub(crate) fn read(path: &Path, bytes: &[u8], warnings: &mut Vec<String>) -> Result<Vec<Declared>, Problem> {
    let text = decode(bytes);
    let mut list = List::new(path);
    let mut rest = text.as_str();
    while let Some(after) = list.read(rest) {
        // What could not be read is stepped over, to the next tag.
        let after = rest.ceil_char_boundary(after.min(rest.len()));
        let Some(next) = rest[after..].find('<') else { break };
        rest = &rest[after + next..];
    }
    if list.outlines == 0 {
        return Err(Problem::plain(format!("{}: this is not OPML: it holds no outline", path.display())));
    }
    let untold = list.left_out.saturating_sub(TOLD_MAX);
    if 0 < untold {
        list.warnings.push(format!("{}: {untold} further outlines are left out", path.display()));
    }
    warnings.append(&mut list.warnings);
    Ok(list.feeds)
}

/// Text in the encoding that the byte order mark or the declaration names, else UTF-8; never fails.
fn decode(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let declared = head.split_once("encoding=").and_then(|(_, rest)| rest.split(['"', '\'']).nth(1));
    let encoding = declared.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8);
    encoding.decode(bytes).0.into_owned()
}

struct List {
    place: Place,
    feeds: Vec<Declared>,
    /// One for each open outline; none where it is no folder or has no name.
    folders: Vec<Option<String>>,
    /// Open outlines beyond the depth that is kept.
    too_deep: usize,
    outlines: usize,
    left_out: usize,
    warnings: Vec<String>,
}

impl List {
    fn new(path: &Path) -> Self {
        Self {
            place: Place::file(path),
            feeds: Vec::new(),
            folders: Vec::new(),
            too_deep: 0,
            outlines: 0,
            left_out: 0,
            warnings: Vec::new(),
        }
    }

    /// Reads until the end; else says after which byte to go on.
    fn read(&mut self, text: &str) -> Option<usize> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let start = reader.buffer_position() as usize;
            let (tag, is_open) = match reader.read_event() {
                Ok(Event::Start(tag)) => (tag, true),
                Ok(Event::Empty(tag)) => (tag, false),
                Ok(Event::End(tag)) => {
                    if is_outline(tag.name().as_ref()) {
                        self.close();
                    }
                    continue;
                }
                Ok(Event::Eof) => return None,
                Ok(_) => continue,
                Err(_) => return Some((reader.error_position() as usize).max(start + 1)),
            };
            if !is_outline(tag.name().as_ref()) {
                continue;
            }
            // A quote that was never closed has swallowed the next tag: this one ends where that begins.
            if let Some(inner) = tag.find('<') {
                let own = BytesStart::from_content(&tag[..inner], "outline".len());
                self.outline(&own, false);
                return Some(start + 1 + inner);
            }
            if self.outlines == OUTLINES_MAX {
                self.leave_out(&format!("more than {OUTLINES_MAX} outlines: the rest is left out"));
                return None;
            }
            self.outline(&tag, is_open);
        }
    }

    fn close(&mut self) {
        if 0 < self.too_deep {
            self.too_deep -= 1;
        } else {
            self.folders.pop();
        }
    }

    fn outline(&mut self, tag: &BytesStart<'_>, is_open: bool) {
        self.outlines += 1;
        let attributes = attributes(tag);
        let value = |name: &str| {
            let mut named = attributes.iter().filter(|(key, value)| key == name && !value.is_empty());
            named.next().map(|(_, value)| value.clone())
        };
        let name = value("title").or_else(|| value("text"));
        let address = value("xmlurl");
        if is_open && self.folders.len() < DEPTH_MAX {
            self.folders.push(name.clone().filter(|_| address.is_none()));
        } else if is_open {
            self.too_deep += 1;
        }
        let Some(address) = address else { return };
        match checked_url(&mended(&address)) {
            Ok(url) => {
                let labels = self.folders.iter().flatten().cloned().collect();
                self.feeds.push(Declared::outline(url, name, labels, self.place.clone()));
            }
            // The address may hold a secret, and is not shown.
            Err(error) => {
                let name = name.unwrap_or_else(|| "without a title".into());
                self.leave_out(&format!("outline {} ({name}) is left out: {error}", self.outlines));
            }
        }
    }

    fn leave_out(&mut self, why: &str) {
        self.left_out += 1;
        if self.left_out <= TOLD_MAX {
            self.warnings.push(format!("{}: {why}", self.place));
        }
    }
}

fn is_outline(name: &str) -> bool {
    name.eq_ignore_ascii_case("outline")
}

/// Names in lower case, values without escapes; what cannot be read is left out.
fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut found = tag.html_attributes();
    let found = found.with_checks(false).filter_map(Result::ok);
    found.map(|one| (one.key.as_ref().to_ascii_lowercase(), unescape(&one.value))).collect()
}

/// Resolves the five entities of XML and character references; any other ampersand stays as it is.
fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value.trim();
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match reference.and_then(|(name, tail)| Some((entity(name)?, tail))) {
            Some((character, tail)) => {
                out.push(character);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16)).ok()?;
            char::from_u32(code).filter(|c| !c.is_control())
        }
    }
}

/// `feed:` is how browsers once spelled it.
fn mended(address: &str) -> String {
    match (address.strip_prefix("feed://"), address.strip_prefix("feed:")) {
        (Some(rest), _) => format!("http://{rest}"),
        (_, Some(rest)) => rest.to_owned(),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;
    use std::fmt::Write;

    fn check(bytes: &[u8], expect: Expect) {
        let mut warnings = Vec::new();
        let mut out = String::new();
        match read(Path::new("list.opml"), bytes, &mut warnings) {
            Ok(feeds) => {
                for feed in feeds {
                    writeln!(out, "{} | {} | {:?}", feed.url, feed.title.unwrap_or_default(), feed.labels)
                        .unwrap();
                }
            }
            Err(problem) => writeln!(out, "error: {problem}").unwrap(),
        }
        warnings.iter().for_each(|warning| writeln!(out, "warning: {warning}").unwrap());
        expect.assert_eq(&out);
    }

    #[test]
    fn folders_become_labels() {
        check(
            include_bytes!("../../fixtures/subscriptions.opml"),
            expect![[r#"
                https://harbour.example/world/rss | Harbour News | ["World", "Europe"]
                https://tide.example/feed?section=world&lang=en | Tide & Time — daily | ["World"]
                https://lantern.example/atom.xml | Lantern | []
            "#]],
        );
    }

    #[test]
    fn broken_lists_give_their_feeds() {
        check(
            include_bytes!("../../fixtures/broken.opml"),
            expect![[r#"
                https://a.example/feed?a=1&b=2&copy=3 | Bare & ampersands | ["World"]
                https://b.example/rss | Shouted | ["World"]
                https://d.example/rss | After it | ["World"]
                https://e.example/rss | unquoted | ["World"]
                http://g.example/rss | Old spelling | ["World"]
                https://h.example/rss | Older spelling | ["World"]
                https://i.example/rss | An end that was forgotten | ["World"]
                warning: list.opml: outline 7 (Not a URL) is left out: this is not a URL: relative URL without a base
                warning: list.opml: outline 8 (Not for the web) is left out: the URL's scheme is ftp, feeds are fetched by http and https
            "#]],
        );
    }

    #[test]
    fn other_encodings_are_read() {
        let text = "<?xml version='1.0' encoding='windows-1252'?><opml><outline text='H\u{e4}rte' xmlUrl='http://h.example/f'/></opml>";
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let expect = "http://h.example/f | Härte | []\n";
        assert_eq!(one(&latin), expect);
        let wide: Vec<u8> =
            "\u{feff}".chars().chain(text.chars()).flat_map(|c| (c as u16).to_le_bytes()).collect();
        assert_eq!(one(&wide), expect);
    }

    fn one(bytes: &[u8]) -> String {
        let feed = &read(Path::new("list.opml"), bytes, &mut Vec::new()).unwrap()[0];
        format!("{} | {} | {:?}\n", feed.url, feed.title.clone().unwrap_or_default(), feed.labels)
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["", "<html><body>Log in</body></html>", "{\"a\": 1}", "<opml><body></body></opml>"] {
            check(
                text.as_bytes(),
                expect![[r#"
                error: list.opml: this is not OPML: it holds no outline
            "#]],
            );
        }
    }

    #[test]
    fn deep_folders_end() {
        let deep = "<outline text='a'>".repeat(100_000) + "<outline xmlUrl='http://h.example/f'/>";
        let feeds = read(Path::new("f"), deep.as_bytes(), &mut Vec::new()).unwrap();
        assert_eq!(feeds[0].labels.len(), DEPTH_MAX);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(text in "(<|>|outline |xmlUrl=|\"|'|=|&|a|http://h\\.example/|/| |<!--|]]>|<\\?|[^x]){0,60}") {
            let _ = read(Path::new("f"), text.as_bytes(), &mut Vec::new());
        }

        #[test]
        fn a_good_line_after_a_bad_one_is_read(bad in "[ a-z=\"'&/]{0,30}") {
            let text = format!("<opml><outline {bad}\n<outline xmlUrl=\"http://h.example/after\"/>\n</opml>");
            let feeds = read(Path::new("f"), text.as_bytes(), &mut Vec::new()).unwrap();
            prop_assert!(feeds.iter().any(|feed| feed.url.path() == "/after"), "{text}");
        }
    }
}
