//! How an article's value is written, and what a schema registry is told of it. The registry speaks the
//! protocol of Confluent's: <https://docs.confluent.io/platform/current/schema-registry/develop/api.html>.

mod avro;
mod client;
mod config;

use super::config::Config;
use crate::{Class, Error};
use avro::Plan;
use model::{Row, Topic};
use rdkafka::error::RDKafkaErrorCode as Code;
use record::header;
use serde_json::Value;
use std::borrow::Cow;

pub use config::{Format, Registry};

/// Before an id of four bytes: in front of an Avro value, and in the header that names a schema.
const MAGIC: u8 = 0;
/// The content type of a value in Avro's binary form.
const AVRO: &str = "application/avro";

/// How values are written, once the registry knows their schema.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Codec {
    /// As they are.
    Plain,
    /// As they are, with the schema's name in a header.
    Named([u8; 5]),
    /// In Avro, the schema's name in front.
    Avro([u8; 5], Plan),
}

impl Codec {
    /// Tells the registry the schema, or asks for it, as configured.
    ///
    /// # Errors
    /// [`Class::Retry`] when the registry cannot be reached, [`Class::Operator`] when it refuses.
    pub(super) fn open(config: &Config) -> Result<Self, Error> {
        let (kind, schema) = match config.format {
            Format::Json => return Ok(Self::Plain),
            Format::JsonRegistry => ("JSON", record::article_schema()),
            Format::Avro => ("AVRO", record::article_avro()),
        };
        let subject = format!("{}-value", config.topic(Topic::Articles.suffix()));
        let id = client::id(config, &subject, kind, &schema)?;
        let [a, b, c, d] = id.to_be_bytes();
        let name = [MAGIC, a, b, c, d];
        if config.format == Format::JsonRegistry {
            return Ok(Self::Named(name));
        }
        let plan = Plan::new(&schema).map_err(|detail| Error::new(Class::Operator, detail))?;
        Ok(Self::Avro(name, plan))
    }

    /// The row's value as it is sent. Dead letters and erasures stay as they are.
    ///
    /// # Errors
    /// [`Code::InvalidRecord`] when the value does not fit the schema.
    pub(super) fn value<'a>(&self, row: &'a Row) -> Result<Option<Cow<'a, [u8]>>, Code> {
        let Some(payload) = row.payload.as_deref() else { return Ok(None) };
        let Self::Avro(name, plan) = self else { return Ok(Some(payload.into())) };
        if row.topic != Topic::Articles {
            return Ok(Some(payload.into()));
        }
        let mut out = name.to_vec();
        let read = serde_json::from_slice::<Value>(payload).map_err(|error| error.to_string());
        match read.and_then(|value| plan.write(&value, &mut out)) {
            Ok(()) => Ok(Some(out.into())),
            Err(detail) => {
                tracing::error!(seq = row.seq, "a record does not fit the Avro schema: {detail}");
                Err(Code::InvalidRecord)
            }
        }
    }

    /// The row's headers as they are sent.
    pub(super) fn headers<'a>(&'a self, row: &'a Row) -> Vec<(&'a str, &'a [u8])> {
        let mut headers: Vec<(&str, &[u8])> =
            row.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        if row.topic != Topic::Articles || row.payload.is_none() {
            return headers;
        }
        match self {
            Self::Plain => {}
            Self::Named(id) => headers.push((header::VALUE_SCHEMA_ID, id)),
            Self::Avro(..) => {
                let kind = headers.iter_mut().find(|(name, _)| *name == header::CONTENT_TYPE);
                if let Some((_, value)) = kind {
                    *value = AVRO.as_bytes();
                }
            }
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(topic: Topic, payload: Option<&str>) -> Row {
        Row {
            seq: 1,
            topic,
            key: "k".into(),
            headers: vec![(header::CONTENT_TYPE.into(), "application/json".into())],
            payload: payload.map(|text| text.as_bytes().to_vec()),
            settled_at_ms: 0,
        }
    }

    fn check(codec: &Codec, row: &Row, value: Option<&[u8]>, headers: &[(&str, &[u8])]) {
        assert_eq!(codec.value(row).unwrap().as_deref(), value);
        assert_eq!(codec.headers(row), headers);
    }

    #[test]
    fn only_articles_are_written_as_the_format_says() {
        let json = ("content-type", &b"application/json"[..]);
        let id = [0, 0, 0, 1, 2];
        let plan = Plan::new(&serde_json::json!({"type": "map", "values": "long"})).unwrap();
        let avro = Codec::Avro(id, plan);
        let article = row(Topic::Articles, Some("{\"a\":3}"));
        let plain: Option<&[u8]> = Some(b"{\"a\":3}");
        check(&Codec::Plain, &article, plain, &[json]);
        check(&Codec::Named(id), &article, plain, &[json, ("__value_schema_id", &id)]);
        check(
            &avro,
            &article,
            Some(&[0, 0, 0, 1, 2, 2, 2, 0x61, 6, 0]),
            &[("content-type", b"application/avro")],
        );
        for codec in [Codec::Plain, Codec::Named(id), avro.clone()] {
            check(&codec, &row(Topic::Dlq, Some("{\"a\":3}")), plain, &[json]);
            check(&codec, &row(Topic::Articles, None), None, &[json]);
        }
        assert_eq!(avro.value(&row(Topic::Articles, Some("{\"a\":\"b\"}"))), Err(Code::InvalidRecord));
        assert_eq!(avro.value(&row(Topic::Articles, Some("nonsense"))), Err(Code::InvalidRecord));
    }
}
