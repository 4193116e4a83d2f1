//! Where things are.

use std::path::PathBuf;

/// The workspace's root: the nearest directory above the current one that holds a `Cargo.lock`, else the
/// one that this program was built in.
pub fn root() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().find(|dir| dir.join("Cargo.lock").exists() && dir.join("xtask").exists());
    found.map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")), PathBuf::from)
}

/// Where everything that is built or fetched goes.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
