use crate::hash;
use crate::sketch::YEAR;
use model::{Likeness, SLOTS, Sketch};

/// Bands over the whole text: 24 of 3 slots; pairs with a Jaccard index of .5 share one with 96 %.
const BANDS: usize = 24;
const ROWS: usize = 3;
/// Bands over the lead: 8 of 2 least hashes.
const LEAD_BANDS: u64 = 8;
/// Least number of lead shingles by which two texts may be compared.
const LEAD_MIN: usize = 8;
/// Texts with fewer words may be summaries: they are compared by the lead, too, and less of them proves less.
const SHORT_WORDS: u16 = 60;
/// Chance that two slots of 8 bits agree by accident.
const CHANCE: f32 = 1.0 / 256.0;

/// Measured in the benchmarks: at these thresholds exact shingle sets find 97 % of real pairs.
const CONTAINED: f32 = 0.7;
/// Enough when something else speaks for it: the numbers, or the beginning. Not in a short text: half of it is
/// a sentence or two, and whoever quotes those takes their numbers along.
const CONTAINED_WITH_EVIDENCE: f32 = 0.5;
const NUMBERS_SHARED: f32 = 0.9;
const LEAD_SHARED: f32 = 0.35;
/// Enough of the lead of the shorter, when it is so short that a sentence is much of it.
const LEAD_CONTAINED: f32 = 0.75;
/// What of a short text, where it is long enough to tell, has to be in the one that it sums up.
const SUMMED_UP: f32 = 0.7;
/// Several numbers in common say as much, even if some were brought up to date.
const SEVERAL_NUMBERS: usize = 3;
const SEVERAL_SHARED: f32 = 0.6;
/// Texts with at least two numbers each are instances of a template when they share none, texts with at least
/// three when they share less than this. (With .3 from four on, as in the literature's sets, 97 % of
/// same-template pairs stay apart; small numbers meet by chance.)
const NUMBERS_SHARED_MIN: f32 = 0.5;
const NUMBERS_THAT_TELL: usize = 3;
/// Two texts of one outlet that begin differently share what the outlet puts under all of them, unless they
/// share more shingles than that is long.
const OUTLET_LEAD_SHARED_MIN: f32 = 0.3;
const OUTLET_COMMON_MAX: f32 = 150.0;

/// Where a sketch is looked for and put: hashes that two texts share the more likely the more they have in
/// common. Appended to `out`; at most 32.
pub fn bands(sketch: &Sketch, out: &mut Vec<u32>) {
    if sketch.shingles > 0 {
        for band in 0..BANDS {
            let rows = &sketch.slots[band * ROWS..(band + 1) * ROWS];
            let bits = rows.iter().fold(band as u64 + 1, |bits, slot| (bits << 8) | u64::from(*slot));
            out.push((hash::mix(bits) >> 32) as u32);
        }
    }
    if LEAD_MIN <= sketch.lead.len() {
        for band in 0..LEAD_BANDS {
            let least = |row: u64| {
                let salt = (band << 1 | row) << 16;
                sketch.lead.iter().map(|hash| hash::mix(salt | u64::from(*hash) | 1 << 40)).min().unwrap_or(0)
            };
            out.push((hash::mix(least(0) ^ least(1).rotate_left(32) ^ (band << 8)) >> 32) as u32);
        }
    }
}

/// How two texts resemble each other, and whether one repeats the other.
pub fn compare(a: &Sketch, b: &Sketch) -> Likeness {
    let whole = (a.shingles > 0 && b.shingles > 0).then(|| whole(a, b));
    let lead = (a.words.min(b.words) < SHORT_WORDS).then(|| lead(a, b)).flatten();
    let containment = whole.unwrap_or(0.0).max(lead.unwrap_or(0.0));
    let is_near = !is_column(a, b)
        && (whole.is_some_and(|share| repeats(a, b, share))
            || lead
                .is_some_and(|share| whole.is_none_or(|whole| SUMMED_UP <= whole) && sums_up(a, b, share)));
    Likeness { containment, is_near }
}

