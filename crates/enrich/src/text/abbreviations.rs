//! Words that keep their full stop.

/// What a full stop after a word may mean besides the end of the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The word is an abbreviation that something must follow: "Mr.", "Gov.".
    Title,
    /// The word is an abbreviation that can also be the last of its sentence: "Inc.", "a.m.", "Calif.".
    Any,
    /// An abbreviation only before a figure: "No. 10", "p. 7".
    Figure,
}

/// Abbreviations in any case.
const TITLES: [&str; 42] = [
    "mr", "mrs", "ms", "mx", "dr", "prof", "gen", "col", "lt", "sgt", "capt", "cmdr", "cpl", "adm", "maj",
    "rep", "sen", "gov", "pres", "rev", "fr", "msgr", "hon", "st", "ste", "supt", "insp", "det", "atty",
    "amb", "vs", "messrs", "mme", "mlle", "sra", "e.g", "i.e", "cf", "approx", "mt", "ft", "ald",
];
/// Abbreviations that may end a sentence, in any case.
const ANYWHERE: [&str; 37] = [
    "jr", "sr", "inc", "corp", "ltd", "llc", "plc", "bros", "etc", "a.m", "p.m", "dept", "assn", "ave",
    "blvd", "rd", "jan", "feb", "apr", "aug", "sept", "sep", "oct", "nov", "dec", "tues", "thurs", "ph.d",
    "m.d", "b.a", "m.a", "mfg", "univ", "intl", "min", "hr", "esq",
];
/// Abbreviations only with a capital, since the small word is another one: "Co.", "Mass.", "Sun.".
const CAPITALISED: [&str; 48] = [
    "Co", "Calif", "Conn", "Fla", "Ga", "Ill", "Mass", "Mich", "Minn", "Okla", "Ore", "Pa", "Tenn", "Tex",
    "Va", "Vt", "Wash", "Wis", "Ariz", "Ark", "Colo", "Del", "Ind", "Kan", "Ky", "La", "Md", "Mo", "Mont",
    "Neb", "Nev", "Ala", "Miss", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jun", "Jul", "Mar", "Ont",
    "Que", "Ex", "Cie", "Pty",
];
const BEFORE_FIGURES: [&str; 8] = ["no", "nos", "p", "pp", "vol", "fig", "art", "sec"];

/// What a full stop after `word` may mean; none when it only ends a sentence.
pub(super) fn stop_after(word: &str) -> Option<Stop> {
    if 8 < word.len() {
        return None;
    }
    let small = word.to_lowercase();
    if TITLES.contains(&small.as_str()) {
        return Some(Stop::Title);
    }
    if ANYWHERE.contains(&small.as_str()) || CAPITALISED.contains(&word) {
        return Some(Stop::Any);
    }
    if BEFORE_FIGURES.contains(&small.as_str()) {
        return Some(Stop::Figure);
    }
    None
}

/// Small words whose capital tells a sentence's beginning: after "U.S." or "Inc." nothing else does.
const OPENERS: [&str; 66] = [
    "the",
    "a",
    "an",
    "in",
    "on",
    "at",
    "he",
    "she",
    "it",
    "they",
    "we",
    "i",
    "you",
    "but",
    "and",
    "or",
    "this",
    "that",
    "these",
    "those",
    "there",
    "his",
    "her",
    "their",
    "its",
    "our",
    "as",
    "for",
    "after",
    "before",
    "when",
    "while",
    "if",
    "however",
    "since",
    "under",
    "with",
    "from",
    "by",
    "to",
    "of",
    "although",
    "though",
    "because",
    "still",
    "yet",
    "so",
    "what",
    "who",
    "how",
    "why",
    "where",
    "some",
    "many",
    "most",
    "all",
    "no",
    "not",
    "one",
    "two",
    "both",
    "according",
    "also",
    "during",
    "despite",
    "last",
];

/// Whether the word, written with a capital, is likely to open a sentence.
pub(super) fn opens(word: &str) -> bool {
    word.len() <= 9 && OPENERS.contains(&word.to_lowercase().as_str())
}
