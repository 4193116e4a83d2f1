//! The images that the compose file names. For a machine that reaches no registry, stand-ins are built under
//! the same tags: Debian from its own packages, Kafka from its own jars.

use super::engine::{copy_of, docker, has, home, mirror};
use crate::run::{output, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use xtask::workspace;

const DEBIAN: &str = "debian:bookworm-slim";
const RUST: &str = "rust:1-bookworm";
const KAFKA: &str = "apache/kafka:4.3.1";
const PROMETHEUS: &str = "prom/prometheus:v2.42.0";
/// Given to every stand-in, so that nobody takes it for the real one.
const LABEL: &str = "LABEL standin=1";
/// Pinned: the default of Debian's Maven is old and resolves more.
const COPY_PLUGIN: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// Makes the base images be there, the compiler's only when something is to be `compiled`; `pull`: from a
/// registry.
pub(super) fn prepare(compiled: bool, pull: bool) -> Result<()> {
    if pull {
        let images = [DEBIAN, RUST, KAFKA, PROMETHEUS];
        return images.iter().try_for_each(|image| run(docker().args(["pull", "-q", image])));
    }
    if !has(DEBIAN) {
        debian()?;
    }
    if compiled && !has(RUST) {
        rust()?;
    }
    if !has(KAFKA) {
        kafka()?;
    }
    if !has(PROMETHEUS) {
        let context = copy_of(&standin("prometheus"), "prometheus")?;
        run(docker().args(["build", "-q", "-t", PROMETHEUS]).arg(context))?;
    }
    Ok(())
}

fn standin(name: &str) -> std::path::PathBuf {
    workspace::root().join("xtask/compose").join(name)
}

fn debian() -> Result<()> {
    let root = std::path::absolute(home().join("debian"))?;
    let _ = fs::remove_dir_all(&root);
    let log = home().join("debootstrap.log");
    eprintln!("making {DEBIAN} from packages, see {}", log.display());
    let mut bootstrap = Command::new("debootstrap");
    bootstrap.args(["--variant=minbase", "bookworm"]).arg(&root).arg(mirror()?).stdin(Stdio::null());
    if !bootstrap.stdout(fs::File::create(&log)?).stderr(Stdio::inherit()).status()?.success() {
        bail!("debootstrap failed: see {}", log.display());
    }
    let _ = fs::remove_file(root.join("etc/apt/sources.list"));
    let sources = Path::new("/etc/apt/sources.list.d/debian.sources");
    let (from, to) = if sources.exists() {
        (sources, "etc/apt/sources.list.d/debian.sources")
    } else {
        (Path::new("/etc/apt/sources.list"), "etc/apt/sources.list")
    };
    fs::copy(from, root.join(to)).context("apt's sources cannot be copied")?;
    fs::write(root.join("etc/dpkg/dpkg.cfg.d/docker-apt-speedup"), "force-unsafe-io\n")?;
    // Authorities that the host trusts beside the usual ones: `apt-get install ca-certificates` inside takes
    // them up.
    let authorities = root.join("usr/local/share/ca-certificates");
    fs::create_dir_all(&authorities)?;
    for entry in fs::read_dir("/usr/local/share/ca-certificates").into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|kind| kind == "crt") {
            fs::copy(entry.path(), authorities.join(entry.file_name()))?;
        }
    }
    for waste in ["var/lib/apt/lists", "var/cache/apt", "usr/share/doc", "usr/share/man", "usr/share/locale"]
    {
        fs::remove_dir_all(root.join(waste))?;
    }
    fs::create_dir_all(root.join("var/lib/apt/lists/partial"))?;
    fs::create_dir_all(root.join("var/cache/apt/archives/partial"))?;
    let mut tar =
        Command::new("tar").arg("-C").arg(&root).args(["-c", "."]).stdout(Stdio::piped()).spawn()?;
    let archive = tar.stdout.take().context("tar has no output")?;
    run(docker().args(["import", "-c", "CMD [\"bash\"]", "-c", LABEL, "-", DEBIAN]).stdin(archive))?;
    if !tar.wait()?.success() {
        bail!("tar could not read {}", root.display());
    }
    fs::remove_dir_all(root)?;
    Ok(())
}

/// The host's own toolchain over what the real image has from Debian.
fn rust() -> Result<()> {
    let name = format!("standin-rust-{}", std::process::id());
    let script = "apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
                  ca-certificates curl git gcc g++ make libc6-dev pkg-config libssl-dev zlib1g-dev >/dev/null 2>&1; \
                  rm -rf /var/lib/apt/lists/*; mkdir -p /usr/local/cargo/bin /usr/local/rustup";
    run(docker().args(["run", "--name", &name, DEBIAN, "sh", "-ec", script]))?;
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let mut tar = Command::new("tar")
        .args(["-C", sysroot.trim(), "-c", "--exclude=share", "--exclude=lib/rustlib/src"])
        .args(["bin", "lib", "libexec"])
        .stdout(Stdio::piped())
        .spawn()?;
    let archive = tar.stdout.take().context("tar has no output")?;
    run(docker().args(["cp", "-", &format!("{name}:/usr/local/cargo")]).stdin(archive))?;
    tar.wait()?;
    let path = "ENV PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let mut commit = docker();
    commit.arg("commit");
    for change in [
        "CMD [\"bash\"]",
        path,
        "ENV CARGO_HOME=/usr/local/cargo",
        "ENV RUSTUP_HOME=/usr/local/rustup",
        LABEL,
    ] {
        commit.args(["-c", change]);
    }
    run(commit.args([&name, RUST]))?;
    run(docker().args(["rm", "-v", &name]))
}

fn kafka() -> Result<()> {
    let context = copy_of(&standin("kafka"), "kafka")?;
    let libs = std::path::absolute(context.join("libs"))?;
    run(Command::new("mvn")
        .args(["-B", "-ntp", "-q", "-f"])
        .arg(context.join("pom.xml"))
        .arg(COPY_PLUGIN)
        .arg(format!("-DoutputDirectory={}", libs.display()))
        .arg("-DincludeScope=runtime"))?;
    run(Command::new("sha256sum").args(["--quiet", "--strict", "-c", "jars.sha256"]).current_dir(&context))?;
    run(docker().args(["build", "-q", "-t", KAFKA]).arg(context))
}
