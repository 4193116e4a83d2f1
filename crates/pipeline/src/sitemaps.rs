//! A sitemap index as a feed: each visit reads the sitemaps in it that may hold news, within a budget of
//! its own, as if they were one document. One that held nothing, or could not be read, is left alone for a
//! while.

use crate::read::{self, Read};
use crate::visit::Rooms;
use fetch::Fetched;
use jiff::Timestamp;
use model::settle::Outcome;
use model::{Document, FailureClass, Validators, Visit};
use parse::Listed;
use schedule::hash;
use std::sync::Arc;
use url::Url;

/// Sitemaps of one index that a visit reads.
const READ_MAX: usize = 5;
/// News is no older than this: a sitemap that has not changed since holds none.
const FRESH_MS: i64 = 3 * 86_400_000;
/// A sitemap that brought nothing is left alone for so long.
const TOMBSTONE_MS: i64 = 7 * 86_400_000;
/// Tombstones of one index.
const TOMBSTONES_MAX: usize = 500;

/// Sitemaps that brought nothing, by a hash of their address, and until when they are left alone.
pub(crate) type Tombstones = Vec<(u64, i64)>;

/// Reads the sitemaps that an index lists; none: the document is no index.
pub(crate) async fn follow(
    rooms: &Arc<Rooms>,
    visit: &Visit,
    document: &Document,
    tombstones: &mut Tombstones,
) -> Option<Result<(Outcome, Read), ledger::Error>> {
    let listed = parse::index(document)?;
    let now = Timestamp::now().as_millisecond();
    tombstones.retain(|(_, until)| now < *until);
    let (mut items, mut all, mut flawed) = (Vec::new(), Read::default(), 0);
    let mut last = "it lists no sitemap that may hold news".to_owned();
    for url in chosen(&listed, &document.url, tombstones, now) {
        let hash = hash(url.as_str());
        let child = Visit { url, validators: Validators::default(), ..visit.clone() };
        let read = match rooms.fetch.get(&child).await {
            Ok(Fetched::Document(document, _)) => match one(rooms, child, document).await {
                Ok(read) => read,
                Err(error) => return Some(Err(error)),
            },
            Ok(Fetched::NotModified(_)) => continue,
            Err(failure) => {
                last = failure.detail;
                if matches!(failure.class, FailureClass::Throttled | FailureClass::Denied) {
                    break;
                }
                continue;
            }
        };
        match read {
            (Outcome::Document { items: more, flawed: lost, .. }, read) => {
                items.extend(more);
                flawed += lost;
                all.add(read);
            }
            (Outcome::Failed { detail, .. }, _) => {
                last = detail;
                if tombstones.len() < TOMBSTONES_MAX {
                    tombstones.push((hash, now + TOMBSTONE_MS));
                }
            }
            (Outcome::NotModified, _) => {}
        }
    }
    if items.is_empty() {
        let (class, status) = (FailureClass::NotAFeed, Some(200));
        let detail = format!("a sitemap index without news: {last}");
        return Some(Ok((Outcome::Failed { class, status, detail }, all)));
    }
    // What the index gave stands for the index alone: its sitemaps may change under it.
    Some(Ok((Outcome::Document { validators: Validators::default(), items, flawed }, all)))
}

async fn one(rooms: &Arc<Rooms>, visit: Visit, document: Document) -> Result<(Outcome, Read), ledger::Error> {
    let rooms = rooms.clone();
    let work = tokio::task::spawn_blocking(move || read::read(rooms.desks(), &visit, &document));
    work.await.unwrap_or_else(|_| Ok((Outcome::NotModified, Read::default())))
}

/// The sitemaps that are worth reading: those that changed lately, the latest first, before those that do
/// not say, of which only such as are named after news are read.
fn chosen(listed: &[Listed], base: &Url, tombstones: &Tombstones, now: i64) -> Vec<Url> {
    let mut worth: Vec<(i64, Url)> = listed
        .iter()
        .filter_map(|sitemap| {
            let changed = sitemap.changed.map(Timestamp::as_millisecond);
            let is_fresh = match changed {
                Some(changed) => now - changed <= FRESH_MS,
                None => sitemap.location.to_ascii_lowercase().contains("news"),
            };
            let url = base.join(&sitemap.location).ok().filter(|_| is_fresh)?;
            let is_dead = tombstones.iter().any(|(dead, _)| *dead == hash(url.as_str()));
            (!is_dead).then_some((changed.unwrap_or(i64::MIN), url))
        })
        .collect();
    worth.sort_by_key(|(changed, _)| std::cmp::Reverse(*changed));
    worth.into_iter().take(READ_MAX).map(|(_, url)| url).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_lately_comes_first_and_the_dead_are_left_alone() {
        let now = 1_795_478_400_000;
        let listed = |location: &str, days: Option<i64>| Listed {
            location: location.into(),
            changed: days.and_then(|days| Timestamp::from_millisecond(now - days * 86_400_000).ok()),
        };
        let base: Url = "https://example.org/index.xml".parse().unwrap();
        let all = [
            listed("/2019.xml", Some(2000)),
            listed("/yesterday.xml", Some(1)),
            listed("/today.xml", Some(0)),
            listed("/pages.xml", None),
            listed("/google-news.xml", None),
            listed("/dead.xml", Some(0)),
        ];
        let dead = vec![(hash("https://example.org/dead.xml"), now + 1)];
        let found: Vec<String> =
            chosen(&all, &base, &dead, now).iter().map(|url| url.path().to_owned()).collect();
        assert_eq!(found, ["/today.xml", "/yesterday.xml", "/google-news.xml"]);
        let many: Vec<Listed> = (0..100).map(|n| listed(&format!("/{n}.xml"), Some(0))).collect();
        assert_eq!(chosen(&many, &base, &dead, now).len(), READ_MAX);
    }
}
