//! What finding a text costs: `cargo run --release -p pipeline --example near_load -- TEXTS [MEMORY_MIB] [DIR]`.
//!
//! Fills the index of texts with sketches of unrelated texts, then asks for edited copies of some and for
//! texts that nothing resembles, then opens it again as after a crash. Prints rates by CPU time of the process,
//! memory and disk.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example measures or fails")]

use ledger::Texts;
use model::{ArticleId, LEAD_MAX, SLOTS, Sketch};
use std::path::{Path, PathBuf};
use std::time::Instant;

const LOOKS: u64 = 20_000;
const WINDOW_S: u32 = 72 * 3600;
const START_S: u32 = 1_795_000_000;
/// Slots of an edited copy that are changed, some of them twice: a third of 128, a Jaccard index of .67.
const EDITED: usize = 51;

fn main() {
    let mut args = std::env::args().skip(1);
    let texts: u64 = args.next().and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let memory: usize = args.next().and_then(|mib| mib.parse().ok()).unwrap_or(512) << 20;
    let dir = args.next().map_or_else(|| std::env::temp_dir().join("wireroom-near-load"), PathBuf::from);
    let _ = std::fs::remove_dir_all(&dir);
    let mut index = open(&dir, memory);
    let began = cpu();
    for number in 0..texts {
        index.add(id(number), &sketch(number), at_s(number, texts)).unwrap();
        if number % 1000 == 999 {
            index.flush().unwrap();
        }
    }
    index.flush().unwrap();
    println!("{texts} texts: {:.0} added/s of CPU", texts as f64 / (cpu() - began));
    look("edited copies", &mut index, texts, true);
    look("strangers", &mut index, texts, false);
    println!(
        "memory: {} MiB of tables, {}; disk: {} bytes a text",
        index.memory() >> 20,
        memory_now(),
        size(&dir) / texts.max(1)
    );
    drop(index);
    let (began, wall) = (cpu(), Instant::now());
    let mut index = open(&dir, memory);
    println!("opened again: {:.2} s of CPU, {:.2} s in all", cpu() - began, wall.elapsed().as_secs_f64());
    look("edited copies", &mut index, texts, true);
    let _ = std::fs::remove_dir_all(&dir);
}

fn open(dir: &Path, memory: usize) -> Texts {
    Texts::open(dir, WINDOW_S, memory, dedup::bands).unwrap()
}

fn look(what: &str, index: &mut Texts, texts: u64, copies: bool) {
    let asked: Vec<(ArticleId, Sketch)> = (0..LOOKS)
        .map(|look| match copies {
            true => {
                let number = mix(look) % texts;
                (id(number), edited(sketch(number), look))
            }
            false => (id(texts + look), sketch(texts + look)),
        })
        .collect();
    let (began, mut found, mut compared) = (cpu(), 0, 0);
    for (id, sketch) in &asked {
        // Half a window from everything.
        let near = index.find(sketch, START_S + WINDOW_S / 2);
        found += u64::from(near.contains(id));
        compared += near.len();
    }
    let rate = LOOKS as f64 / (cpu() - began);
    let (found, compared) = (100.0 * found as f64 / LOOKS as f64, compared as f64 / LOOKS as f64);
    println!("{what}: {rate:.0} looks/s of CPU, {found:.1} % found, {compared:.1} compared a look");
}

fn at_s(number: u64, texts: u64) -> u32 {
    START_S + (u64::from(WINDOW_S) * number / texts) as u32
}

fn id(number: u64) -> ArticleId {
    ArticleId(u128::from(number).to_be_bytes())
}

fn sketch(number: u64) -> Sketch {
    let mut state = mix(number);
    let mut next = || {
        state = mix(state);
        state
    };
    let mut slots = [0; SLOTS];
    slots.iter_mut().for_each(|slot| *slot = next() as u8);
    let mut lead: Vec<u16> = (0..LEAD_MAX).map(|_| next() as u16).collect();
    lead.sort_unstable();
    Sketch {
        slots,
        shingles: 256,
        words: 258,
        lead,
        numbers: vec![1, 2, 3, 4],
        title: next() as u32,
        outlet: (number % 1000) as u32 + 1,
    }
}

fn edited(mut sketch: Sketch, seed: u64) -> Sketch {
    for place in 0..EDITED {
        sketch.slots[mix(seed ^ (place as u64) << 32) as usize % SLOTS] ^= 0x5a;
    }
    sketch.lead.iter_mut().step_by(2).for_each(|hash| *hash ^= 0x5a5a);
    sketch.lead.sort_unstable();
    sketch
}

/// SplitMix64 (Steele, Lea and Flood 2014).
fn mix(state: u64) -> u64 {
    let mut bits = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// CPU seconds of this process, all threads: user and system time, in ticks of a hundredth of a second.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

fn memory_now() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.metadata().map_or(0, |meta| meta.len())).sum()
}
