//! What a fresh Debian 12 with a Rust toolchain lacks.

use crate::run::run;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// Something that is needed, how to see that it is there, and the package that brings it.
pub(crate) struct Need {
    pub(crate) what: &'static str,
    /// One name or several, parted by spaces.
    pub(crate) package: &'static str,
    pub(crate) is_there: fn() -> bool,
}

/// So many of [`NEEDS`], from the first, are needed for building alone.
const BUILDING: usize = 6;

const NEEDS: [Need; 14] = [
    Need { what: "a C compiler", package: "gcc", is_there: || runs("cc", "--version") },
    Need { what: "a C++ compiler", package: "g++", is_there: || runs("c++", "--version") },
    Need { what: "make", package: "make", is_there: || runs("make", "--version") },
    Need { what: "pkg-config", package: "pkg-config", is_there: || runs("pkg-config", "--version") },
    Need { what: "OpenSSL headers", package: "libssl-dev", is_there: || header("openssl/ssl.h") },
    Need { what: "zlib headers", package: "zlib1g-dev", is_there: || header("zlib.h") },
    Need { what: "a Java runtime", package: "default-jre-headless", is_there: || runs("java", "-version") },
    Need { what: "Maven", package: "maven", is_there: || runs("mvn", "--version") },
    Need { what: "Chromium", package: "chromium", is_there: || runs("chromium", "--version") },
    Need { what: "ChromeDriver", package: "chromium-driver", is_there: || runs("chromedriver", "--version") },
    Need { what: "npm", package: "npm", is_there: || runs("npm", "--version") },
    Need { what: "curl", package: "curl", is_there: || runs("curl", "--version") },
    Need { what: "jq", package: "jq", is_there: || runs("jq", "--version") },
    Need { what: "strace", package: "strace", is_there: || runs("strace", "--version") },
];

/// What the example consumers need: a virtual environment of Python's, Node.js with npm, a Java compiler.
pub(crate) const FOR_CONSUMERS: [Need; 4] = [
    Need { what: "Python's venv", package: "python3-venv", is_there: || runs("python3", "-mensurepip") },
    Need { what: "Node.js", package: "nodejs", is_there: || runs("node", "--version") },
    Need { what: "npm", package: "npm", is_there: || runs("npm", "--version") },
    Need { what: "a Java compiler", package: "default-jdk-headless", is_there: || runs("javac", "-version") },
];

/// What a container engine of its own needs, and what makes base images and checks alerts without a registry.
pub(crate) const FOR_COMPOSE: [Need; 5] = [
    Need { what: "a container engine", package: "docker.io", is_there: || runs("dockerd", "--version") },
    Need { what: "iptables", package: "iptables", is_there: || runs("iptables", "--version") },
    Need { what: "debootstrap", package: "debootstrap", is_there: || runs("debootstrap", "--version") },
    Need { what: "promtool", package: "prometheus", is_there: || runs("promtool", "--version") },
    Need { what: "systemd-analyze", package: "systemd", is_there: || runs("systemd-analyze", "--version") },
];

pub(crate) fn runs(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

pub(crate) fn header(name: &str) -> bool {
    Path::new("/usr/include").join(name).exists() || Path::new("/usr/local/include").join(name).exists()
}

/// Installs what building needs and what is missing.
pub(crate) fn set_up_for_building() -> Result<()> {
    install(&NEEDS[..BUILDING])
}

/// Installs what is missing for building and testing.
pub(crate) fn set_up() -> Result<()> {
    install(&NEEDS)
}

/// The same for needs of one command alone.
pub(crate) fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let what: Vec<&str> = missing.iter().map(|need| need.what).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.package.split(' ')).collect();
    let by_hand =
        format!("missing: {}; install with: apt-get install {}", what.join(", "), packages.join(" "));
    if std::env::var_os("WIREROOM_NO_INSTALL").is_some() || !runs("apt-get", "--version") {
        bail!(by_hand);
    }
    let Some(mut as_root) = root_command() else { bail!(by_hand) };
    eprintln!("installing what is missing: {}", what.join(", "));
    run(as_root().arg("update").arg("-qq"))?;
    run(as_root().args(["install", "-y", "-qq", "--no-install-recommends"]).args(&packages))?;
    let still: Vec<&str> = missing.iter().filter(|need| !(need.is_there)()).map(|need| need.what).collect();
    if !still.is_empty() {
        bail!("still missing after the installation: {}", still.join(", "));
    }
    Ok(())
}

/// How `apt-get` is run as root: as it is, or by sudo where that asks for no password.
fn root_command() -> Option<impl FnMut() -> Command> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !is_root && !runs_sudo() {
        return None;
    }
    Some(move || {
        let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root {
            command.args(["-n", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        command
    })
}

fn runs_sudo() -> bool {
    let mut command = Command::new("sudo");
    command.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
