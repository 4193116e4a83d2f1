//! The history by article, feed and time.

use super::{History, Invariant, SETTLE_MS, Verdict};
use crate::history::{Process, Record, Served};
use crate::text::{self, Token};
use record::{Article, header};
use std::collections::{BTreeMap, BTreeSet};

/// One revision as its publisher made it.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    pub(super) url: String,
    pub(super) visible_from: u64,
    pub(super) digest: String,
}

/// One request that the server answered.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) feed: String,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) conditional: bool,
    pub(super) claims: Option<u32>,
    pub(super) version: Option<u32>,
    /// A whole 200.
    pub(super) completed: bool,
    /// The daemon lived from the request until [`SETTLE_MS`] after the answer.
    pub(super) survived: bool,
}

/// One record of the articles topic, read.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) key: String,
    pub(super) store: String,
    pub(super) seq: u64,
    pub(super) token: Token,
    pub(super) digest: String,
    /// When it was settled, milliseconds since 1970.
    pub(super) settled: u64,
    pub(super) article: Box<Article>,
    pub(super) ce_id: String,
    pub(super) ce_source: String,
}

impl Published {
    pub(super) fn place(&self) -> String {
        format!(
            "{}:{} at {}/{} ({})",
            self.key, self.article.revision, self.partition, self.offset, self.token
        )
    }
}

/// Everything, indexed.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By article, then revision.
    pub(super) made: BTreeMap<u32, BTreeMap<u32, Revision>>,
    /// Items by feed and version.
    pub(super) versions: BTreeMap<(String, u32), Vec<(u32, u32)>>,
    /// By start.
    pub(super) requests: Vec<Request>,
    /// By partition, then offset.
    pub(super) published: Vec<Published>,
}

impl Index {
    pub(super) fn new(history: &History, verdict: &mut Verdict) -> Self {
        let mut index = Self::default();
        let ends = Ends::new(&history.process);
        for line in &history.served {
            index.add(line, &ends);
        }
        index.requests.sort_by_key(|request| request.start);
        for record in &history.articles {
            match read(record) {
                Ok(published) => index.published.push(published),
                Err(reason) => {
                    let place = format!("{} at {}/{}", record.key, record.partition, record.offset);
                    verdict.violation(Invariant::Phantom, format!("{place} cannot be read: {reason}"));
                }
            }
        }
        index.published.sort_by_key(|record| (record.partition, record.offset));
        verdict.count("articles made", index.made.len());
        verdict.count("revisions made", index.made.values().map(BTreeMap::len).sum());
        verdict.count("requests", index.requests.len());
        verdict.count("records", history.articles.len());
        index
    }

    fn add(&mut self, line: &Served, ends: &Ends) {
        match line.clone() {
            Served::Article { article, rev, url, visible_from, digest, .. } => {
                let revision = Revision { url, visible_from, digest };
                self.made.entry(article).or_default().insert(rev, revision);
            }
            Served::Version { feed, version, items, .. } => {
                self.versions.insert((feed, version), items);
            }
            Served::Request { feed, start, end, etag, since, claims, status, version, completed, life } => {
                self.requests.push(Request {
                    feed,
                    start,
                    end,
                    conditional: etag.is_some() || since.is_some(),
                    claims,
                    version: version.filter(|_| status == 200),
                    completed: completed && status == 200,
                    survived: !ends.any_within(start, end + SETTLE_MS) && !ends.is_over(life, end),
                });
            }
        }
    }

    /// Articles and revisions in a request's body.
    pub(super) fn body(&self, request: &Request) -> &[(u32, u32)] {
        request.version.map_or(&[], |version| self.items(&request.feed, version))
    }

    /// Articles and revisions of a version.
    pub(super) fn items(&self, feed: &str, version: u32) -> &[(u32, u32)] {
        self.versions.get(&(feed.to_owned(), version)).map_or(&[], Vec::as_slice)
    }

    /// Records by article, in the topic's order.
    pub(super) fn by_article(&self) -> BTreeMap<u32, Vec<&Published>> {
        let mut by_article: BTreeMap<u32, Vec<&Published>> = BTreeMap::new();
        for record in &self.published {
            by_article.entry(record.token.article).or_default().push(record);
        }
        by_article
    }

    /// Revisions that each feed surely brought to the ledger, by feed and article: whole bodies that the
    /// daemon outlived. With the end of the answer.
    pub(super) fn brought(&self) -> BTreeMap<(&str, u32), BTreeSet<(u32, u64)>> {
        let mut brought: BTreeMap<(&str, u32), BTreeSet<(u32, u64)>> = BTreeMap::new();
        for request in self.requests.iter().filter(|request| request.completed && request.survived) {
            for (article, rev) in self.body(request) {
                brought.entry((&request.feed, *article)).or_default().insert((*rev, request.end));
            }
        }
        brought
    }
}

/// When the daemon was stopped or ended.
#[derive(Default)]
struct Ends {
    all: BTreeSet<u64>,
    /// By life.
    lives: BTreeMap<u32, u64>,
}

impl Ends {
    fn new(process: &[Process]) -> Self {
        let (mut ends, mut living) = (Self::default(), None);
        for line in process {
            match line {
                Process::Started { life, .. } => living = Some(*life),
                Process::Paused { at, .. } => drop(ends.all.insert(*at)),
                Process::Ended { at, .. } => {
                    ends.all.insert(*at);
                    ends.lives.extend(living.take().map(|life| (life, *at)));
                }
                Process::Broker { .. } => {}
            }
        }
        ends
    }

    fn any_within(&self, from: u64, to: u64) -> bool {
        self.all.range(from..=to).next().is_some()
    }

    /// The life that asked was over by `at`: its request had waited in the kernel, and so did the answer.
    fn is_over(&self, life: Option<u32>, at: u64) -> bool {
        life.and_then(|life| self.lives.get(&life)).is_some_and(|end| *end <= at)
    }
}

fn read(record: &Record) -> Result<Published, String> {
    let value = record.value.as_deref().ok_or("it has no value")?;
    let article: Box<Article> = serde_json::from_str(value).map_err(|error| error.to_string())?;
    let token = article.title.as_deref().and_then(Token::find).ok_or("its title carries no token")?;
    let header =
        |name: &str| record.headers.get(name).cloned().ok_or_else(|| format!("the header {name} is missing"));
    let sequence = header(header::SEQUENCE)?;
    let (store, seq) = sequence.split_once(':').ok_or("its sequence is not <store>:<n>")?;
    Ok(Published {
        partition: record.partition,
        offset: record.offset,
        key: record.key.clone(),
        store: store.to_owned(),
        seq: seq.parse().map_err(|_| format!("its sequence {sequence:?} has no number"))?,
        token,
        digest: text::digest(article.text.as_deref().unwrap_or_default()),
        settled: u64::try_from(article.settled_at.as_millisecond()).unwrap_or_default(),
        ce_id: header(header::ID)?,
        ce_source: header(header::SOURCE)?,
        article,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_a_dead_daemon_is_told_by_its_life() {
        let ends = Ends::new(&[
            Process::Started { at: 0, life: 1 },
            Process::Ended { at: 900, how: "random".into() },
            Process::Started { at: 901, life: 2 },
        ]);
        assert!(ends.is_over(Some(1), 950));
        assert!(!ends.is_over(Some(1), 850));
        assert!(!ends.is_over(Some(2), 950));
        assert!(!ends.is_over(None, 950));
    }
}
