use crate::body;
use crate::fold;
use crate::hash::{self, Words};
use model::{Article, Gist, LEAD_MAX, NUMBERS_MAX, SLOTS, Sketch};

/// Words in a shingle.
const SHINGLE: usize = 3;
/// Texts with fewer words are compared by their lead only.
const WORDS_MIN: usize = 40;
/// Words of a text that are read; what lies beyond adds time and hardly any shingle that decides.
const WORDS_MAX: usize = 20_000;
/// Each bin holds 2^57 hashes: the upper 7 bits choose one of [`SLOTS`].
const BIN_SHIFT: u32 = 64 - SLOTS.trailing_zeros();

/// What is kept of an article's text, without what `is_boilerplate` knows (see [`crate::paragraphs`]).
/// `seed` is the store's own. Without a text the summary stands in; none: there is neither.
pub fn sketch(article: &Article, seed: u64, is_boilerplate: &dyn Fn(u32) -> bool) -> Option<Sketch> {
    let text = [&article.text, &article.summary].into_iter().flatten().find(|text| !text.is_empty())?;
    let own = body::own(text, is_boilerplate);
    let words = word_hashes(&own, seed);
    if words.is_empty() {
        return None;
    }
    let mut shingles: Vec<u64> = words.windows(SHINGLE).map(|w| hash::shingle(w[0], w[1], w[2])).collect();
    let mut lead: Vec<u16> = shingles.iter().take(LEAD_MAX).map(|hash| *hash as u16).collect();
    lead.sort_unstable();
    lead.dedup();
    shingles.sort_unstable();
    shingles.dedup();
    let is_whole = WORDS_MIN <= words.len();
    Some(Sketch {
        slots: if is_whole { slots(&shingles) } else { [0; SLOTS] },
        shingles: if is_whole { saturated(shingles.len()) } else { 0 },
        words: saturated(words.len()),
        lead,
        numbers: numbers(&own, seed),
        title: article.title.as_deref().map_or(0, |title| folded(title, seed)),
        outlet: article.outlet.domain.as_deref().map_or(0, |domain| hash::of(domain, seed) as u32 | 1),
    })
}

/// Every fourth slot of a sketch; none for a text that is too short.
pub fn gist(sketch: &Sketch) -> Option<Gist> {
    let mut gist = [0; 32];
    gist.iter_mut().zip(sketch.slots.iter().step_by(SLOTS / 32)).for_each(|(to, from)| *to = *from);
    (sketch.shingles > 0).then_some(Gist(gist))
}

