//! `wireroom parse`: feed documents in, articles out, or with `--raw` all that the documents say.

use super::ordered::in_order;
use super::{Line, NOWHERE, body, filter};
use crate::config;
use jiff::Timestamp;
use model::{Document, Flaw, Validators};
use normalise::Context;
use record::Quality;
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use url::Url;

/// How documents are read and told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the documents come from: relative links are resolved against it
    #[arg(long, value_name = "BASE", value_parser = config::checked_url)]
    url: Option<Url>,
    /// What the server said the documents are: evidence for their encoding
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// One line a document: all that it says, before anything is cleaned or judged
    #[arg(long)]
    raw: bool,
    /// Name the file in each line
    #[arg(long)]
    with_file: bool,
    /// Files; `-`, or none, is standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What became of one file.
#[derive(Default)]
struct Told {
    /// Whole lines for standard output.
    lines: Vec<u8>,
    /// Words for standard error.
    complaints: Vec<String>,
    failed: bool,
}

/// A line, and the file that it is from where that is wanted.
#[derive(Serialize)]
struct Named<'a, T: Serialize> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(flatten)]
    line: T,
}

/// Reads the files with a worker per core and tells them in their order.
pub(crate) fn parse(options: &Options) -> ExitCode {
    let stdin = [PathBuf::from("-")];
    let files = if options.files.is_empty() { &stdin[..] } else { &options.files };
    let fetched_at = Timestamp::now();
    filter(|output| {
        let read = |file: &PathBuf| read(options, file, fetched_at);
        in_order(files, read, |file, told| {
            let told = told.unwrap_or_else(|| {
                let mut told = Told::default();
                told.fail(options, file, "reading it made wireroom panic");
                told
            });
            output.failed |= told.failed;
            told.complaints.iter().for_each(|complaint| crate::cli::complain(complaint));
            output.whole(&told.lines)
        })
    })
}

fn read(options: &Options, file: &Path, fetched_at: Timestamp) -> Told {
    let mut told = Told::default();
    let body = match body(file) {
        Ok(body) => body,
        Err(error) => {
            told.fail(options, file, &error.to_string());
            return told;
        }
    };
    if options.raw {
        match parse::read(&body, options.content_type.as_deref(), options.url.as_ref()) {
            Ok(raw) => {
                told.flaws(file, &raw.flaws);
                told.line(options, file, &raw);
            }
            Err(error) => told.fail(options, file, &error.to_string()),
        }
        return told;
    }
    let url = options.url.clone().or_else(|| Url::parse(NOWHERE).ok());
    let Some((url, feed)) = url.and_then(|url| Some((url.clone(), config::stray(url)?))) else {
        return told;
    };
    let (content_type, validators) = (options.content_type.clone(), Validators::default());
    let document = Document { feed, url, body, content_type, validators, fetched_at };
    match parse::parse(&document) {
        Ok(parsed) => told.articles(options, file, &document, parsed),
        Err(error) => told.fail(options, file, &error.to_string()),
    }
    told
}

impl Told {
    fn articles(&mut self, options: &Options, file: &Path, document: &Document, parsed: model::Parsed) {
        self.flaws(file, &parsed.flaws);
        let quality = Quality { parse_mode: parsed.mode, flags: Vec::new() };
        let context = Context {
            feed: &document.feed,
            meta: &parsed.meta,
            document_url: &document.url,
            fetched_at: document.fetched_at,
            quality: &quality,
        };
        for entry in parsed.entries {
            match normalise::normalise(&context, entry) {
                Ok(article) => self.line(options, file, &Line::from(article)),
                Err(unusable) => self.complaints.push(format!("{}: {unusable}", file.display())),
            }
        }
    }

    fn line(&mut self, options: &Options, file: &Path, line: &impl Serialize) {
        let name = file.display().to_string();
        let written = match options.with_file {
            true => serde_json::to_writer(&mut self.lines, &Named { file: Some(&name), line }),
            false => serde_json::to_writer(&mut self.lines, line),
        };
        match written {
            Ok(()) => self.lines.push(b'\n'),
            Err(error) => self.fail(options, file, &error.to_string()),
        }
    }

    fn flaws(&mut self, file: &Path, flaws: &[Flaw]) {
        for flaw in flaws {
            let item = flaw.item.map(|item| format!(" in item {item}")).unwrap_or_default();
            let offset = flaw.offset.map(|offset| format!(" at byte {offset}")).unwrap_or_default();
            self.complaints.push(format!(
                "{}: {}{item}{offset}: {}",
                file.display(),
                flaw.kind.name(),
                flaw.detail
            ));
        }
    }

    /// A document that brought nothing; with `--raw` it has its line all the same.
    fn fail(&mut self, options: &Options, file: &Path, why: &str) {
        self.failed = true;
        self.complaints.push(format!("{}: error: {why}", file.display()));
        if options.raw {
            let mut line = json!({ "error": why });
            if options.with_file {
                line["file"] = json!(file.display().to_string());
            }
            self.lines.extend(line.to_string().bytes());
            self.lines.push(b'\n');
        }
    }
}
