//! Lines that a publisher's software adds to every text. A rule knows the whole line and where it may
//! stand: few are sure enough to hold anywhere, the rest only at the very beginning or end.

use crate::people;

/// How many lines from the beginning or the end a weak rule reaches.
const EDGE: usize = 4;

/// How many lines from the beginning a byline may stand.
const BYLINE_EDGE: usize = 2;

/// Longer lines are prose, whatever words they begin with.
const LINE_MAX: usize = 200;

/// A text without its boilerplate, and the names in its byline.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Cleaned {
    pub(crate) text: String,
    pub(crate) byline: Vec<String>,
}

/// Whole lines that are dropped wherever they stand; folded.
const ANYWHERE: [&str; 8] = [
    "getting your trinity audio player ready",
    "advertisement",
    "advertisement - scroll to continue",
    "advertisement. scroll to continue reading",
    "story continues below advertisement",
    "article continues below advertisement",
    "article continues after ad",
    "article continues below this ad",
];

/// Beginnings of lines that are dropped near the end; folded.
const TAIL: [&str; 26] = [
    "continue reading",
    "read more:",
    "read more »",
    "read more →",
    "read the full article",
    "read the full story",
    "read full article",
    "read the rest of this entry",
    "keep reading",
    "share this:",
    "share this article",
    "share this story",
    "share this post",
    "share on facebook",
    "like this:",
    "subscribe to our newsletter",
    "sign up for our newsletter",
    "sign up to our newsletter",
    "subscribe now",
    "follow us on",
    "download our app",
    "weiterlesen",
    "lire la suite",
    "leer más",
    "seguir leyendo",
    "continua a leggere",
];

/// Whole lines that are dropped near the beginning or the end; folded.
const EDGES: [&str; 18] = [
    "share",
    "tweet",
    "print",
    "email",
    "subscribe",
    "read more",
    "read more...",
    "loading...",
    "loading",
    "related",
    "comments",
    "listen to this article",
    "listen",
    "save",
    "facebook",
    "twitter",
    "whatsapp",
    "copy link",
];

/// What stands between the title and the outlet in a syndication footer: beginning, middle.
const FOOTERS: [(&str, &str); 11] = [
    ("the post ", " appeared first on "),
    ("the post ", " first appeared on "),
    ("the article ", " appeared first on "),
    ("this article ", " appeared first on "),
    ("this post ", " appeared first on "),
    ("der beitrag ", " erschien zuerst auf "),
    ("l’article ", " est apparu en premier sur "),
    ("la entrada ", " se publicó primero en "),
    ("la entrada ", " aparece primero en "),
    ("l'articolo ", " proviene da "),
    ("het bericht ", " verscheen eerst op "),
];

/// Takes the boilerplate out of a plain text of lines and paragraphs. Every line that stays is kept as
/// it is; the byline is taken out whenever it is read.
pub(crate) fn clean(text: &str) -> Cleaned {
    let lines: Vec<&str> = text.split('\n').collect();
    let visible: Vec<usize> = (0..lines.len()).filter(|at| !lines[*at].is_empty()).collect();
    let mut dropped = vec![false; lines.len()];
    let mut last = true;
    for (from_end, (place, &at)) in visible.iter().enumerate().rev().enumerate() {
        let line = Line { text: lines[at], head: place < EDGE, tail: from_end < EDGE, last };
        dropped[at] = line.is_boilerplate();
        last &= dropped[at];
    }
    let mut byline = Vec::new();
    if visible.iter().filter(|at| !dropped[**at]).count() > 1 {
        let head = visible.iter().filter(|at| !dropped[**at]).take(BYLINE_EDGE);
        let found = head.map(|at| (*at, read_byline(lines[*at]))).find(|(_, names)| !names.is_empty());
        if let Some((at, names)) = found {
            dropped[at] = true;
            byline = names;
        }
    }
    if !dropped.contains(&true) {
        return Cleaned { text: text.to_owned(), byline };
    }
    Cleaned { text: join(&lines, &dropped), byline }
}

/// The lines that stay; where something went, the wider of the breaks around it stays.
fn join(lines: &[&str], dropped: &[bool]) -> String {
    let mut out = String::new();
    let mut gap = 0;
    for (line, dropped) in lines.iter().zip(dropped) {
        match (line.is_empty(), dropped) {
            (true, _) => gap = 2,
            (_, true) => {}
            _ => {
                if !out.is_empty() {
                    out.push_str(if gap == 2 { "\n\n" } else { "\n" });
                }
                out.push_str(line);
                gap = 1;
            }
        }
    }
    out
}

struct Line<'a> {
    text: &'a str,
    head: bool,
    tail: bool,
    /// Nothing that stays follows.
    last: bool,
}

impl Line<'_> {
    fn is_boilerplate(&self) -> bool {
        let long = self.text.chars().nth(LINE_MAX).is_some();
        if long && !self.last {
            return false;
        }
        let folded = self.text.to_lowercase();
        if self.last && is_footer(&folded) {
            return true;
        }
        if long {
            return false;
        }
        let bare = folded.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '.' | '…' | '*' | '-' | '—' | '|' | '[' | ']' | '(' | ')')
        });
        ANYWHERE.contains(&bare)
            || ((self.head || self.tail) && (EDGES.contains(&bare) || is_reading_time(bare)))
            || (self.tail
                && TAIL.iter().any(|start| folded.starts_with(start) || bare == start.trim_end_matches(':')))
    }
}

/// `The post X appeared first on Y.`, as WordPress writes it in many languages.
fn is_footer(folded: &str) -> bool {
    FOOTERS.iter().any(|(start, middle)| folded.strip_prefix(start).is_some_and(|rest| rest.contains(middle)))
}

