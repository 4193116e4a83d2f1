use crate::rng::Rng;
use fault::Point;
use std::time::Duration;

/// How a stretch of the daemon's life ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kill {
    /// So long after its start.
    After(Duration),
    /// At the n-th visit to a point; after `patience` wherever it is.
    Point { point: Point, visit: u32, patience: Duration },
}

/// Draws a kill: at any moment, at a named point, or within the first second of a start, when the daemon
/// is recovering from the kill before.
pub(super) fn random(rng: &mut Rng) -> Kill {
    if rng.chance(20) {
        return Kill::After(Duration::from_millis(rng.between(20, 1000)));
    }
    if rng.chance(60) {
        return Kill::After(Duration::from_millis(rng.between(300, 2500)));
    }
    let point = Point::ALL[rng.below(Point::ALL.len() as u64) as usize];
    let visit = if point == Point::Recovery { 1 } else { rng.between(1, 6) as u32 };
    Kill::Point { point, visit, patience: Duration::from_millis(2500) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_kill_is_drawn() {
        let mut rng = Rng::new(1);
        let kills: Vec<Kill> = (0..2000).map(|_| random(&mut rng)).collect();
        for point in Point::ALL {
            assert!(
                kills.iter().any(|kill| matches!(kill, Kill::Point { point: other, .. } if *other == point))
            );
        }
        let soon = |kill: &Kill| matches!(kill, Kill::After(after) if *after < Duration::from_secs(1));
        assert!(kills.iter().filter(|kill| soon(kill)).count() > 400);
    }
}
