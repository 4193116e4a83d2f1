//! Measures the whole: `cargo xtask bench [articles|polls|latency|lateness|idle|pages|shutdown|all]`.
#![expect(clippy::print_stdout, reason = "the answer is a table")]

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;
use testkit::bench;

#[derive(Debug, Parser)]
struct Cli {
    /// The daemon, built for release
    #[arg(long, env = "WIREROOM_BIN")]
    bin: PathBuf,
    /// How long each stretch is measured, seconds
    #[arg(long, default_value_t = 20, global = true)]
    seconds: u64,
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// New articles a second
    Articles {
        /// Without entities, topics, keywords and attribution
        #[arg(long)]
        plain: bool,
    },
    /// 304 polls a second
    Polls,
    /// Body complete to visible
    Latency {
        /// Articles a second
        #[arg(long, default_value_t = 150)]
        rate: u64,
    },
    /// How long feeds wait for their turn beside hostile ones
    Lateness,
    /// Memory of feeds that wait
    Idle {
        /// How many
        #[arg(long, default_value_t = 10_000)]
        feeds: usize,
    },
    /// Time and size of the pages
    Pages {
        /// With how many feeds
        #[arg(long, default_value_t = 100_000)]
        feeds: usize,
    },
    /// SIGTERM to exit
    Shutdown {
        /// How often
        #[arg(long, default_value_t = 3)]
        times: u32,
    },
    /// All of it
    All,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let bin = std::path::absolute(&cli.bin).context("no daemon: use cargo xtask bench")?;
    let stretch = Duration::from_secs(cli.seconds);
    let all = [
        What::Articles { plain: false },
        What::Articles { plain: true },
        What::Polls,
        What::Latency { rate: 150 },
        What::Lateness,
        What::Idle { feeds: 10_000 },
        What::Idle { feeds: 100_000 },
        What::Pages { feeds: 100_000 },
        What::Shutdown { times: 3 },
    ];
    let chosen = if matches!(cli.what, What::All) { all.to_vec() } else { vec![cli.what] };
    for what in chosen {
        let row = match what {
            What::Articles { plain } => bench::articles(&bin, !plain, stretch)?,
            What::Polls => bench::polls(&bin, stretch)?,
            What::Latency { rate } => bench::latency(&bin, rate, stretch)?,
            What::Lateness => bench::lateness(&bin, stretch)?,
            What::Idle { feeds } => bench::idle(&bin, feeds)?,
            What::Pages { feeds } => bench::pages(&bin, feeds)?,
            What::Shutdown { times } => bench::shutdown(&bin, times)?,
            What::All => continue,
        };
        println!("{row}");
    }
    Ok(())
}
