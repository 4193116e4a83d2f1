//! Looks for documents that the room cannot bear: `cargo xtask fuzz xml json dates`.

#[path = "../src/tests/targets.rs"]
mod targets;

fn main() -> std::process::ExitCode {
    fuzz::main(&targets::TARGETS)
}
