//! The config file, as typed and as used. All mistakes are found at once, each with its line and a
//! caret; what comes out has been checked as far as it can be without the network.

mod feeds;
mod opml;
mod overlay;
mod problem;
mod section;

pub(crate) use problem::{Problem, Problems};

use model::{Feed, FirstPoll, Secret};
use section::Sections;
use serde::{Deserialize, Serialize};
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
}

/// `[sources]`: where feeds are declared, beside `[[feed]]` in the config itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Sources {
    /// Feed files, `.toml` or `.opml`; relative to the config file. Default none.
    pub(crate) files: Vec<PathBuf>,
    /// What the first poll of a feed publishes. Default since:72h.
    pub(crate) first_poll: FirstPoll,
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
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 8480).into(), token: None, token_file: None }
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

/// Reads and checks a config file, the environment's overrides and all feed files.
pub(crate) fn load(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<Config, Problems> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Problem::plain(format!("{}: {error}", path.display())))?;
    let mut problems = Problems::default();
    let overrides = overlay::read(env, &mut problems);
    let mut sections = Sections::read(path, &text, &overrides, &mut problems);
    let mut config = Config {
        pipeline: pipeline::Config {
            state: sections.take("state", &mut problems),
            outbox: sections.take("outbox", &mut problems),
            fetch: sections.take("fetch", &mut problems),
            schedule: sections.take("schedule", &mut problems),
            sink: sections.take("sink", &mut problems),
            kafka: sections.take("kafka", &mut problems),
        },
        sources: sections.take("sources", &mut problems),
        http: sections.take("http", &mut problems),
        log: sections.take("log", &mut problems),
        feeds: Vec::new(),
    };
    let declared = sections.feeds(&mut problems);
    sections.refuse_unknown(&mut problems);
    config.feeds = feeds::collect(path, &config.sources, declared, &mut problems);
    check(&mut config, &mut problems);
    problems.or(config)
}

/// What only shows when the settings are seen together.
fn check(config: &mut Config, problems: &mut Problems) {
    let pipeline = &config.pipeline;
    if pipeline.sink == (deliver::SinkConfig::Kafka {}) {
        pipeline.kafka.faults().into_iter().for_each(|fault| problems.add(Problem::plain(fault)));
    }
    if let Err(error) = fetch::Fetch::check(&pipeline.fetch) {
        problems.add(Problem::plain(format!("`fetch`: {error}")));
    }
    let fetch = &pipeline.fetch;
    if fetch.concurrency == 0 || fetch.per_host_concurrency == 0 {
        problems.add(Problem::plain(
            "`fetch.concurrency` and `fetch.per_host_concurrency` must be at least 1".into(),
        ));
    }
    let http = &mut config.http;
    if let Some(path) = &http.token_file {
        match std::fs::read_to_string(path) {
            Ok(token) => http.token = Some(Secret::new(token.trim())),
            Err(error) => {
                problems.add(Problem::plain(format!("`http.token_file`: {}: {error}", path.display())));
            }
        }
    }
    if !http.listen.ip().is_loopback() && http.token_file.is_none() && http.token.is_none() {
        let text = format!("`http.listen` = {} is not loopback: set `http.token_file`", http.listen);
        problems.add(Problem::plain(text));
    }
    if config.log.level.parse::<tracing_subscriber::EnvFilter>().is_err() {
        problems.add(Problem::plain(format!("`log.level`: {:?} is not a level or filter", config.log.level)));
    }
}
