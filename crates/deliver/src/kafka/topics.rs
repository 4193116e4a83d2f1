use super::answer;
use super::client::{Admin, Clients, Isolation, Reader};
use super::config::{Config, Delivery, Manage};
use crate::{Class, Error};
use model::Topic;
use rdkafka::admin::{
    AdminOptions, ConfigResource, NewTopic, OwnedResourceSpecifier, ResourceSpecifier, TopicReplication,
};
use rdkafka::consumer::Consumer;
use rdkafka::error::{IsError, KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::{Duration, Instant};

/// The progress topic's name after `<prefix>.`.
pub(super) const PROGRESS: &str = "progress.v1";

/// Topics of records.
const RECORDS: [Topic; 5] = [Topic::Articles, Topic::Sightings, Topic::Stories, Topic::Feeds, Topic::Dlq];

/// Kept by key, but nothing is compacted away on its first day: a consumer that is less than a day behind
/// sees every revision.
const KEYED: &[(&str, &str)] = &[("cleanup.policy", "compact,delete"), ("min.compaction.lag.ms", "86400000")];
/// Dead letters wait 30 days for a person; sightings are so many to a key that none may be compacted away.
const DEAD: &[(&str, &str)] = &[("cleanup.policy", "delete"), ("retention.ms", "2592000000")];
/// Small segments, cleaned early, so that the topic stays short enough to be read at each start.
const LATEST: &[(&str, &str)] =
    &[("cleanup.policy", "compact"), ("segment.bytes", "1048576"), ("min.cleanable.dirty.ratio", "0.1")];

/// What the cluster says of our topics' limits: `max.message.bytes` by full name; empty when it will not say.
pub(super) type Limits = BTreeMap<String, usize>;

struct Wanted {
    name: String,
    partitions: i32,
    settings: &'static [(&'static str, &'static str)],
}

fn wanted(config: &Config) -> Vec<Wanted> {
    let partitions = config.topics.partitions;
    let mut all: Vec<Wanted> = RECORDS
        .into_iter()
        .map(|topic| Wanted {
            name: config.topic(topic.suffix()),
            partitions,
            settings: if matches!(topic, Topic::Dlq | Topic::Sightings) { DEAD } else { KEYED },
        })
        .collect();
    if config.delivery == Delivery::ExactlyOnce {
        all.push(Wanted { name: config.topic(PROGRESS), partitions: 1, settings: LATEST });
    }
    all
}

/// Creates or checks the topics, as configured, and reads their limits.
pub(super) fn prepare(clients: &Clients<'_>) -> Result<Limits, Error> {
    let config = clients.config;
    let wanted = wanted(config);
    let reader = clients.reader(Isolation::Uncommitted)?;
    if config.topics.manage != Manage::Off {
        let mut missing = missing(clients, &reader, &wanted)?;
        if config.topics.manage == Manage::Create && !missing.is_empty() {
            create(clients, &missing)?;
            missing = wait_for(clients, &reader, &wanted)?;
        }
        if !missing.is_empty() {
            return Err(absent(&missing));
        }
    }
    let described = describe(clients, &wanted)?;
    check_progress_policy(config, &described)?;
    Ok(limits(&described))
}

/// An error that names the topics that are not there, if one is not.
pub(super) fn absence(clients: &Clients<'_>) -> Option<Error> {
    let reader = clients.reader(Isolation::Uncommitted).ok()?;
    let wanted = wanted(clients.config);
    let missing = missing(clients, &reader, &wanted).ok()?;
    if missing.is_empty() { None } else { Some(absent(&missing)) }
}

fn absent(missing: &[&Wanted]) -> Error {
    let names: Vec<&str> = missing.iter().map(|wanted| wanted.name.as_str()).collect();
    let detail = format!(
        "topics are missing: {}; create them or set `kafka.topics.manage = \"create\"`",
        names.join(", ")
    );
    Error::new(Class::Operator, detail)
}

fn missing<'a>(
    clients: &Clients<'_>,
    reader: &Reader,
    wanted: &'a [Wanted],
) -> Result<Vec<&'a Wanted>, Error> {
    let mut missing = Vec::new();
    for topic in wanted {
        match state(clients, reader, &topic.name)? {
            None => {}
            Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => missing.push(topic),
            Some(code) => {
                let detail = clients.heard.explain(format!("topic {}: {code}", topic.name));
                return Err(Error::new(answer::class(code), detail));
            }
        }
    }
    Ok(missing)
}

/// What is wrong with a topic; none: nothing.
fn state(clients: &Clients<'_>, reader: &Reader, name: &str) -> Result<Option<Code>, Error> {
    let answer = reader.fetch_metadata(Some(name), clients.config.request_timeout.0);
    // The reasons of a failure come as events, which only polling brings.
    if answer.is_err() {
        let _ = reader.poll(Duration::from_millis(50));
    }
    let metadata = match answer {
        Ok(metadata) => metadata,
        Err(error) => match answer::Answer::of(&error).code {
            code @ (Code::UnknownTopicOrPartition | Code::UnknownTopic) => return Ok(Some(code)),
            code => return Err(unreachable(clients, code)),
        },
    };
    let found = metadata.topics().iter().find(|topic| topic.name() == name);
    let Some(found) = found else { return Ok(Some(Code::UnknownTopic)) };
    if let Some(error) = found.error().filter(|error| error.is_error()) {
        return Ok(Some(error.into()));
    }
    Ok(found
        .partitions()
        .iter()
        .find_map(|partition| partition.error().filter(IsError::is_error))
        .map(Code::from))
}

