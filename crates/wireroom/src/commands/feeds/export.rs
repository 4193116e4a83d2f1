//! All feeds as a file: OPML as other readers know it, or TOML with all that is known.

use super::Format;
use crate::link::Link;
use model::Feed;
use model::desk::Question;
use quick_xml::escape::escape;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

pub(super) fn export(link: &Link, format: Format) -> Result<ExitCode, ExitCode> {
    let mut feeds: Vec<Feed> = Vec::new();
    loop {
        let offset = feeds.len() as u32;
        let page: Vec<Feed> = link.ask(Question::FeedsInFull { offset })?;
        if page.is_empty() {
            break;
        }
        feeds.extend(page);
    }
    let text = match format {
        Format::Opml => opml(&feeds),
        Format::Toml => toml(&feeds),
    };
    Ok(match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(74),
        _ => ExitCode::SUCCESS,
    })
}

/// The first label is the folder: that is all that OPML can say of labels.
fn opml(feeds: &[Feed]) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>wireroom</title></head>\n<body>\n".to_owned();
    for feed in feeds {
        let title = feed.title.as_deref().unwrap_or(feed.id.as_str());
        // Writing to a string cannot fail.
        let line = format!(
            "<outline type=\"rss\" text=\"{0}\" title=\"{0}\" xmlUrl=\"{1}\"/>",
            escape(title),
            escape(feed.url.as_str())
        );
        let _ = match feed.labels.first() {
            Some(label) => writeln!(out, "<outline text=\"{}\">{line}</outline>", escape(label)),
            None => writeln!(out, "{line}"),
        };
    }
    out + "</body>\n</opml>\n"
}

fn toml(feeds: &[Feed]) -> String {
    feeds.iter().fold(String::new(), |mut out, feed| {
        let mut table = toml::Table::try_from(feed).unwrap_or_default();
        if feed.labels.is_empty() {
            table.remove("labels");
        }
        let _ = writeln!(out, "[[feed]]\n{table}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Unsaid;
    use expect_test::expect;

    fn feeds() -> Vec<Feed> {
        let feed = |id: &str, url: &str, title: Option<&str>, labels: &[&str]| Feed {
            id: id.parse().unwrap(),
            url: url.parse().unwrap(),
            title: title.map(str::to_owned),
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            country: None,
            interval: Some(model::units::Span::from_secs(900)),
            first_poll: model::FirstPoll::Publish,
            polling: model::Polling::default(),
        };
        vec![
            feed("a", "https://a.example/rss?x=1&y=2", Some("Fish & \"Chips\""), &["World", "en"]),
            feed("b", "https://b.example/rss", None, &[]),
        ]
    }

    #[test]
    fn lists_read_back() {
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <opml version="2.0">
            <head><title>wireroom</title></head>
            <body>
            <outline text="World"><outline type="rss" text="Fish &amp; &quot;Chips&quot;" title="Fish &amp; &quot;Chips&quot;" xmlUrl="https://a.example/rss?x=1&amp;y=2"/></outline>
            <outline type="rss" text="b" title="b" xmlUrl="https://b.example/rss"/>
            </body>
            </opml>
        "#]]
        .assert_eq(&opml(&feeds()));
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("f.toml", toml(&feeds())), ("f.opml", opml(&feeds()))] {
            let file = dir.path().join(name);
            std::fs::write(&file, text).unwrap();
            let (first_poll, fulltext) = (model::FirstPoll::Publish, model::Fulltext::Never);
            let (read, warnings) = crate::config::from_file(&file, Unsaid { first_poll, fulltext }).unwrap();
            assert_eq!(warnings, [] as [&str; 0]);
            let urls: Vec<&str> = read.iter().map(|feed| feed.url.as_str()).collect();
            assert_eq!(urls, ["https://a.example/rss?x=1&y=2", "https://b.example/rss"]);
            if name == "f.toml" {
                let read: Vec<Feed> = read.iter().map(|feed| Feed::clone(feed)).collect();
                assert_eq!(read, feeds());
            }
        }
    }
}
