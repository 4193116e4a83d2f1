//! What shows only when a setting is seen as a whole, or beside others.

use super::section::Sections;
use super::source::Source;
use super::{Config, Problems};
use model::Secret;
use model::units::{Size, Span};
use std::path::{Path, PathBuf};

/// Longest secret in a file, bytes.
const SECRET_MAX: u64 = 4096;
const DAY: u64 = 86_400;

/// Checks a config whose sections could all be read, and reads the files that hold its secrets.
pub(crate) fn check(config: &mut Config, sections: &Sections<'_>, problems: &mut Problems) {
    let mut refuse = |key: &str, message: &str| problems.add(sections.problem(key, message));
    limits(config, &mut refuse);
    fetch(&config.pipeline.fetch, &mut refuse);
    enrich(&config.pipeline.enrich, &mut refuse);
    kafka(config, &mut refuse);
    http(config, &mut refuse);
    names(config, sections, problems);
    let mut refuse = |key: &str, message: &str| problems.add(sections.problem(key, message));
    if tracing_subscriber::EnvFilter::try_new(&config.log.level).is_err() {
        refuse(
            "log.level",
            "`log.level` must be error, warn, info, debug, trace or a filter such as \"info,fetch=debug\"",
        );
    }
}

fn limits(config: &Config, refuse: &mut impl FnMut(&str, &str)) {
    let (state, schedule) = (&config.pipeline.state, &config.pipeline.schedule);
    let spans = [
        ("dedup.window", state.dedup.window, "1h to 30d", 3600, 30 * DAY),
        ("state.retention", state.retention, "1h to 3650d", 3600, 3650 * DAY),
        ("schedule.interval", schedule.interval.unwrap_or(schedule.max_interval), "1ms to 30d", 0, 30 * DAY),
        ("schedule.min_interval", schedule.min_interval, "1ms to 30d", 0, 30 * DAY),
        (
            "schedule.min_interval_unconditional",
            schedule.min_interval_unconditional,
            "1ms to 30d",
            0,
            30 * DAY,
        ),
        ("schedule.max_interval", schedule.max_interval, "1ms to 30d", 0, 30 * DAY),
    ];
    for (key, span, range, least, most) in spans {
        if span.0.is_zero() || span < Span::from_secs(least) || Span::from_secs(most) < span {
            refuse(key, &format!("`{key}` must be {range}"));
        }
    }
    pages(&config.pipeline.pages, refuse);
    if Span::from_secs(DAY) < state.dedup.hold_edits {
        refuse("dedup.hold_edits", "`dedup.hold_edits` must be at most 1d");
    }
    if 100 < state.dedup.hold_share {
        refuse("dedup.hold_share", "`dedup.hold_share` must be a percentage, 0 to 100");
    }
    if schedule.max_interval < schedule.min_interval {
        refuse("schedule.max_interval", "`schedule.max_interval` is shorter than `schedule.min_interval`");
    }
    if state.dir.as_os_str().is_empty() {
        refuse("state.dir", "`state.dir` is empty");
    }
    if config.pipeline.outbox.max_bytes < Size(64 << 10) {
        refuse("outbox.max_bytes", "`outbox.max_bytes` must be at least 64KiB");
    }
}

fn pages(pages: &pipeline::Pages, refuse: &mut impl FnMut(&str, &str)) {
    let ranges = [
        ("deadline", "1s to 1d", (Span::from_secs(1)..=Span::from_secs(DAY)).contains(&pages.deadline)),
        ("short", "1 to 100000", (1..=100_000).contains(&pages.short)),
        ("concurrency", "1 to 1000", (1..=1000).contains(&pages.concurrency)),
        ("waiting_max", "at most 1000000", pages.waiting_max <= 1_000_000),
    ];
    for (key, range, _) in ranges.into_iter().filter(|(.., fits)| !fits) {
        refuse(&format!("pages.{key}"), &format!("`pages.{key}` must be {range}"));
    }
}

/// All that is wrong: each fault is told and mended, until there is none.
fn fetch(config: &fetch::Config, refuse: &mut impl FnMut(&str, &str)) {
    let mut config = config.clone();
    let default = fetch::Config::default();
    for _ in 0..20 {
        let Err(error) = fetch::Fetch::check(&config) else { return };
        let text = error.to_string();
        let key = text.split([' ', ':']).next().unwrap_or_default().to_owned();
        refuse(&format!("fetch.{key}"), &format!("`fetch.{key}`{}", &text[key.len()..]));
        match reset(&config, &default, &key) {
            Some(mended) => config = mended,
            None => return,
        }
    }
}

/// The same config with one key at its default.
fn reset(config: &fetch::Config, default: &fetch::Config, key: &str) -> Option<fetch::Config> {
    let (mut table, default) = (toml::Table::try_from(config).ok()?, toml::Table::try_from(default).ok()?);
    table.remove(key)?;
    table.extend(default.get(key).map(|value| (key.to_owned(), value.clone())));
    table.try_into().ok()
}

