//! Articles of each minute as an area, drawn on the server.

/// Width and height of the drawing; the page stretches it.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 120.0;
/// Room above the highest point.
const MARGIN: f64 = 8.0;
/// Points that are drawn; of more minutes, neighbours are added up.
const POINTS_MAX: usize = 180;
/// Points that the width has room for at least: a young daemon fills the right end.
const POINTS_MIN: usize = 60;

pub(super) struct Chart {
    pub(super) path: String,
    pub(super) words: String,
}

/// Draws minutes, oldest first.
pub(super) fn chart(minutes: &[u32]) -> Chart {
    let per_point = minutes.len().div_ceil(POINTS_MAX).max(1);
    let sums = minutes.chunks(per_point).map(|some| some.iter().map(|n| f64::from(*n)).sum::<f64>());
    let mut rates: Vec<f64> = sums.map(|sum| sum / per_point as f64).collect();
    // An area needs two sides: a first minute stands for both.
    rates.extend(rates.first().copied().filter(|_| rates.len() == 1));
    let most = rates.iter().copied().fold(1.0, f64::max);
    let step = WIDTH / (rates.len().max(POINTS_MIN) - 1) as f64;
    let x = |place: usize| WIDTH - (rates.len() - 1 - place) as f64 * step;
    let mut path = String::new();
    for (place, rate) in rates.iter().enumerate() {
        let y = HEIGHT - rate / most * (HEIGHT - MARGIN);
        if place == 0 {
            path.push_str(&format!("M{:.1} {HEIGHT:.0}", x(0)));
        }
        path.push_str(&format!(" L{:.1} {y:.1}", x(place)));
    }
    if !path.is_empty() {
        path.push_str(&format!(" L{WIDTH:.0} {HEIGHT:.0} Z"));
    }
    let total: u64 = minutes.iter().map(|n| u64::from(*n)).sum();
    let most = minutes.iter().copied().max().unwrap_or_default();
    let words = format!(
        "{total} articles and revisions in {}; at most {most} in one minute.",
        super::words::span(minutes.len() as u64 * 60)
    );
    Chart { path, words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_within_its_frame() {
        for minutes in [vec![], vec![0], vec![5], vec![0, 10, 5], (0..1440).collect::<Vec<u32>>()] {
            let chart = chart(&minutes);
            let numbers = chart.path.split([' ', 'M', 'L', 'Z']).filter_map(|word| word.parse::<f64>().ok());
            assert!(numbers.into_iter().all(|n| (0.0..=WIDTH).contains(&n)), "{}", chart.path);
            assert!(chart.path.len() < 4000);
            // Something is to be seen from the first minute on.
            assert_eq!(chart.path.matches('L').count() < 3, minutes.is_empty(), "{}", chart.path);
        }
        assert_eq!(chart(&[0, 10, 5]).words, "15 articles and revisions in 3 min; at most 10 in one minute.");
    }
}
