//! Tables for people: columns as wide as they must be, within the terminal; no more than eighty columns
//! where there is none.

use jiff::Timestamp;
use std::fmt::Write;
use std::io::{self, IsTerminal};

/// Width without a terminal that says its own.
const WIDTH: usize = 80;

/// Columns of the terminal; none where standard output is no terminal, so that nothing is cut for programs.
pub(crate) fn width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let told = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    Some(told.or_else(|| std::env::var("COLUMNS").ok()?.parse().ok()).unwrap_or(WIDTH).max(20))
}

/// Rows under a header; the last column takes what is left, and is cut there.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>], width: Option<usize>) -> String {
    let length = |text: &str| text.chars().count();
    let mut widths: Vec<usize> = header.iter().map(|name| length(name)).collect();
    for row in rows {
        for (column, cell) in row.iter().enumerate().take(widths.len()) {
            widths[column] = widths[column].max(length(cell));
        }
    }
    let mut out = String::new();
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let is_last = column + 1 == row.len();
            let pad = if is_last { 0 } else { widths[column] - length(cell).min(widths[column]) };
            // Writing to a string cannot fail.
            let _ = write!(line, "{}{}{}", clean(cell), " ".repeat(pad), if is_last { "" } else { "  " });
        }
        out.push_str(&cut(line.trim_end(), width));
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// A text in one line of at most `width` characters.
pub(crate) fn cut(text: &str, width: Option<usize>) -> String {
    match width {
        Some(width) if width < text.chars().count() => {
            let kept: String = text.chars().take(width.saturating_sub(1)).collect();
            kept.trim_end().to_owned() + "…"
        }
        _ => text.to_owned(),
    }
}

/// Foreign text for a terminal: without the characters that could steer it.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// How long ago, or in how long, in one word: `3m`, `2h`, `5d`; `-` when there is no time.
pub(crate) fn ago(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return "-".into() };
    let seconds = (now.as_second() - at.as_second()).abs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_stand_under_each_other_and_fit() {
        let rows = [
            vec!["a".to_owned(), "good".into(), "Title with \u{1b}[31mcolour\r\n".into()],
            vec!["longer-id".to_owned(), "failing".into(), "A title that is too long for the line".into()],
        ];
        expect![[r"
            ID         STATE    TITLE
            a          good     Title with  [31mcolour
            longer-id  failing  A title that is too lon…"]]
        .assert_eq(&table(&["ID", "STATE", "TITLE"], &rows, Some(44)));
    }

    #[test]
    fn times_are_one_word() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = |ago: i64| Some(Timestamp::from_second(1_000_000 - ago).unwrap());
        for (seconds, word) in [(5, "5s"), (-65, "1m"), (7200, "2h"), (200_000, "2d")] {
            assert_eq!(ago(at(seconds), now), word);
        }
        assert_eq!(ago(None, now), "-");
    }
}
