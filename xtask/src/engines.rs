//! `cargo xtask engines`: storage engines beside each other, doing what the ledger does.

use crate::run::{cargo, run};
use crate::setup::{Need, header, install, runs};
use anyhow::Result;
use std::process::Command;
use xtask::workspace;

/// What only this comparison needs: RocksDB's library, and what its bindings are made with.
const NEEDS: [Need; 2] = [
    Need {
        what: "RocksDB's headers and library",
        package: "librocksdb-dev",
        is_there: || header("rocksdb/c.h"),
    },
    Need { what: "libclang", package: "clang libclang-dev", is_there: || runs("clang", "--version") },
];

/// Where Debian keeps shared libraries.
const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu";

/// Measures every engine at each number of keys.
pub(crate) fn compare(keys: &[u64]) -> Result<()> {
    install(&NEEDS)?;
    let target = workspace::target().join("engines");
    run(cargo()
        .args([
            "build",
            "--release",
            "--locked",
            "--manifest-path",
            "xtask/engines/Cargo.toml",
            "--target-dir",
        ])
        .arg(&target)
        .env("ROCKSDB_LIB_DIR", LIBRARIES)
        .env("ROCKSDB_INCLUDE_DIR", "/usr/include"))?;
    let data = target.join("data");
    let mut engines = Command::new(target.join("release/engines"));
    run(engines.arg("--dir").arg(&data).args(keys.iter().map(u64::to_string)))
}
