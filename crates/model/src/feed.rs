use crate::secret::Secret;
use crate::units::Span;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use url::Url;

/// The operator's name for a feed: 1 to 64 of `a-z`, `0-9`, `-`, `_`, `.`; safe in headers, labels and file names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedId(Arc<str>);

/// Why a word cannot name a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFeedId(String);

impl fmt::Display for InvalidFeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} cannot name a feed: use 1 to 64 of a-z, 0-9, '-', '_' and '.'", self.0)
    }
}

impl std::error::Error for InvalidFeedId {}

impl FeedId {
    /// A name that is known to be one; for names in our own code, of `a-z`, `0-9`, `-`, `_`, `.`.
    pub fn fixed(name: &'static str) -> Self {
        Self(name.into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FeedId {
    type Err = InvalidFeedId;

    fn from_str(text: &str) -> Result<Self, InvalidFeedId> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidFeedId(text.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for FeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl Serialize for FeedId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FeedId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A feed as the operator declared it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feed {
    /// The operator's name for it.
    pub id: FeedId,
    /// Where it is fetched.
    pub url: Url,
    /// The operator's title, over the publisher's.
    #[serde(default)]
    pub title: Option<String>,
    /// Free words that every record of the feed carries.
    #[serde(default)]
    pub labels: Vec<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    pub country: Option<String>,
    /// Time between polls; none: the schedule's.
    #[serde(default)]
    pub interval: Option<Span>,
    /// What the first poll publishes.
    #[serde(default)]
    pub first_poll: FirstPoll,
    /// How it is polled, where that differs from all others.
    #[serde(flatten)]
    pub polling: Polling,
}

/// How one feed is polled, where that differs from all others. Most of it is not written down with an
/// article: it may hold secrets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Polling {
    /// What an article of this feed is worth beside one of any other, more than 0; none: 1.
    #[serde(skip)]
    pub weight: Option<f32>,
    /// Whether robots.txt is obeyed; none: as the config says for all.
    #[serde(skip)]
    pub robots: Option<bool>,
    /// What its requests carry and how they travel; none: nothing of their own.
    #[serde(skip)]
    pub request: Option<Arc<Request>>,
    /// Whether the pages of its articles are read, too.
    #[serde(default)]
    pub fulltext: Fulltext,
}

/// Which articles wait until their pages were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulltext {
    /// None: the feed's text is published.
    #[default]
    Never,
    /// Those of which the feed gives only a part.
    WhenShort,
    /// All of them.
    Always,
}

impl Fulltext {
    /// As the config writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::WhenShort => "when_short",
            Self::Always => "always",
        }
    }
}

impl FromStr for Fulltext {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::Never, Self::WhenShort, Self::Always];
        let unknown = || format!("{text:?} is none of \"never\", \"when_short\" and \"always\"");
        all.into_iter().find(|one| one.name() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for Fulltext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the requests of one feed carry and how they travel. Kept to the feed's own origin: on any change
/// of scheme, host or port all of it is dropped, but for the proxy and the authorities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Headers, names in lower case.
    pub headers: Vec<(String, Secret)>,
    /// User and password of basic authentication.
    pub basic: Option<(String, Secret)>,
    /// Value of `Cookie`.
    pub cookie: Option<Secret>,
    /// The whole User-Agent.
    pub user_agent: Option<String>,
    /// The proxy that all its requests go through, `http://[user:password@]host:port`.
    pub proxy: Option<Secret>,
    /// PEM file with authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

impl Feed {
    /// The URL as it may be shown: no user, no password, no query value whose name speaks of a secret.
    pub fn shown_url(&self) -> String {
        const SECRETS: [&str; 7] = ["key", "token", "secret", "pass", "auth", "sig", "cred"];
        let mut url = self.url.clone();
        // Both fail only for URLs that can have none.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let is_secret = |name: &str| {
            let name = name.to_ascii_lowercase();
            SECRETS.iter().any(|word| name.contains(word))
        };
        let hide = |pair: &str| match url::form_urlencoded::parse(pair.as_bytes()).next() {
            Some((name, _)) if is_secret(&name) => format!("{name}=***"),
            _ => pair.to_owned(),
        };
        if let Some(query) = url.query() {
            let shown: Vec<String> = query.split('&').map(hide).collect();
            url.set_query(Some(&shown.join("&")));
        }
        url.into()
    }
}

/// What the first poll of a feed publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPoll {
    /// Everything, flagged `backfill`.
    Publish,
    /// Nothing: all is remembered as seen.
    MarkSeen,
    /// What is younger than the span or has no date; the rest is remembered as seen.
    Since(Span),
}

impl Default for FirstPoll {
    fn default() -> Self {
        Self::Since(Span::from_secs(72 * 3600))
    }
}

impl FromStr for FirstPoll {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("since:")) {
            ("publish", _) => Ok(Self::Publish),
            ("mark_seen", _) => Ok(Self::MarkSeen),
            (_, Some(span)) => {
                span.parse().map(Self::Since).map_err(|e: crate::units::InvalidUnit| e.to_string())
            }
            _ => Err(format!("{text:?} is none of \"publish\", \"mark_seen\" and \"since:72h\"")),
        }
    }
}

impl fmt::Display for FirstPoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publish => f.write_str("publish"),
            Self::MarkSeen => f.write_str("mark_seen"),
            Self::Since(span) => write!(f, "since:{span}"),
        }
    }
}

impl Serialize for FirstPoll {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FirstPoll {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