/// No answer: the brokers are down, or will not speak with us.
fn unreachable(clients: &Clients<'_>, code: Code) -> Error {
    let class = if clients.heard.blames_operator() { Class::Operator } else { answer::class(code) };
    let servers = &clients.config.bootstrap_servers;
    Error::new(class, clients.heard.explain(format!("no answer from the brokers at {servers}: {code}")))
}

fn create(clients: &Clients<'_>, missing: &[&Wanted]) -> Result<(), Error> {
    let admin = clients.admin()?;
    let replicas = clients.config.topics.replication_factor;
    let topics: Vec<NewTopic<'_>> = missing
        .iter()
        .map(|wanted| {
            let fresh = NewTopic::new(&wanted.name, wanted.partitions, TopicReplication::Fixed(replicas));
            wanted.settings.iter().fold(fresh, |topic, (name, value)| topic.set(name, value))
        })
        .collect();
    let results = ask(clients, |options| admin.create_topics(&topics, options))?;
    for result in results {
        match result {
            Ok(name) => tracing::info!(topic = name, "topic created"),
            Err((_, Code::TopicAlreadyExists)) => {}
            Err((name, code)) => {
                return Err(Error::new(
                    answer::class(code),
                    format!("topic {name} cannot be created: {code}"),
                ));
            }
        }
    }
    Ok(())
}

/// Waits until new topics have leaders; the ones that have none by then.
fn wait_for<'a>(
    clients: &Clients<'_>,
    reader: &Reader,
    wanted: &'a [Wanted],
) -> Result<Vec<&'a Wanted>, Error> {
    let end = Instant::now() + clients.config.request_timeout.0;
    loop {
        let still = missing(clients, reader, wanted);
        let settled = match &still {
            Ok(missing) => missing.is_empty(),
            Err(error) => error.class == Class::Operator,
        };
        if settled || Instant::now() >= end {
            return still;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The topics' settings; fewer than asked for when the cluster will not tell them.
fn describe(clients: &Clients<'_>, wanted: &[Wanted]) -> Result<Vec<ConfigResource>, Error> {
    let admin: Admin = clients.admin()?;
    let names: Vec<ResourceSpecifier<'_>> =
        wanted.iter().map(|topic| ResourceSpecifier::Topic(&topic.name)).collect();
    let answers = match ask(clients, |options| admin.describe_configs(&names, options)) {
        Ok(answers) => answers,
        Err(error) if error.class == Class::Operator => {
            tracing::warn!(detail = error.detail, "the topics' limits are not known");
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    Ok(answers
        .into_iter()
        .filter_map(|answer| {
            answer.inspect_err(|code| tracing::warn!(%code, "a topic's limits are not known")).ok()
        })
        .collect())
}

fn setting<'a>(resource: &'a ConfigResource, name: &str) -> Option<&'a str> {
    resource.get(name)?.value.as_deref()
}

fn limits(described: &[ConfigResource]) -> Limits {
    described
        .iter()
        .filter_map(|resource| match &resource.specifier {
            OwnedResourceSpecifier::Topic(name) => {
                Some((name.clone(), setting(resource, "max.message.bytes")?.parse().ok()?))
            }
            _ => None,
        })
        .collect()
}

/// Progress that is deleted with time would let a batch be delivered twice.
fn check_progress_policy(config: &Config, described: &[ConfigResource]) -> Result<(), Error> {
    let name = config.topic(PROGRESS);
    let resource =
        described.iter().find(|resource| resource.specifier == OwnedResourceSpecifier::Topic(name.clone()));
    match resource.and_then(|resource| setting(resource, "cleanup.policy")) {
        Some(policy) if policy != "compact" => Err(Error::new(
            Class::Operator,
            format!("topic {name} has cleanup.policy={policy}: exactly-once delivery needs compact"),
        )),
        _ => Ok(()),
    }
}

/// Asks the cluster for an administrative act, from this plain thread.
fn ask<T, F: Future<Output = KafkaResult<T>>>(
    clients: &Clients<'_>,
    act: impl FnOnce(&AdminOptions) -> F,
) -> Result<T, Error> {
    let timeout = clients.config.request_timeout.0;
    let options = AdminOptions::new().request_timeout(Some(timeout)).operation_timeout(Some(timeout));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime
        .map_err(|error| Error::new(Class::Retry, format!("no timer for the brokers' answers: {error}")))?;
    // librdkafka keeps the time itself; the second bound is for an answer that never comes.
    let bounded = async { tokio::time::timeout(timeout + Duration::from_secs(2), act(&options)).await };
    match runtime.block_on(bounded) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            let code = match error {
                KafkaError::AdminOpCreation(ref text) => {
                    return Err(Error::new(Class::Operator, text.clone()));
                }
                ref other => answer::Answer::of(other).code,
            };
            Err(unreachable(clients, code))
        }
        Err(_) => Err(unreachable(clients, Code::OperationTimedOut)),
    }
}
