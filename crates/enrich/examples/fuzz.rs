//! Looks for articles that the room cannot bear: `cargo xtask fuzz articles`.

#[path = "../src/tests/targets.rs"]
mod targets;

fn main() -> std::process::ExitCode {
    fuzz::main(&targets::TARGETS)
}
