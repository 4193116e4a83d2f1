use crate::Class;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

/// What the cluster, or librdkafka in its place, answered to a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub code: Code,
    /// The client is dead.
    pub fatal: bool,
    /// The same call may be made again, and its first outcome stands.
    pub retriable: bool,
    /// The transaction must be aborted.
    pub abort: bool,
    /// The records were not all acknowledged in time; the transaction is still open.
    pub flush: bool,
}

impl Answer {
    /// Reads an error of librdkafka's.
    pub(super) fn of(error: &KafkaError) -> Self {
        let code = error.rdkafka_error_code().unwrap_or(Code::Fail);
        let plain = Self { code, fatal: false, retriable: false, abort: false, flush: false };
        match error {
            KafkaError::Transaction(inner) => Self {
                code: inner.code(),
                fatal: inner.is_fatal(),
                retriable: inner.is_retriable(),
                abort: inner.txn_requires_abort(),
                ..plain
            },
            KafkaError::Flush(_) => Self { flush: true, ..plain },
            _ => Self { fatal: code == Code::Fatal, ..plain },
        }
    }
}

/// The calls of a transaction that are answered in their own ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Init,
    Begin,
    Commit,
    Abort,
}

/// What to do about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Make the same call again.
    Again,
    /// Abort; nothing is committed.
    Abort,
    /// Drop the client: the outcome is not known, or nothing can be done with it any more.
    Rebuild,
}

/// The next step after `call` failed with `answer`.
pub(super) fn next(call: Call, answer: Answer) -> Next {
    let Answer { fatal, retriable, abort, flush, .. } = answer;
    match call {
        _ if fatal => Next::Rebuild,
        Call::Commit if abort => Next::Abort,
        Call::Commit if flush => Next::Again,
        Call::Init | Call::Commit | Call::Abort if retriable => Next::Again,
        Call::Init | Call::Begin | Call::Commit | Call::Abort => Next::Rebuild,
    }
}

/// True when the code says that another owner has taken our name, or that our own transaction outlived its
/// timeout: the two cannot be told apart.
pub(super) fn is_fence(code: Code) -> bool {
    matches!(code, Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch)
}

/// True when the code may be the fault of single records.
pub(super) fn is_poison(code: Code) -> bool {
    matches!(
        code,
        Code::MessageSizeTooLarge | Code::InvalidMessageSize | Code::InvalidRecord | Code::InvalidTimestamp
    )
}

/// The word for a record's fault in its dead letter.
pub(super) fn poison_name(code: Code) -> &'static str {
    match code {
        Code::MessageSizeTooLarge | Code::InvalidMessageSize => "too_large",
        Code::InvalidTimestamp => "invalid_timestamp",
        _ => "invalid_record",
    }
}

/// True when the code may be no more than another word for "the topic is not there".
pub(super) fn may_be_missing(code: Code) -> bool {
    matches!(
        code,
        Code::MessageTimedOut
            | Code::PurgeQueue
            | Code::Inconsistent
            | Code::OperationTimedOut
            | Code::UnknownTopic
            | Code::UnknownTopicOrPartition
            | Code::UnknownPartition
    )
}

