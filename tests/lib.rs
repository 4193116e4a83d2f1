//! The integration suite lives in `integration.rs`.
