//! A Python of one's own under the target directory, with pinned packages.

use crate::run::run;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::workspace;

/// An environment for one comparison.
#[derive(Debug)]
pub(crate) struct Python {
    home: PathBuf,
}

impl Python {
    /// Makes the environment `name` with `packages` (each `name==version`), unless it stands already.
    pub(crate) fn set_up(name: &str, packages: &[&str]) -> Result<Self> {
        let python = Self { home: workspace::target().join("compare").join(name) };
        let done = python.home.join("installed");
        let wanted = packages.join("\n");
        if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
            return Ok(python);
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&python.home))
            .context("python3 with its venv module is needed (Debian: python3-venv)")?;
        if !packages.is_empty() {
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            run(python.command().args(install).args(packages))?;
        }
        std::fs::write(done, wanted)?;
        Ok(python)
    }

    /// The environment's interpreter; the caller adds the arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.home.join("bin/python"));
        command.current_dir(workspace::root());
        command
    }

    /// Source packages (each `name==version`), downloaded and unpacked: one directory, one folder each.
    pub(crate) fn sources(&self, packages: &[&str]) -> Result<PathBuf> {
        let dir = self.home.join("sources");
        let done = dir.join("unpacked");
        let wanted = packages.join("\n");
        if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
            return Ok(dir);
        }
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir)?;
        let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest"];
        run(self.command().args(download).arg(&dir).args(packages))?;
        for archive in std::fs::read_dir(&dir)?.collect::<std::io::Result<Vec<_>>>()? {
            unpack(&archive.path(), &dir)?;
        }
        std::fs::write(done, wanted)?;
        Ok(dir)
    }
}

fn unpack(archive: &Path, into: &Path) -> Result<()> {
    run(Command::new("tar").arg("--extract").arg("--file").arg(archive).arg("--directory").arg(into))
}
