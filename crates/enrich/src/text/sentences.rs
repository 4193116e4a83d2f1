use super::abbreviations::{Stop, opens, stop_after};
use super::tokens::Token;
use std::ops::Range;

/// Longest sentence, tokens: lists and tables have no end of their own.
const LENGTH_MAX: usize = 160;
/// A line that is shorter than this many bytes was ended by its author, not by the page's width.
const SHORT_LINE: usize = 50;

/// Ranges of `tokens` that are sentences: all tokens, in order, none empty. Linear.
pub(crate) fn sentences(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let mut out = Vec::with_capacity(tokens.len() / 20 + 1);
    let mut start = 0;
    let mut line_start = 0;
    for at in 0..tokens.len() {
        let Some(next) = tokens.get(at + 1) else { break };
        let gap = &text[tokens[at].end as usize..next.start as usize];
        let breaks = gap.bytes().filter(|byte| *byte == b'\n').count();
        let line = tokens[at].end as usize - line_start;
        if breaks != 0 {
            line_start = next.start as usize;
        }
        let ends = LENGTH_MAX <= at + 1 - start
            || 1 < breaks
            || breaks == 1 && (line < SHORT_LINE || is_stop(tokens[at].of(text)))
            || ends_here(text, tokens, at);
        if ends {
            out.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < tokens.len() {
        out.push(start..tokens.len());
    }
    out
}

fn is_stop(word: &str) -> bool {
    matches!(word.chars().next(), Some('.' | '!' | '?' | '…'))
}

/// Closing marks that still belong to the sentence before them.
fn closes(word: &str) -> bool {
    matches!(word, "\"" | "”" | "’" | "'" | ")" | "]" | "»" | "''" | "」" | "』")
}

/// Whether the sentence ends after the token: at a stop, or at what closes after it.
fn ends_here(text: &str, tokens: &[Token], at: usize) -> bool {
    let word = tokens[at].of(text);
    if matches!(word, "。" | "！" | "？" | "।" | "۔") {
        return true;
    }
    let next = &tokens[at + 1];
    let apart = tokens[at].end < next.start;
    if !apart {
        return false;
    }
    let mut stop = at;
    while stop != 0
        && at - stop < 2
        && closes(tokens[stop].of(text))
        && tokens[stop - 1].end == tokens[stop].start
    {
        stop -= 1;
    }
    let mark = tokens[stop].of(text);
    let after = next.of(text);
    if is_stop(mark) && mark.len() < 5 {
        return !after.starts_with(|c: char| c.is_lowercase() || ",;:-–—".contains(c));
    }
    mark.ends_with('.') && 1 < mark.len() && ends_abbreviation(mark, after)
}

/// Whether an abbreviation is the last word of its sentence, judged by what follows.
fn ends_abbreviation(mark: &str, after: &str) -> bool {
    let word = mark.trim_end_matches('.');
    let is_initial = word.chars().count() == 1;
    let can_end = match stop_after(word) {
        Some(Stop::Title | Stop::Figure) => false,
        Some(Stop::Any) => true,
        None => !is_initial,
    };
    let capital = after.starts_with(char::is_uppercase);
    can_end && (capital && opens(after) || matches!(after, "“" | "\""))
}

#[cfg(test)]
mod tests {
    use super::super::tokens;
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn check(text: &str, expected: Expect) {
        let words = tokens(text);
        let cut = |range: &Range<usize>| {
            text[words[range.start].start as usize..words[range.end - 1].end as usize].replace('\n', "⏎")
        };
        expected.assert_eq(&sentences(text, &words).iter().map(cut).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn stops_end_sentences_and_abbreviations_do_not() {
        check(
            "Mr. Smith met the U.N. envoy on Oct. 10 at 9 a.m. in St. Louis. He left.",
            expect![[r#"
                Mr. Smith met the U.N. envoy on Oct. 10 at 9 a.m. in St. Louis.
                He left."#]],
        );
        check(
            "It was made in the U.S. The firm is Acme Inc. But J. Doe left.",
            expect![[r#"
                It was made in the U.S.
                The firm is Acme Inc.
                But J. Doe left."#]],
        );
        check("The U.S. Senate and Acme Inc. Chairman", expect!["The U.S. Senate and Acme Inc. Chairman"]);
    }

    #[test]
    fn quotes_belong_to_their_sentence() {
        check(
            "“It is over.” He left. “Why?” she asked. (It was late.) Yes!",
            expect![[r#"
                “It is over.”
                He left.
                “Why?” she asked.
                (It was late.)
                Yes!"#]],
        );
    }

    #[test]
    fn datelines_are_no_sentences() {
        check(
            "WASHINGTON, Nov. 3 (Reuters) - The vote passed.",
            expect!["WASHINGTON, Nov. 3 (Reuters) - The vote passed."],
        );
    }

    #[test]
    fn paragraphs_end_sentences_and_wrapped_lines_do_not() {
        check(
            "A headline\n\nFirst line of a paragraph that somebody has wrapped at a certain\nwidth. Next.\n- a list",
            expect![[r#"
                A headline
                First line of a paragraph that somebody has wrapped at a certain⏎width.
                Next.
                - a list"#]],
        );
    }

    proptest! {
        #[test]
        fn every_token_is_in_one_sentence(text in "([A-Za-z.!?”“ \n]|\\PC){0,300}") {
            let words = tokens(&text);
            let mut next = 0;
            for sentence in sentences(&text, &words) {
                prop_assert_eq!(sentence.start, next);
                prop_assert!(sentence.start < sentence.end && sentence.len() <= LENGTH_MAX);
                next = sentence.end;
            }
            prop_assert_eq!(next, words.len());
        }
    }
}
