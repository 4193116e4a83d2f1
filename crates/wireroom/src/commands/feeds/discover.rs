//! `wireroom feeds discover URL`: the feeds of a site, each fetched and read.

use crate::cli::{complain, counted, say};
use crate::config::{self, Feeds};
use model::Format;
use model::units::Span;
use std::path::Path;
use std::process::ExitCode;
use url::Url;

/// A person waits: a host is asked this often at most, or as often as the config says.
const GAP: Span = Span::from_secs(1);

/// Looks for the feeds of a site and prints one a line: address, format, articles, title, how it was found.
pub(crate) fn run(named: Option<&Path>, url: Url, everywhere: bool) -> ExitCode {
    let mut fetch = match config::find(named) {
        // Without a config, as with one that holds nothing.
        Err(_) if named.is_none() => fetch::Config::default(),
        _ => match crate::cli::load(named, Feeds::Skip) {
            Ok(config) => config.pipeline.fetch,
            Err(code) => return code,
        },
    };
    fetch.per_host_gap = fetch.per_host_gap.min(GAP);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("error: the runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(pipeline::discover(&fetch, url, everywhere)) {
        Ok(found) if found.is_empty() => {
            complain("no feed was found: neither the page, nor the usual places, nor robots.txt lead to one");
            ExitCode::FAILURE
        }
        Ok(found) => {
            let lines: Vec<String> = found.iter().map(line).collect();
            say(&lines.join("\n"))
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn line(found: &pipeline::Found) -> String {
    let format = match found.format {
        Format::Rss => "RSS",
        Format::Atom => "Atom",
        Format::Json => "JSON Feed",
        Format::Sitemap => "news sitemap",
    };
    let title = found.title.as_deref().unwrap_or("untitled");
    let title: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).take(100).collect();
    let by = match found.by {
        "itself" => "this very address",
        "page" => "linked from the page",
        "habit" => "at a usual place",
        _ => "named in robots.txt",
    };
    format!("{}  {format}, {}, {title} ({by})", found.url, counted(found.articles as u64, "article"))
}
