//! Names for feeds that were given none. A feed's state hangs on its id, so a name depends on the URL
//! alone: titles change, and so does the order of a list.

use super::feeds::Declared;
use model::FeedId;
use std::collections::HashMap;
use url::Url;

/// Longest name before a suffix, so that both fit into 64 characters.
const NAME_MAX: usize = 52;
/// Words of a path that say no more than that there is a feed.
const EMPTY_WORDS: [&str; 10] =
    ["feed", "feeds", "rss", "rss2", "atom", "xml", "index", "rdf", "json", "opml"];

/// Gives a name to each feed that has none: from host and path, with a hash where that is not enough to tell
/// it from the others.
pub(crate) fn give(feeds: &mut [Declared]) {
    let mut taken: HashMap<String, usize> = HashMap::new();
    for feed in feeds.iter() {
        let name = feed.id.as_ref().map_or_else(|| name(&feed.url), FeedId::to_string);
        *taken.entry(name).or_default() += 1;
    }
    for feed in feeds.iter_mut().filter(|feed| feed.id.is_none()) {
        let plain = name(&feed.url);
        let is_alone = taken.get(&plain) == Some(&1);
        let name = if is_alone { plain } else { format!("{plain}-{}", hash(&feed.url)) };
        feed.id = name.parse().ok();
    }
}

fn name(url: &Url) -> String {
    let host = url.host_str().unwrap_or("feed");
    let host = host.strip_prefix("www.").unwrap_or(host);
    let words = url.path().split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    let words = words.filter(|word| !word.is_empty() && !EMPTY_WORDS.contains(&word.as_str()));
    let mut name: String = host
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || ".-".contains(c) { c.to_ascii_lowercase() } else { '-' })
        .collect();
    name.truncate(NAME_MAX);
    for word in words {
        if NAME_MAX < name.len() + 1 + word.len() {
            break;
        }
        name.push('-');
        name.push_str(&word);
    }
    name
}

/// 44 bits of the whole URL: among ten thousand feeds of one name, a clash is one chance in 350,000.
fn hash(url: &Url) -> String {
    blake3::hash(url.as_str().as_bytes()).to_hex().chars().take(11).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::feeds::Place;
    use std::path::Path;

    fn check(urls: &[&str], names: &[&str]) {
        let declare =
            |url: &&str| Declared::outline(url.parse().unwrap(), None, vec![], Place::file(Path::new("f")));
        let mut feeds: Vec<Declared> = urls.iter().map(declare).collect();
        give(&mut feeds);
        let given: Vec<String> = feeds.iter().map(|feed| feed.id.as_ref().unwrap().to_string()).collect();
        assert_eq!(given, names);
    }

    #[test]
    fn feeds_are_named_after_host_and_path() {
        check(
            &[
                "https://www.harbour.example/world/rss",
                "https://feeds.harbour.example/news/world/rss.xml",
                "http://[::1]:8080/f",
                "https://bücher.example/ä/feed?format=rss",
                "https://harbour.example/",
            ],
            &[
                "harbour.example-world",
                "feeds.harbour.example-news-world",
                "---1--f",
                "xn--bcher-kva.example-c3-a4",
                "harbour.example",
            ],
        );
    }

    #[test]
    fn a_name_does_not_depend_on_the_order() {
        let (a, b) = ("https://h.example/rss?lang=en", "https://h.example/rss?lang=fr");
        check(&[a, b], &["h.example-19e02a7fbc1", "h.example-978293c33ef"]);
        check(&[b, a], &["h.example-978293c33ef", "h.example-19e02a7fbc1"]);
    }

    #[test]
    fn long_names_fit() {
        let long = format!("https://{}.example/{}", "a".repeat(60), "b/".repeat(500));
        let other = format!("{long}c");
        let mut feeds = [&long, &other]
            .map(|url| Declared::outline(url.parse().unwrap(), None, vec![], Place::file(Path::new("f"))));
        give(&mut feeds);
        assert!(feeds.iter().all(|feed| feed.id.is_some()));
        assert_ne!(feeds[0].id, feeds[1].id);
    }
}
