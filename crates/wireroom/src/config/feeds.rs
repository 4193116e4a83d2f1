//! All feeds, from the config and from the feed files: checked one by one and against each other.

use super::{Problem, Problems, Sources, opml};
use crate::config::section::Sections;
use model::units::Span;
use model::{Feed, FeedId, FirstPoll};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use url::Url;

/// `[[feed]]` as typed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    id: FeedId,
    url: Url,
    title: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    country: Option<String>,
    interval: Option<Span>,
    first_poll: Option<FirstPoll>,
}

/// Where a feed was declared, for people.
#[derive(Clone, Debug)]
struct Declared {
    feed: Arc<Feed>,
    place: String,
    /// An OPML file is somebody else's list: what it says twice is left out, not refused.
    tolerant: bool,
}

/// The feeds of the config and of its feed files.
pub(crate) fn collect(
    config: &Path,
    sources: &Sources,
    typed: Vec<(Typed, std::ops::Range<usize>)>,
    problems: &mut Problems,
) -> Vec<Arc<Feed>> {
    let place = config.display().to_string();
    let mut declared: Vec<Declared> = used(typed, sources, &place);
    for file in &sources.files {
        let path = config.parent().unwrap_or(Path::new("")).join(file);
        match std::fs::read_to_string(&path) {
            Ok(text) if path.extension().is_some_and(|kind| kind == "opml" || kind == "xml") => {
                let place = path.display().to_string();
                let feeds = opml::read(&text, sources.first_poll, |problem| {
                    tracing::warn!("{place}: {problem}");
                });
                let tolerant = |feed| Declared { feed: Arc::new(feed), place: place.clone(), tolerant: true };
                declared.extend(feeds.into_iter().map(tolerant));
            }
            Ok(text) => {
                let mut sections = Sections::read(&path, &text, &[], problems);
                let typed = sections.feeds(problems);
                sections.refuse_unknown(problems);
                declared.extend(used(typed, sources, &path.display().to_string()));
            }
            Err(error) => {
                problems.add(Problem::plain(format!("`sources.files`: {}: {error}", path.display())))
            }
        }
    }
    unique(declared, problems)
}

fn used(typed: Vec<(Typed, std::ops::Range<usize>)>, sources: &Sources, place: &str) -> Vec<Declared> {
    let feed = |typed: Typed| Feed {
        id: typed.id,
        url: typed.url,
        title: typed.title,
        labels: typed.labels,
        country: typed.country,
        interval: typed.interval,
        first_poll: typed.first_poll.unwrap_or(sources.first_poll),
    };
    let declare = |typed| Declared { feed: Arc::new(feed(typed)), place: place.to_owned(), tolerant: false };
    typed.into_iter().map(|(typed, _)| declare(typed)).collect()
}

/// Each id and each URL once.
fn unique(declared: Vec<Declared>, problems: &mut Problems) -> Vec<Arc<Feed>> {
    let mut ids: HashMap<FeedId, String> = HashMap::new();
    let mut urls: HashMap<Url, (FeedId, String)> = HashMap::new();
    let mut feeds = Vec::with_capacity(declared.len());
    for Declared { feed, place, tolerant } in declared {
        let clash = match (ids.get(&feed.id), urls.get(&feed.url)) {
            (Some(first), _) => {
                Some(format!("the feed id {} is used twice: in {first} and in {place}", feed.id))
            }
            (_, Some((id, first))) => {
                Some(format!("the feeds {id} (in {first}) and {} (in {place}) have the same URL", feed.id))
            }
            _ => None,
        };
        match clash {
            Some(clash) if tolerant => tracing::warn!("{clash}: the second is left out"),
            Some(clash) => problems.add(Problem::plain(clash)),
            None => {
                ids.insert(feed.id.clone(), place.clone());
                urls.insert(feed.url.clone(), (feed.id.clone(), place));
                feeds.push(feed);
            }
        }
    }
    feeds
}
