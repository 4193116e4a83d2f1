//! All feeds, from the config and from the feed files: checked one by one, then against each other.

use super::section::{Placed, Sections};
use super::source::{self, Source};
use super::{Problem, Problems, Sources, names, opml, request};
use model::units::Span;
use model::{Feed, FeedId, FirstPoll, Fulltext, Polling};
use serde::{Deserialize, Deserializer};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// Feeds of one daemon.
const FEEDS_MAX: usize = 1_000_000;
/// Feeds told of one by one when they are left out.
const TOLD_MAX: usize = 20;
/// Longest title, characters.
const TITLE_MAX: usize = 300;
/// Labels of one feed, and characters of one label.
const LABELS_MAX: usize = 32;
const LABEL_MAX: usize = 64;
/// Longest URL, bytes; servers take no longer ones.
const URL_MAX: usize = 8192;
/// Longest time between two polls.
const INTERVAL_MAX: Span = Span::from_secs(30 * 86_400);

/// `[[feed]]` as typed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    id: Option<FeedId>,
    #[serde(deserialize_with = "http_url")]
    url: Url,
    #[serde(default, deserialize_with = "title")]
    title: Option<String>,
    #[serde(default, deserialize_with = "labels")]
    labels: Vec<String>,
    #[serde(default, deserialize_with = "country")]
    country: Option<String>,
    #[serde(default, deserialize_with = "interval")]
    interval: Option<Span>,
    first_poll: Option<FirstPoll>,
    #[serde(default, deserialize_with = "weight")]
    weight: Option<f32>,
    robots: Option<bool>,
    fulltext: Option<Fulltext>,
    request: Option<request::Typed>,
}

/// Where a feed was declared.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    file: Arc<Path>,
    line: Option<u32>,
}

impl Place {
    /// Somewhere in a file.
    pub(crate) fn file(path: &Path) -> Self {
        Self { file: path.into(), line: None }
    }

    fn line(&self, line: usize) -> Self {
        Self { file: self.file.clone(), line: u32::try_from(line).ok() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file.display()),
            None => write!(f, "{}", self.file.display()),
        }
    }
}

/// A feed and where it was declared.
#[derive(Clone, Debug)]
pub(crate) struct Declared {
    /// Without one, it is named after its URL.
    pub(crate) id: Option<FeedId>,
    pub(crate) url: Url,
    pub(crate) title: Option<String>,
    pub(crate) labels: Vec<String>,
    country: Option<String>,
    interval: Option<Span>,
    first_poll: Option<FirstPoll>,
    fulltext: Option<Fulltext>,
    polling: Polling,
    place: Place,
    /// An OPML file is somebody else's list: what it says twice is left out, not refused.
    tolerant: bool,
}

impl Declared {
    /// What an outline of an OPML file says.
    pub(crate) fn outline(url: Url, title: Option<String>, labels: Vec<String>, place: Place) -> Self {
        let title = title.map(|title| cut(&title, TITLE_MAX));
        let labels = labels.into_iter().take(LABELS_MAX).map(|label| cut(&label, LABEL_MAX)).collect();
        let (id, country, interval, first_poll, fulltext) = (None, None, None, None, None);
        let (polling, tolerant) = (Polling::default(), true);
        Self { id, url, title, labels, country, interval, first_poll, fulltext, polling, place, tolerant }
    }

    /// `Err` says what is wrong with what its requests carry.
    fn typed(typed: Typed, place: Place) -> Result<Self, String> {
        let Typed { id, url, title, labels, country, interval, first_poll, .. } = typed;
        let Typed { weight, robots, fulltext, request, .. } = typed;
        let dir = place.file.parent().unwrap_or(Path::new(""));
        let request = request.map(|request| request::read(request, dir)).transpose();
        let request = request.map_err(|error| format!("{place}: `feed.request`: {error}"))?;
        let (polling, tolerant) = (Polling { weight, robots, request, ..Polling::default() }, false);
        Ok(Self { id, url, title, labels, country, interval, first_poll, fulltext, polling, place, tolerant })
    }
}

/// The feeds of one TOML file's `[[feed]]` tables.
pub(crate) fn declared(
    sections: &mut Sections<'_>,
    source: &Source,
    problems: &mut Problems,
) -> Vec<Declared> {
    let file = Place::file(&source.path);
    let mut declared = Vec::new();
    for Placed { value, span } in sections.feeds::<Typed>(problems) {
        match Declared::typed(value, file.line(source.line(span.start))) {
            Ok(feed) => declared.push(feed),
            Err(text) => problems.add(Problem::plain(text)),
        }
    }
    declared
}

