use crate::address::Allowed;
use http::HeaderValue;
use model::units::{Size, Span};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[fetch]`: how feeds are asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where a publisher can reach you, `mailto:` or `https:`; sent in the User-Agent. Default empty.
    pub contact: String,
    /// Addresses that the guard would refuse and you need: CIDRs, `host` or `host:port`. Default none.
    pub allow: Vec<String>,
    /// A body longer than this, decoded, is refused. Default 16MiB.
    pub max_body: Size,
    /// All bodies in memory together, at least `max_body`; what goes beyond it waits. Default 64MiB.
    pub body_budget: Size,
    /// Requests to one host at once. Default 2.
    pub per_host_concurrency: usize,
    /// Time between two requests to one host. Default 5s.
    pub per_host_gap: Span,
    /// Visits at once, over all hosts. Default 64.
    pub concurrency: usize,
    /// For the connection, TLS included. Default 5s.
    pub connect_timeout: Span,
    /// For the head, and between two parts of the body. Default 15s.
    pub read_timeout: Span,
    /// For one request with its body. Default 45s.
    pub total_timeout: Span,
    /// Redirects followed. Default 5.
    pub max_redirects: usize,
    /// The whole User-Agent; empty: `wireroom/<version> (+<contact>)`. Default empty.
    pub user_agent: String,
    /// Obey robots.txt, its `Crawl-delay` too. Default false: a feed is published to be read by programs.
    pub robots: bool,
    /// PEM file with certificates of authorities that are trusted beside the system's. Default none.
    pub ca_file: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            contact: String::new(),
            allow: Vec::new(),
            max_body: Size(16 << 20),
            body_budget: Size(64 << 20),
            per_host_concurrency: 2,
            per_host_gap: Span::from_secs(5),
            concurrency: 64,
            connect_timeout: Span::from_secs(5),
            read_timeout: Span::from_secs(15),
            total_timeout: Span::from_secs(45),
            max_redirects: 5,
            user_agent: String::new(),
            robots: false,
            ca_file: None,
        }
    }
}

impl Config {
    /// Checks every key as far as that can be done without building a client.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let timeouts = [
            ("connect_timeout", self.connect_timeout),
            ("read_timeout", self.read_timeout),
            ("total_timeout", self.total_timeout),
        ];
        let ranges = [
            ("max_body", "1KiB to 1GiB", (1 << 10..=1 << 30).contains(&self.max_body.0)),
            ("body_budget", "1KiB to 1024GiB", (1 << 10..=1 << 40).contains(&self.body_budget.0)),
            ("per_host_concurrency", "1 to 1000", (1..=1000).contains(&self.per_host_concurrency)),
            ("per_host_gap", "at most 1d", self.per_host_gap <= Span::from_secs(86_400)),
            ("concurrency", "1 to 10000", (1..=10_000).contains(&self.concurrency)),
            ("max_redirects", "at most 20", self.max_redirects <= 20),
        ];
        let timeouts = timeouts.map(|(key, span)| {
            (key, "10ms to 1h", (Span::from_millis(10)..=Span::from_secs(3600)).contains(&span))
        });
        if let Some((key, range, _)) = ranges.into_iter().chain(timeouts).find(|(.., fits)| !fits) {
            return Err(ConfigError::Range { key, range });
        }
        Allowed::read(&self.allow)?;
        HeaderValue::from_str(&self.agent()).map_err(|_| ConfigError::Agent(self.agent())).map(drop)
    }

    /// The User-Agent that is sent.
    pub fn agent(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        match (self.user_agent.as_str(), self.contact.as_str()) {
            ("", "") => format!("wireroom/{version}"),
            ("", contact) => format!("wireroom/{version} (+{contact})"),
            (agent, _) => agent.to_owned(),
        }
    }
}

/// Why a client cannot be built; names the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A number out of its range.
    #[error("{key} must be {range}")]
    Range {
        /// The key.
        key: &'static str,
        /// The range, in words.
        range: &'static str,
    },
    /// An entry of `allow`.
    #[error("allow: {0:?} is neither a CIDR (10.0.0.0/8), nor host, nor host:port")]
    Allow(String),
    /// `ca_file`.
    #[error("ca_file: {0}")]
    CaFile(String),
    /// The proxy of a feed.
    #[error("the proxy is not a URL such as \"http://proxy.example:3128\"")]
    Proxy,
    /// `contact` or `user_agent`.
    #[error("user_agent or contact: {0:?} cannot be sent in a header")]
    Agent(String),
    /// The TLS library or the runtime.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Config), expect: &str) {
        let mut config = Config::default();
        change(&mut config);
        assert_eq!(config.check().unwrap_err().to_string(), expect);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert_eq!(Config::default().check(), Ok(()));
        check(|config| config.max_body = Size(0), "max_body must be 1KiB to 1GiB");
        check(|config| config.per_host_concurrency = 0, "per_host_concurrency must be 1 to 1000");
        check(|config| config.concurrency = 0, "concurrency must be 1 to 10000");
        check(|config| config.read_timeout = Span::from_millis(0), "read_timeout must be 10ms to 1h");
        check(|config| config.max_redirects = 21, "max_redirects must be at most 20");
        check(
            |config| config.allow = vec!["10.0.0.0/8".into(), "10.0.0.0/99".into()],
            "allow: \"10.0.0.0/99\" is neither a CIDR (10.0.0.0/8), nor host, nor host:port",
        );
        check(
            |config| config.contact = "a\nb".into(),
            "user_agent or contact: \"wireroom/0.1.0 (+a\\nb)\" cannot be sent in a header",
        );
    }

    #[test]
    fn the_agent_names_the_program_and_a_contact() {
        let mut config = Config { contact: "mailto:ops@example.org".into(), ..Config::default() };
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(config.agent(), format!("wireroom/{version} (+mailto:ops@example.org)"));
        config.user_agent = "reader/1".into();
        assert_eq!(config.agent(), "reader/1");
    }
}
