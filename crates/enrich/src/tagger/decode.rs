//! From scores to labels: a linear chain.

use super::labels::{LABELS, OUTSIDE, may_follow};

/// Scores of one token's labels; outside is 0.
pub(super) type Scores = [f32; LABELS];

/// Score of each label after each other; the last row is the sentence's beginning.
pub(super) type Transitions = [[f32; LABELS]; LABELS + 1];

/// The row of `Transitions` for the beginning.
pub(super) const BEGINNING: usize = LABELS;

/// Never.
const NEVER: f32 = -1e9;

/// Makes what must not follow impossible.
pub(super) fn forbid(transitions: &mut Transitions) {
    for (before, row) in transitions.iter_mut().enumerate() {
        for (label, score) in row.iter_mut().enumerate() {
            // Nothing has begun at the beginning: it counts as outside.
            if !may_follow(if before == BEGINNING { OUTSIDE } else { before }, label) {
                *score = NEVER;
            }
        }
    }
}

/// Working memory of the decoder.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    back: Vec<[u8; LABELS]>,
    forward: Vec<Scores>,
    backward: Vec<Scores>,
    local: Vec<Scores>,
}

/// The best sequence of labels (Viterbi). `before` is the label in front of the first token.
pub(super) fn best(
    scores: &[Scores],
    transitions: &Transitions,
    before: usize,
    room: &mut Room,
    path: &mut Vec<u8>,
) {
    path.clear();
    path.resize(scores.len(), 0);
    let Some(first) = scores.first() else { return };
    room.back.clear();
    room.back.resize(scores.len(), [0; LABELS]);
    let mut now: Scores = std::array::from_fn(|label| first[label] + transitions[before][label]);
    for (at, score) in scores.iter().enumerate().skip(1) {
        let mut next = [NEVER; LABELS];
        for label in 0..LABELS {
            let (mut from, mut top) = (0, f32::MIN);
            for before in 0..LABELS {
                let value = now[before] + transitions[before][label];
                if top < value {
                    (from, top) = (before, value);
                }
            }
            next[label] = top + score[label];
            room.back[at][label] = from as u8;
        }
        now = next;
    }
    let mut label = (1..LABELS).fold(0, |top, label| if now[top] < now[label] { label } else { top });
    for at in (0..scores.len()).rev() {
        path[at] = label as u8;
        label = usize::from(room.back[at][label]);
    }
}

/// The probability of each label at each token (forward-backward, scaled at each token). Labels outside
/// `allowed` (one bit each) do not count. Returns the logarithm of the sum over all sequences.
pub(super) fn marginals(
    scores: &[Scores],
    odds: &Transitions,
    before: usize,
    allowed: impl Fn(usize) -> u16,
    room: &mut Room,
    out: &mut Vec<Scores>,
) -> f64 {
    let length = scores.len();
    room.forward.clear();
    room.local.clear();
    room.backward.clear();
    room.backward.resize(length, [1.0; LABELS]);
    out.clear();
    let mut log_sum = 0.0_f64;
    let mut last: Scores = odds[before];
    for (at, score) in scores.iter().enumerate() {
        let top = score.iter().copied().fold(f32::MIN, f32::max);
        let mask = allowed(at);
        let local: Scores =
            std::array::from_fn(
                |label| if mask >> label & 1 == 1 { (score[label] - top).exp() } else { 0.0 },
            );
        let mut now = [0.0; LABELS];
        if at == 0 {
            now = std::array::from_fn(|label| last[label] * local[label]);
        } else {
            for (from, weight) in last.iter().enumerate() {
                for label in 0..LABELS {
                    now[label] += weight * odds[from][label];
                }
            }
            for label in 0..LABELS {
                now[label] *= local[label];
            }
        }
        let sum: f32 = now.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        now.iter_mut().for_each(|value| *value /= sum);
        log_sum += f64::from(sum.ln()) + f64::from(top);
        room.forward.push(now);
        room.local.push(local);
        last = now;
    }
    for at in (0..length.saturating_sub(1)).rev() {
        let after: Scores =
            std::array::from_fn(|label| room.backward[at + 1][label] * room.local[at + 1][label]);
        let mut now = [0.0; LABELS];
        for (from, value) in now.iter_mut().enumerate() {
            for label in 0..LABELS {
                *value += odds[from][label] * after[label];
            }
        }
        let sum: f32 = now.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        now.iter_mut().for_each(|value| *value /= sum);
        room.backward[at] = now;
    }
    for at in 0..length {
        let joint: Scores = std::array::from_fn(|label| room.forward[at][label] * room.backward[at][label]);
        let sum: f32 = joint.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        out.push(joint.map(|value| value / sum));
    }
    log_sum
}

/// The probabilities' side of the transitions: each score's exponential, 0 for what must not follow.
pub(super) fn odds(transitions: &Transitions) -> Transitions {
    transitions.map(|row| row.map(f32::exp))
}

/// The probability of each pair of labels at a token, not the first, and the one before it, after `marginals`.
pub(super) fn pairs(room: &Room, odds: &Transitions, at: usize) -> [Scores; LABELS] {
    let mut out = [[0.0; LABELS]; LABELS];
    let mut sum = f32::MIN_POSITIVE;
    for (from, row) in out.iter_mut().enumerate() {
        for (label, value) in row.iter_mut().enumerate() {
            *value = room.forward[at - 1][from]
                * odds[from][label]
                * room.local[at][label]
                * room.backward[at][label];
            sum += *value;
        }
    }
    out.map(|row| row.map(|value| value / sum))
}
