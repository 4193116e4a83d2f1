//! Replays feeds through the schedule as it is and through the published rules of others, all at the
//! same number of polls. Ends with 1 unless ours has the lowest mean and the lowest 95th percentile of the
//! time from publication to discovery, and misses nothing.
//!
//! `simulate [--seeds 1..20] [--budget 24] [TRACE.csv]…`

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool tells what it finds")]

mod ours;
mod peers;
mod world;

use peers::{PEERS, Poll, Rule};
use std::path::PathBuf;
use std::process::ExitCode;
use world::{DAY, Feed, MINUTE, World};

/// Polls of ours may go beyond the budget by this share, for floors and chance.
const OVERSPENT: f64 = 1.01;

/// What a rule did with a world.
#[derive(Clone, Default)]
pub(crate) struct Outcome {
    /// Polls in the measured time.
    pub(crate) polls: u64,
    /// From publication to discovery, minutes.
    pub(crate) delays: Vec<f32>,
    pub(crate) missed: u64,
}

/// How far a feed has been read.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reader {
    /// Articles before this are found or lost.
    pub(crate) next: usize,
}

impl Reader {
    /// Reads the document of the moment; gives its articles' range and where the new ones begin.
    pub(crate) fn read(
        &mut self,
        feed: &Feed,
        world: &World,
        now: i64,
        first: bool,
        outcome: &mut Outcome,
    ) -> (std::ops::Range<usize>, usize) {
        let published = feed.times.partition_point(|at| *at <= now);
        let oldest = published.saturating_sub(feed.window);
        let begin = self.next.max(oldest);
        let counts = |at: &&i64| world.measured.contains(*at) && !first;
        if !first {
            outcome.missed += feed.times[self.next..begin].iter().filter(counts).count() as u64;
        }
        let found = feed.times[begin..published].iter().filter(counts);
        outcome.delays.extend(found.map(|at| (now - at) as f32 / MINUTE as f32));
        outcome.polls += u64::from(world.measured.contains(&now));
        self.next = published;
        (oldest..published, begin)
    }
}

fn peer(world: &World, fresh: fn() -> Rule, stretch: f64) -> Outcome {
    let mut outcome = Outcome::default();
    let mut rng = world::Rng(7);
    for feed in &world.feeds {
        let (mut rule, mut reader) = (fresh(), Reader::default());
        let mut now = world.start + (rng.unit() * world::HOUR as f64) as i64;
        let mut first = true;
        while now < world.end {
            let (document, new) = reader.read(feed, world, now, first, &mut outcome);
            let new = if first { 0 } else { document.end - new };
            let (found, document) = (&feed.times[..document.end], &feed.times[document]);
            now += rule.next(&Poll { now, document, found, new, first }, stretch);
            first = false;
        }
    }
    outcome
}

/// The rule at the stretch that spends `budget` polls in all.
fn at_budget(world: &World, fresh: fn() -> Rule, budget: f64) -> Outcome {
    let (mut low, mut high) = (1e-3_f64.ln(), 1e3_f64.ln());
    let mut best = peer(world, fresh, 1.0);
    for _ in 0..22 {
        let middle = 0.5 * (low + high);
        let outcome = peer(world, fresh, middle.exp());
        let off = |outcome: &Outcome| (outcome.polls as f64 / budget).ln().abs();
        if budget < outcome.polls as f64 {
            low = middle
        } else {
            high = middle
        }
        if off(&outcome) < off(&best) {
            best = outcome;
        }
    }
    best
}

/// A line of the table, and what decides.
struct Line {
    name: &'static str,
    all: Outcome,
    feed_days: f64,
}

impl Line {
    fn add(&mut self, outcome: Outcome) {
        self.all.polls += outcome.polls;
        self.all.missed += outcome.missed;
        self.all.delays.extend(outcome.delays);
    }

    fn mean(&self) -> f64 {
        self.all.delays.iter().map(|delay| f64::from(*delay)).sum::<f64>() / self.all.delays.len() as f64
    }

