use super::answer::{self, Answer, Call, Next};
use super::client::Producer;
use super::dead::{self, Dead};
use super::worker::{SLICE, Worker};
use super::{progress, topics};
use crate::{Class, Error};
use fault::{Mutant, Point};
use model::{Receipt, Row};
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::{BaseRecord, Producer as _};
use std::time::{Duration, Instant};

/// How often a transaction that librdkafka threw away unsent is tried at once.
const AGAIN: usize = 2;
/// From this size on, a batch of which every record is refused is a mistake in the cluster's settings or a
/// wrong clock, and not poison.
const SYSTEMATIC: usize = 32;
/// How many of them are sent alone before that is concluded.
const SAMPLE: usize = 4;
/// What a batch of one record adds to it, bytes, at most: the batch's header and the lengths of the fields.
const FRAME: usize = 256;
/// The number that the progress record is sent with.
const PROGRESS: usize = usize::MAX;
/// How long an abort may take before the producer is given up; its successor aborts as well.
const ABORT: Duration = Duration::from_secs(5);
/// The same when the sink is being closed, and when a new producer follows in any case.
const ABORT_REPLACED: Duration = Duration::from_secs(1);

/// How a transaction failed.
enum Failed {
    /// Aborted, by now or by the producer that follows: some of these rows were refused, perhaps for what they are;
    /// the others went down with them. None are named: it may be any.
    Refused(Vec<usize>, Code),
    /// Aborted: librdkafka threw the records away without sending them.
    Purged(Code),
    /// Only where a guarantee is turned off: the outcome was not waited for.
    Unknown,
    /// Anything else.
    Error(Error),
}

impl Worker {
    /// Delivers rows and progress in one transaction.
    pub(super) fn deliver_once(&mut self, rows: &[Row]) -> Result<Receipt, Error> {
        let Some(last) = rows.last() else { return Ok(Receipt::default()) };
        let mut dead: Vec<Dead> = Vec::new();
        // A build that retries what it does not know gives the first commit no time.
        let mut patient = !fault::is(Mutant::RetryUnknown);
        let mut purged = 0;
        // Each round but those that are counted finds another dead row, so that there is an end.
        loop {
            let letters = self.with_letters(rows, &dead);
            let sent = letters.as_deref().unwrap_or(rows);
            match self.transaction(sent, last.seq, patient) {
                Ok(()) => {
                    let dead = dead.iter().map(|dead| rows[dead.place].seq).collect();
                    return Ok(Receipt { last_seq: last.seq, dead });
                }
                Err(Failed::Error(error)) => return Err(error),
                Err(Failed::Purged(code)) => {
                    purged += 1;
                    if purged > AGAIN {
                        return Err(self.refused(code, true));
                    }
                    self.open()?;
                }
                Err(Failed::Unknown) => {
                    patient = true;
                    self.open()?;
                }
                Err(Failed::Refused(suspects, code)) => {
                    let found = self.find_dead(sent, &suspects, code)?;
                    if let Some(again) =
                        found.iter().find(|found| dead.iter().any(|dead| dead.place == found.place))
                    {
                        let detail = format!(
                            "the dead letter of row {} is refused: {}",
                            rows[again.place].seq, again.code
                        );
                        return Err(Error::new(Class::Operator, detail));
                    }
                    dead.extend(found);
                    dead.sort_by_key(|dead| dead.place);
                }
            }
        }
    }

    /// The rows with dead letters in their places; none: as they are.
    fn with_letters(&self, rows: &[Row], dead: &[Dead]) -> Option<Vec<Row>> {
        if dead.is_empty() {
            return None;
        }
        let mut sent = rows.to_vec();
        for dead in dead {
            sent[dead.place] = self.letter(&rows[dead.place], *dead);
        }
        Some(sent)
    }

    /// One transaction from begin to commit.
    fn transaction(&mut self, rows: &[Row], last_seq: u64, patient: bool) -> Result<(), Failed> {
        if fault::is(Mutant::ProgressOutside) {
            self.progress_outside(last_seq).map_err(Failed::Error)?;
        }
        self.begin()?;
        fault::point(Point::TransactionBegun);
        if let Err(refused) = self.send_all(rows, last_seq) {
            self.heard.failed(refused.0, refused.1);
        } else {
            self.drain_ours();
        }
        if self.heard.has_failures() || self.stop.is_set() {
            return Err(self.give_up());
        }
        fault::point(Point::BeforeCommit);
        if patient { self.commit() } else { self.commit_hastily() }
    }

    fn begin(&mut self) -> Result<(), Failed> {
        self.heard.clear_failures();
        let Some(handle) = &self.producer else {
            return Err(Failed::Error(Error::new(Class::Rebuild, "the producer is not open")));
        };
        handle.0.begin_transaction().map_err(|error| {
            let answer = Answer::of(&error);
            Failed::Error(self.broken(Call::Begin, answer))
        })
    }

