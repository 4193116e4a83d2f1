//! Log lines: sentences for people on a terminal, JSON elsewhere; always on standard error.

use crate::config::{Log, LogFormat};
use crate::readable::takes_colour;
use jiff::Timestamp;
use std::fmt;
use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// Libraries that would tell more than an operator can use; a filter of one's own may still ask for them.
const QUIET: [&str; 8] =
    ["fjall", "lsm_tree", "hickory_resolver", "hickory_net", "hickory_proto", "hyper_util", "reqwest", "h2"];
/// Overrides `log.level`.
const VARIABLE: &str = "WIREROOM_LOG";

/// Starts logging; panics become log lines, too.
///
/// # Errors
/// One sentence, when `WIREROOM_LOG` is no filter.
pub(crate) fn start(log: &Log) -> Result<(), String> {
    let level = std::env::var(VARIABLE).unwrap_or_else(|_| log.level.clone());
    let filter = filter(&level)
        .map_err(|_| format!("the variable {VARIABLE}: {level:?} is not a level or a filter"))?;
    // What standard error does not take cannot be told there either: a terminal that has gone costs the log only.
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).log_internal_errors(false);
    let is_terminal = io::stderr().is_terminal();
    let is_text = match log.format {
        LogFormat::Auto => is_terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    // A second start in one process changes nothing.
    if is_text {
        let text =
            builder.with_timer(Utc { decimals: 0 }).with_target(false).with_ansi(takes_colour(&io::stderr()));
        let text = text.with_filter_reloading();
        let handle = text.reload_handle();
        let change: Change = Box::new(move |filter| drop(handle.reload(filter)));
        let _ = text.try_init().map(|()| CHANGE.set(change));
    } else {
        let json = builder.with_timer(Utc { decimals: 3 }).json().flatten_event(true);
        let json = json.with_current_span(false).with_span_list(false).with_filter_reloading();
        let handle = json.reload_handle();
        let change: Change = Box::new(move |filter| drop(handle.reload(filter)));
        let _ = json.try_init().map(|()| CHANGE.set(change));
    }
    // Where it happened; what it cost is told by whoever catches it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("no words");
        tracing::warn!(place, "a panic: {words}");
    }));
    Ok(())
}

type Change = Box<dyn Fn(EnvFilter) + Send + Sync>;

/// Changes what is said, once logging has started.
static CHANGE: OnceLock<Change> = OnceLock::new();

fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    let quiet: String = QUIET.iter().map(|library| format!("{library}=warn,")).collect();
    EnvFilter::try_new(quiet + level)
}

/// Takes another level, unless `WIREROOM_LOG` has the say; false when it has.
pub(crate) fn change_level(level: &str) -> bool {
    if std::env::var_os(VARIABLE).is_some() {
        return false;
    }
    if let (Some(change), Ok(filter)) = (CHANGE.get(), filter(level)) {
        change(filter);
    }
    true
}

/// RFC 3339 in UTC, so that the lines of several machines sort.
struct Utc {
    decimals: usize,
}

impl FormatTime for Utc {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:.*}", self.decimals, Timestamp::now())
    }
}
