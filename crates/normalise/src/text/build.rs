//! Puts plain text together: white space collapsed, forbidden characters gone, breaks where asked.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// What parts two pieces of text; the stronger of two in a row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// One space.
    Space,
    /// A new line.
    Line,
    /// An empty line.
    Paragraph,
}

/// The text so far and the break that is due before the next visible character.
pub(super) struct Builder {
    out: String,
    gap: Gap,
    /// A zero-width joiner that stays if the next character is of a script that uses them.
    joiner: Option<char>,
    full: usize,
}

/// What is done with a character.
#[derive(PartialEq)]
enum Class {
    Visible,
    White(Gap),
    Joiner,
    Forbidden,
}

impl Builder {
    /// Takes no more than about `max` characters; the caller cuts to the exact number.
    pub(super) fn new(max: usize, expected: usize) -> Self {
        // One character more than fits shows that there was more.
        let full = max.saturating_add(1).saturating_mul(4);
        Self { out: String::with_capacity(expected.min(full)), gap: Gap::None, joiner: None, full }
    }

    /// Asks for a break before what comes next.
    pub(super) fn part(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
        self.joiner = None;
    }

    /// A line break; the second in a row makes a paragraph.
    pub(super) fn break_line(&mut self) {
        self.part(if self.gap >= Gap::Line { Gap::Paragraph } else { Gap::Line });
    }

    /// Appends text, line ends being white space like any other.
    pub(super) fn push_str(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && self.out.len() < self.full {
            let run = plain_run(&bytes[at..]);
            if run > 0 {
                let visible = text[at..at + run].trim_end_matches(' ');
                self.open(visible);
                if visible.len() < run {
                    self.part(Gap::Space);
                }
                at += run;
            }
            let Some(next) = text[at..].chars().next() else { return };
            self.push(next);
            at += next.len_utf8();
        }
    }

    /// Appends text whose line ends mean something.
    pub(super) fn push_lines(&mut self, text: &str) {
        let mut lines = text.split('\n');
        self.push_str(lines.next().unwrap_or_default());
        for line in lines {
            self.break_line();
            self.push_str(line);
        }
    }

    /// Appends one character.
    pub(super) fn push(&mut self, c: char) {
        match class(c) {
            Class::Forbidden => {}
            Class::White(gap) => self.part(gap),
            Class::Joiner => {
                let joins = self.gap == Gap::None && self.out.chars().next_back().is_some_and(takes_joiners);
                self.joiner = joins.then_some(c);
            }
            Class::Visible => {
                let mut buffer = [0; 4];
                if let Some(joiner) = self.joiner.take().filter(|_| takes_joiners(c)) {
                    self.out.push(joiner);
                }
                self.open(c.encode_utf8(&mut buffer));
            }
        }
    }

    /// Writes the break that is due, then `visible`.
    fn open(&mut self, visible: &str) {
        if self.gap != Gap::None {
            if !self.out.is_empty() {
                self.out.push_str(match self.gap {
                    Gap::Paragraph => "\n\n",
                    Gap::Line => "\n",
                    _ => " ",
                });
            }
            self.gap = Gap::None;
        }
        self.joiner = None;
        self.out.push_str(visible);
    }

    /// The text, in NFC.
    pub(super) fn finish(self) -> String {
        // Below U+0300 nothing combines.
        let simple = self.out.chars().all(|c| c < '\u{300}');
        if simple || is_nfc_quick(self.out.chars()) == IsNormalized::Yes {
            return self.out;
        }
        self.out.nfc().collect()
    }
}

/// Length of what can be copied as it is: printable ASCII with single spaces inside.
fn plain_run(bytes: &[u8]) -> usize {
    let mut after_space = true;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            0x21..0x7f => after_space = false,
            b' ' if !after_space => after_space = true,
            _ => return at,
        }
    }
    bytes.len()
}

/// Forbidden are: controls (NUL among them, which no database takes), the soft hyphen, zero-width
/// characters, bidi embeddings, overrides and isolates (they make text lie), invisible tags,
/// interlinear marks and non-characters. The plain marks LRM, RLM and ALM stay.
fn class(c: char) -> Class {
    match c {
        '\u{2028}' => Class::White(Gap::Line),
        '\u{2029}' => Class::White(Gap::Paragraph),
        _ if c.is_whitespace() => Class::White(Gap::Space),
        '\u{200c}' | '\u{200d}' => Class::Joiner,
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Class::Forbidden,
        _ if c.is_control() || (c as u32) & 0xfffe == 0xfffe => Class::Forbidden,
        _ => Class::Visible,
    }
}

/// True for a character that markup may hold: white space, or what text may hold.
pub(super) fn is_kept(c: char) -> bool {
    class(c) != Class::Forbidden
}

/// True for scripts in which a zero-width (non-)joiner is spelling, and for emoji.
fn takes_joiners(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// True when `c` may not stand in any text of the record.
#[cfg(test)]
pub(crate) fn is_forbidden(c: char) -> bool {
    c != '\n' && (class(c) == Class::Forbidden || (c != ' ' && c.is_whitespace()))
}
