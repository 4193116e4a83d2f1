//! The stable form that fingerprints and text keys are taken over: words in lower case, parted by
//! one space, compatibility forms and everything that is neither letter nor digit gone. Markup,
//! punctuation, typographic quotes and white space therefore cannot make a revision.

use unicode_normalization::UnicodeNormalization;

/// Appends the folded words of `text` to `out` and says how many there were.
///
/// White space ends a word under either rule, so each stretch without it takes the cheaper one that it can.
pub(crate) fn words(text: &str, out: &mut String) -> usize {
    if text.is_ascii() {
        return ascii_words(text, out);
    }
    text.split_ascii_whitespace()
        .map(
            |stretch| {
                if stretch.is_ascii() { ascii_words(stretch, out) } else { unicode_words(stretch, out) }
            },
        )
        .sum()
}

/// Bytes that are folded at a time.
const PIECE: usize = 128;
/// What each byte of a word becomes; 0 for what ends one.
const FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            folded[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    folded
};

/// Without a branch for each byte: this is done to every text several times.
fn ascii_words(text: &str, out: &mut String) -> usize {
    let (mut count, mut was_inside) = (0, false);
    for piece in text.as_bytes().chunks(PIECE) {
        // Each word but the first takes the place of a byte that ends one for the space before it.
        let mut folded = [b' '; PIECE + 2];
        let mut at = 0;
        for byte in piece {
            let letter = FOLDED[usize::from(*byte)];
            let is_inside = letter != 0;
            let starts = is_inside & !was_inside;
            folded[at] = b' ';
            at += usize::from(starts);
            folded[at] = letter;
            at += usize::from(is_inside);
            count += usize::from(starts);
            was_inside = is_inside;
        }
        let folded = std::str::from_utf8(&folded[..at]).unwrap_or_default();
        out.push_str(if out.is_empty() { folded.trim_start_matches(' ') } else { folded });
    }
    count
}

fn unicode_words(text: &str, out: &mut String) -> usize {
    let mut count = 0;
    let mut inside = false;
    for letter in text.nfkc().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            if !inside {
                count += 1;
                inside = true;
                separate(out);
            }
            out.push(letter);
        } else if !is_joined(letter) {
            inside = false;
        }
    }
    count
}

/// Combining marks and invisible formatting do not end a word.
fn is_joined(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Words of scripts that are written without spaces: each letter counts as a word.
pub(crate) fn is_unspaced(word: &str) -> bool {
    // Thai, Lao, Khmer and Myanmar; then kana, Han and what lies around them.
    let unspaced = |c| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
    !word.is_ascii() && word.chars().any(unspaced)
}

fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(input: &str, expect: &str) {
        let mut out = String::new();
        let count = words(input, &mut out);
        assert_eq!(out, expect);
        assert_eq!(count, expect.split_whitespace().count());
    }

    #[test]
    fn dress_does_not_matter() {
        check("“Don’t  panic”, he said — twice.", "don t panic he said twice");
        check("Don't panic, he said: twice", "don t panic he said twice");
        check("caf\u{e9} cafe\u{301}", "café café");
        check("co\u{ad}operate zero\u{200b}width", "cooperate zerowidth");
        check("", "");
        check(" … ", "");
    }

    #[test]
    fn letters_and_numbers_do() {
        check("42 dead in Köln", "42 dead in köln");
        check("北京 2026年", "北京 2026年");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,200}") {
            let mut once = String::new();
            words(&text, &mut once);
            let mut twice = String::new();
            words(&once, &mut twice);
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn stretches_change_nothing(text in "[ a-zé’\u{301}\u{a0}\n“.-]{0,80}") {
            let (mut parted, mut whole) = (String::new(), String::new());
            prop_assert_eq!(words(&text, &mut parted), unicode_words(&text, &mut whole));
            prop_assert_eq!(parted, whole);
        }

        #[test]
        fn ascii_and_unicode_agree(text in "[ -~]{0,200}") {
            let (mut a, mut u) = (String::new(), String::new());
            prop_assert_eq!(ascii_words(&text, &mut a), unicode_words(&text, &mut u));
            prop_assert_eq!(a, u);
        }
    }
}
