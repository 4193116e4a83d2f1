//! `wireroom consume`: articles from Kafka, as any consumer reads them.

use super::tap::Only;
use crate::cli::complain;
use crate::kafka;
use crate::readable::{self, Style};
use clap::Args as ClapArgs;
use deliver::kafka::{Consumer, Heading, Next};
use jiff::Timestamp;
use model::Topic;
use model::desk::Filter;
use record::Article;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// One poll; between two of them a signal is heard by default.
const WAIT: Duration = Duration::from_millis(250);

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    cluster: kafka::Cluster,
    #[command(flatten)]
    only: Only,
    /// Read as a member of this group, which goes on where it was
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Where to begin: beginning, end, or a time such as 2026-11-24T08:00:00Z
    #[arg(long, value_name = "WHERE", default_value = "end", value_parser = heading)]
    from: Heading,
    /// End after N articles; 0: never
    #[arg(long, value_name = "N", default_value_t = 0)]
    limit: u64,
    /// End when everything that is there has been read
    #[arg(long, conflicts_with = "group")]
    until_end: bool,
    /// One JSON object a line; so it is in a pipe, too
    #[arg(long)]
    json: bool,
}

fn heading(text: &str) -> Result<Heading, String> {
    match text {
        "beginning" => Ok(Heading::Beginning),
        "end" => Ok(Heading::End),
        _ => match text.parse::<Timestamp>() {
            Ok(time) => Ok(Heading::Time(time.as_millisecond())),
            Err(_) => Err("say beginning, end, or a time such as 2026-11-24T08:00:00Z".into()),
        },
    }
}

pub(crate) fn run(named: Option<&Path>, args: &Args) -> ExitCode {
    if args.group.is_some() && matches!(args.from, Heading::Time(_)) {
        complain("error: --from TIME and --group do not go together: a group goes on where it was");
        return ExitCode::from(2);
    }
    let config = match args.cluster.config(named) {
        Ok(config) => config,
        Err(code) => return code,
    };
    let consumer = match Consumer::open(&config, Topic::Articles, args.group.as_deref(), args.from) {
        Ok(consumer) => consumer,
        Err(error) => {
            complain(&format!("error: {}", error.detail));
            return ExitCode::FAILURE;
        }
    };
    match read(consumer, args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {}", error.detail));
            ExitCode::FAILURE
        }
    }
}

fn read(mut consumer: Consumer, args: &Args) -> Result<(), deliver::Error> {
    let style = if args.json { Style::Json } else { Style::of_stdout() };
    let only: Filter = args.only.filter();
    let mut left = if args.limit == 0 { u64::MAX } else { args.limit };
    loop {
        let message = match consumer.next(WAIT)? {
            Next::Message(message) => message,
            Next::End if args.until_end => return Ok(()),
            Next::Nothing | Next::End => continue,
        };
        // A tombstone says that an article is gone for good: there is nothing to print.
        if let Some(payload) = &message.payload {
            match serde_json::from_slice::<Article>(payload) {
                Ok(article) if only.wants(&article) => {
                    // A reader that has gone has what it wanted.
                    if readable::print(&article, &style).and_then(|()| io::stdout().flush()).is_err() {
                        return Ok(());
                    }
                    left -= 1;
                }
                Ok(_) => {}
                Err(error) => complain(&format!(
                    "partition {}, offset {}: this is no article: {error}",
                    message.partition, message.offset
                )),
            }
        }
        consumer.done(&message)?;
        if left == 0 {
            return Ok(());
        }
    }
}
