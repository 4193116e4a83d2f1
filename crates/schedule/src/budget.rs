//! The one knob: so many polls in all, shared out so that articles wait as little as they can.

use crate::Place;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// How many polls may be spent: `"48/feed/day"`, or `"50/s"` over all feeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Polls {
    /// Polls of an average feed in a day.
    PerFeedDay(f64),
    /// Polls of all feeds in a second.
    PerSecond(f64),
}

const FEED_DAY: &str = "/feed/day";
const SECOND: &str = "/s";

impl FromStr for Polls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |unit| text.strip_suffix(unit).and_then(|number| number.trim().parse::<f64>().ok());
        let fits = |number: &f64| (1e-3..=1e6).contains(number);
        let read = number(FEED_DAY).filter(fits).map(Self::PerFeedDay);
        read.or_else(|| number(SECOND).filter(fits).map(Self::PerSecond)).ok_or_else(|| {
            format!(
                "{text:?} is not a number of polls such as \"48/feed/day\" or \"50/s\" (0.001 to 1000000)"
            )
        })
    }
}

impl fmt::Display for Polls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerFeedDay(number) => write!(f, "{number}{FEED_DAY}"),
            Self::PerSecond(number) => write!(f, "{number}{SECOND}"),
        }
    }
}

impl Serialize for Polls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Polls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a feed would spend: polled every `k / root` days, but within its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Demand {
    /// Square root of its weight and rate, a mean over the week; 0: it is not polled.
    pub root: f32,
    /// It is not polled more often than each so many days, whatever the budget.
    pub least: f32,
    /// Nor less often.
    pub most: f32,
}

impl Demand {
    fn polls(&self, k: f32) -> f64 {
        if self.root <= 0.0 { 0.0 } else { f64::from((k / self.root).min(self.most).max(self.least).recip()) }
    }
}

/// All demands and the one number that balances them with the budget. Twelve bytes a feed.
///
/// Waiting is least when polls go by the square root of weight × rate: with `m` polls a day, the articles
/// of a feed wait `w·λ/(2m)` in all, and Lagrange's rule makes `w·λ/m²` the same for all feeds (Sia, Cho
/// and Cho, "Efficient monitoring algorithm for fast news alerts", IEEE TKDE 2007).
#[derive(Clone, Debug)]
pub struct Budget {
    polls: Polls,
    demands: Vec<Demand>,
    k: f32,
}

/// Between these, `k` leads from a poll a second to a poll in a year.
const K_LEAST: f32 = 1e-5;
const K_MOST: f32 = 1e4;
/// Halvings of the logarithm of `k`: enough for six figures of it.
const STEPS: u32 = 36;

impl Budget {
    /// A budget without feeds.
    pub fn new(polls: Polls) -> Self {
        // Until the first balance, every feed is taken to publish four articles a day.
        let k = match polls {
            Polls::PerFeedDay(number) => (2.0 / number) as f32,
            Polls::PerSecond(_) => 0.05,
        };
        Self { polls, demands: Vec::new(), k }
    }

    /// Notes what the feed at `place` would spend from now on.
    pub fn set(&mut self, place: Place, demand: Demand) {
        let place = place as usize;
        if self.demands.len() <= place {
            self.demands.resize(place + 1, Demand::default());
        }
        self.demands[place] = demand;
    }

    /// Balances demands and budget anew; takes time linear in the number of feeds.
    pub fn balance(&mut self) {
        let wanted = self.polls_a_day();
        let (mut low, mut high) = (K_LEAST.ln(), K_MOST.ln());
        for _ in 0..STEPS {
            let middle = 0.5 * (low + high);
            if wanted < self.spent(middle.exp()) { low = middle } else { high = middle }
        }
        self.k = high.exp();
    }

    /// The number that makes an interval of a rate: days = k / √(weight × rate a day).
    pub fn k(&self) -> f32 {
        self.k
    }

    /// Polls of all feeds in a day that the budget allows.
    pub fn polls_a_day(&self) -> f64 {
        match self.polls {
            Polls::PerSecond(number) => number * 86_400.0,
            Polls::PerFeedDay(number) => {
                number * self.demands.iter().filter(|demand| 0.0 < demand.root).count() as f64
            }
        }
    }

    /// Polls of all feeds in a day as they are planned.
    pub fn planned(&self) -> f64 {
        self.spent(self.k)
    }

    fn spent(&self, k: f32) -> f64 {
        self.demands.iter().map(|demand| demand.polls(k)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_polls_read_back_as_written() {
        for text in ["48/feed/day", "0.5/feed/day", "50/s"] {
            assert_eq!(text.parse::<Polls>().unwrap().to_string(), text);
        }
        assert_eq!("48 /feed/day".parse::<Polls>(), Ok(Polls::PerFeedDay(48.0)));
        for text in ["48", "0/s", "-1/s", "many/feed/day", "48/day", "inf/s", "NaN/s"] {
            assert!(text.parse::<Polls>().unwrap_err().contains(text));
        }
    }

    proptest! {
        /// The budget is spent, no more and no less, unless the bounds of the feeds forbid it.
        #[test]
        fn the_budget_is_spent(rates in prop::collection::vec(0.01_f32..600.0, 1..60), each in 0.5_f64..200.0) {
            let mut budget = Budget::new(Polls::PerFeedDay(each));
            for (place, rate) in rates.iter().enumerate() {
                budget.set(place as Place, Demand { root: rate.sqrt(), least: 0.001, most: 1.0 });
            }
            budget.balance();
            let (wanted, planned) = (budget.polls_a_day(), budget.planned());
            let most = rates.len() as f64 * 1000.0;
            let least = rates.len() as f64;
            prop_assert!((planned / wanted.clamp(least, most) - 1.0).abs() < 0.01, "{planned} of {wanted}");
        }
    }
}
