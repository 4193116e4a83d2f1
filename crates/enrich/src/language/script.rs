//! The script that a text is written in. Many scripts belong to one language; the others are shared.

/// A script that several languages share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    Latin,
    Cyrillic,
    Arabic,
    Devanagari,
}

impl Shared {
    /// All, in the order in which the packed model has them.
    pub(super) const ALL: [Self; 4] = [Self::Latin, Self::Cyrillic, Self::Arabic, Self::Devanagari];

    /// Whether a letter is of this script.
    #[inline]
    pub(super) fn holds(self, letter: char) -> bool {
        match self {
            Self::Latin => {
                matches!(letter, 'a'..='z' | 'A'..='Z' | '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
            }
            _ => block(letter) == Some(self as usize),
        }
    }
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Letters of one language.
    Of(&'static str),
    /// Letters of several.
    Shared(Shared),
}

const LATIN: usize = Shared::Latin as usize;
const HAN: usize = Shared::ALL.len();
const KANA: usize = HAN + 1;
const HANGUL: usize = HAN + 2;

/// Languages of the scripts behind those that are shared.
const LANGUAGES: [&str; 22] = [
    "zh", "ja", "ko", "el", "he", "hy", "ka", "th", "lo", "km", "my", "bo", "am", "ta", "te", "kn", "ml",
    "gu", "pa", "bn", "or", "si",
];
const SCRIPTS: usize = HAN + LANGUAGES.len();

/// First and last code point of Unicode's blocks of letters outside ASCII, ascending, and their script: the place in
/// [`Shared::ALL`], then in [`LANGUAGES`].
const BLOCKS: [(u32, u32, usize); 41] = [
    (0xaa, 0x24f, LATIN),
    (0x370, 0x3ff, HAN + 3),
    (0x400, 0x52f, 1),
    (0x531, 0x58f, HAN + 5),
    (0x590, 0x5ff, HAN + 4),
    (0x620, 0x6ff, 2),
    (0x750, 0x77f, 2),
    (0x8a0, 0x8ff, 2),
    (0x900, 0x963, 3),
    (0x970, 0x97f, 3),
    (0x980, 0x9ff, HAN + 19),
    (0xa00, 0xa7f, HAN + 18),
    (0xa80, 0xaff, HAN + 17),
    (0xb00, 0xb7f, HAN + 20),
    (0xb80, 0xbff, HAN + 13),
    (0xc00, 0xc7f, HAN + 14),
    (0xc80, 0xcff, HAN + 15),
    (0xd00, 0xd7f, HAN + 16),
    (0xd80, 0xdff, HAN + 21),
    (0xe01, 0xe7f, HAN + 7),
    (0xe80, 0xeff, HAN + 8),
    (0xf00, 0xfff, HAN + 11),
    (0x1000, 0x109f, HAN + 10),
    (0x10a0, 0x10ff, HAN + 6),
    (0x1100, 0x11ff, HANGUL),
    (0x1200, 0x139f, HAN + 12),
    (0x1780, 0x17ff, HAN + 9),
    (0x1c80, 0x1c8f, 1),
    (0x1e00, 0x1eff, LATIN),
    (0x1f00, 0x1fff, HAN + 3),
    (0x3041, 0x30fa, KANA),
    (0x3131, 0x318e, HANGUL),
    (0x31f0, 0x31ff, KANA),
    (0x3400, 0x4dbf, HAN),
    (0x4e00, 0x9fff, HAN),
    (0xac00, 0xd7af, HANGUL),
    (0xf900, 0xfaff, HAN),
    (0xfb50, 0xfdff, 2),
    (0xfe70, 0xfefc, 2),
    (0xff66, 0xff9f, KANA),
    (0x20000, 0x3fffd, HAN),
];

/// One kana for so many ideograms makes a text Japanese: headlines have few.
const HAN_PER_KANA: usize = 20;
/// An ideogram or a syllable says as much as so many letters.
const LETTERS_PER_SIGN: usize = 3;
/// Letters of other scripts count so much more than Latin ones, in which everybody's news names firms and products.
const OTHER_THAN_LATIN: usize = 2;

fn block(c: char) -> Option<usize> {
    let code = u32::from(c);
    let at = BLOCKS.partition_point(|(first, ..)| *first <= code).checked_sub(1)?;
    let (_, last, script) = BLOCKS[at];
    (code <= last && (script != LATIN || c.is_alphabetic())).then_some(script)
}

/// The script that holds most of the text, and how much the text says: its letters, or as many as its signs stand for.
pub(super) fn of(text: &str) -> (Script, usize) {
    let mut counts = [0_usize; SCRIPTS];
    for c in text.chars() {
        if c.is_ascii() {
            counts[LATIN] += usize::from(c.is_ascii_alphabetic());
        } else if let Some(script) = block(c) {
            counts[script] += 1;
        }
    }
    for signs in [HAN, KANA, HANGUL] {
        counts[signs] *= LETTERS_PER_SIGN;
    }
    let letters = counts.iter().sum();
    if 0 < counts[KANA] && counts[HAN] <= counts[KANA] * HAN_PER_KANA {
        counts[KANA] += std::mem::take(&mut counts[HAN]);
    }
    for count in &mut counts[LATIN + 1..] {
        *count *= OTHER_THAN_LATIN;
    }
    // Of equals the first: Latin for a text without letters.
    let most = (0..SCRIPTS).rev().max_by_key(|script| counts[*script]).unwrap_or(LATIN);
    let shared = Shared::ALL.get(most).copied().map(Script::Shared);
    (shared.unwrap_or_else(|| Script::Of(LANGUAGES[most - HAN])), letters)
}

/// True for the language of a script of its own.
pub(super) fn is_of_one(code: &str) -> bool {
    LANGUAGES.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Script, letters: usize) {
        assert_eq!(of(text), (expect, letters), "{text}");
    }

    #[test]
    fn scripts() {
        check("Zwölf, 12!", Script::Shared(Shared::Latin), 5);
        check("", Script::Shared(Shared::Latin), 0);
        check("Москва", Script::Shared(Shared::Cyrillic), 6);
        check("القاهرة", Script::Shared(Shared::Arabic), 7);
        check("दिल्ली", Script::Shared(Shared::Devanagari), 6);
        check("Αθήνα", Script::Of("el"), 5);
        check("서울", Script::Of("ko"), 6);
        check("東京で地震", Script::Of("ja"), 15);
        check("北京地震", Script::Of("zh"), 12);
        check("iPhone 17发布", Script::Of("zh"), 12);
        check("The ministry (外交部) declined to comment", Script::Shared(Shared::Latin), 37);
    }

    #[test]
    fn blocks_ascend() {
        assert!(BLOCKS.iter().all(|(first, last, script)| first <= last && *script < SCRIPTS));
        assert!(BLOCKS.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