/// C = J / (1 + J) · (|A| + |B|) / min(|A|, |B|), with J estimated from the slots that agree.
fn whole(a: &Sketch, b: &Sketch) -> f32 {
    let same = a.slots.iter().zip(&b.slots).filter(|(a, b)| a == b).count() as f32 / SLOTS as f32;
    let jaccard = ((same - CHANCE) / (1.0 - CHANCE)).max(0.0);
    let (a, b) = (f32::from(a.shingles), f32::from(b.shingles));
    (jaccard / (1.0 + jaccard) * (a + b) / a.min(b)).min(1.0)
}

fn lead(a: &Sketch, b: &Sketch) -> Option<f32> {
    let least = a.lead.len().min(b.lead.len());
    (LEAD_MIN <= least).then(|| shared(&a.lead, &b.lead) as f32 / least as f32)
}

fn repeats(a: &Sketch, b: &Sketch, share: f32) -> bool {
    let lead = lead(a, b).unwrap_or(0.0);
    let common = share * f32::from(a.shingles.min(b.shingles));
    let is_all_boilerplate =
        is_one_outlet(a, b) && lead < OUTLET_LEAD_SHARED_MIN && common <= OUTLET_COMMON_MAX;
    if is_all_boilerplate || is_template(a, b) {
        return false;
    }
    let (least, numbers) = numbers_shared(a, b, false);
    let has_several = SEVERAL_SHARED <= numbers && SEVERAL_NUMBERS as f32 <= numbers * least as f32 + 0.1;
    let has_all = 0 < least && NUMBERS_SHARED <= numbers;
    let is_long = SHORT_WORDS <= a.words.min(b.words);
    let has_evidence = is_long && (LEAD_SHARED <= lead || has_all || has_several);
    CONTAINED <= share || (CONTAINED_WITH_EVIDENCE <= share && has_evidence)
}

/// A short text is a template more easily than a long one: all its numbers must be in the other.
fn sums_up(a: &Sketch, b: &Sketch, share: f32) -> bool {
    let (least, numbers) = numbers_shared(a, b, false);
    LEAD_CONTAINED <= share && (least == 0 || NUMBERS_SHARED <= numbers) && !is_template(a, b)
}

/// The same words about other figures, with years among them or without.
fn is_template(a: &Sketch, b: &Sketch) -> bool {
    [false, true].into_iter().any(|with_years| {
        let (least, share) = numbers_shared(a, b, with_years);
        (2 <= least && share == 0.0) || (NUMBERS_THAT_TELL <= least && share < NUMBERS_SHARED_MIN)
    })
}

fn is_one_outlet(a: &Sketch, b: &Sketch) -> bool {
    a.outlet != 0 && a.outlet == b.outlet
}

/// What comes out every day under one headline, with other numbers in it.
fn is_column(a: &Sketch, b: &Sketch) -> bool {
    let (least, numbers) = numbers_shared(a, b, false);
    a.title != 0 && a.title == b.title && a.outlet == b.outlet && least > 0 && numbers < NUMBERS_SHARED
}

/// How many different numbers the side with fewer has, and the share of them that the other has, too.
fn numbers_shared(a: &Sketch, b: &Sketch, with_years: bool) -> (usize, f32) {
    let counts = |number: &&u16| with_years || *number & YEAR == 0;
    let count = |sketch: &Sketch| sketch.numbers.iter().filter(counts).count();
    let least = count(a).min(count(b));
    let shared = a.numbers.iter().filter(counts).filter(|number| b.numbers.contains(number)).count();
    (least, if least == 0 { 0.0 } else { shared as f32 / least as f32 })
}

