//! Pages to the text of their articles, for comparisons: `extract FILE...` gives one JSON object a line,
//! `{"file", "text"}`, and on standard error the time that extraction took, without reading the files.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example that reports")]

use jiff::Timestamp;
use model::{Feed, FirstPoll};
use normalise::page::{Page, read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = Url::parse("https://page.invalid/")?;
    let feed = Arc::new(Feed {
        id: "page".parse()?,
        url: url.clone(),
        title: None,
        labels: Vec::new(),
        country: None,
        interval: None,
        first_poll: FirstPoll::default(),
        polling: model::Polling::default(),
    });
    let (mut spent, mut pages) = (Duration::ZERO, 0_u32);
    for path in std::env::args().skip(1) {
        let body = std::fs::read(&path)?;
        let page = Page {
            feed: &feed,
            url: &url,
            content_type: None,
            fetched_at: Timestamp::UNIX_EPOCH,
            body: &body,
        };
        let start = Instant::now();
        let article = read(&page);
        spent += start.elapsed();
        pages += 1;
        let file = path.rsplit('/').next().unwrap_or(&path);
        let (text, error) = match article {
            Ok(article) => (article.text, None),
            Err(error) => (None, Some(error.to_string())),
        };
        println!("{}", serde_json::json!({ "file": file, "text": text, "error": error }));
    }
    eprintln!(
        "{pages} pages in {:.2} s: {:.0} pages/s",
        spent.as_secs_f64(),
        f64::from(pages) / spent.as_secs_f64()
    );
    Ok(())
}
