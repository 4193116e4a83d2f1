//! wireroom: reads news feeds, writes clean, deduplicated, tagged articles.
fn main() {}
