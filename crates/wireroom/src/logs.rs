//! Log lines: sentences for people on a terminal, JSON elsewhere; always on standard error.

use crate::config::{Log, LogFormat};
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// Starts logging; `WIREROOM_LOG` overrides the config's level.
pub(crate) fn start(log: &Log) {
    let level = std::env::var("WIREROOM_LOG").unwrap_or_else(|_| log.level.clone());
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let text = match log.format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    // A second start in one process changes nothing.
    let _ = if text {
        builder.with_target(false).with_ansi(io::stderr().is_terminal()).try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
}
