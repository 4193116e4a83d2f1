//! Which cluster a command reads: the config's, or the one that is named.

use crate::cli::load;
use crate::config::{self, Feeds};
use clap::Args as ClapArgs;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Cluster {
    /// Brokers to ask, HOST:PORT, instead of those of the config
    #[arg(long, value_name = "HOST:PORT", value_parser = brokers)]
    brokers: Option<String>,
    /// The topics' prefix, instead of that of the config
    #[arg(long, value_name = "PREFIX")]
    topic_prefix: Option<String>,
}

/// `host:port`, or several of them with commas between.
pub(crate) fn brokers(text: &str) -> Result<String, String> {
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| 0 < port);
    let is_broker =
        |one: &str| one.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && is_port(port));
    if text.split(',').all(|one| is_broker(one.trim())) {
        return Ok(text.to_owned());
    }
    Err("a broker is given as HOST:PORT, such as localhost:9092".into())
}

impl Cluster {
    /// `[kafka]` as the config and the flags say it; with --brokers no config is needed.
    pub(crate) fn config(&self, named: Option<&Path>) -> Result<deliver::kafka::Config, ExitCode> {
        let has_config = named.is_some() || self.brokers.is_none() || config::find(None).is_ok();
        let mut kafka = match has_config {
            true => load(named, Feeds::Skip)?.pipeline.kafka,
            false => deliver::kafka::Config::default(),
        };
        kafka.bootstrap_servers = self.brokers.clone().unwrap_or(kafka.bootstrap_servers);
        kafka.topic_prefix = self.topic_prefix.clone().unwrap_or(kafka.topic_prefix);
        Ok(kafka)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_hosts_and_ports() {
        assert!(brokers("localhost:9092").is_ok());
        assert!(brokers("a:1, b:2").is_ok());
        for text in ["localhost", "localhost:", ":9092", "localhost:0", "localhost:99999", "", "a:1,,b:2"] {
            assert!(brokers(text).unwrap_err().contains("HOST:PORT"), "{text}");
        }
    }
}