/// Whether time mends it, or a person.
pub(super) fn class(code: Code) -> Class {
    match code {
        Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed
        | Code::SaslAuthenticationFailed
        | Code::Authentication
        | Code::UnsupportedSASLMechanism
        | Code::IllegalSASLState
        | Code::SSL
        | Code::UnknownTopic
        | Code::UnknownTopicOrPartition
        | Code::UnknownPartition
        | Code::InvalidTransactionTimeout
        | Code::InvalidTopic
        | Code::InvalidConfig
        | Code::InvalidPartitions
        | Code::InvalidReplicationFactor
        | Code::PolicyViolation
        | Code::UnsupportedVersion
        | Code::UnsupportedFeature
        | Code::InvalidRequiredAcks
        | Code::InvalidArgument => Class::Operator,
        _ => Class::Retry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Next::{Abort, Again, Rebuild};

    const PLAIN: Answer =
        Answer { code: Code::Fail, fatal: false, retriable: false, abort: false, flush: false };

    fn check(call: Call, answer: Answer, expect: Next) {
        assert_eq!(next(call, answer), expect, "{call:?} answered by {answer:?}");
    }

    fn fatal(code: Code) -> Answer {
        Answer { code, fatal: true, ..PLAIN }
    }

    fn retriable(code: Code) -> Answer {
        Answer { code, retriable: true, ..PLAIN }
    }

    fn abort(code: Code) -> Answer {
        Answer { code, abort: true, ..PLAIN }
    }

    /// The answers of a real broker, in the situations that make them.
    #[test]
    fn each_answer_leads_to_its_step() {
        // Fenced in a transaction, while idle, or by our own timeout.
        for call in [Call::Begin, Call::Commit, Call::Abort] {
            check(call, fatal(Code::Fenced), Rebuild);
        }
        // The broker is down: all records acknowledged, or not.
        check(Call::Commit, retriable(Code::OperationTimedOut), Again);
        check(Call::Commit, Answer { code: Code::OperationTimedOut, flush: true, ..PLAIN }, Again);
        check(Call::Abort, retriable(Code::OperationTimedOut), Again);
        check(Call::Init, retriable(Code::OperationTimedOut), Again);
        // A record timed out.
        check(Call::Commit, abort(Code::OperationTimedOut), Abort);
        // The transaction timeout is above the brokers' limit.
        check(Call::Init, fatal(Code::InvalidTransactionTimeout), Rebuild);
        // Authorisation: the name, the topic (the abort is then fatal), nothing at all.
        check(Call::Init, fatal(Code::TransactionalIdAuthorizationFailed), Rebuild);
        check(Call::Commit, abort(Code::TopicAuthorizationFailed), Abort);
        check(Call::Abort, fatal(Code::InvalidTransactionalState), Rebuild);
        check(Call::Commit, abort(Code::Inconsistent), Abort);
        // A batch above the topic's limit.
        check(Call::Commit, abort(Code::MessageSizeTooLarge), Abort);
        // Our own mistake: commit without begin.
        check(Call::Commit, Answer { code: Code::State, ..PLAIN }, Rebuild);
        check(Call::Begin, Answer { code: Code::State, ..PLAIN }, Rebuild);
        // Whatever else an abort says that is not retriable.
        check(Call::Abort, abort(Code::Fail), Rebuild);
        check(Call::Init, abort(Code::Fail), Rebuild);
    }

    #[test]
    fn codes_tell_who_mends_it() {
        for code in [
            Code::TopicAuthorizationFailed,
            Code::TransactionalIdAuthorizationFailed,
            Code::InvalidTransactionTimeout,
            Code::UnknownTopicOrPartition,
            Code::InvalidReplicationFactor,
            Code::InvalidConfig,
            Code::Authentication,
        ] {
            assert_eq!(class(code), Class::Operator, "{code:?}");
        }
        for code in [
            Code::MessageTimedOut,
            Code::OperationTimedOut,
            Code::BrokerTransportFailure,
            Code::AllBrokersDown,
        ] {
            assert_eq!(class(code), Class::Retry, "{code:?}");
        }
        for code in [Code::Fenced, Code::InvalidProducerEpoch, Code::ProducerFenced] {
            assert!(is_fence(code), "{code:?}");
        }
        for code in [Code::MessageSizeTooLarge, Code::InvalidRecord, Code::InvalidTimestamp] {
            assert!(is_poison(code) && !is_fence(code) && class(code) == Class::Retry, "{code:?}");
        }
        for code in [Code::MessageTimedOut, Code::PurgeQueue, Code::Inconsistent, Code::OperationTimedOut] {
            assert!(may_be_missing(code), "{code:?}");
        }
    }

    #[test]
    fn errors_of_the_client_are_read() {
        let flush = Answer::of(&KafkaError::Flush(Code::OperationTimedOut));
        assert_eq!(flush, Answer { code: Code::OperationTimedOut, flush: true, ..PLAIN });
        let global = Answer::of(&KafkaError::Global(Code::Fatal));
        assert_eq!(global, fatal(Code::Fatal));
        let production = Answer::of(&KafkaError::MessageProduction(Code::UnknownPartition));
        assert_eq!(production, Answer { code: Code::UnknownPartition, ..PLAIN });
    }
}
