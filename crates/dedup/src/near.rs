use crate::hash;
use model::{Likeness, SLOTS, Sketch};

/// Bands over the whole text: 24 of 3 slots; pairs with a Jaccard index of .5 share one with 96 %.
const BANDS: usize = 24;
const ROWS: usize = 3;
/// Bands over the lead: 8 of 2 least hashes.
const LEAD_BANDS: u64 = 8;
/// Least number of lead shingles by which two texts may be compared.
const LEAD_MIN: usize = 8;
/// Texts with fewer words may be summaries: they are compared by the lead, too.
const SHORT_WORDS: u16 = 60;
/// Chance that two slots of 8 bits agree by accident.
const CHANCE: f32 = 1.0 / 256.0;

/// Measured in the benchmarks: at these thresholds exact shingle sets find 97 % of real pairs.
const CONTAINED: f32 = 0.7;
const CONTAINED_WITH_NUMBERS: f32 = 0.5;
const NUMBERS_SHARED: f32 = 0.9;
/// Texts with at least so many numbers are instances of a template unless they share some.
const NUMBERS_THAT_TELL: usize = 4;
const NUMBERS_SHARED_MIN: f32 = 0.3;

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
            || lead.is_some_and(|share| sums_up(a, b, share)));
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
    let (least, numbers) = numbers_shared(a, b);
    if NUMBERS_THAT_TELL <= least && numbers < NUMBERS_SHARED_MIN {
        return false;
    }
    CONTAINED <= share || (CONTAINED_WITH_NUMBERS <= share && least > 0 && NUMBERS_SHARED <= numbers)
}

/// A short text is a template more easily than a long one: all its numbers must be in the other.
fn sums_up(a: &Sketch, b: &Sketch, share: f32) -> bool {
    let (least, numbers) = numbers_shared(a, b);
    CONTAINED <= share && (least == 0 || NUMBERS_SHARED <= numbers)
}

/// What comes out every day under one headline, with other numbers in it.
fn is_column(a: &Sketch, b: &Sketch) -> bool {
    let (least, numbers) = numbers_shared(a, b);
    a.title != 0 && a.title == b.title && a.outlet == b.outlet && least > 0 && numbers < NUMBERS_SHARED
}

/// How many different numbers the side with fewer has, and the share of them that the other has, too.
fn numbers_shared(a: &Sketch, b: &Sketch) -> (usize, f32) {
    let least = a.numbers.len().min(b.numbers.len());
    (least, if least == 0 { 0.0 } else { shared(&a.numbers, &b.numbers) as f32 / least as f32 })
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
