//! `wireroom feeds …`

mod discover;
mod export;
mod show;

use crate::cli::{complain, counted, say, say_json};
use crate::config::{self, Unsaid};
use crate::link::Link;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use model::desk::{Change, FEEDS_MAX, FeedList, FeedSort, FeedsQuery, Health, Question};
use model::{Feed, FeedId, FirstPoll, Fulltext};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use url::Url;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List feeds and how they stand; those in trouble first
    List(ListArgs),
    /// Show one feed with its last fetches
    Show {
        /// Its id
        id: FeedId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a feed; it is kept in the state, beside those that are declared in files
    Add(AddArgs),
    /// Take back feeds that were added
    Remove {
        /// Their ids
        #[arg(required = true, num_args = 1..=1000)]
        ids: Vec<FeedId>,
    },
    /// List the feeds of a site, each fetched and read
    Discover {
        /// A page of the site
        #[arg(value_parser = config::checked_url)]
        url: Url,
        /// Look at the usual places and in robots.txt even if the page links to feeds
        #[arg(long)]
        everywhere: bool,
    },
    /// Add all feeds of an OPML or TOML file
    Import {
        /// The file, .opml or .toml
        file: PathBuf,
        /// Say what would be added, and add nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Print all feeds as a file that can be imported
    Export {
        /// opml as other readers know it, or toml with all that is known
        #[arg(long, value_enum, default_value_t = Format::Opml)]
        format: Format,
    },
}

#[derive(Debug, ClapArgs)]
struct ListArgs {
    /// Part of id, title, URL or label
    #[arg(long, value_name = "TEXT", default_value = "")]
    search: String,
    /// Only feeds that stand so
    #[arg(long, value_enum)]
    health: Option<HealthArg>,
    /// The order
    #[arg(long, value_enum, default_value_t = SortArg::Problems)]
    sort: SortArg,
    /// Feeds at most; 0: all
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum HealthArg {
    Good,
    Failing,
    New,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SortArg {
    Problems,
    Id,
    LastSuccess,
    NextVisit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Opml,
    Toml,
}

#[derive(Debug, ClapArgs)]
struct AddArgs {
    /// Where it is fetched
    #[arg(value_parser = config::checked_url)]
    url: Url,
    /// Its name; without one it is named after the URL
    #[arg(long)]
    id: Option<FeedId>,
    /// Over the publisher's own title
    #[arg(long)]
    title: Option<String>,
    /// A word that every record of the feed carries; may be given again
    #[arg(long = "label", value_name = "WORD")]
    labels: Vec<String>,
    /// ISO 3166-1 alpha-2, such as GB
    #[arg(long)]
    country: Option<String>,
    /// Time between polls, such as 15m
    #[arg(long, value_name = "SPAN")]
    interval: Option<String>,
    /// What its first poll publishes: publish, mark_seen or since:72h
    #[arg(long, value_name = "WHAT")]
    first_poll: Option<FirstPoll>,
    /// Whether the pages of its articles are read: never, when_short or always
    #[arg(long, value_name = "WHICH")]
    fulltext: Option<Fulltext>,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    if let What::Discover { url, everywhere } = &args.what {
        return discover::run(named, url.clone(), *everywhere);
    }
    let changes = !matches!(
        args.what,
        What::List(_) | What::Show { .. } | What::Export { .. } | What::Import { dry_run: true, .. }
    );
    let (link, config) = match Link::find(named, changes) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let done = match &args.what {
        What::List(args) => list(&link, args),
        What::Show { id, json } => show::show(&link, id, *json),
        What::Add(args) => add(&link, args, config.sources.feed()),
        What::Remove { ids } => change(&link, Question::RemoveFeeds { ids: ids.clone() }, "removed"),
        What::Import { file, dry_run } => import(&link, file, config.sources.feed(), *dry_run),
        What::Export { format } => export::export(&link, *format),
        What::Discover { .. } => Ok(ExitCode::SUCCESS),
    };
    let closed = link.close();
    done.and_then(|code| closed.map(|()| code)).unwrap_or_else(|code| code)
}

fn list(link: &Link, args: &ListArgs) -> Result<ExitCode, ExitCode> {
    let health = args.health.map(|health| match health {
        HealthArg::Good => Health::Good,
        HealthArg::Failing => Health::Failing,
        HealthArg::New => Health::New,
    });
    let sort = match args.sort {
        SortArg::Problems => FeedSort::Problems,
        SortArg::Id => FeedSort::Id,
        SortArg::LastSuccess => FeedSort::LastSuccess,
        SortArg::NextVisit => FeedSort::NextVisit,
    };
    let wanted = if args.limit == 0 { u32::MAX } else { args.limit };
    let mut found = FeedList { total: 0, offset: 0, feeds: Vec::new() };
    loop {
        let offset = found.feeds.len() as u32;
        let limit = (wanted - offset).min(FEEDS_MAX);
        let query = FeedsQuery { search: args.search.clone(), health, sort, offset, limit };
        let page: FeedList = link.ask(Question::Feeds(query))?;
        found.total = page.total;
        let is_last = page.feeds.len() < limit as usize;
        found.feeds.extend(page.feeds);
        if is_last || wanted <= found.feeds.len() as u32 {
            break;
        }
    }
    Ok(if args.json { say_json(&found) } else { say(&show::rows(&found)) })
}

fn add(link: &Link, args: &AddArgs, unsaid: Unsaid) -> Result<ExitCode, ExitCode> {
    let mut table = toml::Table::new();
    let mut set = |key: &str, value: Option<String>| {
        table.extend(value.map(|value| (key.to_owned(), toml::Value::String(value))));
    };
    set("url", Some(args.url.to_string()));
    set("id", args.id.as_ref().map(ToString::to_string));
    set("title", args.title.clone());
    set("country", args.country.clone());
    set("interval", args.interval.clone());
    set("first_poll", args.first_poll.map(|what| what.to_string()));
    set("fulltext", args.fulltext.map(|which| which.to_string()));
    let labels = args.labels.iter().cloned().map(toml::Value::String).collect();
    table.insert("labels".into(), toml::Value::Array(labels));
    let feed = config::from_table(table, unsaid).map_err(|error| {
        complain(&format!("error: {error}"));
        ExitCode::from(2)
    })?;
    change(link, Question::AddFeeds { feeds: vec![feed] }, "added")
}

/// Asks for a change and tells what became of it; 1 where nothing did.
fn change(link: &Link, question: Question, done: &str) -> Result<ExitCode, ExitCode> {
    let change: Change = link.ask(question)?;
    for why in &change.left_out {
        complain(&format!("error: {why}"));
    }
    for id in &change.done {
        say(&format!("{id} is {done}"));
    }
    Ok(if change.left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn import(link: &Link, file: &Path, unsaid: Unsaid, dry_run: bool) -> Result<ExitCode, ExitCode> {
    let (feeds, warnings) = config::from_file(file, unsaid).map_err(|problems| {
        complain(&problems.to_string());
        ExitCode::FAILURE
    })?;
    warnings.iter().for_each(|warning| complain(&format!("warning: {warning}")));
    if dry_run {
        return Ok(say(&format!("{} holds {}", file.display(), counted(feeds.len() as u64, "feed"))));
    }
    let mut bar = Bar::new(feeds.len());
    let mut sum = Change::default();
    // What its requests carry may be secret, and is read from files only.
    let (feeds, own): (Vec<_>, Vec<_>) =
        feeds.into_iter().partition(|feed| feed.polling == model::Polling::default());
    let why = "it has a weight, robots or request of its own: name the file in `sources.files`";
    sum.left_out.extend(own.iter().map(|feed| format!("{}: {why}", feed.id)));
    for some in feeds.chunks(FEEDS_MAX as usize / 4) {
        let feeds: Vec<Feed> = some.iter().map(|feed| Feed::clone(Arc::as_ref(feed))).collect();
        let change: Change = link.ask(Question::AddFeeds { feeds })?;
        sum.done.extend(change.done);
        sum.left_out.extend(change.left_out);
        bar.show(sum.done.len() + sum.left_out.len());
    }
    bar.clear();
    sum.left_out.iter().for_each(|why| complain(&format!("left out: {why}")));
    let (added, left_out) = (counted(sum.done.len() as u64, "feed"), sum.left_out.len());
    Ok(say(&format!("{added} added, {left_out} left out")))
}

/// Progress for people who wait: on a terminal only.
struct Bar {
    total: usize,
    is_shown: bool,
}

impl Bar {
    fn new(total: usize) -> Self {
        Self { total, is_shown: io::stderr().is_terminal() }
    }

    fn show(&mut self, done: usize) {
        if self.is_shown {
            // A terminal that is gone needs no progress.
            let _ = write!(io::stderr(), "\r{done} of {} feeds", self.total);
        }
    }

    fn clear(&mut self) {
        if self.is_shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
