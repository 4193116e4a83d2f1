//! `wireroom outbox`: what waits for delivery.

use crate::cli::{counted, say, say_json};
use crate::link::Link;
use crate::table::{ago, table, width};
use clap::Args as ClapArgs;
use jiff::Timestamp;
use model::desk::{Outbox, Question};
use model::units::Size;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Rows that are listed, at most 500
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=500))]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    let asked = Link::find(named, false).and_then(|(link, _)| {
        let outbox = link.ask::<Outbox>(Question::Outbox { limit: args.limit });
        let closed = link.close();
        outbox.and_then(|outbox| closed.map(|()| outbox))
    });
    match asked {
        Ok(outbox) if args.json => say_json(&outbox),
        Ok(outbox) => say(&words(&outbox)),
        Err(code) => code,
    }
}

fn words(outbox: &Outbox) -> String {
    let verb = if outbox.rows == 1 { "waits" } else { "wait" };
    let mut out = format!(
        "{} ({}) {verb} for delivery, after {} delivered",
        counted(outbox.rows, "record"),
        Size(outbox.bytes),
        outbox.delivered_seq
    );
    // Writing to a string cannot fail.
    let _ = write!(out, "; polling pauses at {}", Size(outbox.max_bytes));
    if let Some(why) = &outbox.waits_for {
        let _ = write!(out, "\n{why}");
    }
    let now = Timestamp::now();
    let rows = outbox.first.iter().map(|row| {
        let bytes = row.bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        let title = row.title.clone().unwrap_or_else(|| row.key.clone());
        vec![row.seq.to_string(), ago(Some(row.settled_at), now), row.topic.clone(), bytes, title]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        let _ = write!(out, "\n\n{}", table(&["ROW", "AGE", "TOPIC", "BYTES", "TITLE"], &rows, width()));
    }
    out
}