/// `4 min read`, `Reading time: 4 minutes`.
fn is_reading_time(folded: &str) -> bool {
    let rest = folded.strip_prefix("reading time").or_else(|| folded.strip_prefix("estimated reading time"));
    let words: Vec<&str> =
        rest.unwrap_or(folded).split([' ', ':', '-']).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit());
    match words[..] {
        [n, unit] => rest.is_some() && number(n) && unit.starts_with("min"),
        [n, unit, "read"] => number(n) && unit.starts_with("min"),
        _ => false,
    }
}

/// The people of a line that is nothing but a byline: `By: Abe Wertenheim – Jewish Voice News`.
fn read_byline(line: &str) -> Vec<String> {
    let start = line.get(..3).unwrap_or_default();
    if !start.eq_ignore_ascii_case("by ") && !start.eq_ignore_ascii_case("by:") || line.len() > LINE_MAX {
        return Vec::new();
    }
    let people = line[3..].trim();
    // What follows a dash, a bar or a comma is the outlet.
    let people = [" – ", " — ", " - ", " | ", " / "]
        .iter()
        .find_map(|dash| people.split_once(dash))
        .map_or(people, |(a, _)| a);
    let people = people.trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let parts = people::split(people);
    match parts[..] {
        [one] if !people::is_whole_name(one) => Vec::new(),
        _ => parts.into_iter().map(str::to_owned).collect(),
    }
}

/// True when a text says of itself that it is only a part.
pub(crate) fn is_cut(text: &str) -> bool {
    let end = text.trim_end();
    let marked = ["[…]", "[...]", "[…", "(…)", "(...)"].iter().any(|mark| end.ends_with(mark));
    marked || end.ends_with('…') || end.ends_with("...")
}

/// True when the end of a text is marked as the publisher's software marks a cut, which nobody writes.
pub(crate) fn is_cut_for_sure(text: &str) -> bool {
    ["[…]", "[...]"].iter().any(|mark| text.trim_end().ends_with(mark))
}

/// A summary without the words behind its mark of a cut: `… Continue reading Title →`.
pub(crate) fn without_more(summary: &str) -> &str {
    const WORDS: [&str; 6] =
        ["continue reading", "read more", "keep reading", "weiterlesen", "lire la suite", "leer más"];
    for mark in ["…", "...", "[…]", "[...]"] {
        let Some(at) = summary.rfind(mark) else { continue };
        let (kept, rest) = summary.split_at(at + mark.len());
        let rest =
            rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ']' | '.')).to_lowercase();
        if rest.chars().count() <= LINE_MAX && WORDS.iter().any(|words| rest.starts_with(words)) {
            let closed = summary[at + mark.len()..].starts_with(']');
            return if closed { &summary[..kept.len() + 1] } else { kept };
        }
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str, byline: &str) {
        let cleaned = clean(text);
        assert_eq!(cleaned.text, expect, "{text:?}");
        assert_eq!(cleaned.byline.join(" | "), byline, "{text:?}");
        assert_eq!(clean(&cleaned.text).text, expect, "not the same twice: {text:?}");
    }

    #[test]
    fn players_bylines_and_footers_go() {
        check(
            "Getting your Trinity Audio player ready...\n\nBy: Ann Lee – Daily Sun\n\nThe council met.\n\nIt voted.\n\nThe post Council votes appeared first on Daily Sun.",
            "The council met.\n\nIt voted.",
            "Ann Lee",
        );
        check(
            "4 min read\n\nText here.\n\nADVERTISEMENT\n\nMore.\n\nShare this article",
            "Text here.\n\nMore.",
            "",
        );
        check("One.\n\nRead more: Another story", "One.", "");
        check("One.\n\nContinue reading…", "One.", "");
        check("Eins.\n\nDer Beitrag Titel erschien zuerst auf Zeitung.", "Eins.", "");
        check("By Ann Lee and Bo Ek, Reuters\n\nText.", "By Ann Lee and Bo Ek, Reuters\n\nText.", "");
        check("By Ann Lee and Bo Ek | Reuters\n\nText.", "Text.", "Ann Lee | Bo Ek");
    }

    #[test]
    fn prose_stays() {
        for text in [
            "Recommended configuration\n\nUse four cores.\n\nRecommended for: everyone",
            "By the river stood a house.\n\nIt was old.",
            "By Monday Evening",
            "The post office appeared first on the left.\n\nThen the inn.",
            "a\n\nb\n\nc\n\nd\n\ne\n\nRead more: this is in the middle\n\nf\n\ng\n\nh\n\ni\n\nj",
            "He said: share and subscribe, and left.",
            "- one\n- two",
            "",
        ] {
            check(text, text, "");
        }
    }

    #[test]
    fn breaks_around_a_gap() {
        check("a\nADVERTISEMENT\nb", "a\nb", "");
        check("a\n\nADVERTISEMENT\nb", "a\n\nb", "");
        check("ADVERTISEMENT", "", "");
    }

    #[test]
    fn cuts() {
        assert!(is_cut("and offici […]") && is_cut("and so on...") && is_cut("more…"));
        assert!(!is_cut("The end.") && !is_cut_for_sure("and so on..."));
        assert_eq!(without_more("A b c […] Continue reading A story →"), "A b c […]");
        assert_eq!(without_more("A b c… Read more"), "A b c…");
        assert_eq!(
            without_more("A b c... and then he went to read more"),
            "A b c... and then he went to read more"
        );
        assert_eq!(without_more("Nothing"), "Nothing");
    }
}
