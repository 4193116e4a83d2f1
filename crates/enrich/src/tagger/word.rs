//! What a single word shows: its letters, its shape, its clusters, its lists.

use super::lexicon::{Clusters, Kinds, Lexicon, NAME_SEED, chain};
use crate::packed::{ByHash, hash, mix};
use crate::text::Forms;
use std::sync::LazyLock;

/// How a word uses capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Case {
    /// No capital, or not a word of letters.
    #[default]
    Small = 0,
    /// The first letter only.
    First = 1,
    /// All letters, two or more.
    All = 2,
    /// Begins with a figure.
    Figure = 3,
    /// A mark.
    Mark = 4,
    /// Inside only: "iPhone", "al-Hayya".
    Inside = 5,
    /// The first letter, in a headline where nearly all words have one.
    Headline = 6,
}

/// A word's own evidence, the same wherever it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    /// Hash as written.
    pub(super) exact: u64,
    /// Hash in lower case, figures as 0.
    pub(super) small: u64,
    pub(super) shape: u64,
    /// The shape with repetitions squeezed.
    pub(super) short_shape: u64,
    pub(super) case: Case,
    /// Hashes of the first 1 to 4 letters; 0 where the word is shorter.
    pub(super) prefixes: [u64; 4],
    pub(super) suffixes: [u64; 4],
    pub(super) clusters: Clusters,
    /// Kinds of name that the word alone is listed as.
    pub(super) kinds: Kinds,
    /// What the word says about its neighbours: bits of `CUES`, and `FIGURE`.
    pub(super) cues: u16,
    /// Small words that names have inside: "of", "for", "de".
    pub(super) links: bool,
    /// Which word of the document it is when capitals do not matter.
    pub(super) lemma: u32,
}

/// What small words say of their neighbours, by the word's hash. Before a person: bit 0. After one, of speech: bit 1.
/// Before a place: bit 2. "the": bit 3. "'s": bit 4. "(": bit 5. ")": bit 6. ",": bit 7. "of": bit 8.
/// Inside of names: `LINK`.
static CUES: LazyLock<ByHash<u16>> = LazyLock::new(|| {
    let marks: [&[&str]; 9] =
        [&TITLES, &SPEECH, &PLACE, &["the"], &["'s", "’s"], &["("], &[")"], &[","], &["of"]];
    let mut cues = ByHash::default();
    let marked = marks.iter().zip(0..).map(|(words, bit)| (*words, 1 << bit));
    for (words, cue) in marked.chain([(&LINKS[..], LINK)]) {
        for word in words {
            *cues.entry(hash(word.as_bytes())).or_default() |= cue;
        }
    }
    cues
});
const LINK: u16 = 1 << 14;
/// The word is a figure.
const FIGURE: u16 = 1 << 9;

const TITLES: [&str; 52] = [
    "mr",
    "mr.",
    "mrs",
    "mrs.",
    "ms",
    "ms.",
    "dr",
    "dr.",
    "prof",
    "prof.",
    "professor",
    "sir",
    "lord",
    "lady",
    "dame",
    "president",
    "minister",
    "premier",
    "chancellor",
    "governor",
    "gov.",
    "senator",
    "sen.",
    "rep.",
    "mayor",
    "judge",
    "justice",
    "king",
    "queen",
    "prince",
    "princess",
    "pope",
    "bishop",
    "archbishop",
    "cardinal",
    "general",
    "gen.",
    "colonel",
    "col.",
    "captain",
    "sgt.",
    "lt.",
    "maj.",
    "spokesman",
    "spokeswoman",
    "spokesperson",
    "secretary",
    "chairman",
    "coach",
    "striker",
    "actor",
    "singer",
];
const SPEECH: [&str; 24] = [
    "said",
    "says",
    "told",
    "tells",
    "added",
    "adds",
    "wrote",
    "tweeted",
    "asked",
    "argued",
    "insisted",
    "explained",
    "recalled",
    "testified",
    "joked",
    "vowed",
    "replied",
    "who",
    "whose",
    "himself",
    "herself",
    "née",
    "aged",
    "jr.",
];
const PLACE: [&str; 20] = [
    "in",
    "at",
    "near",
    "from",
    "across",
    "outside",
    "inside",
    "around",
    "throughout",
    "toward",
    "towards",
    "visit",
    "visited",
    "city",
    "town",
    "village",
    "capital",
    "northern",
    "southern",
    "downtown",
];
const LINKS: [&str; 10] = ["of", "for", "de", "du", "del", "la", "le", "&", "da", "dos"];