/// The feeds of all feed files, after those of the config itself; each id and each URL once.
pub(crate) fn collect(
    mut feeds: Vec<Declared>,
    sources: &Sources,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Vec<Arc<Feed>> {
    for file in &sources.files {
        match read(file, problems, warnings) {
            Ok(more) => feeds.extend(more),
            Err(problem) => problems.add(Problem::plain(format!("`sources.files`: {problem}"))),
        }
    }
    if FEEDS_MAX < feeds.len() {
        let text = format!("{} feeds are declared, {FEEDS_MAX} are the most", feeds.len());
        problems.add(Problem::plain(text));
        feeds.truncate(FEEDS_MAX);
    }
    unique(feeds, sources.feed(), problems, warnings)
}

fn read(file: &Path, problems: &mut Problems, warnings: &mut Vec<String>) -> Result<Vec<Declared>, Problem> {
    let kind = file.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_ascii_lowercase();
    match kind.as_str() {
        "opml" | "xml" => opml::read(file, &source::bytes(file)?, warnings),
        "toml" => {
            let source = Source::read(file)?;
            if let Some(feeds) = one_by_one(&source) {
                return Ok(feeds);
            }
            let mut sections = Sections::read(&source, &[], problems);
            let feeds = declared(&mut sections, &source, problems);
            sections.refuse_unknown(&["feed"], problems);
            Ok(feeds)
        }
        _ => Err(Problem::plain(format!("{}: the name must end in .toml or .opml", file.display()))),
    }
}

/// The feeds of a file that holds nothing else and no mistake, each read alone: the tree of a whole list
/// takes fifty times the memory of the list. None: read it as a whole, to tell what is wrong.
fn one_by_one(source: &Source) -> Option<Vec<Declared>> {
    const HEADER: &str = "[[feed]]";
    let file = Place::file(&source.path);
    let mut feeds = Vec::new();
    let mut begun: Option<(usize, usize)> = None;
    let mut at = 0;
    let ending = std::iter::once(HEADER);
    for (number, line) in source.text.split_inclusive('\n').chain(ending).enumerate() {
        if line.trim_end() == HEADER {
            if let Some((line, start)) = begun {
                let typed = toml::from_str(&source.text[start..at]).ok()?;
                feeds.push(Declared::typed(typed, file.line(line)).ok()?);
            }
            begun = Some((number + 1, at + line.len()));
        } else if begun.is_none() && !line.trim_start().is_empty() && !line.trim_start().starts_with('#') {
            return None;
        }
        at += line.len();
    }
    Some(feeds)
}

/// Each id and each URL once, and an id for those that have none.
fn unique(
    declared: Vec<Declared>,
    unsaid: Unsaid,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Vec<Arc<Feed>> {
    let mut urls: HashMap<String, usize> = HashMap::with_capacity(declared.len());
    let mut ids: HashMap<FeedId, usize> = HashMap::with_capacity(declared.len());
    let mut kept: Vec<Declared> = Vec::with_capacity(declared.len());
    let mut left_out = 0;
    for feed in declared {
        let url = feed.url.as_str().split('#').next().unwrap_or_default().to_owned();
        let clash = match (feed.id.as_ref().and_then(|id| Some((id, ids.get(id)?))), urls.get(&url)) {
            (Some((id, first)), _) => {
                format!("{}: the feed id `{id}` is already given at {}", feed.place, kept[*first].place)
            }
            (_, Some(first)) => {
                format!("{}: this feed has the same URL as the one at {}", feed.place, kept[*first].place)
            }
            _ => {
                urls.insert(url, kept.len());
                ids.extend(feed.id.clone().map(|id| (id, kept.len())));
                kept.push(feed);
                continue;
            }
        };
        if feed.tolerant {
            left_out += 1;
            if left_out <= TOLD_MAX {
                warnings.push(format!("{clash}; it is left out"));
            }
        } else {
            problems.add(Problem::plain(clash));
        }
    }
    if TOLD_MAX < left_out {
        warnings
            .push(format!("{} further feeds are left out, too: they are there twice", left_out - TOLD_MAX));
    }
    names::give(&mut kept);
    kept.into_iter().filter_map(|feed| used(feed, unsaid)).map(Arc::new).collect()
}

/// What holds for feeds that do not say it themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unsaid {
    pub(crate) first_poll: FirstPoll,
    pub(crate) fulltext: Fulltext,
}

fn used(feed: Declared, unsaid: Unsaid) -> Option<Feed> {
    Some(Feed {
        id: feed.id?,
        url: feed.url,
        title: feed.title,
        labels: feed.labels,
        country: feed.country,
        interval: feed.interval,
        first_poll: feed.first_poll.unwrap_or(unsaid.first_poll),
        polling: Polling { fulltext: feed.fulltext.unwrap_or(unsaid.fulltext), ..feed.polling },
    })
}

/// An address that can be a feed's: http or https, with a host.
pub(crate) fn checked_url(text: &str) -> Result<Url, String> {
    if URL_MAX < text.len() {
        return Err(format!("the URL is {} bytes long, {URL_MAX} are the most", text.len()));
    }
    let url = Url::parse(text).map_err(|error| format!("this is not a URL: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(format!("the URL's scheme is {scheme}, feeds are fetched by http and https")),
    }
}

/// A feed from what the command line says of it; the table holds what `[[feed]]` may hold.
pub(crate) fn from_table(table: toml::Table, unsaid: Unsaid) -> Result<Feed, String> {
    let typed: Typed = table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let mut feeds = [Declared::typed(typed, Place::file(Path::new("")))?];
    names::give(&mut feeds);
    let [feed] = feeds;
    used(feed, unsaid).ok_or_else(|| "the feed cannot be named: give it an id".to_owned())
}

/// The feeds of a feed file, `.toml` or `.opml`, and what was left out.
pub(crate) fn from_file(file: &Path, unsaid: Unsaid) -> Result<(Vec<Arc<Feed>>, Vec<String>), Problems> {
    let (mut problems, mut warnings) = (Problems::default(), Vec::new());
    let Unsaid { first_poll, fulltext } = unsaid;
    let sources = Sources { files: vec![file.to_owned()], first_poll, fulltext };
    let feeds = collect(Vec::new(), &sources, &mut problems, &mut warnings);
    problems.or((feeds, warnings))
}

fn cut(text: &str, max: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(max).collect::<String>().trim().to_owned()
}

fn is_line(text: &str, max: usize) -> bool {
    let length = text.chars().count();
    1 <= length && length <= max && !text.chars().any(char::is_control) && text.trim() == text
}

fn http_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    checked_url(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

fn title<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    checked(
        deserializer,
        |title: &String| is_line(title, TITLE_MAX),
        || format!("a title is one line of 1 to {TITLE_MAX} characters"),
    )
}

fn country<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let is_code = |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    checked(deserializer, is_code, || {
        "a country is two capital letters of ISO 3166-1, such as \"GB\"".to_owned()
    })
}

fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    let fits = |span: &Span| !span.0.is_zero() && *span <= INTERVAL_MAX;
    checked(deserializer, fits, || format!("an interval is more than 0s and at most {INTERVAL_MAX}"))
}