fn enrich(config: &enrich::Config, refuse: &mut impl FnMut(&str, &str)) {
    for error in enrich::Rules::new(&config.rules).err().into_iter().flatten() {
        refuse(&format!("enrich.rules[{}]", error.number - 1), &format!("[[enrich.rules]]: {error}"));
    }
}

/// Reads the operator's own names.
fn names(config: &mut Config, sections: &Sections<'_>, problems: &mut Problems) {
    let enrich = &mut config.pipeline.enrich;
    let Some(file) = &enrich.names_file else { return };
    let source = match Source::read(file) {
        Ok(source) => source,
        Err(problem) => {
            let message = format!("`enrich.names_file` cannot be read: {problem}");
            return problems.add(sections.problem("enrich.names_file", &message));
        }
    };
    match enrich::OwnNames::parse(&source.text, &file.display().to_string()) {
        Ok(names) => enrich.names = Some(names.into()),
        Err(error) => problems.add(source.whole_line(error.line, &error.what)),
    }
}

fn kafka(config: &Config, refuse: &mut impl FnMut(&str, &str)) {
    if config.pipeline.sink != (deliver::SinkConfig::Kafka {}) {
        return;
    }
    let kafka = &config.pipeline.kafka;
    for fault in kafka.faults() {
        let key = fault.split('`').nth(1).unwrap_or_default().to_owned();
        refuse(&key, &fault);
    }
    let (sasl, tls) = (&kafka.security.sasl, &kafka.security.tls);
    let files = [
        ("kafka.registry.password_file", &kafka.registry.password_file),
        ("kafka.security.sasl.password_file", &sasl.password_file),
        ("kafka.security.tls.ca_file", &tls.ca_file),
        ("kafka.security.tls.cert_file", &tls.cert_file),
        ("kafka.security.tls.key_file", &tls.key_file),
        ("kafka.security.tls.key_password_file", &tls.key_password_file),
    ];
    for (key, file) in files {
        if let Some(Err(error)) = file.as_deref().map(std::fs::File::open) {
            refuse(key, &format!("`{key}` cannot be read: {error}"));
        }
    }
}

fn http(config: &mut Config, refuse: &mut impl FnMut(&str, &str)) {
    let http = &mut config.http;
    match (&http.token, &http.token_file) {
        (Some(_), Some(_)) => refuse("http.token", "give `http.token` or `http.token_file`, not both"),
        (Some(token), None) if !is_token(token.expose()) => {
            refuse("http.token", "`http.token` must be 1 to 4096 printable ASCII characters");
        }
        (None, Some(file)) => match secret(file) {
            Ok(token) => http.token = Some(token),
            Err(error) => refuse("http.token_file", &format!("`http.token_file` {error}")),
        },
        (None, None) if !http.listen.ip().is_loopback() => {
            let text = format!(
                "`http.listen` = {} can be reached from other machines: set `http.token_file`, or listen on 127.0.0.1",
                http.listen
            );
            refuse("http.listen", &text);
        }
        _ => {}
    }
    if let Some(host) = http.hosts.iter().find(|host| url::Host::parse(host).is_err()) {
        refuse("http.hosts", &format!("`http.hosts`: {host:?} is not a host name (without a port)"));
    }
}

fn is_token(text: &str) -> bool {
    (1..=SECRET_MAX as usize).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn secret(file: &Path) -> Result<Secret, String> {
    let failed = |error: std::io::Error| format!("cannot be read: {error}");
    if SECRET_MAX < std::fs::metadata(file).map_err(failed)?.len() {
        return Err(format!("names a file of more than {SECRET_MAX} bytes"));
    }
    let text = std::fs::read_to_string(file).map_err(failed)?;
    let text = text.trim();
    if is_token(text) {
        Ok(Secret::new(text))
    } else {
        Err("names a file that holds no token: printable ASCII".into())
    }
}

/// Relative paths begin at the config file's directory, whoever starts the program from wherever.
pub(crate) fn anchor(config: &mut Config, base: &Path) {
    let pipeline = &mut config.pipeline;
    let security = &mut pipeline.kafka.security;
    let tls = &mut security.tls;
    let optional = [
        &mut pipeline.fetch.ca_file,
        &mut pipeline.enrich.names_file,
        &mut pipeline.kafka.registry.password_file,
        &mut security.sasl.password_file,
        &mut tls.ca_file,
        &mut tls.cert_file,
        &mut tls.key_file,
        &mut tls.key_password_file,
        &mut config.http.token_file,
    ];
    let join = |path: &mut PathBuf| *path = base.join(&*path);
    optional.into_iter().flatten().for_each(join);
    config.sources.files.iter_mut().for_each(join);
    if !pipeline.state.dir.as_os_str().is_empty() {
        join(&mut pipeline.state.dir);
    }
    if let deliver::SinkConfig::File { path } = &mut pipeline.sink {
        join(path);
    }
}
