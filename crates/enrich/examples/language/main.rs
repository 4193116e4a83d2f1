//! Trains and measures the language model; `cargo xtask` runs it.
//!
//! * `language train OUT SOURCES CODE=NAME+NAME…`: SOURCES holds lingua's packages, named by their languages. One
//!   sentence in ten is kept back, to measure on.
//! * `language score SET…`: lines of a label and a text; they are answered by this room, whichlang and whatlang.

#![expect(clippy::print_stdout, reason = "a tool that reports")]

#[cfg(feature = "train")]
mod lingua;
mod score;
#[cfg(feature = "train")]
mod train;

/// What every step of this tool may end with.
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        #[cfg(feature = "train")]
        ["train", out, sources, ref languages @ ..] => {
            train::train(out.as_ref(), sources.as_ref(), languages)
        }
        ["score", ref sets @ ..] => score::score(sets),
        _ => Err("language train OUT SOURCES CODE=NAME+NAME…, or language score SET…".into()),
    }
}
