//! The demo's news: what the invented outlets publish, minute by minute. The same seed tells the same
//! stories.

use super::outlets::{AGENCY, OUTLETS};
use super::words::{BEATS, Beat, FILLERS, REMARKS};
use jiff::{Timestamp, ToSpan};

/// Items that a feed shows.
const SHOWN_MAX: usize = 15;
/// Items that each outlet has published before the demo starts.
const BEFORE: usize = 2;
/// Sentences on the article's own matter, after the first, and remarks of its own.
const OWN_SENTENCES: usize = 2;
const REMARKS_EACH: usize = 5;
/// Time between those.
const BEFORE_GAP_MINUTES: i64 = 17;

/// One article as its outlet has it now.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) category: &'static str,
    pub(crate) author: String,
    /// The first one is the summary.
    pub(crate) paragraphs: Vec<String>,
    pub(crate) published: Timestamp,
    pub(crate) modified: Option<Timestamp>,
}

/// What happened in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    New,
    Revision,
    Copy,
    NearCopy,
}

/// All outlets' items.
pub(crate) struct World {
    random: Random,
    /// Newest first, for each outlet.
    items: Vec<Vec<Item>>,
    numbers: u64,
    steps: u64,
}

impl World {
    pub(crate) fn new(seed: u64, now: Timestamp) -> Self {
        let items = OUTLETS.iter().map(|_| Vec::new()).collect();
        let mut world = Self { random: Random(seed), items, numbers: 0, steps: 0 };
        for round in 0..BEFORE {
            for outlet in 0..OUTLETS.len() {
                let minutes = (BEFORE - round) as i64 * BEFORE_GAP_MINUTES + outlet as i64;
                world.publish(outlet, now.saturating_sub(minutes.minutes()).unwrap_or(now));
            }
        }
        world
    }

    /// What an outlet's feed shows now, newest first.
    pub(crate) fn shown(&self, outlet: usize) -> &[Item] {
        &self.items[outlet]
    }

    /// Lets one thing happen. Out of five: three new articles, a revision, and a text that one outlet takes
    /// over from the agency, as it is or shortened.
    pub(crate) fn step(&mut self, now: Timestamp) -> Event {
        self.steps += 1;
        match self.steps % 5 {
            2 => self.revise(now),
            4 => self.take_over(now, self.steps % 10 == 9),
            _ => {
                // The agency publishes every other time, so that there is something to take over.
                let outlet = if self.steps % 2 == 1 { AGENCY } else { self.random.below(OUTLETS.len()) };
                self.publish(outlet, now);
                Event::New
            }
        }
    }

    fn publish(&mut self, outlet: usize, published: Timestamp) {
        let fitting: Vec<&Beat> =
            BEATS.iter().filter(|beat| beat.language == OUTLETS[outlet].language).collect();
        let beat = fitting[self.random.below(fitting.len())];
        let place = self.pick(FILLERS[0].1).to_owned();
        let headline = self.pick(beat.headlines).to_owned();
        let title = self.fill(&headline, &place);
        let lead = self.pick(beat.lead).to_owned();
        let mut paragraphs = vec![self.fill(&lead, &place)];
        let mut order: Vec<&&str> = beat.sentences.iter().collect();
        for _ in 0..OWN_SENTENCES {
            let sentence = order.swap_remove(self.random.below(order.len()));
            paragraphs.push(self.fill(sentence, &place));
        }
        for _ in 0..REMARKS_EACH {
            let remark = self.remark(beat.language);
            paragraphs.push(self.fill(&remark, &place));
        }
        let author = self.pick(FILLERS[1].1).to_owned();
        self.numbers += 1;
        let item = Item {
            number: self.numbers,
            title,
            category: beat.category,
            author,
            paragraphs,
            published,
            modified: None,
        };
        self.show(outlet, item);
    }

    /// A sentence that hardly any other article has.
    fn remark(&mut self, language: &str) -> String {
        let parts = REMARKS.iter().find(|(spoken, _)| *spoken == language).map(|(_, parts)| parts);
        let words: Vec<&str> = parts.into_iter().flatten().map(|words| self.pick(words)).collect();
        words.join(" ") + "."
    }

    fn show(&mut self, outlet: usize, item: Item) {
        let items = &mut self.items[outlet];
        items.insert(0, item);
        items.truncate(SHOWN_MAX);
    }

    fn revise(&mut self, now: Timestamp) -> Event {
        // The newest of a sound outlet, so that the change is soon seen.
        let outlet = self.random.below(4);
        let number = self.pick(FILLERS[2].1).to_owned();
        let item = &mut self.items[outlet][0];
        item.title = format!("Update: {}", item.title.trim_start_matches("Update: "));
        item.paragraphs.push(format!("This article was extended: {number} more people have come forward."));
        item.modified = Some(now);
        Event::Revision
    }

    fn take_over(&mut self, now: Timestamp, shortened: bool) -> Event {
        let mut item = self.items[AGENCY][0].clone();
        self.numbers += 1;
        (item.number, item.published, item.modified) = (self.numbers, now, None);
        let outlet = 1 + self.random.below(3);
        if shortened {
            item.paragraphs.truncate(item.paragraphs.len() - 1);
            item.title = format!("{}, agency says", item.title);
            item.paragraphs.push(format!("{} reported this first.", OUTLETS[AGENCY].name));
        }
        self.show(outlet, item);
        if shortened { Event::NearCopy } else { Event::Copy }
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.random.below(words.len())]
    }

    fn fill(&mut self, pattern: &str, place: &str) -> String {
        let mut text = pattern.replace("{place}", place);
        for (name, words) in FILLERS {
            let gap = format!("{{{name}}}");
            while text.contains(&gap) {
                text = text.replacen(&gap, self.pick(words), 1);
            }
        }
        text
    }
}

/// `SplitMix64` (Steele, Lea and Flood 2014): enough to vary a story.
struct Random(u64);

impl Random {
    /// A number from 0 to `count` - 1.
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % count.max(1) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    #[test]
    fn everything_happens_within_ten_steps_and_nothing_is_left_unfilled() {
        let mut world = World::new(7, now());
        let events: Vec<Event> = (0..10).map(|_| world.step(now())).collect();
        for event in [Event::New, Event::Revision, Event::Copy, Event::NearCopy] {
            assert!(events.contains(&event), "{event:?}: {events:?}");
        }
        for outlet in 0..OUTLETS.len() {
            assert!(BEFORE <= world.shown(outlet).len());
            for item in world.shown(outlet) {
                let text = item.paragraphs.join(" ");
                assert!(!format!("{}{text}", item.title).contains(['{', '}']), "{text}");
                // Long enough to be known again by its text.
                assert!(40 <= text.split_whitespace().count(), "{text}");
            }
        }
    }

    #[test]
    fn the_same_seed_tells_the_same_stories() {
        let titles = |seed| {
            let mut world = World::new(seed, now());
            for _ in 0..50 {
                world.step(now());
            }
            (0..OUTLETS.len()).map(|outlet| world.shown(outlet)[0].title.clone()).collect::<Vec<_>>()
        };
        assert_eq!(titles(1), titles(1));
        assert_ne!(titles(1), titles(2));
    }

    #[test]
    fn feeds_stay_short() {
        let mut world = World::new(1, now());
        for _ in 0..2000 {
            world.step(now());
        }
        assert!((0..OUTLETS.len()).all(|outlet| world.shown(outlet).len() <= SHOWN_MAX));
    }
}