fn weight<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f32>, D::Error> {
    let fits = |weight: &f32| (0.01..=100.0).contains(weight);
    checked(deserializer, fits, || "a weight is a number from 0.01 to 100.0; most feeds have 1.0".to_owned())
}

fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let fit = |labels: &Vec<String>| {
        labels.len() <= LABELS_MAX && labels.iter().all(|label| is_line(label, LABEL_MAX))
    };
    let wish = || format!("labels are at most {LABELS_MAX} words of 1 to {LABEL_MAX} characters");
    Ok(checked(deserializer, fit, wish)?.unwrap_or_default())
}

fn checked<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
    fits: impl Fn(&T) -> bool,
    wish: impl Fn() -> String,
) -> Result<Option<T>, D::Error> {
    let value = T::deserialize(deserializer)?;
    if fits(&value) { Ok(Some(value)) } else { Err(serde::de::Error::custom(wish())) }
}

/// For a feed that is declared nowhere: `wireroom try URL`.
pub(crate) fn stray(url: Url) -> Option<Arc<Feed>> {
    let mut feeds = [Declared::outline(url, None, Vec::new(), Place::file(Path::new("")))];
    names::give(&mut feeds);
    let [feed] = feeds;
    used(feed, Unsaid { first_poll: FirstPoll::Publish, fulltext: Fulltext::Never }).map(Arc::new)
}