    fn percentile(&self, share: f64) -> f32 {
        let place = (self.all.delays.len() as f64 * share) as usize;
        self.all.delays.get(place).copied().unwrap_or(0.0)
    }

    fn print(&mut self) {
        self.all.delays.sort_unstable_by(f32::total_cmp);
        let articles = self.all.delays.len() as u64 + self.all.missed;
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.1} | {} ({:.2} %) |",
            self.name,
            self.all.polls as f64 / self.feed_days,
            self.mean(),
            self.percentile(0.5),
            self.percentile(0.95),
            self.all.missed,
            100.0 * self.all.missed as f64 / articles.max(1) as f64
        );
    }
}

struct Arguments {
    worlds: Vec<World>,
    budget: f64,
}

fn arguments() -> Result<Arguments, String> {
    let (mut seeds, mut budget, mut traces) = (None, 24.0, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => {
                let range = words.next().unwrap_or_default();
                let (from, to) = range.split_once("..").ok_or("--seeds wants a range such as 1..20")?;
                let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is no seed"));
                seeds = Some(number(from)?..=number(to.trim_start_matches('='))?);
            }
            "--budget" => {
                let number = words.next().unwrap_or_default().parse().ok();
                budget = number
                    .filter(|n| 0.1 <= *n && *n <= 1000.0)
                    .ok_or("--budget wants polls a feed a day")?;
            }
            _ if word.starts_with('-') => return Err(format!("{word:?} is not known")),
            _ => traces.push(PathBuf::from(word)),
        }
    }
    let seeds = if traces.is_empty() { seeds.or(Some(1..=20)) } else { seeds };
    let mut worlds: Vec<World> = seeds.into_iter().flatten().map(World::synthetic).collect();
    for trace in traces {
        worlds.push(World::trace(&trace)?);
    }
    Ok(Arguments { worlds, budget })
}

fn main() -> ExitCode {
    let Arguments { worlds, budget } = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("simulate: {error}");
            return ExitCode::from(2);
        }
    };
    let names = std::iter::once("wireroom").chain(PEERS.iter().map(|(name, _)| *name));
    let feed_days: f64 = worlds.iter().map(|world| days(world) * world.feeds.len() as f64).sum();
    let mut lines: Vec<Line> = names.map(|name| Line { name, all: Outcome::default(), feed_days }).collect();
    for world in &worlds {
        let ours = ours::replay(world, budget);
        let each = ours.polls as f64 / (days(world) * world.feeds.len() as f64);
        eprintln!(
            "{}: {} feeds, {each:.2} polls/feed/day, {} missed",
            world.name,
            world.feeds.len(),
            ours.missed
        );
        let spent = ours.polls as f64;
        lines[0].add(ours);
        for (line, (_, fresh)) in lines[1..].iter_mut().zip(PEERS) {
            line.add(at_budget(world, fresh, spent));
        }
    }
    println!("| rule | polls/feed/day | mean, min | p50, min | p95, min | missed |");
    println!("|---|---|---|---|---|---|");
    lines.iter_mut().for_each(Line::print);
    verdict(&lines, budget)
}

fn days(world: &World) -> f64 {
    (world.measured.end - world.measured.start) as f64 / DAY as f64
}

fn verdict(lines: &[Line], budget: f64) -> ExitCode {
    let (ours, others) = (&lines[0], &lines[1..]);
    let lowest = |figure: &dyn Fn(&Line) -> f64| others.iter().all(|other| figure(ours) < figure(other));
    let checks = [
        ("the lowest mean", lowest(&Line::mean)),
        ("the lowest 95th percentile", lowest(&|line| f64::from(line.percentile(0.95)))),
        ("nothing missed", ours.all.missed == 0),
        ("the budget kept", ours.all.polls as f64 <= OVERSPENT * budget * ours.feed_days),
    ];
    for (what, holds) in checks {
        println!("{what}: {}", if holds { "yes" } else { "NO" });
    }
    if checks.iter().all(|(_, holds)| *holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
