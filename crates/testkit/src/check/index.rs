//! The history by article, feed and time.

use super::{History, Invariant, Verdict};
use crate::history::{Process, Record, Served};
use crate::text::{self, Token};
use record::{Article, header};
use std::collections::BTreeMap;

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
    /// By when the daemon had settled what the answer brought, as far as its own words prove it: see
    /// [`Index::prove`].
    pub(super) settled_by: Option<u64>,
    life: Option<u32>,
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
            index.add(line);
        }
        index.requests.sort_by_key(|request| request.start);
        index.prove(&ends);
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

    fn add(&mut self, line: &Served) {
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
                    settled_by: None,
                    life,
                });
            }
        }
    }

    /// Finds by when each whole body was settled. A daemon that sends the validators of a version says that
    /// it has settled the last whole body of that version, by then, and by the end of the life that
    /// fetched it. How long a visit takes on a busy machine has no part in it.
    fn prove(&mut self, ends: &Ends) {
        let mut last: BTreeMap<(&str, u32), usize> = BTreeMap::new();
        let mut proofs = Vec::new();
        for (place, request) in self.requests.iter().enumerate() {
            let feed = request.feed.as_str();
            if let Some(brought) = request.claims.and_then(|version| last.remove(&(feed, version))) {
                let life = self.requests[brought].life;
                let end = ends.of(life).unwrap_or(u64::MAX);
                proofs.push((brought, request.start.min(end)));
            }
            if let Some(version) = request.version.filter(|_| request.completed) {
                last.insert((feed, version), place);
            }
        }
        for (place, at) in proofs {
            self.requests[place].settled_by = Some(at);
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

    /// Revisions that each feed is proved to have brought to the ledger, by feed and article.
    pub(super) fn brought(&self) -> BTreeMap<(&str, u32), Vec<Look>> {
        let mut brought: BTreeMap<(&str, u32), Vec<Look>> = BTreeMap::new();
        // By time: what a feed brought before decides whether a revision is an edit.
        for request in &self.requests {
            let Some(settled_by) = request.settled_by else { continue };
            for (article, rev) in self.body(request) {
                let look = Look { rev: *rev, settled_by };
                brought.entry((&request.feed, *article)).or_default().push(look);
            }
        }
        brought
    }
}

/// A revision that a feed brought to the ledger.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) rev: u32,
    pub(super) settled_by: u64,
}

/// When each life of the daemon ended.
#[derive(Default)]
struct Ends(BTreeMap<u32, u64>);

impl Ends {
    fn new(process: &[Process]) -> Self {
        let (mut ends, mut living) = (Self::default(), None);
        for line in process {
            match line {
                Process::Started { life, .. } => living = Some(*life),
                Process::Ended { at, .. } => ends.0.extend(living.take().map(|life| (life, *at))),
                Process::Broker { .. } | Process::Paused { .. } => {}
            }
        }
        ends
    }

    fn of(&self, life: Option<u32>) -> Option<u64> {
        self.0.get(&life?).copied()
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
    fn the_body_that_the_validators_stand_for_is_proved() {
        let asked = |start, life, claims: Option<u32>, version: Option<u32>| Request {
            feed: "f".into(),
            start,
            end: start + 5,
            conditional: claims.is_some(),
            claims,
            version,
            completed: version.is_some(),
            settled_by: None,
            life: Some(life),
        };
        let mut index = Index {
            requests: vec![
                asked(100, 1, None, Some(1)),
                asked(1000, 2, None, Some(1)),
                asked(2000, 2, Some(1), Some(2)),
                asked(4000, 3, Some(2), Some(3)),
            ],
            ..Index::default()
        };
        index.prove(&Ends::new(&[
            Process::Started { at: 0, life: 1 },
            Process::Ended { at: 900, how: "random".into() },
            Process::Started { at: 901, life: 2 },
            Process::Ended { at: 3000, how: "random".into() },
        ]));
        // The first body died with its life; the third was settled before its life ended, whoever says so.
        let proofs: Vec<_> = index.requests.iter().map(|request| request.settled_by).collect();
        assert_eq!(proofs, [None, Some(2000), Some(3000), None]);
    }
}