    /// Sends rows, then progress; the number and the code of the record that was not even accepted.
    fn send_all(&self, rows: &[Row], last_seq: u64) -> Result<(), (usize, Code)> {
        let Some(handle) = &self.producer else { return Err((PROGRESS, Code::State)) };
        for (number, row) in rows.iter().enumerate() {
            if number == rows.len() / 2 {
                // So that the brokers do hold half a transaction when the process ends here.
                if cfg!(feature = "inject") {
                    self.drain(&handle.0);
                }
                fault::point(Point::HalfProduced);
            }
            self.send(&handle.0, row, number).map_err(|code| (number, code))?;
        }
        if fault::is(Mutant::ProgressOutside) {
            return Ok(());
        }
        self.send_progress(&handle.0, last_seq).map_err(|code| (PROGRESS, code))
    }

    fn send_progress(&self, producer: &Producer, last_seq: u64) -> Result<(), Code> {
        let topic = self.config.topic(topics::PROGRESS);
        let value = progress::encode(self.store, last_seq);
        let record = BaseRecord::with_opaque_to(&topic, PROGRESS)
            .partition(progress::PARTITION)
            .key(self.config.transactional_id.as_bytes())
            .payload(value.as_slice());
        self.enqueue(producer, record)
    }

    fn drain_ours(&self) {
        if let Some(handle) = &self.producer {
            self.drain_or_fail(&handle.0);
        }
    }

    /// Commits, and asks again as long as the outcome is open.
    fn commit(&mut self) -> Result<(), Failed> {
        // The brokers abort at the timeout; after it a live one says so.
        let end = Instant::now() + self.config.transaction_timeout.0 + Duration::from_secs(5);
        loop {
            let Some(handle) = &self.producer else {
                return Err(Failed::Error(Error::new(Class::Rebuild, "the producer is not open")));
            };
            let Err(error) = handle.0.commit_transaction(SLICE) else { return Ok(()) };
            let answer = Answer::of(&error);
            let open = Instant::now() < end && !self.stop.is_set();
            match answer::next(Call::Commit, answer) {
                Next::Again if open => {}
                // The end of the transaction was not even asked for.
                Next::Again if answer.flush => {
                    self.heard.failed(PROGRESS, answer.code);
                    return Err(self.give_up());
                }
                Next::Again => {
                    let detail = format!("whether the transaction is committed is not known: {error}");
                    return Err(Failed::Error(Error::new(Class::Rebuild, self.heard.explain(detail))));
                }
                Next::Abort => {
                    self.heard.failed(PROGRESS, answer.code);
                    return Err(self.give_up());
                }
                Next::Rebuild => return Err(Failed::Error(self.broken(Call::Commit, answer))),
            }
        }
    }

    /// The commit of a build that takes "not known" for "not committed".
    fn commit_hastily(&mut self) -> Result<(), Failed> {
        let Some(handle) = &self.producer else { return Err(Failed::Unknown) };
        handle.0.commit_transaction(Duration::from_millis(1)).map_err(|_| Failed::Unknown)
    }

    /// Aborts and says what the cause was.
    fn give_up(&mut self) -> Failed {
        let aborted = self.abort();
        let failures = self.heard.failures();
        // Records that went down with others say nothing of themselves.
        let purge = |code: Code| matches!(code, Code::PurgeQueue | Code::PurgeInflight);
        let telling = failures.iter().find(|(_, code)| !purge(*code));
        let (_, code) = *telling.or(failures.first()).unwrap_or(&(PROGRESS, Code::Fail));
        match aborted {
            Err(answer) if answer::is_fence(answer.code) => return Failed::Error(self.fenced()),
            // Whoever looks for the refused records opens a new producer first, which aborts in our place. Not
            // to look for them would be to meet them again and again. What became of the others was not heard.
            Err(_) if answer::is_poison(code) => return Failed::Refused(Vec::new(), code),
            Err(_) => return Failed::Error(self.refused(code, false)),
            Ok(()) if self.stop.is_set() => return Failed::Error(self.refused(code, true)),
            Ok(()) if purge(code) => return Failed::Purged(code),
            Ok(()) => {}
        }
        let suspect = |(number, code): &&(usize, Code)| {
            *number != PROGRESS && (answer::is_poison(*code) || purge(*code))
        };
        let mut rows: Vec<usize> = failures.iter().filter(suspect).map(|(number, _)| *number).collect();
        rows.sort_unstable();
        if rows.is_empty() || !answer::is_poison(code) {
            return Failed::Error(self.refused(code, true));
        }
        Failed::Refused(rows, code)
    }

