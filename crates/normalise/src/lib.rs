//! Entry to Article: URL, dates, text, authors
