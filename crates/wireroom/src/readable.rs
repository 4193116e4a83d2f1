//! An article in a line or two for people, or as one JSON object a line for programs.

use crate::table::{self, clean, cut};
use record::{Article, Change, DuplicateKind};
use std::io::{self, IsTerminal, Write};

/// Topics and entities that are shown of an article.
const SHOWN_MAX: usize = 4;
/// Space for an outlet's name.
const OUTLET: usize = 18;

/// Below so many columns outlets are left out.
const NARROW: usize = 64;
/// Room that a title has in any case.
const LEAST: usize = 10;

/// How articles are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One JSON object a line.
    Json,
    /// For people, in so many columns, with colours or without.
    People { width: usize, colour: bool },
}

impl Style {
    /// For people on a terminal, JSON elsewhere.
    pub(crate) fn of_stdout() -> Self {
        match table::width() {
            Some(width) => Self::People { width, colour: colour() },
            None => Self::Json,
        }
    }
}

/// Whether standard output takes colours and nobody has said no.
pub(crate) fn colour() -> bool {
    takes_colour(&io::stdout())
}

/// Whether this output is a terminal that takes colours, and nobody has said no (<https://no-color.org>).
pub(crate) fn takes_colour(output: &impl IsTerminal) -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    output.is_terminal() && !is_set("NO_COLOR") && !is_dumb
}

/// Prints an article.
///
/// # Errors
///
/// What standard output says.
pub(crate) fn print(article: &Article, style: &Style) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match style {
        Style::Json => {
            serde_json::to_writer(&mut out, article)?;
            out.write_all(b"\n")
        }
        Style::People { width, colour } => writeln!(out, "{}", words(article, *width, *colour)),
    }
}

/// Two lines: what it is, and what was found out about it.
pub(crate) fn words(article: &Article, width: usize, colour: bool) -> String {
    let (what, shade) = match (article.change, &article.duplicate) {
        (Change::Updated, _) => ("update", "33"),
        (Change::Withdrawn, _) => ("withdrawn", "31"),
        (_, Some(duplicate)) if duplicate.kind == DuplicateKind::Copy => ("copy", "36"),
        (_, Some(_)) => ("near copy", "36"),
        (Change::Created | Change::Other, None) => ("new", "32"),
    };
    let paint = |text: &str, shade: &str| {
        if colour { format!("\x1b[{shade}m{text}\x1b[0m") } else { text.to_owned() }
    };
    let time = article.settled_at.strftime("%H:%M:%S");
    let outlet = article.outlet.name.as_deref().or(article.feed.title.as_deref());
    let outlet = cut(&clean(outlet.unwrap_or(&article.feed.id)), Some(OUTLET));
    // A narrow terminal has no room for it beside a title.
    let outlet = if width < NARROW { String::new() } else { format!("{outlet:<OUTLET$}  ") };
    let title = clean(article.title.as_deref().unwrap_or("(no title)"));
    let left = width.saturating_sub(8 + 2 + 9 + 2 + outlet.chars().count()).max(LEAST);
    let mut out = format!(
        "{time}  {}  {outlet}{}",
        paint(&format!("{what:<9}"), shade),
        paint(&cut(&title, Some(left)), "1")
    );
    let found = found(article);
    if !found.is_empty() {
        let indent = " ".repeat(8 + 2 + 9 + 2);
        let line = cut(&found.join(" · "), Some(width.saturating_sub(indent.len()).max(LEAST)));
        out.push('\n');
        out.push_str(&indent);
        out.push_str(&paint(&line, "2"));
    }
    out
}

fn found(article: &Article) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(article.language.as_ref().map(|language| clean(&language.code)));
    if article.change == Change::Updated {
        found.push(format!("revision {}: {}", article.revision, article.changed_fields.join(", ")));
    }
    let topics = article.topics.iter().take(SHOWN_MAX).map(|topic| clean(&topic.label));
    found.extend(Some(topics.collect::<Vec<_>>().join(", ")).filter(|topics| !topics.is_empty()));
    let entities = article.entities.iter().take(SHOWN_MAX).map(|entity| clean(&entity.name));
    found.extend(Some(entities.collect::<Vec<_>>().join(", ")).filter(|entities| !entities.is_empty()));
    found
}
