use model::{Row, Topic};

/// True when a row is written by the sinks that write lines: articles, without tombstones.
pub(crate) fn is_line(row: &Row) -> bool {
    row.topic == Topic::Articles && row.payload.is_some()
}

/// Appends a row's line to `out`: its payload and a line end. A line end inside the payload, which in
/// JSON can only stand between tokens, becomes a space.
pub(crate) fn push(out: &mut Vec<u8>, row: &Row) {
    let payload = row.payload.as_deref().unwrap_or_default();
    out.extend(payload.iter().map(|&byte| if byte == b'\n' { b' ' } else { byte }));
    out.push(b'\n');
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A row of an article whose payload names it.
    pub(crate) fn row(seq: u64, topic: Topic, payload: Option<&str>) -> Row {
        Row {
            seq,
            topic,
            key: format!("k{seq}"),
            headers: Vec::new(),
            payload: payload.map(|text| text.as_bytes().to_vec()),
            settled_at_ms: 1_700_000_000_000,
        }
    }

    #[test]
    fn a_row_is_one_line_whatever_it_holds() {
        let mut out = Vec::new();
        push(&mut out, &row(1, Topic::Articles, Some("{\n\"a\":1}")));
        assert_eq!(out, b"{ \"a\":1}\n");
    }

    #[test]
    fn only_articles_are_lines() {
        assert!(is_line(&row(1, Topic::Articles, Some("{}"))));
        assert!(!is_line(&row(1, Topic::Articles, None)));
        assert!(!is_line(&row(1, Topic::Feeds, Some("{}"))));
    }
}
