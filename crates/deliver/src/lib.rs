//! Outbox rows to a receipt: Kafka, file, stdout
