//! What is due next; told the time, never waits
