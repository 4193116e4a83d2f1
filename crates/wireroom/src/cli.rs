use crate::commands::Command;
use crate::config::{self, Config, Feeds};
use clap::{CommandFactory, Parser};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Reads news feeds and writes clean, deduplicated, tagged articles to Kafka.
#[derive(Debug, Parser)]
#[command(
    name = "wireroom",
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 usage, 65 bad data in the state, 74 disk, 75 already running, 78 bad config."
)]
struct Cli {
    /// The config file [default: ./wireroom.toml, then /etc/wireroom/wireroom.toml]
    #[arg(long, global = true, value_name = "FILE", env = "WIREROOM_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// Runs the program and says how it went.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is not worth a word: the reader has what it wanted.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    cli.command.run(cli.config.as_deref())
}

/// The whole command line, for completions and manual pages.
pub(crate) fn definition() -> clap::Command {
    Cli::command()
}

/// The config, or the exit code of a bad one, which has been told.
pub(crate) fn load(named: Option<&Path>, wanted: Feeds) -> Result<Config, ExitCode> {
    let found = config::find(named).and_then(|path| config::load(&path, std::env::vars_os(), wanted));
    found.map_err(|problems| {
        complain(&problems.to_string());
        ExitCode::from(78)
    })
}

/// A number and its noun.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Prints an answer; a reader that has gone is no failure.
pub(crate) fn say(text: &str) -> ExitCode {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(74),
        _ => ExitCode::SUCCESS,
    }
}

/// Prints an answer as JSON, indented for people to read.
pub(crate) fn say_json(answer: &impl serde::Serialize) -> ExitCode {
    say(&serde_json::to_string_pretty(answer).unwrap_or_default())
}

/// Prints a complaint on standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        definition().debug_assert();
    }

    /// What the README tells people to type is what the program takes.
    #[test]
    fn the_readme_s_commands_can_be_typed() {
        let readme = include_str!("../../../README.md");
        let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
        let inline = readme.split('`').skip(1).step_by(2).filter(|code| !code.contains('\n'));
        let lines = blocks.flat_map(str::lines).chain(inline);
        let mut typed = 0;
        for part in lines.flat_map(|line| line.split(" #").next().unwrap_or_default().split(" | ")) {
            let Some(at) = part.find("wireroom ").filter(|at| part[..*at].ends_with(['/', ' ']) || *at == 0)
            else {
                continue;
            };
            let words: Vec<&str> = part[at..].split_whitespace().collect();
            if words[1].starts_with(|c: char| c.is_ascii_lowercase()) {
                let words = words.iter().map(|word| if *word == "URL" { "https://h.example/" } else { word });
                if let Err(error) = definition().try_get_matches_from(words) {
                    panic!("{part}: {error}");
                }
                typed += 1;
            }
        }
        assert!(15 < typed, "only {typed} commands were found");
    }
}
