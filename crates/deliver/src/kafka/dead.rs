use super::answer;
use model::{Row, Topic};
use rdkafka::error::RDKafkaErrorCode as Code;

/// Bytes of a dead letter that are neither its key nor its payload, at most: headers and framing.
const MARGIN: usize = 8 << 10;

/// A row that the cluster does not take, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dead {
    /// The row's place in the batch.
    pub place: usize,
    /// The cluster's answer.
    pub code: Code,
    /// How many times the row was sent.
    pub attempts: u32,
}

/// The dead letter of a row: the row itself, for the dead-letter topic, with the reasons as headers. A
/// payload that does not fit into `limit` bytes is cut; `error_payload_bytes` then says how long it was.
pub(super) fn letter(row: &Row, dead: Dead, topic: &str, limit: usize) -> Row {
    let mut headers = row.headers.clone();
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    add("error_stage", "deliver".into());
    add("error_class", answer::poison_name(dead.code).into());
    add("error_message", dead.code.to_string());
    add("error_topic", topic.to_owned());
    add("feed_id", feed_id(row).to_owned());
    add("attempts", dead.attempts.to_string());
    let room = limit.saturating_sub(MARGIN.min(limit / 2) + row.key.len());
    let payload = row.payload.as_ref().map(|payload| {
        if payload.len() > room {
            add("error_payload_bytes", payload.len().to_string());
        }
        payload[..payload.len().min(room)].to_vec()
    });
    Row { topic: Topic::Dlq, headers, payload, ..row.clone() }
}

/// The feed that a row's CloudEvents source names; empty when it names none.
fn feed_id(row: &Row) -> &str {
    let source = row.headers.iter().find(|(name, _)| name == "ce_source");
    source.and_then(|(_, value)| value.strip_prefix("urn:wireroom:feed:")).unwrap_or_default()
}

/// Which of `suspects` are refused even when they are sent alone. `refused` sends some of them, commits
/// nothing, and says with which code they were refused, if they were.
pub(super) fn find<E>(
    suspects: &[usize],
    mut refused: impl FnMut(&[usize]) -> Result<Option<Code>, E>,
) -> Result<Vec<Dead>, E> {
    let mut found = Vec::new();
    // The batch itself was the first try.
    let mut open = vec![(suspects.to_vec(), 2)];
    while let Some((group, attempts)) = open.pop() {
        let Some(code) = refused(&group)? else { continue };
        match group.as_slice() {
            [] => {}
            [place] => found.push(Dead { place: *place, code, attempts }),
            many => {
                let (left, right) = many.split_at(many.len() / 2);
                // Taken from the end: the left half comes first.
                open.push((right.to_vec(), attempts + 1));
                open.push((left.to_vec(), attempts + 1));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn places(suspects: &[usize], poison: &BTreeSet<usize>, batch: usize) -> (Vec<usize>, usize) {
        let mut tries = 0;
        let found = find::<()>(suspects, |group| {
            tries += 1;
            let bad = group.iter().any(|place| poison.contains(place)) || group.len() > batch;
            Ok(bad.then_some(Code::MessageSizeTooLarge))
        });
        (found.unwrap().iter().map(|dead| dead.place).collect(), tries)
    }

    #[test]
    fn one_among_a_thousand_is_found_in_few_tries() {
        let all: Vec<usize> = (0..1000).collect();
        let (found, tries) = places(&all, &BTreeSet::from([617]), usize::MAX);
        assert_eq!(found, [617]);
        assert!(tries <= 22, "{tries}");
    }

    #[test]
    fn a_batch_that_is_too_large_blames_no_record() {
        let all: Vec<usize> = (0..64).collect();
        assert_eq!(places(&all, &BTreeSet::new(), 7).0, [] as [usize; 0]);
    }

    proptest! {
        #[test]
        fn exactly_the_poison_is_found(
            poison in prop::collection::btree_set(0_usize..200, 0..20), batch in 1_usize..200,
        ) {
            let all: Vec<usize> = (0..200).collect();
            let (found, _) = places(&all, &poison, batch);
            prop_assert_eq!(found, poison.into_iter().collect::<Vec<_>>());
        }
    }

    fn row(payload: usize) -> Row {
        Row {
            seq: 9,
            topic: Topic::Articles,
            key: "k".into(),
            headers: vec![("ce_source".into(), "urn:wireroom:feed:guardian".into())],
            payload: Some(vec![b'x'; payload]),
            settled_at_ms: 5,
        }
    }

    #[test]
    fn a_dead_letter_says_why() {
        let dead = Dead { place: 0, code: Code::MessageSizeTooLarge, attempts: 3 };
        let letter = letter(&row(10), dead, "w.articles.v1", 1 << 20);
        let of = |name: &str| {
            letter.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
        };
        assert_eq!(letter.topic, Topic::Dlq);
        assert_eq!(letter.payload, row(10).payload);
        assert_eq!(of("error_stage"), Some("deliver"));
        assert_eq!(of("error_class"), Some("too_large"));
        assert_eq!(of("error_topic"), Some("w.articles.v1"));
        assert_eq!(of("feed_id"), Some("guardian"));
        assert_eq!(of("attempts"), Some("3"));
        assert!(of("error_message").is_some_and(|text| !text.is_empty()));
        assert_eq!(of("error_payload_bytes"), None);
    }

    #[test]
    fn a_dead_letter_fits_its_topic() {
        let dead = Dead { place: 0, code: Code::MessageSizeTooLarge, attempts: 1 };
        for limit in [1, 1000, 20_000, 1 << 20] {
            let letter = letter(&row(2 << 20), dead, "w.articles.v1", limit);
            assert!(letter.payload.as_ref().unwrap().len() < limit.max(1), "{limit}");
            assert!(letter.headers.contains(&("error_payload_bytes".into(), (2 << 20).to_string())));
        }
    }
}
