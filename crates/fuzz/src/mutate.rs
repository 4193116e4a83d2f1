//! Inputs from a corpus: bytes flipped, pieces cut, doubled, swapped, words thrown in, inputs crossed.

/// A small seeded generator (splitmix64): the same seed gives the same inputs on every machine.
struct Chance(u64);

impl Chance {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`; 0 when `end` is 0.
    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.draw() % end as u64) as usize }
    }

    /// A piece of `length` bytes: most are short, some are long.
    fn piece(&mut self, length: usize) -> std::ops::Range<usize> {
        let at = self.below(length + 1);
        let most = [1, 4, 16, 64, 1024][self.below(5)];
        at..length.min(at + 1 + self.below(most))
    }
}

/// Input `number` of `seed`.
pub(crate) fn input(
    corpus: &[Vec<u8>],
    words: &[&str],
    seed: u64,
    number: u64,
    length_max: usize,
) -> Vec<u8> {
    let mut chance = Chance(seed.rotate_left(32) ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03));
    let mut input = corpus[chance.below(corpus.len())].clone();
    input.truncate(length_max);
    for _ in 0..1 + chance.below([1, 3, 8, 24][chance.0 as usize % 4]) {
        let piece = chance.piece(input.len());
        let at = piece.start;
        match chance.below(10) {
            0 if at < input.len() => input[at] = (chance.draw() & 0xff) as u8,
            1 if at < input.len() => input[at] ^= 1 << chance.below(8),
            2 => _ = input.drain(piece),
            3 => {
                let doubled = input[piece].repeat(1 + chance.below(3));
                input.splice(at..at, doubled);
            }
            4 => {
                let moved: Vec<u8> = input.drain(piece).collect();
                let to = chance.below(input.len() + 1);
                input.splice(to..to, moved);
            }
            5 => {
                let other = &corpus[chance.below(corpus.len())];
                let crossed = other[chance.piece(other.len())].to_vec();
                input.splice(piece, crossed);
            }
            6 if chance.below(8) == 0 => input.truncate(at),
            7 if chance.below(4) == 0 && !words.is_empty() => {
                let many = words[chance.below(words.len())].repeat(1 + chance.below(3_000));
                input.splice(at..at, many.bytes());
            }
            _ if !words.is_empty() => {
                let word = words[chance.below(words.len())];
                input.splice(at..at, word.bytes());
            }
            _ => input.push((chance.draw() & 0xff) as u8),
        }
        input.truncate(length_max);
    }
    input
}
