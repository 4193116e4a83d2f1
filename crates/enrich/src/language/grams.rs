//! What the model sees of a text: runs of letters within words, a word's borders being letters too, and words.

use super::script::Shared;

/// Longest run of letters.
pub(super) const ORDER: usize = 5;
/// Letters of a word that are looked at.
const WORD_MAX: usize = 30;
/// What stands for a word's border.
const BORDER: u32 = ' ' as u32;
const SEED: u32 = 0x9e37_79b9;

/// One letter more.
#[inline]
fn step(state: u32, letter: u32) -> u32 {
    let mixed = (state ^ letter).wrapping_mul(0x85eb_ca6b);
    mixed ^ (mixed >> 13)
}

/// The feature of a run that has ended. The upper bits are the best mixed.
#[inline]
fn feature(state: u32) -> u32 {
    state.wrapping_mul(0xc2b2_ae35)
}

/// The feature of one run, in lower case and without borders.
#[cfg(feature = "train")]
pub(super) fn of_run(run: &str) -> u32 {
    feature(run.chars().fold(SEED, |state, letter| step(state, u32::from(letter))))
}

/// Shows `see` the features of all words in `script`, in the order of the text.
#[inline]
pub(super) fn each(text: &str, script: Shared, mut see: impl FnMut(u32)) {
    let mut letters = [BORDER; WORD_MAX + 2];
    let mut length = 0;
    for c in text.chars().chain([' ']) {
        if script.holds(c) {
            if length < WORD_MAX {
                length += 1;
                letters[length] = lower(c);
            }
        } else if 0 < length {
            letters[length + 1] = BORDER;
            word(&letters[..length + 2], &mut see);
            length = 0;
        }
    }
}

#[inline]
fn lower(c: char) -> u32 {
    if c.is_ascii() {
        return u32::from(c.to_ascii_lowercase());
    }
    u32::from(c.to_lowercase().next().unwrap_or(c))
}

#[inline]
fn word(letters: &[u32], see: &mut impl FnMut(u32)) {
    for start in 0..letters.len() - 1 {
        let mut state = SEED;
        for (at, letter) in letters[start..].iter().take(ORDER).enumerate() {
            state = step(state, *letter);
            // A border alone says nothing.
            if 0 < at || 0 < start {
                see(feature(state));
            }
        }
    }
    if ORDER < letters.len() {
        see(feature(letters.iter().fold(SEED, |state, letter| step(state, *letter))));
    }
}
