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
    /// All bodies in memory together; further ones wait. Default 64MiB.
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
            ca_file: None,
        }
    }
}

impl Config {
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
    /// An entry of `allow`.
    #[error("allow: {0:?} is neither a CIDR (10.0.0.0/8), nor host, nor host:port")]
    Allow(String),
    /// `ca_file`.
    #[error("ca_file: {0}")]
    CaFile(String),
    /// `contact` or `user_agent`.
    #[error("user_agent or contact: {0:?} cannot be sent in a header")]
    Agent(String),
    /// The TLS library or the runtime.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}
