use super::answer;
use super::dead::Dead;
use super::worker::Worker;
use crate::{Class, Error};
use model::{Receipt, Row};
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::Producer as _;

impl Worker {
    /// Delivers rows without a transaction: acknowledged is delivered. Rows that an earlier, failed call
    /// already delivered are not sent again by this process.
    pub(super) fn deliver_acked(&mut self, rows: &[Row]) -> Result<Receipt, Error> {
        let Some(last) = rows.last() else { return Ok(Receipt::default()) };
        let start = rows.iter().position(|row| row.seq > self.acked).unwrap_or(rows.len());
        let mut dead = Vec::new();
        if let Some((failed, code)) = self.send_acked(&rows[start..]) {
            let failed = start + failed;
            self.acknowledge(rows, failed);
            if !answer::is_poison(code) {
                return Err(self.lost(code));
            }
            // One by one from the first that failed, so that the order of each key is kept.
            for row in &rows[failed..] {
                if self.send_one(row)? {
                    dead.push(row.seq);
                }
                self.acked = row.seq;
            }
        }
        self.acked = last.seq;
        Ok(Receipt { last_seq: last.seq, dead })
    }

    fn acknowledge(&mut self, rows: &[Row], first_failed: usize) {
        if let Some(before) = first_failed.checked_sub(1) {
            self.acked = self.acked.max(rows[before].seq);
        }
    }

    /// Sends rows and waits: place and code of the first that failed. The code of a refused record counts
    /// only when nothing worse happened.
    fn send_acked(&mut self, rows: &[Row]) -> Option<(usize, Code)> {
        self.heard.clear_failures();
        let handle = self.producer.as_ref()?;
        for (number, row) in rows.iter().enumerate() {
            if let Err(code) = self.send(&handle.0, row, number) {
                self.heard.failed(number, code);
                break;
            }
        }
        self.drain(&handle.0);
        if handle.0.in_flight_count() > 0 {
            self.heard.failed(0, Code::MessageTimedOut);
        }
        let failures = self.heard.failures();
        let first = failures.iter().map(|(number, _)| *number).min()?;
        let worst = failures.iter().find(|(_, code)| !answer::is_poison(*code)).or(failures.first())?;
        Some((first, worst.1))
    }

    /// Sends one row, or its dead letter when it is refused alone; true: it is dead.
    fn send_one(&mut self, row: &Row) -> Result<bool, Error> {
        match self.send_acked(std::slice::from_ref(row)) {
            None => Ok(false),
            Some((_, code)) if answer::is_poison(code) => {
                let letter = self.letter(row, Dead { place: 0, code, attempts: 2 });
                match self.send_acked(&[letter]) {
                    None => Ok(true),
                    Some((_, code)) if answer::is_poison(code) => {
                        let detail = format!("the dead letter of row {} is refused: {code}", row.seq);
                        Err(Error::new(Class::Operator, detail))
                    }
                    Some((_, code)) => Err(self.lost(code)),
                }
            }
            Some((_, code)) => Err(self.lost(code)),
        }
    }

    fn lost(&mut self, code: Code) -> Error {
        let fatal = self.producer.as_ref().is_some_and(|handle| handle.0.client().fatal_error().is_some());
        self.refused(code, !fatal)
    }
}
