use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most texts kept: those that blame the operator first, then the earliest, which tell the cause.
const MAX_TEXTS: usize = 4;
/// Most characters of one text.
const MAX_TEXT: usize = 300;

/// What librdkafka says aside from its answers: only here does a wrong password differ from a dead broker.
/// Shared by all clients of one sink.
#[derive(Debug, Default)]
pub(super) struct Heard {
    texts: Mutex<Vec<(Code, String)>>,
    failures: Mutex<Vec<(usize, Code)>>,
}

impl Heard {
    /// Forgets all texts.
    pub(super) fn clear(&self) {
        lock(&self.texts).clear();
    }

    /// Forgets all failed records.
    pub(super) fn clear_failures(&self) {
        lock(&self.failures).clear();
    }

    /// Takes note of a record that was not even accepted.
    pub(super) fn failed(&self, record: usize, code: Code) {
        lock(&self.failures).push((record, code));
    }

    /// Records that failed, by the number they were sent with.
    pub(super) fn failures(&self) -> Vec<(usize, Code)> {
        lock(&self.failures).clone()
    }

    /// True when a record has failed.
    pub(super) fn has_failures(&self) -> bool {
        !lock(&self.failures).is_empty()
    }

    /// True when a text speaks of something that waiting does not mend: a password, a certificate, a
    /// listener of another kind.
    pub(super) fn blames_operator(&self) -> bool {
        lock(&self.texts).iter().any(|(code, text)| blames_operator(*code, text))
    }

    /// `sentence`, and what was heard beside it.
    pub(super) fn explain(&self, sentence: impl Into<String>) -> String {
        let mut sentence = sentence.into();
        let texts = lock(&self.texts);
        if !texts.is_empty() {
            let all: Vec<String> =
                texts.iter().map(|(code, text)| format!("{}: {text}", name(*code))).collect();
            sentence.push_str(" (");
            sentence.push_str(&all.join("; "));
            sentence.push(')');
        }
        sentence
    }

    fn add(&self, code: Code, reason: &str) {
        // Where it happened is told again and again in other words: only the cause is kept.
        let cause = reason.split(" (after ").next().unwrap_or_default();
        let text: String = cause.chars().take(MAX_TEXT).collect();
        let mut texts = lock(&self.texts);
        let known = |(kept, words): &(Code, String)| {
            *words == text || (code == Code::AllBrokersDown && *kept == Code::AllBrokersDown)
        };
        // A producer reports each event twice.
        if texts.iter().any(known) {
            return;
        }
        tracing::debug!(code = ?code, text, "librdkafka reports");
        let place = if blames_operator(code, &text) { 0 } else { texts.len() };
        texts.insert(place, (code, text));
        texts.truncate(MAX_TEXTS);
    }
}

fn blames_operator(code: Code, text: &str) -> bool {
    matches!(code, Code::Authentication | Code::SaslAuthenticationFailed | Code::SSL)
        || ["certificate", "ssl alert", "tls alert", "PLAINTEXT broker listener", "SASL"]
            .iter()
            .any(|word| text.contains(word))
}

/// A code in words that people search for.
fn name(code: Code) -> &'static str {
    match code {
        Code::Authentication | Code::SaslAuthenticationFailed => "authentication failed",
        Code::SSL => "TLS",
        Code::Resolve => "name not resolved",
        Code::BrokerTransportFailure => "connection",
        Code::AllBrokersDown => "no broker",
        _ => "librdkafka",
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The context of every client of one sink.
#[derive(Clone, Debug)]
pub(super) struct Context(pub(super) Arc<Heard>);

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::warn!(target: "librdkafka", facility, "{text}");
            }
            // Each of these comes back as an error of a call, which is told once and in full.
            _ => tracing::debug!(target: "librdkafka", facility, "{text}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.0.add(error.rdkafka_error_code().unwrap_or(Code::Fail), reason);
    }
}

impl ConsumerContext for Context {}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, record: usize) {
        if let Err((error, _)) = result {
            self.0.failed(record, error.rdkafka_error_code().unwrap_or(Code::Fail));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: Code, text: &str, operator: bool) {
        let heard = Heard::default();
        heard.add(code, text);
        heard.add(code, text);
        assert_eq!(heard.blames_operator(), operator, "{text}");
        assert_eq!(heard.explain("x").matches(text).count(), 1, "each text once");
        heard.clear();
        assert_eq!(heard.explain("x"), "x");
    }

    #[test]
    fn texts_tell_a_wrong_password_from_a_dead_broker() {
        check(Code::Authentication, "SASL authentication error: Authentication failed", true);
        check(Code::SSL, "error:0A000086:SSL routines::certificate verify failed", true);
        check(Code::BrokerTransportFailure, "SSL handshake failed: sslv3 alert bad certificate", true);
        check(Code::BrokerTransportFailure, "connecting to a PLAINTEXT broker listener?", true);
        check(Code::BrokerTransportFailure, "Connect to ipv4#127.0.0.1:1 failed: Connection refused", false);
        check(Code::AllBrokersDown, "1/1 brokers are down", false);
        check(Code::Resolve, "Failed to resolve 'kafka:9092': Name or service not known", false);
    }

    #[test]
    fn texts_are_bounded() {
        let heard = Heard::default();
        for n in 0..100 {
            heard.add(Code::Fail, &format!("{n}{}", "x".repeat(10_000)));
        }
        assert!(heard.explain("").len() < MAX_TEXTS * (MAX_TEXT + 40));
        // The cause is not crowded out.
        heard.add(Code::Authentication, "wrong password (after 3ms in state AUTH_REQ)");
        assert!(
            heard.blames_operator() && heard.explain("").contains("authentication failed: wrong password;")
        );
    }
}
