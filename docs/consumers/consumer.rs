//! Prints each article with its entities, and tells which records are missing and which came twice.
//! Usage: `consumer BOOTSTRAP TOPIC [RECORDS]`; without RECORDS it goes on for ever.
#![expect(clippy::print_stdout, reason = "it prints")]

use anyhow::{Context, Result};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message};
use record::{Article, header};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// By store: up to where everything was looked at, and what was seen since.
type Seen = BTreeMap<String, (u64, BTreeSet<u64>)>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, topic, rest @ ..] = &args[..] else { anyhow::bail!("BOOTSTRAP TOPIC [RECORDS]") };
    let wanted: usize = rest.first().map_or(Ok(usize::MAX), |count| count.parse())?;
    let mut settings = rdkafka::ClientConfig::new();
    settings.set("bootstrap.servers", bootstrap).set("group.id", format!("example-rust-{topic}"));
    settings.set("isolation.level", "read_committed").set("auto.offset.reset", "earliest");
    let consumer: BaseConsumer = settings.create()?;
    consumer.subscribe(&[topic])?;
    let (mut count, mut seen) = (0, Seen::new());
    while count < wanted {
        // A pause: whatever has not come by now is missing.
        let Some(message) = consumer.poll(Duration::from_secs(5)) else {
            tell_missing(&mut seen);
            continue;
        };
        let message = message?;
        count += 1;
        let mut headers = message.headers().into_iter().flat_map(Headers::iter);
        let sequence = headers.find(|h| h.key == header::SEQUENCE).and_then(|h| h.value);
        let sequence = std::str::from_utf8(sequence.context("a record without wireroom_seq")?)?;
        let (store, number) = sequence.split_once(':').context("a strange wireroom_seq")?;
        let (done, numbers) = seen.entry(store.to_owned()).or_default();
        if number.parse::<u64>()? <= *done || !numbers.insert(number.parse()?) {
            println!("repeated {sequence}");
        }
        let Some(payload) = message.payload() else { continue }; // the article was erased
        let article: Article = serde_json::from_slice(payload)?;
        let id = |id: Option<String>| id.unwrap_or_else(|| "-".into());
        let entities = article.entities.into_iter().map(|e| format!("{} {}", e.name, id(e.wikidata)));
        let entities: Vec<String> = entities.collect();
        println!("{} [{}]", article.title.unwrap_or_default(), entities.join(", "));
    }
    tell_missing(&mut seen);
    Ok(())
}

/// The holes between the numbers; what is before the first number that is still there has expired.
fn tell_missing(seen: &mut Seen) {
    for (store, (done, numbers)) in seen {
        let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else { continue };
        let from = if *done == 0 { first } else { *done + 1 };
        (from..=last).filter(|n| !numbers.contains(n)).for_each(|n| println!("missing {store}:{n}"));
        (*done, *numbers) = (last, BTreeSet::new());
    }
}