fn saturated(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn folded(text: &str, seed: u64) -> u32 {
    let mut out = String::new();
    if fold::words(text, &mut out) == 0 { 0 } else { hash::of(&out, seed) as u32 | 1 }
}

fn word_hashes(paragraphs: &[&str], seed: u64) -> Vec<u64> {
    let words = Words::new(seed);
    let (mut hashes, mut folded) = (Vec::new(), String::new());
    for paragraph in paragraphs {
        folded.clear();
        fold::words(paragraph, &mut folded);
        for word in folded.split(' ').filter(|word| !word.is_empty()) {
            if fold::is_unspaced(word) {
                let mut letter = [0; 4];
                hashes.extend(word.chars().map(|c| words.of(c.encode_utf8(&mut letter))));
            } else {
                hashes.push(words.of(word));
            }
        }
        if WORDS_MAX <= hashes.len() {
            hashes.truncate(WORDS_MAX);
            break;
        }
    }
    hashes
}

/// The least hash of each bin; empty bins borrow from full ones, in an order that is the same for all texts.
fn slots(shingles: &[u64]) -> [u8; SLOTS] {
    let mut least = [u64::MAX; SLOTS];
    for hash in shingles {
        let bin = &mut least[(hash >> BIN_SHIFT) as usize];
        *bin = (*bin).min(*hash);
    }
    let full = least;
    for (bin, value) in least.iter_mut().enumerate().filter(|(bin, _)| full[*bin] == u64::MAX) {
        let mut probes = (1_u64..).map(|attempt| full[probe(bin, attempt)]);
        *value = probes.find(|value| *value != u64::MAX).unwrap_or_default();
    }
    least.map(|value| value as u8)
}

/// The bin that is asked on the given attempt to fill an empty one. A full one is found sooner or later
/// because there is one: texts of no shingle have no slots.
fn probe(bin: usize, attempt: u64) -> usize {
    (hash::mix((attempt << 8) | bin as u64) >> BIN_SHIFT) as usize
}

/// Set in the hash of a year, and of no other number: years repeat from text to text and say less.
pub(crate) const YEAR: u16 = 1;

fn numbers(paragraphs: &[&str], seed: u64) -> Vec<u16> {
    let words = Words::new(seed ^ 1);
    let mut found: Vec<u16> = Vec::new();
    for paragraph in paragraphs {
        each_number(paragraph, |number| {
            let year = if is_year(number) { YEAR } else { 0 };
            found.push((words.of(number) as u16 & !YEAR) | year);
        });
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(NUMBERS_MAX);
    found
}

fn each_number(text: &str, mut each: impl FnMut(&str)) {
    let mut number = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if let Some(digit) = letter.to_digit(10) {
            number.extend(char::from_digit(digit, 10));
        } else if !number.is_empty() {
            let goes_on = letters.peek().is_some_and(char::is_ascii_digit);
            match letter {
                ',' if goes_on => continue,
                '.' if goes_on => number.push('.'),
                _ => {
                    tell(&number, &mut each);
                    number.clear();
                }
            }
        }
    }
    tell(&number, &mut each);
}

fn tell(number: &str, each: &mut impl FnMut(&str)) {
    let plain = number.trim_start_matches('0');
    if !plain.is_empty() {
        each(plain);
    }
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::article;
    use proptest::prelude::*;

    fn of(text: &str) -> Sketch {
        sketch(&article(|a| a.text = Some(text.into())), 7, &|_| false).unwrap()
    }

    fn words(from: u32, to: u32) -> String {
        (from..to).map(|n| format!("w{n} ")).collect()
    }

    #[test]
    fn slots_estimate_the_jaccard_index() {
        let (a, b) = (of(&words(0, 400)), of(&words(100, 500)));
        let same = a.slots.iter().zip(&b.slots).filter(|(a, b)| a == b).count();
        // 298 of 498 shingles are shared: .598, give or take three times .043.
        assert!((60..=94).contains(&same), "{same} of 128");
        assert_eq!((a.shingles, a.words), (398, 400));
    }

    #[test]
    fn short_texts_have_a_lead_only() {
        let short = of(&words(0, 39));
        assert_eq!((short.shingles, gist(&short)), (0, None));
        assert_eq!(short.lead.len(), 32);
        assert!(gist(&of(&words(0, 40))).is_some());
        assert_eq!(of("word").lead, [0_u16; 0]);
        assert_eq!(sketch(&article(|a| a.text = Some(String::new())), 7, &|_| false), None);
        assert_eq!(sketch(&article(|a| a.text = Some("… — !".into())), 7, &|_| false), None);
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let mut found = Vec::new();
        each_number("1,234 dead, 5.2% up; 2026-11-24 at 07:30, 3rd. Pi 3.14.", |n| found.push(n.to_owned()));
        assert_eq!(found, ["1234", "5.2", "2026", "11", "24", "7", "30", "3", "3.14"]);
    }

    #[test]
    fn the_seed_is_the_store_s() {
        let text = article(|a| a.text = Some(words(0, 100)));
        assert_ne!(sketch(&text, 1, &|_| false), sketch(&text, 2, &|_| false));
    }

    #[test]
    fn scripts_without_spaces_have_words_too() {
        let a = of(&"北京市政府周二宣布新的交通管理办法将于下月开始实施".repeat(3));
        assert!(40 <= a.words);
        assert!(a.shingles > 0);
    }

    proptest! {
        #[test]
        fn any_text_has_a_sketch_or_none(text in "\\PC{0,300}") {
            let _ = sketch(&article(|a| a.text = Some(text)), 3, &|hash| hash % 2 == 0);
        }
    }
}
