//! Feeds to replay: synthetic ones from a seed, or the publication times of real ones from a file.

use std::collections::BTreeMap;
use std::path::Path;

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// Monday, 5 January 2026, 00:00 UTC.
const START: i64 = 1_767_571_200_000;
const FEEDS: usize = 200;
const DAYS: i64 = 30;
/// Rules may learn for so long, and what is published after so many days is only to end the run with.
const LEARN_DAYS: i64 = 14;
const MEASURE_DAYS: i64 = 28;

/// A feed: when it publishes, and how many articles its document holds.
pub(crate) struct Feed {
    pub(crate) times: Vec<i64>,
    pub(crate) window: usize,
}

/// Feeds, and the time in which they are measured.
pub(crate) struct World {
    pub(crate) name: String,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) start: i64,
    pub(crate) measured: std::ops::Range<i64>,
    pub(crate) end: i64,
}

/// `SplitMix64` (Steele, Lea and Flood 2014).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normally distributed (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Exponentially distributed with mean 1.
    fn wait(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }
}

impl World {
    /// Feeds with log-normal rates (median 4 a day, at most 600), a day and a week in their business; half
    /// of them publish article by article, a quarter in batches, a quarter in bursts.
    pub(crate) fn synthetic(seed: u64) -> Self {
        let mut rng = Rng(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut feeds: Vec<Feed> = (0..FEEDS).map(|_| feed(&mut rng)).collect();
        feeds.retain(|feed| !feed.times.is_empty());
        Self::of(format!("seed {seed}"), feeds, START, START + DAYS * DAY)
    }

    fn of(name: String, feeds: Vec<Feed>, start: i64, end: i64) -> Self {
        let part = |days: i64| start + (end - start) * days / DAYS;
        Self { name, feeds, start, measured: part(LEARN_DAYS)..part(MEASURE_DAYS), end }
    }

    /// A trace: lines `feed,published,window`, published in seconds since 1970; `window` may be left out
    /// after a feed's first line and is 30 where it never stands. The first half is to learn from.
    pub(crate) fn trace(path: &Path) -> Result<Self, String> {
        let told = |line: usize, what: &str| format!("{}:{line}: {what}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut feeds: BTreeMap<&str, Feed> = BTreeMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let mut fields = line.split(',').map(str::trim);
            let (name, published) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            let Ok(seconds) = published.parse::<f64>() else {
                if number == 0 {
                    continue;
                }
                return Err(told(number + 1, &format!("{published:?} is not a time in seconds since 1970")));
            };
            let feed = feeds.entry(name).or_insert_with(|| Feed { times: Vec::new(), window: 30 });
            feed.times.push((seconds * 1000.0) as i64);
            if let Some(window) = fields.next().filter(|field| !field.is_empty()) {
                let window = window.parse().ok().filter(|window| 0 < *window);
                feed.window = window.ok_or_else(|| told(number + 1, "the window is not a number above 0"))?;
            }
        }
        let mut feeds: Vec<Feed> = feeds.into_values().collect();
        feeds.iter_mut().for_each(|feed| feed.times.sort_unstable());
        let all = || feeds.iter().flat_map(|feed| feed.times.iter().copied());
        let (Some(start), Some(end)) = (all().min(), all().max()) else {
            return Err(format!("{}: no line holds a feed and a time", path.display()));
        };
        if end - start < 2 * DAY {
            return Err(format!("{}: the trace is shorter than two days", path.display()));
        }
        Ok(Self::of(path.display().to_string(), feeds, start, end))
    }
}

fn feed(rng: &mut Rng) -> Feed {
    let rate = (4.0_f64.ln() + 1.8 * rng.normal()).exp().clamp(0.02, 600.0);
    let (peak, depth, weekend) = (rng.unit() * 24.0, 0.3 + 0.7 * rng.unit(), 0.3 + 0.7 * rng.unit());
    let business = |at: i64| {
        let (hour, day) = ((at.rem_euclid(DAY)) as f64 / HOUR as f64, (at - START).div_euclid(DAY) % 7);
        let wave = 1.0 + depth * ((hour - peak) / 24.0 * std::f64::consts::TAU).cos();
        wave * if 5 <= day { weekend } else { 1.0 }
    };
    let (kind, mut times, mut at) = (rng.unit(), Vec::new(), START as f64);
    loop {
        at += rng.wait() * DAY as f64 / (rate * 2.0);
        if START as f64 + (DAYS * DAY) as f64 <= at {
            break;
        }
        if business(at as i64) / 2.0 < rng.unit() {
            continue;
        }
        times.push(at as i64);
        // A story has sequels.
        let mut sequel = at;
        while 0.75 <= kind && rng.unit() < 0.3 {
            sequel += rng.wait() * 20.0 * MINUTE as f64;
            times.push(sequel as i64);
        }
    }
    if (0.5..0.75).contains(&kind) {
        let every = if rng.unit() < 0.5 { 30 * MINUTE } else { HOUR };
        let minute = (rng.unit() * every as f64) as i64;
        times.iter_mut().for_each(|at| *at = (*at - minute).div_euclid(every) * every + every + minute);
    }
    times.retain(|at| *at < START + DAYS * DAY);
    times.sort_unstable();
    let window = [10, 15, 20, 25, 30, 40, 50, 100][(rng.unit() * 8.0) as usize];
    // A document that does not hold the articles of half an hour could be read whole by nobody.
    let busiest = (0..times.len())
        .map(|first| times[first..].iter().take_while(|at| **at < times[first] + 30 * MINUTE).count())
        .max();
    Feed { window: window.max(busiest.unwrap_or(0) * 3 / 2), times }
}
