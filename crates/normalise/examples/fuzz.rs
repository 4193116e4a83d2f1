//! Looks for markup, addresses and pages that the room cannot bear: `cargo xtask fuzz html urls pages`.

#[path = "../src/tests/targets.rs"]
mod targets;

fn main() -> std::process::ExitCode {
    fuzz::main(&targets::TARGETS)
}
