//! `wireroom extract`: HTML pages in, the article of each out, one line a page.

use super::ordered::in_order;
use super::{Line, NOWHERE, body, filter};
use crate::config;
use jiff::Timestamp;
use normalise::page::{self, Page};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use url::Url;

/// How pages are read and told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the pages come from: relative links are resolved against it, and the canonical one is checked
    #[arg(long, value_name = "URL", value_parser = config::checked_url)]
    url: Option<Url>,
    /// What the server said the pages are: evidence for their encoding
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Name the file in each line
    #[arg(long)]
    with_file: bool,
    /// Files; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The line of one page: its article, or why there is none.
#[derive(Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    article: Option<Line>,
}

/// Reads the pages with a worker per core and tells them in their order. A page that gives no article has a
/// line that says why, and makes the exit code 1.
pub(crate) fn extract(options: &Options) -> ExitCode {
    let stdin = [PathBuf::from("-")];
    let files = if options.files.is_empty() { &stdin[..] } else { &options.files };
    let fetched_at = Timestamp::now();
    filter(|output| {
        let read = |file: &PathBuf| read(options, file, fetched_at);
        in_order(files, read, |file, article| {
            let article = article.unwrap_or_else(|| Err("reading it made wireroom panic".to_owned()));
            let name = file.display().to_string();
            let (article, error) = match article {
                Ok(article) => (Some(article), None),
                Err(error) => {
                    output.fault(&format!("{name}: {error}"));
                    (None, Some(error))
                }
            };
            output.line(&Told { file: options.with_file.then_some(name), error, article })
        })
    })
}

fn read(options: &Options, file: &Path, fetched_at: Timestamp) -> Result<Line, String> {
    let body = body(file).map_err(|error| error.to_string())?;
    let url = options.url.clone().or_else(|| Url::parse(NOWHERE).ok());
    let feed = url.clone().and_then(config::stray);
    let (Some(url), Some(feed)) = (url, feed) else { return Err("the address cannot be used".into()) };
    let content_type = options.content_type.as_deref();
    let page = Page { feed: &feed, url: &url, content_type, fetched_at, body: &body };
    let mut article = page::read(&page).map_err(|error| error.to_string())?;
    if options.url.is_none() {
        // Nobody's address is nobody's.
        article.source_url = None;
        let nowhere = |found: &String| found.starts_with(NOWHERE);
        article.url = article.url.filter(|found| !nowhere(found));
    }
    Ok(Line::from(article))
}