    fn abort(&mut self) -> Result<(), Answer> {
        let begun = Instant::now();
        loop {
            let Some(handle) = &self.producer else { return Ok(()) };
            let Err(error) = handle.0.abort_transaction(SLICE) else {
                // What the abort threw away is reported now, and must not be taken for the next one's.
                self.drain(&handle.0);
                return Ok(());
            };
            handle.0.poll(Duration::ZERO);
            let answer = Answer::of(&error);
            // When the first batch of a partition was refused, librdkafka may never come to an end.
            let is_refused = self.heard.failures().iter().any(|(_, code)| answer::is_poison(*code));
            let bound = if self.stop.is_set() || is_refused { ABORT_REPLACED } else { ABORT };
            if answer::next(Call::Abort, answer) != Next::Again || begun.elapsed() >= bound {
                return Err(answer);
            }
        }
    }

    /// A call failed for good.
    fn broken(&mut self, call: Call, answer: Answer) -> Error {
        let known = self.producer.as_ref().and_then(|handle| handle.0.client().fatal_error());
        let (code, text) = known.unwrap_or((answer.code, answer.code.to_string()));
        if answer::is_fence(code) || answer::is_fence(answer.code) {
            return self.fenced();
        }
        let detail = self.heard.explain(format!("the producer is broken ({call:?}): {text}"));
        match answer::class(code) {
            Class::Operator => Error::new(Class::Operator, detail),
            _ => Error::new(Class::Rebuild, detail),
        }
    }

    /// Which of the suspects are refused alone. Each try that is refused is followed by a new producer: the
    /// brokers have not counted the refused batch, and with the old one the next transaction would run into
    /// the gap in its sequence numbers.
    fn find_dead(&mut self, rows: &[Row], suspects: &[usize], code: Code) -> Result<Vec<Dead>, Error> {
        tracing::warn!(records = suspects.len(), %code, "records are refused: looking for those at fault");
        self.open()?;
        let all: Vec<usize> = (0..rows.len()).collect();
        let suspects = if suspects.is_empty() { &all } else { suspects };
        if suspects.len() >= SYSTEMATIC && suspects.len() == rows.len() {
            self.check_systematic(rows, code)?;
        }
        let mut suspects = suspects.to_vec();
        if code == Code::MessageSizeTooLarge {
            suspects.retain(|place| !self.surely_fits(&rows[*place]));
        }
        let found = dead::find(&suspects, |group| self.probe(rows, group))?;
        if found.is_empty() { Err(self.batch_too_large(code)) } else { Ok(found) }
    }

    /// True when a row is below its topic's limit even uncompressed.
    fn surely_fits(&self, row: &Row) -> bool {
        let limit = self.limits.get(&self.config.topic(row.topic.suffix()));
        limit.is_some_and(|limit| row.weight() + FRAME <= *limit)
    }

    /// An error when a sample of records, each sent alone, is refused without exception.
    fn check_systematic(&mut self, rows: &[Row], code: Code) -> Result<(), Error> {
        for place in (0..rows.len()).step_by(rows.len().div_ceil(SAMPLE)) {
            if self.probe(rows, &[place])?.is_none() {
                return Ok(());
            }
        }
        let detail = format!(
            "every record is refused ({code}): see the topics' max.message.bytes and message.timestamp settings, and the clock"
        );
        Err(Error::new(Class::Operator, detail))
    }

    /// Sends some rows, commits nothing: the code that one of them was refused with.
    fn probe(&mut self, rows: &[Row], group: &[usize]) -> Result<Option<Code>, Error> {
        for _ in 0..=AGAIN {
            match self.rehearse(rows, group) {
                Ok(()) => return Ok(None),
                Err(Failed::Refused(_, code)) => {
                    self.open()?;
                    return Ok(Some(code));
                }
                Err(Failed::Error(error)) => return Err(error),
                Err(Failed::Purged(_) | Failed::Unknown) => self.open()?,
            }
        }
        Err(self.refused(Code::PurgeQueue, true))
    }

    /// One transaction of some rows, aborted in any case.
    fn rehearse(&mut self, rows: &[Row], group: &[usize]) -> Result<(), Failed> {
        self.begin()?;
        if let Some(handle) = &self.producer {
            for place in group {
                if let Err(code) = self.send(&handle.0, &rows[*place], *place) {
                    self.heard.failed(*place, code);
                    break;
                }
            }
            self.drain_or_fail(&handle.0);
        }
        if self.heard.has_failures() || self.stop.is_set() {
            return Err(self.give_up());
        }
        self.abort().map_err(|answer| Failed::Error(self.broken(Call::Abort, answer)))
    }

    /// Progress that is sent beside the transaction, as a build without that guarantee does it.
    fn progress_outside(&self, last_seq: u64) -> Result<(), Error> {
        let producer = self.clients().producer(1_000_000, None)?;
        let _ = self.send_progress(&producer, last_seq);
        self.drain(&producer);
        Ok(())
    }
}
