use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[sink]`: where delivered articles go; one sink for one state directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SinkConfig {
    /// Kafka topics, as `[kafka]` says.
    Kafka {},
    /// One file of articles, one JSON object a line.
    File {
        /// The file; `<path>.cursor` is kept beside it. No default.
        path: PathBuf,
    },
    /// Standard output, one JSON object a line. The default.
    Stdout {},
}

impl SinkConfig {
    /// What its `type` says.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kafka {} => "kafka",
            Self::File { .. } => "file",
            Self::Stdout {} => "stdout",
        }
    }
}

impl Default for SinkConfig {
    fn default() -> Self {
        Self::Stdout {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SinkConfig, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn each_sink_is_named_by_its_type() {
        assert_eq!(read("type = \"kafka\""), Ok(SinkConfig::Kafka {}));
        assert_eq!(
            read("type = \"file\"\npath = \"out.ndjson\""),
            Ok(SinkConfig::File { path: "out.ndjson".into() })
        );
        assert_eq!(read("type = \"stdout\""), Ok(SinkConfig::default()));
    }

    #[test]
    fn wrong_sinks_are_refused() {
        assert!(read("type = \"pulsar\"").unwrap_err().contains("pulsar"));
        assert!(read("type = \"kafka\"\npath = \"x\"").unwrap_err().contains("path"));
        assert!(read("type = \"stdout\"\npth = \"x\"").unwrap_err().contains("pth"));
        assert!(read("type = \"file\"").unwrap_err().contains("path"));
    }
}
