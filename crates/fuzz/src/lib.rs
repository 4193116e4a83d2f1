//! A corpus and a seed come in; inputs made of them go to a target until one makes it panic or take too long.
//!
//! Every input follows from the seed and its number alone, so that a finding is told by two numbers. It needs
//! nothing but a stable toolchain. A room names its targets in `examples/fuzz.rs` and calls [`main`]; a test of the
//! room calls [`Target::replay`], so that what was found once is tried for ever.

mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fmt, fs, io, thread};

/// A stack as the workers of the async runtime have, so that recursion shows.
const STACK: usize = 2 << 20;
/// Inputs are not grown beyond this, bytes.
const LENGTH_MAX: usize = 64 << 10;
/// An input may take this long, and then so again when tried once more.
const PATIENCE: Duration = Duration::from_secs(2);

/// Something that reads foreign bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What `cargo xtask fuzz` calls it.
    pub name: &'static str,
    /// Directories of inputs to start from, against the workspace's root; findings go to the last one.
    pub corpus: &'static [&'static str],
    /// Pieces that steer the target into its corners.
    pub words: &'static [&'static str],
    /// Reads an input. A panic is a finding; so is what it asserts.
    pub run: fn(&[u8]),
}

/// How long to look.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Where chance starts.
    pub seed: u64,
    /// Number of the first input.
    pub from: u64,
    /// Inputs at most.
    pub runs: u64,
    /// Time at most.
    pub time: Duration,
}

/// An input that a target cannot bear.
#[derive(Debug)]
pub struct Finding {
    /// What it is.
    pub input: Vec<u8>,
    /// Its number under the plan's seed.
    pub number: u64,
    /// What happened.
    pub what: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "input {} ({} bytes) made it {}", self.number, self.input.len(), self.what)
    }
}

impl Target {
    /// The inputs to start from.
    ///
    /// # Errors
    /// A directory that cannot be read.
    pub fn corpus(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut files: Vec<PathBuf> = Vec::new();
        for dir in self.corpus {
            for entry in fs::read_dir(root().join(dir))? {
                files.extend(Some(entry?.path()).filter(|path| path.is_file()));
            }
        }
        files.sort();
        files.iter().map(fs::read).collect()
    }

    /// Tries the corpus as it is, then `mutants` inputs made of it.
    ///
    /// # Panics
    /// When the target cannot bear one: this is for tests.
    pub fn replay(&self, mutants: u64) {
        let corpus = self.corpus().unwrap_or_else(|error| panic!("the corpus of {}: {error}", self.name));
        assert!(!corpus.is_empty(), "the corpus of {} is empty", self.name);
        for (number, input) in (0..).zip(&corpus) {
            if let Some(what) = self.bears(input) {
                panic!("{}: corpus file {number} made it {what}", self.name);
            }
        }
        let plan = Plan { seed: 1, from: 0, runs: mutants, time: Duration::MAX };
        if let Err(finding) = self.look(&corpus, &plan, |_| {}) {
            panic!("{}: seed {}: {finding}", self.name, plan.seed);
        }
    }

    /// Looks for an input that the target cannot bear; tells the number of each thousandth. The inputs tried.
    ///
    /// # Errors
    /// The first one that is found.
    pub fn look(
        &self,
        corpus: &[Vec<u8>],
        plan: &Plan,
        tell: impl Fn(u64) + Sync,
    ) -> Result<u64, Box<Finding>> {
        let begun = Instant::now();
        let search = || {
            for number in plan.from..plan.from.saturating_add(plan.runs) {
                if begun.elapsed() > plan.time {
                    return Ok(number - plan.from);
                }
                if number.is_multiple_of(1_000) {
                    tell(number);
                }
                let input = mutate::input(corpus, self.words, plan.seed, number, LENGTH_MAX);
                if let Some(what) = self.bears(&input) {
                    return Err(Box::new(Finding { input, number, what }));
                }
            }
            Ok(plan.runs)
        };
        thread::scope(|scope| {
            let worker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, search);
            worker.expect("a thread can be started").join().expect("panics are caught")
        })
    }

    /// What the target does instead of reading the input; none when it reads it.
    fn bears(&self, input: &[u8]) -> Option<&'static str> {
        let tried = || {
            let begun = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| (self.run)(input)));
            (outcome.is_ok(), begun.elapsed())
        };
        let (fine, took) = tried();
        if !fine {
            return Some("panic");
        }
        // A busy machine dawdles once; a bad input does so again.
        (took > PATIENCE && tried().1 > PATIENCE).then_some("dawdle")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The command line of a room's `examples/fuzz.rs`: `TARGET… [--runs N] [--seconds N] [--seed N] [--from N]`. Exit
/// code 1 and a file in the corpus for what is found.
#[expect(clippy::print_stdout, reason = "a command line tool tells what it does")]
pub fn main(targets: &[Target]) -> std::process::ExitCode {
    let mut plan = Plan { seed: 1, from: 0, runs: u64::MAX, time: Duration::from_secs(60) };
    let mut wanted = Vec::new();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        match argument.as_str() {
            "--runs" => (plan.runs, plan.time) = (number(), Duration::MAX),
            "--seconds" => plan.time = Duration::from_secs(number()),
            "--seed" => plan.seed = number(),
            "--from" => plan.from = number(),
            name => wanted.push(name.to_owned()),
        }
    }
    let mut found = false;
    for target in
        targets.iter().filter(|target| wanted.is_empty() || wanted.iter().any(|name| name == target.name))
    {
        let corpus = match target.corpus() {
            Ok(corpus) if !corpus.is_empty() => corpus,
            outcome => {
                println!("{}: no corpus: {outcome:?}", target.name);
                return 2.into();
            }
        };
        let begun = Instant::now();
        match target.look(&corpus, &plan, |number| {
            if number.is_multiple_of(50_000) {
                println!("{}: input {number}", target.name)
            }
        }) {
            Ok(tried) => {
                let seconds = begun.elapsed().as_secs_f64();
                println!(
                    "{}: {tried} inputs of seed {} in {seconds:.0} s, nothing found",
                    target.name, plan.seed
                );
            }
            Err(finding) => {
                found = true;
                println!("{}: seed {}: {finding}", target.name, plan.seed);
                if let Some(dir) = target.corpus.last() {
                    let file =
                        root().join(dir).join(format!("{}-{}-{}", target.name, plan.seed, finding.number));
                    let kept = fs::write(&file, &finding.input);
                    println!("kept in {}: {kept:?}", file.display());
                }
            }
        }
    }
    u8::from(found).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fussy(input: &[u8]) {
        assert!(!input.windows(2).any(|pair| pair == b"<!"), "found it");
    }

    #[test]
    fn a_weakness_is_found_and_told_by_two_numbers() {
        let target = Target { name: "fussy", corpus: &[], words: &["<!", "<a>"], run: fussy };
        let corpus = [b"<a>text</a>".to_vec()];
        let plan = Plan { seed: 7, from: 0, runs: 10_000, time: Duration::MAX };
        let finding = target.look(&corpus, &plan, |_| {}).unwrap_err();
        assert_eq!(finding.what, "panic");
        let again = Plan { from: finding.number, runs: 1, ..plan };
        assert_eq!(target.look(&corpus, &again, |_| {}).unwrap_err().input, finding.input);
    }
}