/// Elements that two ascending lists share.
fn shared(a: &[u16], b: &[u16]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        count += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::article;
    use crate::sketch::sketch;

    fn words(from: u32, to: u32) -> String {
        let letters =
            |n: u32| -> String { n.to_string().bytes().map(|digit| (digit + 49) as char).collect() };
        (from..to).map(|n| letters(n) + " ").collect()
    }

    fn check(a: (&str, &str, String), b: (&str, &str, String), expect: bool) {
        let of = |(outlet, title, text): &(&str, &str, String)| {
            let made = article(|a| {
                a.outlet.domain = Some((*outlet).to_owned());
                a.title = Some((*title).to_owned());
                a.text = Some(text.clone());
            });
            sketch(&made, 5, &|_| false).unwrap()
        };
        let (x, y) = (of(&a), of(&b));
        assert_eq!(compare(&x, &y).is_near, expect, "{a:?} and {b:?}: {:?}", compare(&x, &y));
        assert_eq!(compare(&x, &y), compare(&y, &x));
    }

    #[test]
    fn edited_copies_are_near_and_the_same_words_about_other_figures_are_not() {
        let text = |from: u32, numbers: &str| words(from, from + 200) + numbers;
        check(("a", "one", text(0, "")), ("b", "two", text(15, "")), true);
        check(("a", "one", text(0, "")), ("b", "two", text(150, "")), false);
        check(("a", "one", text(0, "17 of 1,234")), ("b", "two", text(0, "19 of 5,678")), false);
        check(("a", "one", text(0, "17 of 1,234")), ("b", "two", text(0, "17 of 5,678")), true);
        check(("a", "one", text(0, "17 in 2026, 99")), ("b", "two", text(0, "18 in 2026, 98")), false);
    }

    #[test]
    fn a_column_of_one_outlet_is_never_merged() {
        let text = |number: u32| words(0, 200) + &format!("{number} 500 600 700");
        check(("a", "Morning briefing", text(41)), ("a", "Morning briefing", text(42)), false);
        check(("a", "Morning briefing", text(41)), ("b", "Morning briefing", text(42)), true);
    }

    #[test]
    fn what_an_outlet_puts_under_everything_is_no_repetition() {
        let text = |from: u32| words(from, from + 45) + &words(9000, 9120);
        check(("a", "one", text(0)), ("a", "two", text(500)), false);
        let taken_up = words(500, 600) + &words(0, 300);
        check(("a", "one", words(0, 300)), ("a", "two", taken_up), true);
    }

    #[test]
    fn short_texts_that_share_a_sentence_are_two() {
        let text = |from: u32| words(0, 24) + &words(from, from + 24);
        check(("a", "one", text(100)), ("b", "two", text(200)), false);
        check(("a", "one", text(100)), ("b", "two", words(0, 24) + &words(300, 600)), false);
        // Nor does a number in that sentence make them one: C is .6.
        let with_number = |from: u32| words(0, 29) + "7 " + &words(from, from + 20);
        check(("a", "one", with_number(100)), ("b", "two", with_number(200)), false);
        check(("a", "one", with_number(100)), ("b", "two", words(300, 600) + &words(0, 29) + "7"), false);
    }

    #[test]
    fn numbers_in_common_speak_for_a_text_that_was_much_edited() {
        // A third of the words are others, from the beginning on: C is .65.
        let text = |from: u32, numbers: &str| words(from, from + 200) + numbers;
        let numbers = ["7 80 900 1,000 1,100", "7 80 900 1,000 1,200", "7 81 901 1,001 1,201"];
        check(("a", "one", text(0, numbers[0])), ("b", "two", text(70, numbers[1])), true);
        check(("a", "one", text(0, numbers[0])), ("b", "two", text(70, numbers[2])), false);
    }

    #[test]
    fn a_summary_repeats_its_article_unless_its_figures_are_others() {
        let long = words(0, 30) + "12 " + &words(30, 300);
        check(("a", "one", long.clone()), ("b", "two", words(0, 30) + "12"), true);
        check(("a", "one", long.clone()), ("b", "two", words(0, 30) + "13"), false);
        check(("a", "one", long), ("b", "two", words(1000, 1030)), false);
    }

    #[test]
    fn likely_pairs_share_bands_and_strangers_do_not() {
        let of =
            |from: u32| sketch(&article(|a| a.text = Some(words(from, from + 300))), 5, &|_| false).unwrap();
        let bands_of = |from: u32| {
            let mut out = Vec::new();
            bands(&of(from), &mut out);
            out
        };
        let shared = |a: &[u32], b: &[u32]| a.iter().filter(|hash| b.contains(hash)).count();
        assert_eq!(bands_of(0).len(), 32);
        assert!(3 < shared(&bands_of(0), &bands_of(30)));
        assert_eq!(shared(&bands_of(0), &bands_of(5000)), 0);
    }
}
