use super::words;

/// A word, figure or mark with its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// First byte.
    pub(crate) start: u32,
    /// One past the last byte.
    pub(crate) end: u32,
    /// First Unicode scalar value.
    pub(crate) from: u32,
    /// One past the last Unicode scalar value.
    pub(crate) to: u32,
}

impl Token {
    /// The token's own words.
    pub(crate) fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start as usize..self.end as usize]
    }
}

/// Longest token, bytes. What goes on is another token: nothing that people write as one word is longer.
const LENGTH_MAX: usize = 96;

/// Cuts a text into tokens, as the Penn Treebank does for words ("Trump" "'s", "do" "n't") but with names
/// whole: "al-Hayya", "U.N.", "AT&T", "O'Brien". "Biden-era" is "Biden" "-" "era". A character of a script
/// without spaces is a token of its own. Linear in the text; texts of 4 GiB and more are cut there.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut cutter = Cutter { text, out: Vec::with_capacity(text.len() / 5), byte: 0, scalar: 0 };
    let end = text.len().min(u32::MAX as usize);
    while cutter.byte < end {
        cutter.step();
    }
    cutter.out
}

/// The place reached so far, in both units.
struct Cutter<'a> {
    text: &'a str,
    out: Vec<Token>,
    byte: usize,
    scalar: usize,
}

impl Cutter<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.byte..];
        if let Some(length) = plain_word(rest.as_bytes()) {
            self.emit(length);
            return;
        }
        let Some(first) = rest.chars().next() else { return };
        if first.is_whitespace() || is_invisible(first) {
            self.byte += first.len_utf8();
            self.scalar += 1;
            return;
        }
        let head = head(rest);
        if let Some(length) = words::address(head) {
            self.emit(length);
        } else if is_unspaced(first) {
            self.emit(first.len_utf8());
        } else if first.is_alphanumeric() {
            for length in words::word(head).pieces() {
                self.emit(length);
            }
        } else {
            let run = head.chars().take_while(|c| *c == first).count();
            self.emit(run * first.len_utf8());
        }
    }

    fn emit(&mut self, length: usize) {
        let start = self.byte;
        let piece = &self.text[start..start + length];
        let scalars = if piece.is_ascii() { length } else { piece.chars().count() };
        self.out.push(Token {
            start: start as u32,
            end: (start + length) as u32,
            from: self.scalar as u32,
            to: (self.scalar + scalars) as u32,
        });
        self.byte += length;
        self.scalar += scalars;
    }
}

/// Length of a word of ASCII letters alone after which a blank or a mark says that nothing more belongs to it: most
/// words of English, without a look at what else a word may be.
fn plain_word(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().take(LENGTH_MAX).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let ends = matches!(rest.get(length), Some(b' ' | b',' | b'\n' | b';' | b'?' | b'!' | b')' | b'"'));
    (length != 0 && ends).then_some(length)
}

/// As much of the text as one token can be.
fn head(rest: &str) -> &str {
    if rest.len() <= LENGTH_MAX {
        return rest;
    }
    let mut end = LENGTH_MAX;
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    &rest[..end]
}

/// Marks without width, which some publishers strew in.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{202a}'..='\u{202e}')
}

