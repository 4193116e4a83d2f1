//! The table of lines that publishers' software adds, and the lookup in it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Where a line stands in its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Among the first lines.
    pub(super) head: bool,
    /// Among the last lines.
    pub(super) tail: bool,
    /// Nothing that stays follows.
    pub(super) last: bool,
}

/// Where a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Any,
    Head,
    Tail,
    Edge,
}

impl Reach {
    fn covers(self, place: Place) -> bool {
        match self {
            Self::Any => true,
            Self::Head => place.head,
            Self::Tail => place.tail || place.last,
            Self::Edge => place.head || place.tail || place.last,
        }
    }
}

struct Rules {
    /// Whole lines.
    whole: HashMap<&'static str, Vec<Reach>>,
    /// Beginnings, by their first character.
    starts: HashMap<char, Vec<(&'static str, Reach)>>,
    /// Footers: beginning, and what stands between the title and the outlet.
    feet: Vec<(&'static str, &'static str)>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let mut rules = Rules { whole: HashMap::new(), starts: HashMap::new(), feet: Vec::new() };
    for row in include_str!("../../data/boilerplate.tsv").lines() {
        let mut cells = row.split('\t');
        let (Some(place), Some(how), Some(words)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        let reach = match place {
            "any" => Reach::Any,
            "head" => Reach::Head,
            "tail" => Reach::Tail,
            "edge" => Reach::Edge,
            _ => {
                rules.feet.push((how, words));
                continue;
            }
        };
        match (how, words.chars().next()) {
            ("is", _) => rules.whole.entry(words).or_default().push(reach),
            (_, Some(first)) => rules.starts.entry(first).or_default().push((words, reach)),
            _ => {}
        }
    }
    rules
});

/// Characters that a phrase of the table may be followed by in a line that goes on.
fn parts(next: char) -> bool {
    // Scripts without spaces do not part words.
    !next.is_alphanumeric() || ('\u{2e80}'..'\u{ac00}').contains(&next)
}

/// True when the folded line at this place is one of the table's.
pub(super) fn holds(folded: &str, place: Place) -> bool {
    let covers = |reach: &Reach| reach.covers(place);
    if RULES.whole.get(folded).is_some_and(|reaches| reaches.iter().any(covers)) {
        return true;
    }
    let Some(starts) = folded.chars().next().and_then(|first| RULES.starts.get(&first)) else { return false };
    starts.iter().any(|(words, reach)| {
        if words.strip_suffix(':') == Some(folded) {
            return covers(reach);
        }
        let rest = folded.strip_prefix(words);
        let open = words.ends_with(|c: char| !c.is_alphanumeric());
        covers(reach) && rest.is_some_and(|rest| open || rest.chars().next().is_none_or(parts))
    })
}

/// True for `The post X appeared first on Y`, as blog software writes it in many languages.
pub(super) fn is_footer(folded: &str) -> bool {
    RULES.feet.iter().any(|(start, middle)| {
        folded.strip_prefix(start).is_some_and(|rest| rest.contains(middle) && !rest.starts_with(middle))
    })
}

/// A line as the table has it: lower case, straight quotes, single spaces, numbers as `#`, no mark before
/// or behind but a copyright sign or a bracket that opens.
pub(super) fn fold(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars().flat_map(char::to_lowercase) {
        let c = match c {
            '’' | '‘' | '`' | '´' => '\'',
            '“' | '”' | '„' | '«' => '"',
            '：' => ':',
            '\u{a0}' | '\u{202f}' => ' ',
            c if c.is_numeric() => '#',
            c => c,
        };
        let again = matches!(c, ' ' | '#') && out.ends_with(c);
        if !again {
            out.push(c);
        }
    }
    let before = |c: char| !(c.is_alphanumeric() || matches!(c, '©' | '(' | '#' | '【'));
    let behind = |c: char| !(c.is_alphanumeric() || matches!(c, '#' | ':' | '?' | '»' | '→' | '>' | '】'));
    let bare = out.trim_start_matches(before).trim_end_matches(behind);
    let bare = bare.strip_suffix(':').map_or(bare, str::trim_end);
    // `(advertisement)` and `(4 min read)`; a bracket that does not close stays.
    let bare = bare
        .strip_prefix('(')
        .filter(|rest| !rest.contains(')') && out.trim_end().ends_with(')'))
        .unwrap_or(bare);
    bare.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        let check = |line: &str, expect: &str| assert_eq!(fold(line), expect, "{line:?}");
        check("  - ADVERTISEMENT -", "advertisement");
        check("Getting your Trinity Audio player ready...", "getting your trinity audio player ready");
        check("[ 12  min read ]", "# min read");
        check("(4 min read)", "# min read");
        check("© 2024 Daily Sun.", "© # daily sun");
        check("L’article", "l'article");
        check("Tags:", "tags");
        check("READ MORE: A story", "read more: a story");
        check("", "");
    }

    /// Each phrase of the table must be found as it stands: one that is not folded never is.
    #[test]
    fn every_row_of_the_table_is_folded_and_can_be_met() {
        let everywhere = Place { head: true, tail: true, last: true };
        let mut rows = 0;
        for row in include_str!("../../data/boilerplate.tsv").lines().filter(|row| !row.starts_with('#')) {
            let cells: Vec<&str> = row.split('\t').collect();
            let [place, how, words] = cells[..] else { panic!("not three cells: {row:?}") };
            rows += 1;
            if place == "foot" {
                assert!(is_footer(&fold(&format!("{how} Some title {words} A site"))), "{row:?}");
                continue;
            }
            assert!(
                matches!(place, "any" | "head" | "tail" | "edge") && matches!(how, "is" | "starts"),
                "{row:?}"
            );
            let line = if how == "is" { words.to_owned() } else { format!("{words} and more") };
            let line = line.replace('#', "7");
            assert!(holds(&fold(&line), everywhere), "{row:?} is never met: {:?}", fold(&line));
        }
        assert!(rows > 600, "only {rows} rows");
    }
}
