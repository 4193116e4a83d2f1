//! Standard output: one article a line, at least once.

use crate::{Class, Error, Progress, Sink, aside, lines};
use model::{Receipt, Row};
use std::io::{ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Writes articles to standard output, or to any other writer. Keeps no progress: after a crash the last
/// batch may be written again. Tombstones and rows of other topics count as delivered and write nothing.
#[derive(Debug)]
pub struct Stdout<W = std::io::Stdout> {
    out: Arc<Mutex<W>>,
}

impl Stdout {
    /// Standard output.
    pub fn new() -> Self {
        Self::to(std::io::stdout())
    }
}

impl Default for Stdout {
    fn default() -> Self {
        Self::new()
    }
}

impl<W> Stdout<W> {
    /// Another writer.
    pub fn to(out: W) -> Self {
        Self { out: Arc::new(Mutex::new(out)) }
    }
}

impl<W: Write + Send + 'static> Sink for Stdout<W> {
    async fn recover(&mut self) -> Result<Progress, Error> {
        Ok(Progress::None)
    }

    async fn deliver(&mut self, rows: Arc<[Row]>) -> Result<Receipt, Error> {
        let out = Arc::clone(&self.out);
        aside::run("deliver-stdout", move || {
            let mut text = Vec::new();
            rows.iter().filter(|row| lines::is_line(row)).for_each(|row| lines::push(&mut text, row));
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            out.write_all(&text).and_then(|()| out.flush()).map_err(|error| match error.kind() {
                ErrorKind::BrokenPipe => Error::new(Class::Closed, "the reader of standard output has gone"),
                _ => Error::new(Class::Operator, format!("standard output cannot be written: {error}")),
            })?;
            Ok(Receipt { last_seq: rows.last().map_or(0, |row| row.seq), dead: Vec::new() })
        })
        .await
    }

    async fn close(self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::tests::row;
    use model::Topic;

    #[tokio::test]
    async fn articles_are_written_and_all_rows_count() {
        let mut sink = Stdout::to(Vec::new());
        assert_eq!(sink.recover().await, Ok(Progress::None));
        let rows = [
            row(4, Topic::Articles, Some("{\"a\":1}")),
            row(5, Topic::Feeds, Some("{\"b\":1}")),
            row(6, Topic::Articles, None),
            row(7, Topic::Articles, Some("{\"c\":1}")),
        ];
        let receipt = sink.deliver(rows.into()).await.unwrap();
        assert_eq!(receipt, Receipt { last_seq: 7, dead: Vec::new() });
        assert_eq!(*sink.out.lock().unwrap(), b"{\"a\":1}\n{\"c\":1}\n");
    }

    #[tokio::test]
    async fn a_reader_that_goes_is_told_apart() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut sink = Stdout::to(writer);
        let error = sink.deliver([row(1, Topic::Articles, Some("{}"))].into()).await.unwrap_err();
        assert_eq!(error.class, Class::Closed);
    }

    #[tokio::test]
    async fn a_writer_that_fails_needs_the_operator() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut sink = Stdout::to(full);
        let error = sink.deliver([row(1, Topic::Articles, Some("{}"))].into()).await.unwrap_err();
        assert_eq!(error.class, Class::Operator);
        assert!(error.detail.contains("standard output"), "{error}");
    }
}
