//! robots.txt (RFC 9309), for whoever asks for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// Bytes that are read of it, as the RFC has it at least.
const LENGTH_MAX: usize = 500 << 10;
/// Rules that are kept; beyond that a file is not a wish any more.
const RULES_MAX: usize = 10_000;
/// A longer delay would be a ban in other words.
const DELAY_MAX: f64 = 3600.0;

/// What a host's robots.txt says to one agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Robots {
    /// Patterns, and whether they allow.
    rules: Vec<(String, bool)>,
    pub(crate) delay: Option<Duration>,
    /// Sitemaps that it names, for everybody.
    pub(crate) sitemaps: Vec<String>,
}

/// Files that were read, for a day each (RFC 9309 section 2.4).
#[derive(Debug, Default)]
pub(crate) struct RobotsFiles(Mutex<HashMap<String, (Instant, Arc<Robots>)>>);

const KEPT: Duration = Duration::from_secs(24 * 3600);
/// Files that are kept before all are forgotten.
const FILES_MAX: usize = 20_000;

impl RobotsFiles {
    pub(crate) fn known(&self, url: &Url) -> Option<Arc<Robots>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, robots) = files.get(&url.origin().ascii_serialization())?;
        (at.elapsed() < KEPT).then(|| robots.clone())
    }

    pub(crate) fn keep(&self, url: &Url, robots: Robots) -> Arc<Robots> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if FILES_MAX <= files.len() {
            files.clear();
        }
        let robots = Arc::new(robots);
        files.insert(url.origin().ascii_serialization(), (Instant::now(), robots.clone()));
        robots
    }
}

/// The part of a file that is meant for one agent, or for all.
#[derive(Default)]
struct Group {
    rules: Vec<(String, bool)>,
    delay: Option<Duration>,
    is_there: bool,
}

impl Robots {
    /// Reads a file for the agent `token`, lower case. Lines that mean nothing are passed over.
    pub(crate) fn read(text: &[u8], token: &str) -> Self {
        let text = String::from_utf8_lossy(&text[..text.len().min(LENGTH_MAX)]);
        let (mut ours, mut all) = (Group::default(), Group::default());
        let mut sitemaps = Vec::new();
        let (mut for_us, mut for_all, mut in_agents) = (false, false, false);
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if !in_agents {
                        (for_us, for_all, in_agents) = (false, false, true);
                    }
                    for_us |= value.to_ascii_lowercase().split('/').next() == Some(token);
                    for_all |= value == "*";
                    ours.is_there |= for_us;
                }
                "sitemap" if sitemaps.len() < 100 => sitemaps.push(value.to_owned()),
                name => {
                    in_agents = false;
                    for group in for_us.then_some(&mut ours).into_iter().chain(for_all.then_some(&mut all)) {
                        group.take(name, value);
                    }
                }
            }
        }
        let Group { rules, delay, .. } = if ours.is_there { ours } else { all };
        Self { rules, delay, sitemaps }
    }

    /// True when a path with its query may be asked for: the longest rule decides, and of two as long the
    /// one that allows.
    pub(crate) fn allows(&self, path: &str) -> bool {
        let fitting = self.rules.iter().filter(|(pattern, _)| matches(pattern, path));
        fitting.max_by_key(|(pattern, allows)| (pattern.len(), *allows)).is_none_or(|(_, allows)| *allows)
    }
}

impl Group {
    fn take(&mut self, name: &str, value: &str) {
        match name {
            "allow" | "disallow" if !value.is_empty() && self.rules.len() < RULES_MAX => {
                self.rules.push((value.to_owned(), name == "allow"));
            }
            "crawl-delay" => {
                let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && 0.0 < *s);
                self.delay = seconds.map(|s| Duration::from_secs_f64(s.min(DELAY_MAX)));
            }
            _ => {}
        }
    }
}

/// `*` is anything, `$` at the end is the end; greedy from the left, which is enough for prefixes.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return !to_end || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() && to_end {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = b"\xef\xbb\xbfUser-agent: *\nDisallow: /private\nAllow: /private/feed$\nCrawl-delay: 7\n\n\
        user-agent: other\nUser-Agent: WireRoom/1.0 # us\nDisallow: /*.xml$\nDisallow: /a*b\nDisallow:\ncrawl-delay: x\n\
        Sitemap: https://example.org/news.xml\n";

    fn check(token: &str, path: &str, expect: bool) {
        assert_eq!(Robots::read(FILE, token).allows(path), expect, "{token} {path}");
    }

    #[test]
    fn the_longest_rule_of_our_group_decides() {
        check("nobody", "/feed", true);
        check("nobody", "/private/x", false);
        check("nobody", "/private/feed", true);
        check("nobody", "/private/feed2", false);
        check("wireroom", "/private/x", true);
        check("wireroom", "/x/feed.xml", false);
        check("wireroom", "/x/feed.xml?page=2", true);
        check("wireroom", "/a/long/way/to/b/c", false);
        check("wireroom", "/a", true);
        let all = Robots::read(FILE, "nobody");
        assert_eq!((all.delay, all.sitemaps.len()), (Some(Duration::from_secs(7)), 1));
        assert_eq!(Robots::read(FILE, "wireroom").delay, None);
        assert!(!Robots::read(b"User-agent: *\nDisallow: /", "wireroom").allows("/feed"));
        assert!(Robots::read(b"", "wireroom").allows("/feed"));
    }
}