/// Reads one word. In a headline a first capital means less, and words in capitals are read as if they had
/// only the first.
pub(super) fn read(lexicon: &Lexicon, written: &str, headline: bool, forms: &Forms, form: u32) -> Word {
    let lemma = forms.lemma(form);
    let small = forms.small(lemma);
    let recased;
    let (shown, exact) = if headline && 3 < written.len() && case(written) == Case::All {
        recased = title_case(written, small);
        (recased.as_str(), hash(recased.as_bytes()))
    } else {
        (written, forms.hash(form))
    };
    let (shape, short_shape) = shapes(shown);
    let zeroed;
    let has_figures = small.bytes().any(|b| b.is_ascii_digit());
    let (plain, small_hash) = if has_figures {
        zeroed = small.replace(|c: char| c.is_ascii_digit(), "0");
        (zeroed.as_str(), hash(zeroed.as_bytes()))
    } else {
        (small, forms.small_hash(lemma))
    };
    let (prefixes, suffixes) = affixes(plain);
    let case = match case(shown) {
        Case::First if headline => Case::Headline,
        other => other,
    };
    let cues = CUES.get(&forms.small_hash(lemma)).copied().unwrap_or_default();
    Word {
        exact,
        small: small_hash,
        shape,
        short_shape,
        case,
        prefixes,
        suffixes,
        clusters: lexicon.clusters(exact, forms.small_hash(lemma)),
        kinds: lexicon.name(chain(NAME_SEED, exact)).kinds,
        cues: cues & !LINK | if small.starts_with(|c: char| c.is_ascii_digit()) { FIGURE } else { 0 },
        links: cues & LINK != 0,
        lemma,
    }
}

fn title_case(written: &str, small: &str) -> String {
    let head = written.chars().next().map_or(0, char::len_utf8);
    let rest = small.get(head..).unwrap_or_default();
    format!("{}{rest}", &written[..head])
}

/// How the word uses capitals, headlines aside.
pub(super) fn case(word: &str) -> Case {
    let Some(first) = word.chars().next() else { return Case::Mark };
    if word.is_ascii() {
        let upper = word.bytes().filter(u8::is_ascii_uppercase).count();
        let lower = word.bytes().any(|b| b.is_ascii_lowercase());
        return sort(first, upper, lower, word.len());
    }
    let upper = word.chars().filter(|c| c.is_uppercase()).count();
    sort(first, upper, word.chars().any(char::is_lowercase), word.chars().count())
}

fn sort(first: char, upper: usize, lower: bool, length: usize) -> Case {
    if upper != 0 && !lower && 1 < length {
        Case::All
    } else if first.is_uppercase() {
        Case::First
    } else if first.is_ascii_digit() {
        Case::Figure
    } else if !first.is_alphanumeric() {
        Case::Mark
    } else if upper != 0 {
        Case::Inside
    } else {
        Case::Small
    }
}

/// The word's shape, at most 12 signs, and the same with repetitions squeezed.
fn shapes(word: &str) -> (u64, u64) {
    let (mut long, mut short) = (1, 2);
    let mut last = '\0';
    for (at, c) in word.chars().enumerate() {
        let sign = match c {
            _ if c.is_uppercase() => 'X',
            _ if c.is_lowercase() => 'x',
            _ if c.is_ascii_digit() => 'd',
            '’' => '\'',
            _ => c,
        };
        if at < 12 {
            long = mix(long, u64::from(sign));
        }
        if sign != last {
            short = mix(short, u64::from(sign));
            last = sign;
        }
    }
    (long, short)
}

/// Hashes of the first and last 1 to 4 letters.
fn affixes(word: &str) -> ([u64; 4], [u64; 4]) {
    let (mut prefixes, mut suffixes) = ([0; 4], [0; 4]);
    for ((at, c), slot) in word.char_indices().zip(&mut prefixes) {
        *slot = hash(&word.as_bytes()[..at + c.len_utf8()]);
    }
    for ((at, _), slot) in word.char_indices().rev().zip(&mut suffixes) {
        *slot = hash(&word.as_bytes()[at..]);
    }
    (prefixes, suffixes)
}
