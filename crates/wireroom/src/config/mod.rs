//! The config file, as typed and as used. All mistakes are found at once, each with its line and a
//! caret; what comes out has been checked as far as it can be without the network.

mod check;
mod feeds;
mod names;
mod opml;
mod overlay;
mod problem;
mod request;
mod section;
mod shown;
mod source;
#[cfg(test)]
mod tests;

pub(crate) use feeds::{Unsaid, checked_url, from_file, from_table, stray};
pub(crate) use problem::{Problem, Problems};
pub(crate) use shown::{differences, settings};

use model::{Feed, FirstPoll, Fulltext, Secret};
use section::Sections;
use serde::{Deserialize, Serialize};
use source::Source;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The whole config, as used.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    pub(crate) pipeline: pipeline::Config,
    pub(crate) sources: Sources,
    pub(crate) http: Http,
    pub(crate) log: Log,
    pub(crate) feeds: Vec<Arc<Feed>>,
    /// The file that all this was read from.
    pub(crate) from: Option<PathBuf>,
    /// What was left out and why, and what is odd though not wrong; a sentence each.
    pub(crate) warnings: Vec<String>,
}

impl Config {
    /// What the sink's `type` says.
    pub(crate) fn sink_name(&self) -> &'static str {
        self.pipeline.sink.name()
    }

    /// Where the daemon notes the address that it bound, so that tools find it when the port was 0.
    pub(crate) fn address_file(&self) -> PathBuf {
        self.pipeline.state.dir.join("http.address")
    }

    /// Where commands reach the daemon.
    pub(crate) fn socket(&self) -> PathBuf {
        self.pipeline.state.dir.join("wireroom.sock")
    }
}

/// `[sources]`: where feeds are declared, beside `[[feed]]` in the config itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sources {
    /// Feed files, `.toml` or `.opml`; relative to the config file. Default none.
    pub(crate) files: Vec<PathBuf>,
    /// What the first poll of a feed publishes. Default since:72h.
    pub(crate) first_poll: FirstPoll,
    /// Whether the pages of a feed's articles are read: never, when_short or always. Default never.
    pub(crate) fulltext: Fulltext,
}

impl Sources {
    /// What holds for feeds that do not say it themselves.
    pub(crate) fn feed(&self) -> Unsaid {
        Unsaid { first_poll: self.first_poll, fulltext: self.fulltext }
    }
}

/// `[http]`: health, readiness and metrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Http {
    /// Where to listen; beyond loopback a token is needed. Default 127.0.0.1:8480.
    pub(crate) listen: SocketAddr,
    /// Bearer token asked for on everything but /healthz. Default none.
    pub(crate) token: Option<Secret>,
    /// A file that holds the token. Default none.
    pub(crate) token_file: Option<PathBuf>,
    /// Names under which it may be asked, beside `localhost` and any address written as a number; without
    /// ports. Default none.
    pub(crate) hosts: Vec<String>,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 8480).into(), token: None, token_file: None, hosts: Vec::new() }
    }
}

/// `[log]`: what is said, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// error, warn, info, debug, trace, or a `tracing` filter such as `info,fetch=debug`. Default info.
    pub(crate) level: String,
    /// auto (text on a terminal, JSON elsewhere), text or json. Default auto.
    pub(crate) format: LogFormat,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    #[default]
    Auto,
    Text,
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Auto }
    }
}

/// The sections of a config file.
const KNOWN: [&str; 13] = [
    "state", "dedup", "sources", "feed", "fetch", "pages", "schedule", "enrich", "sink", "kafka", "outbox",
    "http", "log",
];
/// Where a config is looked for when none is named.
const PLACES: [&str; 2] = ["wireroom.toml", "/etc/wireroom/wireroom.toml"];

/// The file that is meant: the one named, else the first of the usual places that exists.
pub(crate) fn find(named: Option<&Path>) -> Result<PathBuf, Problems> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let found = PLACES.iter().map(Path::new).find(|path| path.exists());
    found.map(Path::to_owned).ok_or_else(|| {
        Problem::plain(format!(
            "no config: neither ./{} nor {} exists, and --config names none",
            PLACES[0], PLACES[1]
        ))
        .into()
    })
}

/// Whether the feeds are wanted: a health check has no use for a hundred thousand of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feeds {
    Read,
    Skip,
}

/// Reads and checks a config file, the environment's overrides and, if they are wanted, all feeds.
pub(crate) fn load(
    path: &Path,
    env: impl Iterator<Item = (OsString, OsString)>,
    wanted: Feeds,
) -> Result<Config, Problems> {
    load_with_origins(path, env, wanted).map(|(config, _)| config)
}

/// The same, and where each key that was given stands: `file:line`, or the variable's name.
pub(crate) fn load_with_origins(
    path: &Path,
    env: impl Iterator<Item = (OsString, OsString)>,
    wanted: Feeds,
) -> Result<(Config, BTreeMap<String, String>), Problems> {
    let source = Source::read(path)?;
    let mut problems = Problems::default();
    let overrides = overlay::read(env, &mut problems);
    let mut sections = Sections::read(&source, &overrides, &mut problems);
    let mut config = Config {
        pipeline: pipeline::Config {
            state: ledger::Config {
                dedup: sections.take("dedup", &mut problems),
                ..sections.take("state", &mut problems)
            },
            outbox: sections.take("outbox", &mut problems),
            fetch: sections.take("fetch", &mut problems),
            pages: sections.take("pages", &mut problems),
            schedule: sections.take("schedule", &mut problems),
            enrich: sections.take("enrich", &mut problems),
            sink: sections.take("sink", &mut problems),
            kafka: sections.take("kafka", &mut problems),
        },
        sources: sections.take("sources", &mut problems),
        http: sections.take("http", &mut problems),
        log: sections.take("log", &mut problems),
        feeds: Vec::new(),
        from: Some(path.to_owned()),
        warnings: Vec::new(),
    };
    let declared = match wanted {
        Feeds::Read => feeds::declared(&mut sections, &source, &mut problems),
        Feeds::Skip => Vec::new(),
    };
    sections.refuse_unknown(&KNOWN, &mut problems);
    check::anchor(&mut config, path.parent().unwrap_or(Path::new("")));
    check::check(&mut config, &sections, &mut problems);
    if wanted == Feeds::Read {
        config.feeds = feeds::collect(declared, &config.sources, &mut problems, &mut config.warnings);
        if config.feeds.is_empty() {
            config.warnings.push("no feed is declared: add [[feed]] or sources.files".into());
        }
    }
    let origins = sections.origins();
    problems.or((config, origins))
}
