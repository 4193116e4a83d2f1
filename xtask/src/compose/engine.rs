//! A container engine, with compose and buildx, on a Debian that may have none of them.

use crate::run::{output, run};
use crate::setup::{FOR_COMPOSE, install};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use xtask::workspace;

const READY_MAX: Duration = Duration::from_secs(90);
/// The packages of the next Debian need no newer C library than this one has; this one's own compose is of
/// the old kind.
const PLUGINS_RELEASE: &str = "trixie";
/// Left behind by an engine that was killed; with them it does not start.
const STALE: [&str; 2] = ["/var/run/docker.pid", "/var/run/docker/containerd/containerd.pid"];

/// The engine; ends with us if it was us who started it.
pub(super) struct Engine {
    started: Option<Child>,
}

/// Where everything of this command's is kept.
pub(super) fn home() -> PathBuf {
    workspace::target().join("compose")
}

/// docker, with our plugins.
pub(super) fn docker() -> Command {
    let mut docker = Command::new("docker");
    docker.env("DOCKER_CONFIG", home().join("docker")).current_dir(workspace::root());
    docker
}

impl Engine {
    /// Installs what is missing and starts the daemon unless one runs.
    pub(super) fn start() -> Result<Self> {
        fs::create_dir_all(home())?;
        install(&FOR_COMPOSE)?;
        plugins()?;
        if answers() {
            return Ok(Self { started: None });
        }
        if output(Command::new("pidof").arg("dockerd")).is_err() {
            STALE.iter().for_each(|file| drop(fs::remove_file(file)));
        }
        let log = home().join("dockerd.log");
        let out = File::create(&log)?;
        let mut daemon = Command::new("dockerd");
        daemon.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).process_group(0);
        let started = Some(daemon.spawn().context("dockerd cannot be started")?);
        let mut engine = Self { started };
        let begun = Instant::now();
        while !answers() {
            let ended = engine.started.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
            if ended || READY_MAX < begun.elapsed() {
                bail!("dockerd does not start: see {}", log.display());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(engine)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Some(mut child) = self.started.take() else { return };
        let _ = Command::new("kill").arg(child.id().to_string()).status();
        let _ = child.wait();
    }
}

fn answers() -> bool {
    output(docker().args(["version", "--format", "{{.Server.Version}}"])).is_ok()
}

/// Compose v2 and buildx, as plugins in a directory of our own.
fn plugins() -> Result<()> {
    let works = |plugin: &str| output(docker().args([plugin, "version"])).is_ok();
    if works("compose") && works("buildx") {
        return Ok(());
    }
    let home = std::path::absolute(home())?;
    let apt = home.join("apt");
    let plugins = home.join("docker/cli-plugins");
    for dir in [&apt.join("lists/partial"), &apt.join("cache/archives/partial"), &plugins] {
        fs::create_dir_all(dir)?;
    }
    let list = apt.join("sources.list");
    let mirror = mirror()?;
    let key = "/usr/share/keyrings/debian-archive-keyring.gpg";
    fs::write(&list, format!("deb [signed-by={key}] {mirror} {PLUGINS_RELEASE} main\n"))?;
    let get = |words: &[&str]| {
        let mut get = Command::new("apt-get");
        get.current_dir(&apt)
            .args(["-qq", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", "APT::Sandbox::User=root"])
            .arg("-o")
            .arg(format!("Dir::Etc::sourcelist={}", list.display()))
            .arg("-o")
            .arg(format!("Dir::State::lists={}/lists", apt.display()))
            .arg("-o")
            .arg(format!("Dir::Cache={}/cache", apt.display()))
            .args(words);
        run(&mut get)
    };
    get(&["update"])?;
    let package = |name: &str| format!("{name}/{PLUGINS_RELEASE}");
    get(&["download", &package("docker-compose"), &package("docker-buildx")])?;
    for entry in fs::read_dir(&apt)? {
        let file = entry?.path();
        if file.extension().is_some_and(|kind| kind == "deb") {
            run(Command::new("dpkg").arg("-x").arg(&file).arg(apt.join("unpacked")))?;
        }
    }
    let unpacked = apt.join("unpacked/usr/libexec/docker/cli-plugins");
    for name in ["docker-compose", "docker-buildx"] {
        fs::copy(unpacked.join(name), plugins.join(name))?;
    }
    if !works("compose") {
        bail!("docker compose does not work with the plugin in {}", plugins.display());
    }
    Ok(())
}

/// Where this machine takes its Debian packages from.
pub(super) fn mirror() -> Result<String> {
    let list = output(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Codename: bookworm",
    ]))?;
    let mut lines: Vec<&str> = list.lines().collect();
    lines.sort_unstable();
    Ok((*lines.first().context("apt knows no mirror of Debian 12")?).to_owned())
}

/// Whether an image is there.
pub(super) fn has(image: &str) -> bool {
    output(docker().args(["image", "inspect", image])).is_ok()
}

/// A directory's copy under ours, where files may be added to it.
pub(super) fn copy_of(from: &Path, name: &str) -> Result<PathBuf> {
    let to = home().join(name);
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to)?;
    run(Command::new("cp").arg("-r").arg(from.join(".")).arg(&to))?;
    Ok(to)
}
