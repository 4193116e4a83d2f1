//! The load: what a busy ledger is asked to do.

use crate::stores::{Batch, Store};
use anyhow::Result;
use std::time::Instant;

/// Articles in a batch: four visits of twenty.
pub const ARTICLES: u64 = 80;
/// Keys of an article: guid, URL, text, and its own state.
const KEYS: u64 = 4;
/// Rows that wait for delivery: the outbox is trimmed this far behind.
pub const LAG: u64 = 10 * ARTICLES;
/// Bytes of a record.
const RECORD: usize = 2600;

/// The `which`-th key of article `number`: 16 bytes as random as a hash's.
pub fn key(number: u64, which: u64) -> [u8; 16] {
    let (a, b) = (mix(number.wrapping_mul(8).wrapping_add(which)), mix(number ^ (which << 56) ^ 0x5555));
    let mut out = [0; 16];
    out[..8].copy_from_slice(&a.to_be_bytes());
    out[8..].copy_from_slice(&b.to_be_bytes());
    out
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// About as compressible as a record in JSON: words of a small vocabulary.
fn record(number: u64, out: &mut Vec<u8>) {
    out.clear();
    let mut state = number;
    while out.len() < RECORD {
        state = mix(state);
        out.extend_from_slice(format!("{:x} ", state % 5000).as_bytes());
    }
}

/// Fills the store with `keys` keys, tells the figures, and goes on until it is killed.
pub fn load(store: &mut dyn Store, keys: u64) -> Result<()> {
    let batches = keys / KEYS / ARTICLES;
    let began = Instant::now();
    for number in 0..batches {
        settle(store, number)?;
    }
    let took = began.elapsed().as_secs_f64();
    let (cpu, written, rss) = (cpu_seconds()?, written_mib()?, memory_mib()?);
    println!(
        "loaded {:.0} | {:.0} | {cpu:.0} | {written:.0} | {:.0} | {rss:.0}",
        (batches * ARTICLES) as f64 / took,
        batches as f64 / took,
        store.disk_bytes()? as f64 / 1_048_576.0,
    );
    println!("more");
    for number in batches.. {
        settle(store, number)?;
    }
    Ok(())
}

fn settle(store: &mut dyn Store, number: u64) -> Result<()> {
    let mut batch = Batch::default();
    let mut text = Vec::with_capacity(RECORD + 16);
    for article in number * ARTICLES..(number + 1) * ARTICLES {
        for which in 0..KEYS {
            // A new article is looked up under each of its names, in vain.
            if store.has(&key(article, which))? {
                anyhow::bail!("key {article}/{which} is there before it was written");
            }
            let value = if which == 0 { vec![which as u8; 100] } else { key(article, 7).to_vec() };
            batch.keys.push((key(article, which), value));
        }
        record(article, &mut text);
        batch.rows.push((article, text.clone()));
    }
    batch.last = (number + 1) * ARTICLES - 1;
    batch.trim = (batch.last + 1).saturating_sub(LAG + ARTICLES)..(batch.last + 1).saturating_sub(LAG);
    store.commit(&batch)
}

fn cpu_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    // utime and stime are the 14th and 15th field of proc(5), in ticks of 1/100 s.
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

fn written_mib() -> Result<f64> {
    let io = std::fs::read_to_string("/proc/self/io")?;
    let bytes = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).unwrap_or("0");
    Ok(bytes.parse::<f64>()? / 1_048_576.0)
}

fn memory_mib() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    Ok(kib.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
