//! Log lines: sentences for people on a terminal, JSON elsewhere; always on standard error.

use crate::config::{Log, LogFormat};
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// Libraries that would tell more than an operator can use; a filter of one's own may still ask for them.
const QUIET: [&str; 8] =
    ["fjall", "lsm_tree", "hickory_resolver", "hickory_net", "hickory_proto", "hyper_util", "reqwest", "h2"];

/// Starts logging; `WIREROOM_LOG` overrides the config's level.
pub(crate) fn start(log: &Log) {
    let level = std::env::var("WIREROOM_LOG").unwrap_or_else(|_| log.level.clone());
    let quiet: String = QUIET.iter().map(|library| format!("{library}=warn,")).collect();
    let filter = EnvFilter::try_new(quiet + &level).unwrap_or_else(|_| EnvFilter::new("info"));
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
