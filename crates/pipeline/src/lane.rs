//! Who may fill the visits at once: however many feeds hang, those that answer go on.

use schedule::Place;

/// Feeds that have not shown that they answer in time may fill three quarters of the visits at once, so that
/// however many of them hang, the others go on.
const UNPROVEN_SHARE: (usize, usize) = (3, 4);

/// Which feeds have shown that they answer in time, and how many of the others are being visited.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    proven: Vec<bool>,
    unproven_out: usize,
}

impl Lane {
    fn is_proven(&self, place: Place) -> bool {
        self.proven.get(place as usize).copied().unwrap_or(false)
    }

    /// False when a feed has to wait because too many like it are out; `visits_max` are out at most in all.
    pub(crate) fn enter(&mut self, place: Place, visits_max: usize) -> bool {
        let (part, whole) = UNPROVEN_SHARE;
        let most = (visits_max * part / whole).max(1);
        let is_proven = self.is_proven(place);
        if !is_proven && most <= self.unproven_out {
            return false;
        }
        self.unproven_out += usize::from(!is_proven);
        true
    }

    /// A visit is home.
    pub(crate) fn leave(&mut self, place: Place, in_time: bool) {
        self.unproven_out -= usize::from(!self.is_proven(place));
        let place = place as usize;
        if self.proven.len() <= place {
            self.proven.resize(place + 1, false);
        }
        self.proven[place] = in_time;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_that_hang_leave_room_for_those_that_answer() {
        let mut lane = Lane::default();
        for place in 0..3 {
            assert!(lane.enter(place, 4));
        }
        assert!(!lane.enter(3, 4));
        lane.leave(0, true);
        assert!(lane.enter(3, 4) && lane.enter(0, 4), "0 has shown that it answers");
        assert!(!lane.enter(4, 4));
        lane.leave(0, false);
        assert!(!lane.enter(0, 4), "and has shown that it does not");
        (1..4).for_each(|place| lane.leave(place, true));
        assert_eq!(lane.unproven_out, 0);
    }
}