/// Letters of scripts that put no spaces between words: Han, kana, Thai, Lao, Khmer, Myanmar.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_gives_what_the_long_way_gives(text in "[A-Za-z]{1,100}[ ,;?!)\"\nx.’@-]?(\\PC| ){0,5}") {
            if let Some(length) = plain_word(text.as_bytes()) {
                let head = head(&text);
                prop_assert_eq!(words::address(head), None);
                prop_assert_eq!(words::word(head).pieces().collect::<Vec<_>>(), vec![length]);
            }
        }
    }

    fn check(text: &str, expected: Expect) {
        let found: Vec<&str> = tokens(text).iter().map(|token| token.of(text)).collect();
        expected.assert_eq(&found.join(" | "));
    }

    #[test]
    fn names_stay_whole() {
        check("Khalil al-Hayya met Abdel-Rahman", expect!["Khalil | al-Hayya | met | Abdel-Rahman"]);
        check("Sharm el-Sheikh, Port-au-Prince", expect!["Sharm | el-Sheikh | , | Port-au-Prince"]);
        check("AT&T and S&P of O’Brien", expect!["AT&T | and | S&P | of | O’Brien"]);
        check("Asharq Al-Awsat’s", expect!["Asharq | Al-Awsat | ’s"]);
        check(
            "Sana'a, Coca-Cola, Stratford-upon-Avon",
            expect!["Sana'a | , | Coca-Cola | , | Stratford-upon-Avon"],
        );
    }

    #[test]
    fn compounds_set_their_names_free() {
        check("the Biden-era U.S.-led plan", expect!["the | Biden | - | era | U.S. | - | led | plan"]);
        check("pro-Palestinian, anti-Trump", expect!["pro | - | Palestinian | , | anti | - | Trump"]);
        check("Israel–Hamas war—the latest", expect!["Israel | – | Hamas | war | — | the | latest"]);
        check("a 20-year-old, long-term", expect!["a | 20-year-old | , | long-term"]);
        check("UK-based", expect!["UK | - | based"]);
    }

    #[test]
    fn endings_are_words() {
        check(
            "Trump's Hamas' don’t we'll CBS’s",
            expect!["Trump | 's | Hamas | ' | do | n’t | we | 'll | CBS | ’s"],
        );
        check("“Gaza deal” (JNS).", expect!["“ | Gaza | deal | ” | ( | JNS | ) | ."]);
    }

    #[test]
    fn stops_belong_to_abbreviations() {
        check("The U.N. and Mr. J.K. Rowling Jr.", expect!["The | U.N. | and | Mr. | J.K. | Rowling | Jr."]);
        check("on Oct. 10 in the end.", expect!["on | Oct. | 10 | in | the | end | ."]);
        check("No. 10 said no.", expect!["No. | 10 | said | no | ."]);
        check("WASHINGTON, Nov. 3 (AP) —", expect!["WASHINGTON | , | Nov. | 3 | ( | AP | ) | —"]);
        check("ended.The next", expect!["ended | . | The | next"]);
        check("George W. Bush", expect!["George | W. | Bush"]);
        check("Wait... what?!", expect!["Wait | ... | what | ? | !"]);
    }

    #[test]
    fn figures_and_addresses() {
        check("$1,200.50 at 10:30, 3.5%", expect!["$ | 1,200.50 | at | 10:30 | , | 3.5 | %"]);
        check("see https://a.example/b?c=1. Now", expect!["see | https://a.example/b?c=1 | . | Now"]);
        check("@who #COP30 amazon.com a@b.example", expect!["@who | #COP30 | amazon.com | a@b.example"]);
        check("9/11 and/or 2,000", expect!["9/11 | and | / | or | 2,000"]);
    }

    #[test]
    fn scripts_without_spaces() {
        check("习近平说", expect!["习 | 近 | 平 | 说"]);
        check("Владимир Путин", expect!["Владимир | Путин"]);
    }

    #[test]
    fn offsets_count_scalars() {
        let text = "Žižek’s 東";
        let last = tokens(text).last().copied().unwrap();
        assert_eq!((last.from, last.to, last.start), (8, 9, 12));
    }

    proptest! {
        #[test]
        fn nothing_but_space_is_lost(text in "(\\PC|[A-Za-z.'’ -]|\n){0,200}") {
            let found = tokens(&text);
            let mut end = 0;
            for token in &found {
                prop_assert!(end <= token.start && token.start < token.end);
                let between = &text[end as usize..token.start as usize];
                prop_assert!(between.chars().all(|c| c.is_whitespace() || is_invisible(c)), "{:?}", between);
                prop_assert_eq!(text[..token.start as usize].chars().count(), token.from as usize);
                prop_assert_eq!(text[..token.end as usize].chars().count(), token.to as usize);
                end = token.end;
            }
            prop_assert!(text[end as usize..].chars().all(|c| c.is_whitespace() || is_invisible(c)));
        }
    }
}
