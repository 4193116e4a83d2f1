//! Dev only: scripted feed server, Kafka harness, run-directory checker
